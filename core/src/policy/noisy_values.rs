//! The action that looks best through noise: near ties are explored, clear cases hardly ever.

use crate::rng::{Rng, normal};

/// The first of the largest of `values` with a normal number of this deviation added to each; one draw an action, in
/// their order.
///
/// # Panics
/// If there are no values.
pub fn greedy_with_noise<R: Rng + ?Sized>(rng: &mut R, deviation: f64, values: &[f32]) -> u32 {
    assert!(!values.is_empty(), "greedy_with_noise: no values");
    let (mut best, mut largest) = (0, f64::NEG_INFINITY);
    for (action, &value) in (0u32..).zip(values) {
        let value = f64::from(value) + deviation * normal(rng);
        if value > largest {
            (best, largest) = (action, value);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::greedy_with_noise;
    use crate::rng::{Role, stream};

    #[test]
    fn a_difference_of_one_deviation_is_mistaken_in_24_percent() {
        let rng = &mut stream(1, Role::Exploration);
        assert!((0..100).all(|_| greedy_with_noise(rng, 0.0, &[0.0, 1.0, 0.5]) == 1));
        // The difference of two normal numbers has the deviation sqrt(2): P(N > 1 / sqrt(2)) = 0.2398.
        let mistakes =
            (0..20_000).filter(|_| greedy_with_noise(rng, 2.0, &[3.0, 1.0]) == 1).count();
        assert!((4_600..5_000).contains(&mistakes), "{mistakes}");
    }
}
