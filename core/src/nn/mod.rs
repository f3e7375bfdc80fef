//! Networks: what they are, and the functions over slices that run and train them. Knows no reinforcement learning.
//!
//! [`NetworkSpec`] says what a network is; [`network`] walks its layers forward and backward over flat slices;
//! [`Loss`] and [`Optimiser`] train it. Functions take a `simd: impl Simd`, the vector instructions that
//! [`Lanes::dispatch`] hands to a [`WithSimd`]; [`network::infer`] takes the [`Lanes`] themselves.

pub mod activation;
pub mod batch_norm;
mod buffers;
pub mod conv2d;
pub mod cosine_embedding;
mod cross_entropy;
pub mod dense;
pub mod dueling;
pub mod expectation;
mod image;
mod init;
pub mod joint_values;
pub mod kinds;
mod layer;
mod loss;
pub mod matrix;
pub mod network;
pub mod noisy;
pub mod optimiser;
mod orthogonal;
pub mod softmax;
mod spec;

pub use crate::lanes::Lanes;
pub use batch_norm::BatchNorm;
pub use conv2d::Conv2d;
pub use cosine_embedding::{CosineEmbedding, midpoint};
pub use cross_entropy::{
    Categories, binary_cross_entropy, categorical_cross_entropy, cross_entropy_of_row,
};
pub use expectation::{Atoms, Expectation};
pub use image::{Channels, Image};
pub use init::Initialisation;
pub use joint_values::{Branches, MAX_BRANCHES};
pub use layer::{Activation, Baseline, Layer};
pub use loss::Loss;
pub use optimiser::{Optimiser, OptimiserState, RmsPropForm};
pub use pulp::{Simd, WithSimd};
pub use spec::{MAX_LAYERS, NetworkSpec};
