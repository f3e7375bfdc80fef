//! The first values of parameters.
//!
//! ```text
//! I inputs, O outputs of a layer; of a convolution: numbers under its kernel; filters, times the kernel's pixels
//! pytorch          weights and bias uniform in +-1/sqrt(I)          (what PyTorch's nn.Linear does)
//! he-uniform       weights uniform in +-sqrt(6/I), bias 0           He et al. (2015)
//! he-normal        weights normal, deviation sqrt(2/I), bias 0
//! xavier-uniform   weights uniform in +-sqrt(6/(I+O)), bias 0       Glorot and Bengio (2010)
//! xavier-normal    weights normal, deviation sqrt(2/(I+O)), bias 0
//! orthogonal       weights with orthonormal rows or columns, whichever are fewer, bias 0   Saxe et al. (2014)
//! orthogonal-relu  the same times sqrt(2), which keeps the size of what passes a relu
//! ```
//!
//! Drawn layer after layer, a layer's weights row by row of `[I][O]`, then its bias. The distributions are
//! PyTorch's, the numbers are this project's own. Batch normalisation starts as the identity: gamma and running variance
//! one, beta and running mean zero.

use super::{Layer, NetworkSpec, orthogonal};
use crate::math;
use crate::rng::{Rng, normal, uniform};

/// A distribution of first parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Initialisation {
    /// What PyTorch gives a dense layer that nobody initialises.
    #[cfg_attr(feature = "serde", serde(rename = "pytorch"))]
    PyTorch,
    /// For relu, uniform.
    HeUniform,
    /// For relu, normal.
    HeNormal,
    /// For tanh and sigmoid, uniform.
    XavierUniform,
    /// For tanh and sigmoid, normal.
    XavierNormal,
    /// Keeps lengths and angles as far as the sizes allow.
    Orthogonal,
    /// For relu, orthogonal.
    OrthogonalRelu,
}

impl Initialisation {
    /// Draws all parameters of a network.
    ///
    /// # Panics
    /// If `parameters` is not as long as `spec.parameter_count()`.
    pub fn draw<R: Rng + ?Sized>(self, spec: &NetworkSpec, rng: &mut R, parameters: &mut [f32]) {
        assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
        let mut rest = parameters;
        for layer in spec.layers() {
            let (own, next) = rest.split_at_mut(layer.parameter_count());
            rest = next;
            // Of a convolution every pixel of the kernel is a way out.
            let (inputs, outputs, pixels) = match layer {
                Layer::Dense { inputs, outputs } => (*inputs, *outputs, 1),
                Layer::CosineEmbedding(embedding) => {
                    (embedding.cosines as usize, embedding.width as usize, 1)
                }
                Layer::Conv2d(conv) => {
                    let pixels = usize::from(conv.kernel[0]) * usize::from(conv.kernel[1]);
                    (conv.inner(), usize::from(conv.filters), pixels)
                }
                Layer::BatchNorm(norm) => {
                    for (index, part) in own.chunks_exact_mut(norm.feature_count()).enumerate() {
                        part.fill(if index == 0 || index == 3 { 1.0 } else { 0.0 });
                    }
                    continue;
                }
                Layer::Activation(_)
                | Layer::Dueling { .. }
                | Layer::Softmax
                | Layer::Expectation { .. }
                | Layer::MeanOfFractions { .. }
                | Layer::JointValues(_) => continue,
            };
            let (weights, bias) = own.split_at_mut(inputs * outputs);
            let (fan_in, both) = (inputs as f64, (inputs + outputs * pixels) as f64);
            match self {
                Initialisation::PyTorch => {
                    draw_uniform(rng, 1.0 / math::sqrt(fan_in), weights);
                    draw_uniform(rng, 1.0 / math::sqrt(fan_in), bias);
                    continue;
                }
                Initialisation::HeUniform => draw_uniform(rng, math::sqrt(6.0 / fan_in), weights),
                Initialisation::HeNormal => draw_normal(rng, math::sqrt(2.0 / fan_in), weights),
                Initialisation::XavierUniform => draw_uniform(rng, math::sqrt(6.0 / both), weights),
                Initialisation::XavierNormal => draw_normal(rng, math::sqrt(2.0 / both), weights),
                Initialisation::Orthogonal => {
                    draw_normal(rng, 1.0, weights);
                    orthogonal::orthonormalise(inputs, outputs, weights, 1.0, bias);
                }
                Initialisation::OrthogonalRelu => {
                    draw_normal(rng, 1.0, weights);
                    orthogonal::orthonormalise(inputs, outputs, weights, math::sqrt(2.0), bias);
                }
            }
            bias.fill(0.0);
        }
    }
}

fn draw_uniform<R: Rng + ?Sized>(rng: &mut R, bound: f64, values: &mut [f32]) {
    for value in values {
        *value = uniform(rng, -bound, bound) as f32;
    }
}

fn draw_normal<R: Rng + ?Sized>(rng: &mut R, deviation: f64, values: &mut [f32]) {
    for value in values {
        *value = (deviation * normal(rng)) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::super::Activation;
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    #[test]
    fn weights_have_the_named_spread_and_biases_are_zero_except_pytorchs() {
        const NET: NetworkSpec = NetworkSpec::mlp(&[100, 50, 2], Activation::Relu);
        // The deviation of a uniform distribution in +-bound is bound / sqrt(3).
        for (initialisation, deviation) in [
            (Initialisation::PyTorch, 0.1 / 3f64.sqrt()),
            (Initialisation::HeUniform, 0.02f64.sqrt()),
            (Initialisation::HeNormal, 0.02f64.sqrt()),
            (Initialisation::XavierUniform, (2f64 / 150.0).sqrt()),
            (Initialisation::XavierNormal, (2f64 / 150.0).sqrt()),
        ] {
            let mut parameters = [7.0; NET.parameter_count()];
            initialisation.draw(&NET, &mut Generator::seed_from_u64(1), &mut parameters);
            let (weights, rest) = parameters.split_at(5_000);
            let squares: f64 = weights.iter().map(|&w| f64::from(w) * f64::from(w)).sum();
            let found = (squares / 5_000.0).sqrt();
            assert!(
                (found / deviation - 1.0).abs() < 0.03,
                "{initialisation:?}: {found} not {deviation}"
            );
            let drawn = initialisation == Initialisation::PyTorch;
            assert_eq!(rest[..50].iter().any(|&b| b != 0.0), drawn, "{initialisation:?}");
        }
    }
}
