//! An evolution strategy: the slope of the fitness around a centre, estimated from candidates on opposite sides of it.
//!
//! ```text
//! candidates   c + sigma e,  c - sigma e        in pairs, e normal
//! utilities    u = how a candidate stands among all, -1/2 to 1/2, equals alike
//! slope        g = 1/(n sigma) sum over all of u (candidate - c)/sigma         n candidates
//! ```
//!
//! The slope then goes through an optimiser as a gradient does. Salimans, Ho, Chen, Sidor and Sutskever (2017), with their
//! mirrored candidates and ranks, without weight decay. Sums run over the candidates in their order.

use super::Search;
use super::rank::centred_rank;
use crate::nn::{Lanes, Optimiser, OptimiserState, Simd, WithSimd};
use crate::rng::{Generator, normal};

/// What can be chosen about [`EvolutionStrategy`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EvolutionStrategyConfig {
    /// Pairs of candidates in a generation.
    pub pairs: u32,
    /// How far candidates are from the centre: the deviation of each parameter.
    pub deviation: f32,
    /// How the slope moves the centre.
    pub optimiser: Optimiser,
}

impl EvolutionStrategyConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        if !(1..=1 << 15).contains(&self.pairs) {
            Some("pairs must be 1 to 32768")
        } else if !(self.deviation > 0.0 && self.deviation.is_finite()) {
            Some("deviation must be a number greater than 0")
        } else {
            self.optimiser.complaint()
        }
    }
}

/// Generation after generation.
#[derive(Debug)]
pub struct EvolutionStrategy<'a> {
    config: EvolutionStrategyConfig,
    rng: Generator,
    lanes: Lanes,
    centre: &'a mut [f32],
    /// Downhill, as an optimiser wants it.
    gradients: &'a mut [f32],
    moments: &'a mut [f32],
    state: OptimiserState,
}

impl<'a> EvolutionStrategy<'a> {
    /// How many floats [`EvolutionStrategy::new`] takes for so many parameters.
    pub const fn float_count(config: &EvolutionStrategyConfig, parameters: usize) -> usize {
        2 * parameters + config.optimiser.moment_count(parameters)
    }

    /// A search around the parameters in `start`.
    ///
    /// # Panics
    /// If the floats are not [`EvolutionStrategy::float_count`].
    pub fn new(
        config: EvolutionStrategyConfig,
        rng: Generator,
        lanes: Lanes,
        start: &[f32],
        floats: &'a mut [f32],
    ) -> Self {
        assert_eq!(floats.len(), Self::float_count(&config, start.len()), "of another search");
        let (centre, rest) = floats.split_at_mut(start.len());
        let (gradients, moments) = rest.split_at_mut(start.len());
        centre.copy_from_slice(start);
        let state = config.optimiser.start(moments);
        Self { config, rng, lanes, centre, gradients, moments, state }
    }
}

impl Search for EvolutionStrategy<'_> {
    fn population(&self) -> usize {
        2 * self.config.pairs as usize
    }

    fn propose(&mut self, candidates: &mut [f32]) {
        let width = self.centre.len();
        assert_eq!(candidates.len(), self.population() * width, "[population][parameters]");
        for pair in candidates.chunks_exact_mut(2 * width) {
            let (ahead, behind) = pair.split_at_mut(width);
            for ((ahead, behind), centre) in ahead.iter_mut().zip(behind).zip(&*self.centre) {
                let away = (f64::from(self.config.deviation) * normal(&mut self.rng)) as f32;
                (*ahead, *behind) = (centre + away, centre - away);
            }
        }
    }

    fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
        let (width, population) = (self.centre.len(), self.population());
        assert_eq!(fitness.len(), population, "a fitness a candidate");
        assert_eq!(candidates.len(), population * width, "[population][parameters]");
        let variance = self.config.deviation * self.config.deviation;
        let scale = 1.0 / (population as f32 * variance);
        self.gradients.fill(0.0);
        for (number, candidate) in candidates.chunks_exact(width).enumerate() {
            let uphill = scale * centred_rank(fitness, number);
            for ((d, x), centre) in self.gradients.iter_mut().zip(candidate).zip(&*self.centre) {
                *d -= uphill * (x - centre);
            }
        }
        let lanes = self.lanes;
        lanes.dispatch(Climb { search: self });
    }

    fn parameters(&self) -> &[f32] {
        self.centre
    }
}

/// The optimiser's step as an operation that the chosen lanes run.
struct Climb<'l, 'a> {
    search: &'l mut EvolutionStrategy<'a>,
}

impl WithSimd for Climb<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let EvolutionStrategy { config, state, centre, gradients, moments, .. } = self.search;
        config.optimiser.step(simd, state, centre, gradients, moments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    const CONFIG: EvolutionStrategyConfig = EvolutionStrategyConfig {
        pairs: 1,
        deviation: 0.5,
        optimiser: Optimiser::Sgd { learning_rate: 1.0, momentum: 0.0 },
    };

    /// Utilities 1/2 and -1/2, distances 0.5 and -0.5: the slope is 1/(2 * 0.25) (0.25 + 0.25) = 1.
    #[test]
    fn the_centre_moves_to_the_fitter_side_and_stays_between_equals() {
        let mut floats = [0.0; EvolutionStrategy::float_count(&CONFIG, 1)];
        let rng = stream(1, Role::Learning);
        let mut search = EvolutionStrategy::new(CONFIG, rng, Lanes::scalar(), &[3.0], &mut floats);
        search.learn(&[3.5, 2.5], &[10.0, 9.0]);
        assert_eq!(search.parameters(), [4.0]);
        search.learn(&[4.5, 3.5], &[7.0, 7.0]);
        assert_eq!(search.parameters(), [4.0]);
        let mut candidates = [0.0; 2];
        search.propose(&mut candidates);
        assert_eq!(candidates[0] - 4.0, 4.0 - candidates[1]);
    }
}
