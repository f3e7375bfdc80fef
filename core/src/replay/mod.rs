//! Remembering transitions: how one is born, where it is kept, which ones are drawn.
//!
//! WHERE ([`Storage`]) and WHICH ([`sample_uniform`]) know nothing of each other; they meet in indices. Nothing here
//! knows an agent or a network.

mod accumulator;
mod storage;
mod transition;
mod uniform;

pub use accumulator::Accumulator;
pub use storage::{Storage, StorageArrays};
pub use transition::{Batch, Transition};
pub use uniform::sample_uniform;
