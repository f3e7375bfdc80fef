//! Probabilities of fixed values: C51 (Bellemare, Dabney and Munos, 2017).
//!
//! ```text
//! z[i] the atoms' values, d their spacing, p the distribution that follows
//! target      every p[j] stands at reward + discount z[j], cut to z[0]..z[n-1], between two atoms;
//!             each of the two gets a share, the nearer one the larger                          (algorithm 1)
//! loss        cross-entropy of the target and the softmax of the logits, nn/cross_entropy.rs
//! ```
//!
//! Where the moved value falls on an atom, that one gets all; the algorithm as printed loses it.

use crate::math;
use crate::nn::Atoms;

/// Writes the distribution of `reward + discount * z` on the atoms, where z has these `probabilities` `[atoms]`. Sums run
/// in the order of the moved atoms.
///
/// # Panics
/// If a slice has not one number an atom.
pub fn project(
    atoms: &Atoms,
    reward: f32,
    discount: f32,
    probabilities: &[f32],
    target: &mut [f32],
) {
    assert_eq!(probabilities.len(), atoms.count as usize, "a probability an atom");
    assert_eq!(target.len(), atoms.count as usize, "a probability an atom");
    let (last, spacing) = (target.len() - 1, atoms.spacing());
    target.fill(0.0);
    for (index, &probability) in probabilities.iter().enumerate() {
        let value = atoms.lowest + index as f32 * spacing;
        let moved = (reward + discount * value).max(atoms.lowest).min(atoms.highest);
        // Rounding could lead past the last atom.
        let place = ((moved - atoms.lowest) / spacing).min(last as f32);
        let left = math::floor_f32(place);
        let (left, share) = (left as usize, place - left);
        target[left] += probability * (1.0 - share);
        if share > 0.0 {
            target[left + 1] += probability * share;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATOMS: Atoms = Atoms { count: 5, lowest: -1.0, highest: 3.0 };

    fn projected(reward: f32, discount: f32, probabilities: [f32; 5]) -> [f32; 5] {
        let mut target = [7.0; 5];
        project(&ATOMS, reward, discount, &probabilities, &mut target);
        target
    }

    #[test]
    fn what_falls_between_two_atoms_is_shared_and_beyond_the_ends_is_kept() {
        let half = [0.5, 0.0, 0.0, 0.0, 0.5];
        assert_eq!(projected(0.0, 1.0, half), half);
        assert_eq!(projected(1.0, 1.0, half), [0.0, 0.5, 0.0, 0.0, 0.5]);
        assert_eq!(projected(-9.0, 1.0, half), [1.0, 0.0, 0.0, 0.0, 0.0]);
        // -0.5 + 0.25 = -0.25 and 1.5 + 0.25 = 1.75.
        assert_eq!(projected(0.25, 0.5, half), [0.125, 0.375, 0.125, 0.375, 0.0]);
    }

    #[test]
    fn where_nothing_follows_all_of_it_is_the_reward() {
        assert_eq!(projected(0.75, 0.0, [0.2; 5]), [0.0, 0.25, 0.75, 0.0, 0.0]);
        assert_eq!(projected(2.0, 0.0, [0.25, 0.0, 0.5, 0.0, 0.25]), [0.0, 0.0, 0.0, 1.0, 0.0]);
    }

    /// Away from the ends the projection keeps the mean, and everywhere the sum.
    #[test]
    fn sum_and_mean_survive_for_awkward_spacings() {
        let atoms = Atoms { count: 51, lowest: -0.3, highest: 7.7 };
        let value = |index: usize| f64::from(atoms.value(index));
        for (reward, discount) in [(0.0, 1.0), (1.0, 0.7), (0.123, 0.9), (7.7, 0.0), (0.3, 0.999)] {
            let mut probabilities = [0.0; 51];
            for (index, p) in probabilities.iter_mut().enumerate().take(48).skip(3) {
                *p = (index * 7 % 11) as f32 / 226.0;
            }
            let total: f32 = probabilities.iter().sum();
            probabilities.iter_mut().for_each(|p| *p /= total);
            let mut target = [0.0; 51];
            project(&atoms, reward, discount, &probabilities, &mut target);
            let sum: f64 = target.iter().map(|&p| f64::from(p)).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{reward} {discount}: {sum}");
            let mean = |p: &[f32; 51]| -> f64 {
                p.iter().enumerate().map(|(index, &p)| f64::from(p) * value(index)).sum()
            };
            let expected = f64::from(reward) + f64::from(discount) * mean(&probabilities);
            assert!((mean(&target) - expected).abs() < 1e-4, "{reward} {discount}");
        }
    }
}
