//! Probabilities made sharper or flatter by a temperature.

use crate::math;

/// Replaces `probabilities` by `p[a]^(1/T) / sum over b of p[b]^(1/T)`, summed in the order of the actions: a temperature
/// below one prefers what is likely already, one changes nothing, a high one evens out. What is impossible stays so.
///
/// The same as dividing the logits of a softmax by the temperature. [`sample`](super::sample) draws from the result.
///
/// # Panics
/// If the temperature is not above zero and finite.
pub fn at_temperature(temperature: f32, probabilities: &mut [f32]) {
    assert!(temperature > 0.0 && temperature.is_finite(), "a temperature is above zero");
    let largest = probabilities.iter().fold(0.0, |largest: f32, &p| largest.max(p));
    let exponent = 1.0 / f64::from(temperature);
    let mut total = 0.0;
    for p in probabilities.iter_mut() {
        // Against the largest, so that a low temperature leaves at least that one.
        *p = math::pow(f64::from(*p) / f64::from(largest), exponent) as f32;
        total += *p;
    }
    probabilities.iter_mut().for_each(|p| *p /= total);
}

#[cfg(test)]
mod tests {
    use super::at_temperature;

    #[test]
    fn half_the_temperature_squares_the_odds() {
        let mut probabilities = [0.9, 0.1];
        at_temperature(0.5, &mut probabilities);
        let expected = [0.987_804_88, 0.012_195_12];
        for (p, expected) in probabilities.map(f64::from).into_iter().zip(expected) {
            // Half a last place of an f32, and of the numbers as they are written.
            assert!((p - expected).abs() < 5e-9 + 6e-8 * expected, "{probabilities:?}");
        }
    }

    #[test]
    fn one_changes_nothing_and_the_extremes_are_greedy_and_even() {
        let mut probabilities = [0.25, 0.0, 0.75];
        at_temperature(1.0, &mut probabilities);
        assert_eq!(probabilities, [0.25, 0.0, 0.75]);
        let mut cold = probabilities;
        at_temperature(1e-3, &mut cold);
        assert_eq!(cold, [0.0, 0.0, 1.0]);
        at_temperature(1e9, &mut probabilities);
        assert_eq!(probabilities, [0.5, 0.0, 0.5]);
    }
}
