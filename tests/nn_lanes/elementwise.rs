//! Activations, optimisers and clipping: the scalar choice of lanes is the twin of all others.

use crate::bits::{bits, random};
use embedded_rl_core::nn::{
    Activation, Lanes, Optimiser, RmsPropForm, Simd, WithSimd, activation, optimiser,
};
use embedded_rl_core::rng::{Generator, SeedableRng};

struct ActivationCase<'a>(Activation, &'a [f32]);

impl WithSimd for ActivationCase<'_> {
    type Output = [Vec<u32>; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [Vec<u32>; 2] {
        let mut values = self.1.to_vec();
        activation::forward(simd, self.0, &mut values);
        let mut d: Vec<f32> = self.1.iter().rev().copied().collect();
        activation::backward(simd, self.0, &values, &mut d);
        [bits(&values), bits(&d)]
    }
}

#[test]
fn activations_have_the_same_bits_on_all_lanes() {
    let mut values = random(&mut Generator::seed_from_u64(5), 67);
    values[..4].copy_from_slice(&[0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY]);
    for function in [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid] {
        let expected = Lanes::scalar().dispatch(ActivationCase(function, &values));
        for lanes in Lanes::available() {
            let found = lanes.dispatch(ActivationCase(function, &values));
            assert_eq!(found, expected, "{function:?} on {}", lanes.name());
        }
    }
}

struct OptimiserCase(Optimiser);

impl WithSimd for OptimiserCase {
    type Output = [Vec<u32>; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [Vec<u32>; 2] {
        let rng = &mut Generator::seed_from_u64(6);
        let mut parameters = random(rng, 61);
        let mut moments = vec![0.0; self.0.moment_count(61)];
        let mut state = self.0.start(&mut moments);
        for _ in 0..20 {
            let mut gradients = random(rng, 61);
            // Some moments pass through the sizes at which they are flushed.
            gradients[..20].iter_mut().for_each(|g| *g *= 1e-16);
            gradients[5..40].iter_mut().for_each(|g| *g *= 1e-14);
            optimiser::clip_norm(simd, 2.0, &mut gradients);
            self.0.step(simd, &mut state, &mut parameters, &gradients, &mut moments);
        }
        [bits(&parameters), bits(&moments)]
    }
}

#[test]
fn optimisers_and_clipping_have_the_same_bits_on_all_lanes() {
    let rms_prop =
        |form| Optimiser::RmsProp { learning_rate: 0.01, decay: 0.9, epsilon: 1e-5, form };
    for optimiser in [
        Optimiser::adam(0.01),
        Optimiser::Sgd { learning_rate: 0.01, momentum: 0.0 },
        Optimiser::Sgd { learning_rate: 0.01, momentum: 0.9 },
        rms_prop(RmsPropForm::Plain),
        rms_prop(RmsPropForm::Centred),
        rms_prop(RmsPropForm::CentredEpsilonInside),
    ] {
        let expected = Lanes::scalar().dispatch(OptimiserCase(optimiser));
        for lanes in Lanes::available() {
            let found = lanes.dispatch(OptimiserCase(optimiser));
            assert_eq!(found, expected, "{optimiser:?} on {}", lanes.name());
        }
    }
}
