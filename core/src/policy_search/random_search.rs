//! Random search: guess, and keep the best guess.

use super::Search;
use crate::rng::{Generator, uniform};

/// What can be chosen about [`RandomSearch`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct RandomSearchConfig {
    /// Every parameter of every candidate is uniform in plus or minus this.
    pub spread: f32,
}

impl RandomSearchConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let sound = self.spread > 0.0 && self.spread.is_finite();
        (!sound).then_some("spread must be a number greater than 0")
    }
}

/// One guess a generation; the latest of equals is kept.
#[derive(Debug)]
pub struct RandomSearch<'a> {
    config: RandomSearchConfig,
    rng: Generator,
    best: &'a mut [f32],
    best_fitness: f32,
}

impl<'a> RandomSearch<'a> {
    /// How many floats [`RandomSearch::new`] takes for so many parameters.
    pub const fn float_count(parameters: usize) -> usize {
        parameters
    }

    /// A search that has tried nothing: its best is all zeros.
    pub fn new(config: RandomSearchConfig, rng: Generator, floats: &'a mut [f32]) -> Self {
        floats.fill(0.0);
        Self { config, rng, best: floats, best_fitness: f32::NEG_INFINITY }
    }
}

impl Search for RandomSearch<'_> {
    fn population(&self) -> usize {
        1
    }

    fn propose(&mut self, candidates: &mut [f32]) {
        assert_eq!(candidates.len(), self.best.len(), "one candidate");
        let spread = f64::from(self.config.spread);
        candidates.fill_with(|| uniform(&mut self.rng, -spread, spread) as f32);
    }

    fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
        if fitness[0] >= self.best_fitness {
            self.best_fitness = fitness[0];
            self.best.copy_from_slice(candidates);
        }
    }

    fn parameters(&self) -> &[f32] {
        self.best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    #[test]
    fn the_best_guess_is_kept() {
        let (mut floats, mut candidate) = ([9.0; 2], [0.0; 2]);
        let rng = stream(1, Role::Learning);
        let mut search = RandomSearch::new(RandomSearchConfig { spread: 2.0 }, rng, &mut floats);
        let mut tried = [[0.0; 2]; 4];
        for (fitness, tried) in [3.0, 5.0, f32::NAN, 4.0].into_iter().zip(&mut tried) {
            search.propose(&mut candidate);
            assert!(candidate.iter().all(|x| x.abs() <= 2.0));
            *tried = candidate;
            search.learn(&candidate, &[fitness]);
        }
        assert_eq!(search.parameters(), tried[1]);
    }
}
