//! Munchausen targets: a reward for what the policy was sure of, and a soft value instead of the largest.
//!
//! ```text
//! policy(a) = softmax of q/temperature
//! y = reward + alpha [temperature ln policy(action | s)] cut to lowest..0
//!   + discount * sum over a of next_policy(a) (next_q[a] - temperature ln next_policy(a))
//! ```
//!
//! Vieillard, Pietquin and Geist (2020), equation 1 with the cut of section 3; all values are the target network's. With
//! `alpha` zero it is soft Q-learning. The sum is also `temperature` times the logarithm of the sum of exponentials,
//! but written as above it serves distributions, too, where `next_q[a]` is one quantile and the policy follows the means.

use crate::math;

/// The three numbers of a Munchausen target.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Munchausen {
    /// Share of the scaled log-probability that becomes reward, in `[0, 1]`.
    pub alpha: f32,
    /// How soft the policy is, above zero, in units of the values.
    pub temperature: f32,
    /// Where the scaled log-probability is cut off, at most zero.
    pub lowest: f32,
}

impl Munchausen {
    /// The paper's numbers, for rewards between -1 and 1.
    pub const PAPER: Self = Self { alpha: 0.9, temperature: 0.03, lowest: -1.0 };

    /// What is added to the reward for `action`, taken where the target network gives the values `q`.
    ///
    /// # Panics
    /// If the action has no value.
    pub fn bonus(&self, q: &[f32], action: u32) -> f32 {
        let policy = SoftPolicy::new(q, self.temperature);
        let logarithm = policy.scaled_logarithm(q[action as usize]);
        self.alpha * logarithm.max(self.lowest).min(0.0)
    }

    /// The value of a state whose actions have the values `q`, under their own soft policy.
    ///
    /// # Panics
    /// If there are no values.
    pub fn soft_value(&self, q: &[f32]) -> f32 {
        let policy = SoftPolicy::new(q, self.temperature);
        let term = |q| policy.probability(q) * (q - policy.scaled_logarithm(q));
        q.iter().fold(0.0, |sum, &q| sum + term(q))
    }
}

/// The softmax of values over a temperature, asked one value at a time.
#[derive(Clone, Copy, Debug)]
pub struct SoftPolicy {
    temperature: f32,
    largest: f32,
    /// Sum of `e^((q - largest) / temperature)` in the order of the values.
    sum: f32,
    /// `temperature * ln sum`
    scaled_logarithm_of_sum: f32,
}

impl SoftPolicy {
    /// The policy of these values.
    ///
    /// # Panics
    /// If there are none.
    pub fn new(q: &[f32], temperature: f32) -> Self {
        assert!(!q.is_empty(), "a policy has an action to choose");
        let largest = q.iter().fold(f32::NEG_INFINITY, |largest, &q| largest.max(q));
        let exponential = |q: f32| math::exp_f32((q - largest) / temperature);
        let sum = q.iter().fold(0.0, |sum, &q| sum + exponential(q));
        let scaled_logarithm_of_sum = temperature * math::ln(f64::from(sum)) as f32;
        Self { temperature, largest, sum, scaled_logarithm_of_sum }
    }

    /// The probability of the action of this value.
    #[inline]
    pub fn probability(&self, q: f32) -> f32 {
        math::exp_f32((q - self.largest) / self.temperature) / self.sum
    }

    /// The temperature times the logarithm of that probability, exact where the probability itself would be zero.
    #[inline]
    pub fn scaled_logarithm(&self, q: f32) -> f32 {
        (q - self.largest) - self.scaled_logarithm_of_sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Munchausen = Munchausen { alpha: 0.5, temperature: 2.0, lowest: -3.0 };

    #[test]
    fn equal_actions_share_evenly_and_pay_for_it() {
        // ln 1/4, times the temperature, times alpha.
        let bonus = HALF.bonus(&[7.0; 4], 2);
        assert!((bonus + 4f32.ln()).abs() < 1e-6, "{bonus}");
        assert!((HALF.soft_value(&[7.0; 4]) - (7.0 + 2.0 * 4f32.ln())).abs() < 1e-5);
    }

    #[test]
    fn a_certain_action_costs_nothing_and_an_impossible_one_the_cut() {
        assert_eq!(HALF.bonus(&[1_000.0, 0.0], 0), 0.0);
        assert_eq!(HALF.bonus(&[1_000.0, 0.0], 1), -1.5);
        assert_eq!(HALF.soft_value(&[1_000.0, 0.0]), 1_000.0);
    }

    #[test]
    fn the_soft_value_is_the_logarithm_of_the_sum_of_exponentials() {
        for q in [&[0.5][..], &[1.0, -2.0], &[0.3, 0.31, 0.29, -4.0, 2.5]] {
            for temperature in [0.03, 1.0, 10.0] {
                let found = Munchausen { temperature, ..HALF }.soft_value(q);
                let wide = f64::from(temperature);
                let sum: f64 = q.iter().map(|&q| (f64::from(q) / wide).exp()).sum();
                let expected = wide * sum.ln();
                assert!((f64::from(found) - expected).abs() < 2e-5, "{found} not {expected}");
            }
        }
    }

    #[test]
    fn as_the_temperature_falls_the_value_becomes_the_largest() {
        let cold = Munchausen { temperature: 1e-4, ..HALF };
        assert_eq!(cold.soft_value(&[2.0, -1.0, 4.0]), 4.0);
    }
}
