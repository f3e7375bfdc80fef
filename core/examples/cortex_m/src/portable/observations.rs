//! Observations of CartPole from everywhere a pole can be, for comparing networks.

use embedded_rl_core::rng::{Generator, SeedableRng, uniform};

/// How many are compared.
pub const COUNT: usize = 1_000;

/// How many of them an implicit quantile network sees, the first elements of each.
pub const IMPLICIT: usize = 50;

/// Largest magnitude of each element: the positions twice as far as an episode goes, as in CartPole's space; the
/// velocities, which that space leaves unbounded, as far as good play stays.
const LARGEST: [f64; 4] = [4.8, 3.0, 0.418_879, 3.5];

/// [`COUNT`] observations, each element uniform.
pub fn drawn() -> impl Iterator<Item = [f32; 4]> {
    let mut rng = Generator::seed_from_u64(20_261_122);
    (0..COUNT).map(move |_| LARGEST.map(|largest| uniform(&mut rng, -largest, largest) as f32))
}
