//! Sets of kinds of layers: which ones a program holds the code of.
//!
//! A network that is read or configured at run time may have any layer, so its walk holds the code of all of them. A
//! firmware knows its layers when it is compiled, and pays in flash only for those:
//!
//! ```
//! use embedded_rl_core::nn::{Activation, NetworkSpec, kinds};
//!
//! const NET: NetworkSpec = NetworkSpec::mlp(&[4, 64, 64, 2], Activation::Relu);
//! // The same layers, the same bits, and the code of dense layers and relu alone.
//! const SMALL: NetworkSpec<{ kinds::DENSE | kinds::RELU }> = NET.only();
//! // Or whatever the network has.
//! const SAME: NetworkSpec<{ NET.kinds() }> = NET.only();
//! assert!(SMALL == NET && SAME == NET);
//! ```
//!
//! ```compile_fail
//! # use embedded_rl_core::nn::{Activation, NetworkSpec, kinds};
//! const NET: NetworkSpec = NetworkSpec::mlp(&[4, 64, 2], Activation::Tanh);
//! // A layer of a kind that the network's type leaves out.
//! const SMALL: NetworkSpec<{ kinds::DENSE | kinds::RELU }> = NET.only();
//! ```
//!
//! A set is one number, a bit a kind, because that is what a type can carry. It never changes a result: a layer that is
//! not in the set is refused, by the compiler where the network is a constant.

use super::{Activation, Layer};

/// All kinds, those of later versions included.
pub const ANY: u32 = u32::MAX;
/// [`Layer::Dense`]
pub const DENSE: u32 = 1;
/// [`Activation::Relu`]
pub const RELU: u32 = 1 << 1;
/// [`Activation::Elu`]
pub const ELU: u32 = 1 << 2;
/// [`Activation::Tanh`]
pub const TANH: u32 = 1 << 3;
/// [`Activation::Sigmoid`]
pub const SIGMOID: u32 = 1 << 4;
/// [`Layer::Conv2d`]
pub const CONV2D: u32 = 1 << 5;
/// [`Layer::BatchNorm`]
pub const BATCH_NORM: u32 = 1 << 6;
/// [`Layer::Dueling`]
pub const DUELING: u32 = 1 << 7;
/// [`Layer::Softmax`]
pub const SOFTMAX: u32 = 1 << 8;
/// [`Layer::Expectation`]
pub const EXPECTATION: u32 = 1 << 9;
/// [`Layer::CosineEmbedding`]
pub const COSINE_EMBEDDING: u32 = 1 << 10;
/// [`Layer::MeanOfFractions`]
pub const MEAN_OF_FRACTIONS: u32 = 1 << 11;
/// [`Layer::JointValues`]
pub const JOINT_VALUES: u32 = 1 << 12;

impl Layer {
    /// The set of this one kind.
    pub const fn kind(&self) -> u32 {
        match self {
            Layer::Dense { .. } => DENSE,
            Layer::Activation(Activation::Relu) => RELU,
            Layer::Activation(Activation::Elu) => ELU,
            Layer::Activation(Activation::Tanh) => TANH,
            Layer::Activation(Activation::Sigmoid) => SIGMOID,
            Layer::Conv2d(_) => CONV2D,
            Layer::BatchNorm(_) => BATCH_NORM,
            Layer::Dueling { .. } => DUELING,
            Layer::Softmax => SOFTMAX,
            Layer::Expectation { .. } => EXPECTATION,
            Layer::CosineEmbedding(_) => COSINE_EMBEDDING,
            Layer::MeanOfFractions { .. } => MEAN_OF_FRACTIONS,
            Layer::JointValues(_) => JOINT_VALUES,
        }
    }
}

impl Activation {
    /// The function, of which the compiler then knows that it is one of these.
    ///
    /// # Panics
    /// If it is another.
    #[inline(always)]
    pub(super) fn known<const KINDS: u32>(self) -> Self {
        match self {
            Activation::Relu if KINDS & RELU != 0 => Activation::Relu,
            Activation::Elu if KINDS & ELU != 0 => Activation::Elu,
            Activation::Tanh if KINDS & TANH != 0 => Activation::Tanh,
            Activation::Sigmoid if KINDS & SIGMOID != 0 => Activation::Sigmoid,
            _ => left_out(),
        }
    }
}

/// Stands before what is done for a layer of this kind. Where the set leaves the kind out, the compiler sees that nothing
/// gets past, and what follows takes no flash.
///
/// # Panics
/// If the kind is not in the set.
#[inline(always)]
pub(super) fn need<const KINDS: u32>(kind: u32) {
    if KINDS & kind == 0 {
        left_out();
    }
}

#[cold]
#[inline(never)]
fn left_out() -> ! {
    panic!("a layer of a kind that the network's type leaves out")
}

#[cfg(test)]
mod tests {
    use super::super::{Baseline, network};
    use super::*;
    use crate::nn::NetworkSpec;
    use pulp::Scalar256b;

    const NET: NetworkSpec =
        NetworkSpec::input(2).dense(3).activation(Activation::Tanh).dueling(2, Baseline::Mean);

    /// The outputs and the gradients of a batch of two.
    fn pass<const KINDS: u32>(spec: &NetworkSpec<KINDS>) -> ([f32; 4], [f32; 21]) {
        let parameters: [f32; 21] = core::array::from_fn(|index| index as f32 / 8.0 - 1.0);
        let input = [0.5, -1.0, 0.25, 2.0];
        let mut activations = [0.0; NET.activation_count(2)];
        let mut workspace = [0.0; NET.workspace_count(2)];
        let mut gradients = [0.0; 21];
        network::forward(Scalar256b, spec, &parameters, 2, &input, &mut activations);
        let mut outputs = [0.0; 4];
        outputs.copy_from_slice(network::output(spec, 2, &activations));
        network::backward(
            Scalar256b,
            spec,
            &parameters,
            2,
            &input,
            &activations,
            &[1.0, 2.0, 3.0, 4.0],
            &mut workspace,
            &mut gradients,
        );
        (outputs, gradients)
    }

    #[test]
    fn a_network_of_known_kinds_has_the_bits_of_any() {
        assert_eq!(NET.kinds(), DENSE | TANH | DUELING);
        assert_eq!(pass(&NET.only::<{ NET.kinds() }>()), pass(&NET));
    }

    #[test]
    #[should_panic(expected = "leaves out")]
    fn a_kind_that_the_type_leaves_out_is_refused() {
        let _ = NET.only::<{ NET.kinds() & !DUELING }>();
    }
}
