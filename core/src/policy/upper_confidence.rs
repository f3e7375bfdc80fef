//! The action that could be the best, as far as is known.

use crate::math;

/// `argmax_a estimates[a] + confidence * sqrt(ln(tries) / counts[a])`, where `tries` is the sum of the counts; actions
/// never tried come first, in their order.
///
/// UCB1 of Auer, Cesa-Bianchi and Fischer (2002), whose confidence is `sqrt(2)` for rewards in `[0, 1]`; Sutton and
/// Barto (2018), equation 2.10. For rewards on another scale the confidence grows with it.
///
/// # Panics
/// If the two have different lengths or are empty.
pub fn upper_confidence(estimates: &[f32], counts: &[u32], confidence: f32) -> u32 {
    assert_eq!(estimates.len(), counts.len(), "upper_confidence: different numbers of actions");
    assert!(!estimates.is_empty(), "upper_confidence: there is no action to choose from");
    let (mut tries, mut best, mut highest) = (0u64, 0, f32::NEG_INFINITY);
    for (action, &count) in (0u32..).zip(counts) {
        if count == 0 {
            return action;
        }
        tries += u64::from(count);
    }
    let log_tries = math::ln(tries as f64) as f32;
    for ((action, &estimate), &count) in (0u32..).zip(estimates).zip(counts) {
        let bound = estimate + confidence * math::sqrt_f32(log_tries / count as f32);
        if bound > highest {
            (best, highest) = (action, bound);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::upper_confidence;

    #[test]
    fn what_was_never_tried_comes_first() {
        assert_eq!(upper_confidence(&[9.0, 0.0, 0.0], &[5, 0, 0], 1.0), 1);
    }

    /// ln 100 = 4.605: bounds 1 + c sqrt(4.605 / 90) = 1 + .2262 c and .5 + c sqrt(4.605 / 10) = .5 + .6786 c, which
    /// are equal for c = 1.105.
    #[test]
    fn doubt_wins_where_confidence_counts_for_much() {
        assert_eq!(upper_confidence(&[1.0, 0.5], &[90, 10], 1.10), 0);
        assert_eq!(upper_confidence(&[1.0, 0.5], &[90, 10], 1.11), 1);
    }
}
