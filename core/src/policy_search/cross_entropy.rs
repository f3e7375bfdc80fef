//! The cross-entropy method: a normal distribution for each parameter, fitted to the best candidates it brought forth.
//!
//! ```text
//! candidate  = mean + deviation * normal
//! mean'      = mean of the elite            deviation' = standard deviation of the elite + noise
//! noise      falls by `noise_decay` a generation; without it the deviations may shrink before the peak is reached
//! ```
//!
//! Rubinstein (1999); with noise Szita and Lorincz (2006). Sums run over the elite in the order of their fitness.

use super::Search;
use super::rank::fittest_first;
use crate::math;
use crate::rng::{Generator, normal};

/// What can be chosen about [`CrossEntropy`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct CrossEntropyConfig {
    /// Candidates of a generation.
    pub population: u32,
    /// How many of the best are fitted to.
    pub elite: u32,
    /// Deviation of every parameter in the first generation, around zero.
    pub spread: f32,
    /// Added to every deviation after the first generation.
    #[cfg_attr(feature = "serde", serde(default))]
    pub noise: f32,
    /// What the noise is multiplied by after each further one.
    #[cfg_attr(feature = "serde", serde(default))]
    pub noise_decay: f32,
}

impl CrossEntropyConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        if !(1..=1 << 16).contains(&self.population) {
            Some("population must be 1 to 65536")
        } else if self.elite == 0 || self.elite > self.population {
            Some("elite must be 1 to population")
        } else if !(self.spread > 0.0 && self.spread.is_finite()) {
            Some("spread must be a number greater than 0")
        } else if !(self.noise >= 0.0 && self.noise.is_finite()) {
            Some("noise must be a number that is not negative")
        } else if !(0.0..=1.0).contains(&self.noise_decay) {
            Some("noise_decay must be between 0 and 1")
        } else {
            None
        }
    }
}

/// Generation after generation.
#[derive(Debug)]
pub struct CrossEntropy<'a> {
    config: CrossEntropyConfig,
    rng: Generator,
    mean: &'a mut [f32],
    deviation: &'a mut [f32],
    order: &'a mut [u32],
    noise: f32,
}

impl<'a> CrossEntropy<'a> {
    /// How many floats [`CrossEntropy::new`] takes for so many parameters.
    pub const fn float_count(parameters: usize) -> usize {
        2 * parameters
    }

    /// A search that has tried nothing. `order` has a place a candidate.
    ///
    /// # Panics
    /// If the floats are an odd number, or `order` has another length.
    pub fn new(
        config: CrossEntropyConfig,
        rng: Generator,
        floats: &'a mut [f32],
        order: &'a mut [u32],
    ) -> Self {
        assert!(floats.len().is_multiple_of(2), "a mean and a deviation a parameter");
        assert_eq!(order.len(), config.population as usize, "a place a candidate");
        let (mean, deviation) = floats.split_at_mut(floats.len() / 2);
        mean.fill(0.0);
        deviation.fill(config.spread);
        Self { config, rng, mean, deviation, order, noise: config.noise }
    }
}

impl Search for CrossEntropy<'_> {
    fn population(&self) -> usize {
        self.config.population as usize
    }

    fn propose(&mut self, candidates: &mut [f32]) {
        assert_eq!(
            candidates.len(),
            self.order.len() * self.mean.len(),
            "[population][parameters]"
        );
        for candidate in candidates.chunks_exact_mut(self.mean.len()) {
            for ((x, mean), deviation) in
                candidate.iter_mut().zip(&*self.mean).zip(&*self.deviation)
            {
                *x = mean + (f64::from(*deviation) * normal(&mut self.rng)) as f32;
            }
        }
    }

    fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
        let width = self.mean.len();
        assert_eq!(candidates.len(), self.order.len() * width, "[population][parameters]");
        fittest_first(fitness, self.order);
        let elite = &self.order[..self.config.elite as usize];
        let count = elite.len() as f32;
        for index in 0..width {
            let each = || elite.iter().map(|&number| candidates[number as usize * width + index]);
            let mean = each().fold(0.0, |sum, x| sum + x) / count;
            let squares = each().fold(0.0, |sum, x| sum + (x - mean) * (x - mean));
            self.mean[index] = mean;
            self.deviation[index] = math::sqrt_f32(squares / count) + self.noise;
        }
        self.noise *= self.config.noise_decay;
    }

    fn parameters(&self) -> &[f32] {
        self.mean
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    #[test]
    fn mean_and_deviation_become_the_elite_s() {
        let config = CrossEntropyConfig {
            population: 4,
            elite: 2,
            spread: 1.0,
            noise: 0.5,
            noise_decay: 0.5,
        };
        let (mut floats, mut order) = ([0.0; 4], [0; 4]);
        let mut search =
            CrossEntropy::new(config, stream(1, Role::Learning), &mut floats, &mut order);
        let candidates = [1.0, 10.0, 9.0, 9.0, 3.0, 20.0, 7.0, 7.0];
        search.learn(&candidates, &[5.0, 0.0, 6.0, f32::NAN]);
        assert_eq!((&*search.mean, &*search.deviation), (&[2.0, 15.0][..], &[1.5, 5.5][..]));
        search.learn(&candidates, &[5.0, 0.0, 6.0, 0.0]);
        assert_eq!(*search.deviation, [1.25, 5.25]);
    }
}
