//! Networks: what they are, and the functions over slices that run and train them. Knows no reinforcement learning.

mod spec;

pub use spec::{Activation, Layer, MAX_LAYERS, NetworkSpec};
