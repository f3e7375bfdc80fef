//! Remembering transitions: how one is born, where it is kept, which ones are drawn.
//!
//! WHERE ([`Transitions`]: whole in a [`Storage`], or every frame once in a [`FrameStorage`]) and WHICH
//! ([`sample_uniform`], [`Prioritised`]) know nothing of each other; they meet in slots. Nothing here knows an agent or a
//! network.

mod accumulator;
mod frame_arrays;
mod frames;
mod n_step;
mod prioritised;
mod reward;
mod stacked_frames;
mod storage;
mod sum_tree;
mod transition;
mod transitions;
mod uniform;

pub use accumulator::Accumulator;
pub use frame_arrays::FrameArrays;
pub use frames::{FrameCounters, FrameMemory, FrameStack, FrameStorage};
pub use n_step::{NStep, Waiting};
pub use prioritised::Prioritised;
pub use reward::Rewards;
pub use stacked_frames::StackedFrames;
pub use storage::{Storage, StorageArrays};
pub use sum_tree::SumTree;
pub use transition::{Batch, Transition};
pub use transitions::Transitions;
pub use uniform::sample_uniform;
