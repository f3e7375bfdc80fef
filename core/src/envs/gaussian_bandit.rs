//! The k-armed testbed: every episode a new bandit with normally distributed rewards.
//!
//! | action | meaning |
//! |---|---|
//! | 0..arms | pull that arm |
//!
//! | observation | values |
//! |---|---|
//! | 0 state | 0, always |
//!
//! Reward: normal with the arm's value as mean and variance 1. Start: [`GaussianBandit::stationary`] draws each
//! arm's value from a normal distribution of variance 1; [`GaussianBandit::drifting`] begins with values of zero,
//! to each of which every step adds a normal number after the reward is drawn. End: none; put a
//! [`TimeLimit`](crate::env::TimeLimit) of [`GaussianBandit::STEPS`] around it.
//!
//! Source: Sutton and Barto (2018), section 2.3 and exercise 2.5.

use crate::env::{Env, Step};
use crate::rng::{Rng, normal};
use crate::space::Space;
use core::fmt;

/// The bandit of the running episode.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GaussianBandit {
    arms: u32,
    start: Start,
    values: [f64; GaussianBandit::MOST as usize],
}

/// Where the values come from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Start {
    /// Drawn around this mean at each reset, and then fixed.
    Drawn { mean: f64 },
    /// Zero at each reset, and then moving with this standard deviation a step.
    Walking { deviation: f64 },
}

/// The number of arms is not one that there can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArmsError(pub u32);

impl fmt::Display for ArmsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there must be 2 to {} arms, not {}", GaussianBandit::MOST, self.0)
    }
}

impl core::error::Error for ArmsError {}

impl GaussianBandit {
    /// The most arms there can be.
    pub const MOST: u32 = 32;

    /// The length of a run in the book's testbed, as a time limit.
    pub const STEPS: u32 = 1_000;

    /// The book's drift: the standard deviation of what a step adds to each value.
    pub const DRIFT: f64 = 0.01;

    /// Arms whose values are drawn around `mean` (0 in the testbed, 4 in the book's figure 2.5) and stay.
    ///
    /// # Errors
    /// If there are fewer than two arms or more than [`GaussianBandit::MOST`].
    pub fn stationary(arms: u32, mean: f64) -> Result<Self, ArmsError> {
        Self::with(arms, Start::Drawn { mean })
    }

    /// Arms that are all worth nothing at first and whose values then walk at random.
    ///
    /// # Errors
    /// If there are fewer than two arms or more than [`GaussianBandit::MOST`].
    pub fn drifting(arms: u32, deviation: f64) -> Result<Self, ArmsError> {
        Self::with(arms, Start::Walking { deviation })
    }

    fn with(arms: u32, start: Start) -> Result<Self, ArmsError> {
        if !(2..=Self::MOST).contains(&arms) {
            return Err(ArmsError(arms));
        }
        Ok(Self { arms, start, values: [0.0; Self::MOST as usize] })
    }

    /// The true value of each arm at present.
    pub fn values(&self) -> &[f64] {
        &self.values[..self.arms as usize]
    }

    /// The arm with the highest value at present, the first of equals.
    pub fn best(&self) -> u32 {
        let first = (0u32, f64::NEG_INFINITY);
        let higher = |best: (u32, f64), arm: (u32, f64)| if arm.1 > best.1 { arm } else { best };
        (0u32..).zip(self.values().iter().copied()).fold(first, higher).0
    }
}

impl Env for GaussianBandit {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.arms }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: 1 }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        for value in &mut self.values[..self.arms as usize] {
            *value = match self.start {
                Start::Drawn { mean } => mean + normal(rng),
                Start::Walking { .. } => 0.0,
            };
        }
        observation.copy_from_slice(&[0]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let arms = self.arms;
        assert!(action < arms, "the arms, and so the actions, are 0 to {}, not {action}", arms - 1);
        let reward = self.values[action as usize] + normal(rng);
        if let Start::Walking { deviation } = self.start {
            for value in &mut self.values[..arms as usize] {
                *value += deviation * normal(rng);
            }
        }
        observation.copy_from_slice(&[0]);
        Step { reward, ending: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    /// The best of ten values drawn from a normal distribution is 1.54 on average, which is where the curves of
    /// the book's figure 2.2 end.
    #[test]
    fn the_best_of_ten_arms_is_worth_one_and_a_half() {
        let rng = &mut Generator::seed_from_u64(2);
        let mut bandit = GaussianBandit::stationary(10, 0.0).unwrap();
        let (mut best, mut paid) = (0.0, 0.0);
        for _ in 0..5_000 {
            bandit.reset(rng, &mut [0]);
            let arm = bandit.best();
            best += bandit.values()[arm as usize];
            paid += bandit.step(arm, rng, &mut [0]).reward;
        }
        assert!((best / 5_000.0 - 1.5388).abs() < 0.03, "{}", best / 5_000.0);
        assert!((paid / 5_000.0 - 1.5388).abs() < 0.06, "{}", paid / 5_000.0);
    }

    #[test]
    fn drifting_values_spread_with_the_square_root_of_time() {
        let rng = &mut Generator::seed_from_u64(2);
        let mut bandit = GaussianBandit::drifting(32, GaussianBandit::DRIFT).unwrap();
        let mut squares = 0.0;
        for _ in 0..20 {
            bandit.reset(rng, &mut [0]);
            assert_eq!(bandit.values(), [0.0; 32]);
            for _ in 0..400 {
                bandit.step(0, rng, &mut [0]);
            }
            squares += bandit.values().iter().map(|value| value * value).sum::<f64>();
        }
        // 400 steps of variance 0.0001.
        assert!((squares / 640.0 - 0.04).abs() < 0.006, "{}", squares / 640.0);
        assert_eq!(GaussianBandit::stationary(1, 0.0), Err(ArmsError(1)));
    }
}
