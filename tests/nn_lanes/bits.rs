//! Drawn numbers, and the bits of what comes of them.

use embedded_rl_core::rng::{Generator, normal};

pub(crate) const BATCHES: [usize; 4] = [1, 2, 7, 64];

pub(crate) fn random(rng: &mut Generator, count: usize) -> Vec<f32> {
    (0..count).map(|_| normal(rng) as f32).collect()
}

pub(crate) fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// What a layer made of its case, forward and backward.
#[derive(Debug, PartialEq)]
pub(crate) struct LayerBits {
    pub(crate) output: Vec<u32>,
    pub(crate) d_input: Vec<u32>,
    pub(crate) d_parameters: Vec<u32>,
}
