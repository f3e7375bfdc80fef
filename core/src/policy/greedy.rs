//! The action of the largest value.

/// Index of the largest value, the first of equals; a NaN never wins.
///
/// # Panics
/// If `values` is empty.
#[inline]
pub fn greedy(values: &[f32]) -> u32 {
    assert!(!values.is_empty(), "greedy: there is no action to choose from");
    let (mut best, mut largest) = (0, values[0]);
    for (index, &value) in values.iter().enumerate().skip(1) {
        if value > largest || largest.is_nan() {
            (best, largest) = (index, value);
        }
    }
    best as u32
}

#[cfg(test)]
mod tests {
    use super::greedy;

    #[test]
    fn the_first_of_equals_wins_and_a_nan_loses() {
        assert_eq!(greedy(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(greedy(&[-2.0]), 0);
        assert_eq!(greedy(&[f32::NAN, -1.0, -3.0]), 1);
        assert_eq!(greedy(&[0.0, f32::NAN, 1.0]), 2);
    }
}
