//! Networks: what they are, and the functions over slices that run and train them. Knows no reinforcement learning.
//!
//! [`NetworkSpec`] says what a network is; [`network`] walks its layers forward and backward over flat slices;
//! [`Loss`] and [`Optimiser`] train it. Functions take a `simd: impl Simd`, the vector instructions that
//! [`Lanes::dispatch`] hands to a [`WithSimd`]; [`network::infer`] takes the [`Lanes`] themselves.

pub mod activation;
pub mod dense;
mod init;
mod lanes;
mod loss;
pub mod matrix;
pub mod network;
pub mod optimiser;
mod spec;

pub use init::Initialisation;
pub use lanes::Lanes;
pub use loss::Loss;
pub use optimiser::{Optimiser, OptimiserState, RmsPropForm};
pub use pulp::{Simd, WithSimd};
pub use spec::{Activation, Layer, MAX_LAYERS, NetworkSpec};
