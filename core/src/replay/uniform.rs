//! WHICH transitions are drawn: each stored one as likely, with replacement. Says nothing about where they are.

use crate::rng::{Rng, integers};

/// Fills `indices` with numbers of `0..stored`, as Stable-Baselines3 and CleanRL draw them.
///
/// # Panics
/// If nothing is stored.
pub fn sample_uniform<R: Rng + ?Sized>(rng: &mut R, stored: usize, indices: &mut [u32]) {
    for index in indices {
        *index = integers(rng, 0, stored as i64) as u32;
    }
}

#[cfg(test)]
mod tests {
    use super::sample_uniform;
    use crate::rng::{Role, stream};

    #[test]
    fn every_stored_transition_is_drawn_about_as_often() {
        let rng = &mut stream(4, Role::Replay);
        let mut counts = [0u32; 5];
        let mut indices = [0; 50];
        for _ in 0..1_000 {
            sample_uniform(rng, 5, &mut indices);
            indices.iter().for_each(|&index| counts[index as usize] += 1);
        }
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)), "{counts:?}");
    }
}
