//! Random numbers and sizes for cases, always the same.

use embedded_rl_core::rng::{Generator, SeedableRng, integers, normal};

pub(crate) struct Numbers(pub Generator);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Generator::seed_from_u64(seed))
    }

    /// A number in `low..=high`.
    pub(crate) fn size(&mut self, low: usize, high: usize) -> usize {
        integers(&mut self.0, low as i64, high as i64 + 1) as usize
    }

    /// Numbers of either sign, one in eight a zero and half of those negative: a sum that starts or ends elsewhere gives
    /// another sign of zero.
    pub(crate) fn floats(&mut self, count: usize) -> Vec<f32> {
        let draw = |_| match integers(&mut self.0, 0, 16) {
            0 => 0.0,
            1 => -0.0,
            _ => normal(&mut self.0) as f32,
        };
        (0..count).map(draw).collect()
    }

    /// Numbers that are not negative.
    pub(crate) fn magnitudes(&mut self, count: usize) -> Vec<f32> {
        self.floats(count).into_iter().map(f32::abs).collect()
    }

    /// Whole numbers in `0..below`.
    pub(crate) fn indices(&mut self, count: usize, below: usize) -> Vec<u32> {
        (0..count).map(|_| integers(&mut self.0, 0, below as i64) as u32).collect()
    }
}
