//! Values that are sums of a few weights: for observations of real numbers, which no table holds.
//!
//! [`TileCoder`] says which weights an observation stands for, and knows no value. [`SemiGradientSarsa`] learns them, and
//! knows no tile's shape. Weights and tiles are the caller's slices. Source: Sutton and Barto (2018), sections 9.5 and
//! 10.1.

mod semi_gradient_sarsa;
mod tile_coder;

pub use semi_gradient_sarsa::{LinearMemory, LinearState, SemiGradientSarsa};
pub use tile_coder::TileCoder;
