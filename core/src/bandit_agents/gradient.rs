//! The gradient bandit: preferences instead of estimates. Sutton and Barto (2018), section 2.8.

use super::MOST_ARMS;
use crate::policy::{sample, softmax};
use crate::rng::Rng;

/// One arm, as likely as the softmax of the preferences says.
pub(super) fn choose<R: Rng + ?Sized>(rng: &mut R, preferences: &[f32]) -> u32 {
    let probabilities = &mut [0.0; MOST_ARMS as usize][..preferences.len()];
    softmax(preferences, probabilities);
    sample(rng, preferences.len() as u32, |arm| probabilities[arm as usize])
}

/// Equation 2.12: `H[a] += step * (1 - pi[a])` for the arm that was taken and `H[b] -= step * pi[b]` for the others,
/// where `step` is the step size times the reward's distance from the baseline.
pub(super) fn climb(preferences: &mut [f32], arm: u32, step: f32) {
    let probabilities = &mut [0.0; MOST_ARMS as usize][..preferences.len()];
    softmax(preferences, probabilities);
    for ((other, preference), &probability) in
        (0u32..).zip(preferences.iter_mut()).zip(probabilities.iter())
    {
        let taken = if other == arm { 1.0 } else { 0.0 };
        *preference += step * (taken - probability);
    }
}

#[cfg(test)]
mod tests {
    use super::climb;

    #[test]
    fn a_reward_above_the_baseline_lifts_its_arm_at_the_others_expense() {
        let mut preferences = [0.0; 4];
        climb(&mut preferences, 2, 0.8);
        for (preference, expected) in preferences.iter().zip([-0.2, -0.2, 0.6, -0.2]) {
            assert!((preference - expected).abs() < 1e-6, "{preferences:?}");
        }
        climb(&mut preferences, 2, 0.0);
        assert!((preferences[2] - 0.6).abs() < 1e-6, "the baseline itself moves nothing");
    }
}
