//! Many updates one after another: of a learner, and of a network of every layer.

use crate::bits::{bits, random};
use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN, hashes};
use embedded_rl_core::dqn::{DqnConfig, Learner};
use embedded_rl_core::nn::{
    Activation, Baseline, Image, Initialisation, Lanes, NetworkSpec, Optimiser, Simd, WithSimd,
    network, optimiser,
};
use embedded_rl_core::rng::{Generator, SeedableRng};
use embedded_rl_core::weights;

#[test]
fn two_hundred_updates_leave_the_same_parameters_on_all_lanes() {
    for (sizes, batch) in [
        (&[8, 64, 64, 4][..], 64),
        (&[4, 24, 24, 2], 64),
        (&[1, 1], 1),
        (&[3, 5, 17, 1], 7),
        (&[5, 33, 19, 3], 13),
    ] {
        for config in [PLAIN, DqnConfig { double: true, clip_norm: 1.0, ..PLAIN }] {
            let mut memory = DqnUpdate::new(sizes, batch, config);
            let untrained = hashes(&memory.start(Lanes::scalar()).0);
            let mut after = Lanes::available().map(|lanes| {
                let (mut learner, slots) = memory.start(lanes);
                let draws = &mut Generator::seed_from_u64(0);
                for _ in 0..200 {
                    assert!(learner.learn(slots, None, 1.0, draws).loss.is_finite());
                }
                (lanes.name(), hashes(&learner))
            });
            let (_, expected) = after.next().unwrap();
            assert_ne!(expected[0], untrained[0], "{sizes:?}: nothing was learnt");
            assert_ne!(expected[1], untrained[1], "{sizes:?}: the target network stood still");
            for (name, found) in after {
                assert_eq!(found, expected, "{sizes:?}, batch {batch}, {name}");
            }
        }
    }
}

/// A network of every layer after some updates: its parameters, running statistics among them.
pub(crate) struct Updates<'a>(
    pub(crate) &'a NetworkSpec,
    pub(crate) usize,
    pub(crate) Initialisation,
);

impl WithSimd for Updates<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
        let Self(spec, batch, initialisation) = self;
        let rng = &mut Generator::seed_from_u64(8);
        let mut parameters = vec![f32::NAN; spec.parameter_count()];
        initialisation.draw(spec, rng, &mut parameters);
        let adam = Optimiser::adam(1e-2);
        let mut moments = vec![0.0; adam.moment_count(parameters.len())];
        let mut state = adam.start(&mut moments);
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        let mut workspace = vec![f32::NAN; spec.workspace_count(batch)];
        for _ in 0..20 {
            let input = random(rng, batch * spec.inputs());
            network::forward(simd, spec, &parameters, batch, &input, &mut activations);
            let d_output: Vec<f32> =
                network::output(spec, batch, &activations).iter().map(|y| y - 1.0).collect();
            let mut gradient = vec![0.0; parameters.len()];
            network::backward(
                simd,
                spec,
                &parameters,
                batch,
                &input,
                &activations,
                &d_output,
                &mut workspace,
                &mut gradient,
            );
            optimiser::clip_value(simd, 0.5, &mut gradient);
            adam.step(simd, &mut state, &mut parameters, &gradient, &mut moments);
            network::follow_statistics(spec, batch, &activations, &mut parameters);
        }
        bits(&parameters)
    }
}

/// Every kind of layer in one network.
pub(crate) fn network_of_every_layer() -> NetworkSpec {
    NetworkSpec::image(Image::channels_first(3, 9, 8))
        .conv2d(19, [4, 3], [2, 1], [1, 0])
        .batch_norm()
        .activation(Activation::Relu)
        .conv2d(7, [2, 2], [1, 2], [0, 1])
        .activation(Activation::Elu)
        .dense(33)
        .batch_norm()
        .activation(Activation::Tanh)
        .dueling(5, Baseline::Max)
        .softmax()
}

#[test]
fn a_network_of_every_layer_learns_the_same_bits_on_all_lanes() {
    let spec = network_of_every_layer();
    for (initialisation, hash_of_nine) in [
        (Initialisation::PyTorch, 0x1C3C_4072_4011_AB1E),
        (Initialisation::OrthogonalRelu, 0x24A9_8899_6D94_C141),
    ] {
        for batch in [1, 2, 9] {
            let mut after = Lanes::available()
                .map(|lanes| lanes.dispatch(Updates(&spec, batch, initialisation)));
            let expected = after.next().unwrap();
            assert!(expected.iter().all(|&bits| f32::from_bits(bits).is_finite()));
            assert!(after.all(|found| found == expected), "{initialisation:?}, batch {batch}");
            if batch == 9 {
                // The same in debug and release, and on every machine.
                let parameters: Vec<f32> = expected.into_iter().map(f32::from_bits).collect();
                let found = weights::hash(&parameters);
                assert_eq!(found, hash_of_nine, "{initialisation:?}: {found:#018x}");
            }
        }
    }
}
