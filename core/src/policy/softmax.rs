//! Actions in proportion to the exponential of their preference.

use crate::math;
use crate::rng::{Rng, random};

/// Writes `exp(preferences[a]) / sum_b exp(preferences[b])`, summed in the order of the actions.
///
/// Sutton and Barto (2018), equation 2.11; a temperature divides the preferences beforehand. The largest preference
/// is subtracted first, which changes no probability and keeps the exponentials in range. Minus infinity is an
/// impossible action.
///
/// # Panics
/// If the two have different lengths.
pub fn softmax(preferences: &[f32], probabilities: &mut [f32]) {
    assert_eq!(preferences.len(), probabilities.len(), "softmax: different numbers of actions");
    let largest = preferences.iter().fold(f32::NEG_INFINITY, |largest, &x| largest.max(x));
    let mut total = 0.0;
    for (probability, &preference) in probabilities.iter_mut().zip(preferences) {
        *probability = math::exp_f32(preference - largest);
        total += *probability;
    }
    probabilities.iter_mut().for_each(|probability| *probability /= total);
}

/// One of `0..actions`, each with its `probability`: the first whose cumulative probability exceeds one draw. Where
/// rounding leaves none, the last possible one.
///
/// # Panics
/// If no action has a probability.
#[inline]
pub fn sample<R: Rng + ?Sized>(rng: &mut R, actions: u32, probability: impl Fn(u32) -> f32) -> u32 {
    let drawn = random(rng);
    let (mut cumulative, mut last) = (0.0, None);
    for action in 0..actions {
        let probability = f64::from(probability(action));
        if probability > 0.0 {
            cumulative += probability;
            last = Some(action);
            if cumulative > drawn {
                break;
            }
        }
    }
    let Some(action) = last else { panic!("sample: no action has a probability") };
    action
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Role, stream};

    #[test]
    fn equal_steps_of_preference_are_equal_ratios() {
        let mut probabilities = [0.0; 4];
        softmax(&[100.0, 101.0, 102.0, f32::NEG_INFINITY], &mut probabilities);
        let [first, second, third, never] = probabilities;
        assert!((second / first - core::f32::consts::E).abs() < 1e-5);
        assert!((third / second - core::f32::consts::E).abs() < 1e-5);
        assert!((first + second + third - 1.0).abs() < 1e-6);
        assert_eq!(never, 0.0);
    }

    #[test]
    fn samples_come_as_often_as_they_should() {
        let rng = &mut stream(3, Role::Exploration);
        let mut counts = [0u32; 3];
        for _ in 0..30_000 {
            counts[sample(rng, 3, |action| [0.2, 0.0, 0.8][action as usize]) as usize] += 1;
        }
        assert_eq!(counts[1], 0);
        assert!((5_700..6_300).contains(&counts[0]), "{counts:?}");
        // Thirds sum to less than one; the rest goes to the last possible action.
        assert_eq!(sample(rng, 2, |action| [1e-30, 0.0][action as usize]), 0);
    }
}
