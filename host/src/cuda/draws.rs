//! What an update draws: noise for weights. Drawn on the host with core's generator in the order of core's
//! `dqn/cpu_learner.rs`, so that both learners go on from the same state; used on the card.
//!
//! Legend: P parameters, n numbers of one draw of noise.

use super::buffers::Buffer;
use embedded_rl_core::dqn::DqnConfig;
use embedded_rl_core::nn::{NetworkSpec, noisy};
use embedded_rl_core::rng::Generator;

/// What is drawn for one update, in order: noise of the target network, of the one that chooses if that is another, of the
/// one that learns.
#[derive(Debug)]
pub(super) struct Draws {
    spec: NetworkSpec,
    parts: [usize; 3],
    numbers: Vec<f32>,
}

impl Draws {
    /// Of a network as it is trained.
    pub(super) fn new(spec: &NetworkSpec, config: &DqnConfig) -> Self {
        let noise = noise_count(spec, config);
        let parts = [noise, if config.double { noise } else { 0 }, noise];
        Self { spec: *spec, parts, numbers: vec![0.0; parts.iter().sum()] }
    }

    /// How many numbers.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The next update's.
    pub(super) fn draw(&mut self, rng: &mut Generator) -> &[f32] {
        let mut rest = &mut self.numbers[..];
        for part in self.parts {
            let Some(own) = rest.split_off_mut(..part) else { break };
            if !own.is_empty() {
                noisy::draw(&self.spec, rng, own);
            }
        }
        &self.numbers
    }

    /// The parts of as many numbers on the card: `[n]` each, or empty.
    pub(super) fn parts(&self, drawn: &Buffer<f32>) -> [Buffer<f32>; 3] {
        let mut start = 0;
        self.parts.map(|part| {
            start += part;
            drawn.part(start - part, part)
        })
    }
}

/// How many numbers one draw of noise has: n, none without noise.
pub(super) fn noise_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
    if config.is_noisy() { noisy::noise_count(spec) } else { 0 }
}

/// How many numbers are learned: with noise a mean and a deviation each.
pub(super) fn learned_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
    let count = spec.parameter_count();
    if config.is_noisy() { 2 * count } else { count }
}
