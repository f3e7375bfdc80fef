//! The end of a network that describes whole distributions: each group of outputs becomes the mean of what it describes.
//!
//! ```text
//! over atoms       x[i] logits; p the softmax of x; z[i] = lowest + i (highest - lowest) / (count - 1)
//!                  forward    q     = sum over i of e^(x[i] - m) z[i] / sum over i of e^(x[i] - m)     m the largest x
//!                  backward   dx[i] = dq p[i] (z[i] - q)
//! over quantiles   x[i] values, each as likely
//!                  forward    q     = sum over i of x[i] / count
//!                  backward   dx[i] = dq / count
//! ```
//!
//! Sums run in the order of i. No parameters, so a network has the same flat slice with this layer and without: training
//! looks at the distributions before it, a policy acts by their means behind it. What the distributions are of is not
//! known here.

use crate::math;

/// Values with a probability each, evenly spaced: the support of Bellemare et al. (2017).
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Atoms {
    /// How many, at least two.
    pub count: u32,
    /// The first value.
    pub lowest: f32,
    /// The last value, above the first.
    pub highest: f32,
}

impl Atoms {
    /// The distance between two neighbours.
    #[inline]
    pub const fn spacing(&self) -> f32 {
        (self.highest - self.lowest) / (self.count - 1) as f32
    }

    /// The value of one atom.
    #[inline]
    pub const fn value(&self, index: usize) -> f32 {
        self.lowest + index as f32 * self.spacing()
    }

    /// Whether there are at least two, and numbers between which they can stand apart.
    pub const fn are_sound(&self) -> bool {
        self.count >= 2
            && self.lowest.is_finite()
            && self.highest.is_finite()
            && self.spacing() > 0.0
            && self.spacing().is_finite()
    }
}

/// What a group of outputs describes, and so how many there are in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expectation {
    /// Logits of the probabilities of atoms.
    OverAtoms(Atoms),
    /// Quantiles, each as likely.
    OverQuantiles {
        /// How many.
        count: u32,
    },
}

impl Expectation {
    /// Length of a group.
    #[inline]
    pub const fn width(&self) -> usize {
        match self {
            Expectation::OverAtoms(atoms) => atoms.count as usize,
            Expectation::OverQuantiles { count } => *count as usize,
        }
    }

    /// The mean of what one group describes.
    #[inline(always)]
    pub fn mean(&self, group: &[f32]) -> f32 {
        match self {
            Expectation::OverAtoms(atoms) => {
                let (largest, spacing) = (largest(group), atoms.spacing());
                let (mut sum, mut weighted) = (0.0, 0.0);
                for (index, &x) in group.iter().enumerate() {
                    let e = math::exp_f32(x - largest);
                    sum += e;
                    weighted += e * (atoms.lowest + index as f32 * spacing);
                }
                weighted / sum
            }
            Expectation::OverQuantiles { count } => {
                group.iter().fold(0.0, |sum, &x| sum + x) / *count as f32
            }
        }
    }
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(f32::NEG_INFINITY, |largest, &x| largest.max(x))
}

/// Writes the mean of each group of `input` `[groups][width]` to `output` `[groups]`; a batch has more groups.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn forward(expectation: &Expectation, input: &[f32], output: &mut [f32]) {
    let width = expectation.width();
    assert_eq!(input.len(), output.len() * width, "a group an output");
    for (group, q) in input.chunks_exact(width).zip(output) {
        *q = expectation.mean(group);
    }
}

/// Writes `d_input` `[groups][width]` from `d_output` `[groups]`, after a pass with this `input`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn backward(expectation: &Expectation, input: &[f32], d_output: &[f32], d_input: &mut [f32]) {
    let width = expectation.width();
    assert_eq!(input.len(), d_output.len() * width, "a group an output");
    assert_eq!(input.len(), d_input.len(), "a gradient a number of the input");
    let groups = input.chunks_exact(width).zip(d_input.chunks_exact_mut(width));
    for ((x, dx), &dq) in groups.zip(d_output) {
        match expectation {
            Expectation::OverAtoms(atoms) => {
                let (q, largest) = (expectation.mean(x), largest(x));
                for (dx, &x) in dx.iter_mut().zip(x) {
                    *dx = math::exp_f32(x - largest);
                }
                let sum = dx.iter().fold(0.0, |sum, &e| sum + e);
                for (index, dx) in dx.iter_mut().enumerate() {
                    *dx = dq * (*dx / sum) * (atoms.value(index) - q);
                }
            }
            Expectation::OverQuantiles { count } => dx.fill(dq / *count as f32),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ATOMS: Atoms = Atoms { count: 3, lowest: -1.0, highest: 3.0 };

    #[test]
    fn the_means_and_gradients_are_the_ones_by_hand() {
        assert_eq!([0, 1, 2].map(|index| ATOMS.value(index)), [-1.0, 1.0, 3.0]);
        // Probabilities 1/2, 1/2, 0 and 1/3 each.
        let input = [5.0, 5.0, f32::NEG_INFINITY, 0.0, 0.0, 0.0];
        let (mut q, mut d) = ([0.0; 2], [7.0; 6]);
        let over_atoms = Expectation::OverAtoms(ATOMS);
        forward(&over_atoms, &input, &mut q);
        assert_eq!(q, [0.0, 1.0]);
        backward(&over_atoms, &input, &[2.0, 3.0], &mut d);
        assert_eq!(d[..3], [-1.0, 1.0, 0.0]);
        assert_eq!(d[3..], [-2.0, 0.0, 2.0]);

        let over_quantiles = Expectation::OverQuantiles { count: 3 };
        forward(&over_quantiles, &[1.0, 2.0, 6.0, 0.5, 0.5, -1.0], &mut q);
        assert_eq!(q, [3.0, 0.0]);
        backward(&over_quantiles, &input, &[3.0, -1.5], &mut d);
        assert_eq!(d, [1.0, 1.0, 1.0, -0.5, -0.5, -0.5]);
    }

    #[test]
    fn atoms_that_cannot_stand_apart_are_not_sound() {
        assert!(ATOMS.are_sound());
        for (count, lowest, highest) in [
            (1, 0.0, 1.0),
            (3, 1.0, 1.0),
            (3, 1.0, 0.0),
            (3, f32::NAN, 1.0),
            (3, f32::MIN, f32::MAX),
        ] {
            assert!(!Atoms { count, lowest, highest }.are_sound(), "{count} {lowest} {highest}");
        }
    }
}
