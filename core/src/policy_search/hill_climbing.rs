//! Hill climbing: a step away from the best so far, taken if it does at least as well.

use super::Search;
use crate::rng::{Generator, uniform};

/// What can be chosen about [`HillClimbing`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct HillClimbingConfig {
    /// Every parameter of the first candidate is uniform in plus or minus this.
    pub spread: f32,
    /// Every parameter of a later one is uniform in plus or minus this around the best.
    pub step: f32,
    /// What the step is multiplied by when a candidate was better, down to [`HillClimbingConfig::smallest_step`].
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub after_better: f32,
    /// What it is multiplied by when a candidate was worse, up to [`HillClimbingConfig::largest_step`]: away from plains
    /// on which all candidates are alike.
    #[cfg_attr(feature = "serde", serde(default = "one"))]
    pub after_worse: f32,
    /// The smallest that the step becomes.
    #[cfg_attr(feature = "serde", serde(default = "thousandth"))]
    pub smallest_step: f32,
    /// The largest that the step becomes.
    #[cfg_attr(feature = "serde", serde(default = "two"))]
    pub largest_step: f32,
}

#[cfg(feature = "serde")]
fn one() -> f32 {
    1.0
}

#[cfg(feature = "serde")]
fn thousandth() -> f32 {
    1e-3
}

#[cfg(feature = "serde")]
fn two() -> f32 {
    2.0
}

impl HillClimbingConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let positive = |x: f32| x > 0.0 && x.is_finite();
        if !positive(self.spread) || !positive(self.step) {
            Some("spread and step must be numbers greater than 0")
        } else if !positive(self.after_better) || !positive(self.after_worse) {
            Some("after_better and after_worse must be numbers greater than 0")
        } else if !positive(self.smallest_step)
            || !positive(self.largest_step)
            || self.smallest_step > self.largest_step
        {
            Some("smallest_step must be greater than 0 and largest_step not below it")
        } else {
            None
        }
    }
}

/// One candidate a generation.
#[derive(Debug)]
pub struct HillClimbing<'a> {
    config: HillClimbingConfig,
    rng: Generator,
    best: &'a mut [f32],
    /// Minus infinity until the first candidate was tried.
    best_fitness: f32,
    step: f32,
}

impl<'a> HillClimbing<'a> {
    /// How many floats [`HillClimbing::new`] takes for so many parameters.
    pub const fn float_count(parameters: usize) -> usize {
        parameters
    }

    /// A search that has tried nothing: its best is all zeros.
    pub fn new(config: HillClimbingConfig, rng: Generator, floats: &'a mut [f32]) -> Self {
        floats.fill(0.0);
        Self { config, rng, best: floats, best_fitness: f32::NEG_INFINITY, step: config.step }
    }
}

impl Search for HillClimbing<'_> {
    fn population(&self) -> usize {
        1
    }

    fn propose(&mut self, candidates: &mut [f32]) {
        assert_eq!(candidates.len(), self.best.len(), "one candidate");
        let first = self.best_fitness == f32::NEG_INFINITY;
        let reach = f64::from(if first { self.config.spread } else { self.step });
        for (candidate, best) in candidates.iter_mut().zip(&*self.best) {
            *candidate = best + uniform(&mut self.rng, -reach, reach) as f32;
        }
    }

    fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
        let HillClimbingConfig { after_better, after_worse, smallest_step, largest_step, .. } =
            self.config;
        let better = fitness[0] >= self.best_fitness;
        let factor = if better { after_better } else { after_worse };
        self.step = (self.step * factor).max(smallest_step).min(largest_step);
        if better {
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
    fn a_hill_is_climbed_and_the_step_follows_success() {
        let config = HillClimbingConfig {
            spread: 1.0,
            step: 0.5,
            after_better: 0.5,
            after_worse: 1.25,
            smallest_step: 0.125,
            largest_step: 1.0,
        };
        let (mut floats, mut candidate) = ([0.0; 2], [0.0; 2]);
        let mut search = HillClimbing::new(config, stream(1, Role::Learning), &mut floats);
        let height = |[x, y]: [f32; 2]| -(x - 3.0) * (x - 3.0) - (y + 1.0) * (y + 1.0);
        for _ in 0..500 {
            search.propose(&mut candidate);
            search.learn(&candidate, &[height(candidate)]);
            assert!((0.125..=1.0).contains(&search.step));
        }
        assert!((search.best[0] - 3.0).abs() < 0.1 && (search.best[1] + 1.0).abs() < 0.1);
        assert_eq!(search.step, 1.0, "nothing has been better for long");
    }
}
