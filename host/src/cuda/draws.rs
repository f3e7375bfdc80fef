//! What an update draws: noise for weights, fractions for implicit distributions. Drawn on the host with core's generator in
//! the order of core's `dqn/cpu_learner.rs`, so that both learners go on from the same state; used on the card.
//!
//! Legend: P parameters, n numbers of one draw of noise, B transitions a batch, N and N' fractions of a transition, for the loss
//! and for what follows.

use super::buffers::Buffer;
use embedded_rl_core::distribution::quantile;
use embedded_rl_core::dqn::{Distribution, DqnConfig};
use embedded_rl_core::nn::{NetworkSpec, noisy};
use embedded_rl_core::rng::Generator;

/// What is drawn for one update, in order.
#[derive(Debug)]
pub(super) struct Draws {
    spec: NetworkSpec,
    parts: [Part; 5],
    numbers: Vec<f32>,
}

#[derive(Clone, Copy, Debug)]
enum Part {
    Noise(usize),
    Fractions(usize),
}

/// What was drawn, on the card; parts that this learner does not need are empty.
#[derive(Debug)]
pub(super) struct Drawn {
    /// `[n]`: of the target network, of the one that chooses, of the one that learns.
    pub(super) noise: [Buffer<f32>; 3],
    /// `[B][N']`
    pub(super) target_fractions: Buffer<f32>,
    /// `[B][N]`
    pub(super) fractions: Buffer<f32>,
}

impl Part {
    fn len(self) -> usize {
        match self {
            Self::Noise(count) | Self::Fractions(count) => count,
        }
    }
}

impl Draws {
    /// Of a network as it is trained.
    pub(super) fn new(spec: &NetworkSpec, config: &DqnConfig, batch: usize) -> Self {
        let noise = noise_count(spec, config);
        let [fractions, target_fractions] = match config.distribution {
            Distribution::Implicit { fractions, target_fractions, .. } => {
                [fractions, target_fractions].map(|count| batch * count as usize)
            }
            _ => [0; 2],
        };
        let parts = [
            Part::Noise(noise),
            Part::Fractions(target_fractions),
            Part::Noise(if config.double { noise } else { 0 }),
            Part::Noise(noise),
            Part::Fractions(fractions),
        ];
        let count = parts.iter().map(|part| part.len()).sum();
        Self { spec: *spec, parts, numbers: vec![0.0; count] }
    }

    /// How many numbers.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }

    /// The next update's.
    pub(super) fn draw(&mut self, rng: &mut Generator) -> &[f32] {
        let mut rest = &mut self.numbers[..];
        for part in self.parts {
            let Some(own) = rest.split_off_mut(..part.len()) else { break };
            match part {
                _ if own.is_empty() => {}
                Part::Noise(_) => noisy::draw(&self.spec, rng, own),
                Part::Fractions(_) => quantile::draw(rng, own),
            }
        }
        &self.numbers
    }

    /// The parts of as many numbers on the card.
    pub(super) fn parts(&self, drawn: &Buffer<f32>) -> Drawn {
        let mut start = 0;
        let [target, target_fractions, chooser, learned, fractions] = self.parts.map(|part| {
            start += part.len();
            drawn.part(start - part.len(), part.len())
        });
        Drawn { noise: [target, chooser, learned], target_fractions, fractions }
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
