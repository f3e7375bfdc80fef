//! Remembering transitions: how one is born, where it is kept, which ones are drawn.
//!
//! WHERE ([`Storage`], [`FrameStorage`]) and WHICH ([`sample_uniform`], [`Prioritised`]) know nothing of each other; they meet in slots. Nothing here
//! knows an agent or a network.

mod accumulator;
mod frames;
mod n_step;
mod prioritised;
mod reward;
mod storage;
mod sum_tree;
mod transition;
mod uniform;

pub use accumulator::Accumulator;
pub use frames::{FrameArrays, FrameMemory, FrameStack, FrameStorage};
pub use n_step::{NStep, Waiting};
pub use prioritised::Prioritised;
pub use reward::Rewards;
pub use storage::{Storage, StorageArrays};
pub use sum_tree::SumTree;
pub use transition::{Batch, Transition};
pub use uniform::sample_uniform;
