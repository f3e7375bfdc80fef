//! Thompson sampling: draw each arm's value from what is believed of it, take the arm whose draw is best.
//!
//! Both beliefs follow from an arm's count and average alone, so nothing more is kept. Draws are made arm by arm.

use crate::rng::{Rng, beta, normal};

/// What is believed before anything is seen, and how rewards scatter.
#[derive(Clone, Copy)]
pub(super) struct Belief {
    pub(super) prior_mean: f32,
    pub(super) prior_deviation: f32,
    pub(super) reward_deviation: f32,
}

impl Belief {
    /// Mean and standard deviation of what is believed of an arm's mean after `count` rewards with this average:
    /// precisions add, and means are weighed by them (Russo et al. 2018, equation 4.2).
    fn after(self, count: u32, average: f32) -> (f64, f64) {
        let precision = |deviation: f32| 1.0 / (f64::from(deviation) * f64::from(deviation));
        let prior = precision(self.prior_deviation);
        let seen = f64::from(count) * precision(self.reward_deviation);
        let mean =
            (prior * f64::from(self.prior_mean) + seen * f64::from(average)) / (prior + seen);
        (mean, crate::math::sqrt(1.0 / (prior + seen)))
    }
}

pub(super) fn choose_gaussian<R: Rng + ?Sized>(
    rng: &mut R,
    belief: Belief,
    averages: &[f32],
    counts: &[u32],
) -> u32 {
    best(averages.iter().zip(counts).map(|(&average, &count)| {
        let (mean, deviation) = belief.after(count, average);
        mean + deviation * normal(rng)
    }))
}

pub(super) fn choose_bernoulli<R: Rng + ?Sized>(
    rng: &mut R,
    largest_reward: f32,
    averages: &[f32],
    counts: &[u32],
) -> u32 {
    best(averages.iter().zip(counts).map(|(&average, &count)| {
        let (a, b) = successes_and_failures(largest_reward, average, count);
        beta(rng, a, b)
    }))
}

/// The two parameters of the beta distribution: one more than what was seen of each, for the uniform prior.
fn successes_and_failures(largest_reward: f32, average: f32, count: u32) -> (f64, f64) {
    let rate = (f64::from(average) / f64::from(largest_reward)).clamp(0.0, 1.0);
    (1.0 + f64::from(count) * rate, 1.0 + f64::from(count) * (1.0 - rate))
}

fn best(draws: impl Iterator<Item = f64>) -> u32 {
    let first = (0u32, f64::NEG_INFINITY);
    (0u32..).zip(draws).fold(first, |best, arm| if arm.1 > best.1 { arm } else { best }).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gaussian_belief_goes_from_the_prior_to_the_average() {
        let belief = Belief { prior_mean: 1.0, prior_deviation: 2.0, reward_deviation: 2.0 };
        assert_eq!(belief.after(0, 0.0), (1.0, 2.0));
        // Three rewards as precise as the prior: a quarter of the one, three quarters of the other.
        let (mean, deviation) = belief.after(3, 5.0);
        assert!((mean - 4.0).abs() < 1e-12 && (deviation - 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_bernoulli_belief_counts_successes_and_failures() {
        assert_eq!(successes_and_failures(1.0, 0.0, 0), (1.0, 1.0));
        assert_eq!(successes_and_failures(2.0, 0.5, 8), (3.0, 7.0));
        assert_eq!(successes_and_failures(1.0, 1.5, 2), (3.0, 1.0));
    }
}
