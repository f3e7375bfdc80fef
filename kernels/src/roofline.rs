//! How long kernels must take at least, computed on paper: no card is asked.
//!
//! A kernel moves bytes and does operations, and a card has a limit for each; the larger of the two times is the roofline.
//! Bytes are those of every buffer once: what caches cannot save. A sum in core's order has one more limit: each of its
//! additions waits for the one before it. What is not in these numbers: that few blocks leave most of a card idle, and what
//! the text of a kernel does besides. They say what a kernel cannot beat, and which limit is the next one.

mod ladder;
mod update;
mod work;

pub use ladder::ladder_tables;
pub use update::{Layer, Network, Step, apart, fused, update_table};
pub use work::{Work, work};

/// What a card can do.
#[derive(Clone, Copy, Debug)]
pub struct Card {
    /// Bytes a second to and from memory.
    pub bytes: f64,
    /// Multiplications and additions a second, in single precision.
    pub operations: f64,
    /// The same on tensor cores, of TF32.
    pub tensor_operations: f64,
    /// Requests a second that shared memory serves, of a warp each: one a cycle in each multiprocessor.
    pub shared_requests: f64,
    /// Atomic additions a second to one address.
    pub atomics: f64,
    /// Additions a second of which each waits for the one before it: four cycles.
    pub additions_in_line: f64,
    /// Seconds that a launch costs.
    pub launch: f64,
    /// Seconds that a launch costs which is part of a graph.
    pub launch_in_graph: f64,
}

/// An H100 with 132 multiprocessors at 1.755 GHz: what can be reached of its memory and its multipliers, not what is printed
/// on them. Tensor cores multiply eight times as many numbers. Launches and atomics are what others have measured.
pub const H100: Card = Card {
    bytes: 3.0e12,
    operations: 60e12,
    tensor_operations: 480e12,
    shared_requests: 132.0 * 1.755e9,
    atomics: 1.755e9,
    additions_in_line: 1.755e9 / 4.0,
    launch: 2.5e-6,
    launch_in_graph: 1e-6,
};

impl Card {
    /// Seconds that `work` takes at least, in any order.
    pub fn roofline(&self, work: Work) -> f64 {
        (work.bytes / self.bytes).max(work.operations / self.operations)
    }

    /// The same where its longest sum runs in one order.
    pub fn in_order(&self, work: Work) -> f64 {
        self.roofline(work).max(work.longest_sum / self.additions_in_line)
    }
}
