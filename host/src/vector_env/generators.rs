//! A generator for each copy.

use embedded_rl_core::rng::{Generator, NumpyGenerator, Role, stream};

/// Copy `i` starts as Gymnasium's `reset(seed=seed + i)`: what its vector environments do with `reset(seed=seed)`.
pub fn seeds(seed: u64) -> impl Iterator<Item = NumpyGenerator> {
    (0..).map(move |copy| NumpyGenerator::new(seed.wrapping_add(copy)))
}

/// Copy `i` draws from the environment's stream of the run with this seed after `i` jumps of `2^128` draws: streams
/// that never meet, also not those of runs whose seeds are neighbours. The first copy draws what a single environment
/// would.
pub fn jumps(seed: u64) -> impl Iterator<Item = Generator> {
    core::iter::successors(Some(stream(seed, Role::Environment)), |generator| {
        let mut next = generator.clone();
        next.jump();
        Some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_count_seeds_up_or_jump() {
        let third = seeds(40).nth(2);
        assert_eq!(third, Some(NumpyGenerator::new(42)));
        assert_eq!(seeds(u64::MAX).nth(1), Some(NumpyGenerator::new(0)));
        let mut jumped = stream(7, Role::Environment);
        assert_eq!(jumps(7).next(), Some(jumped.clone()));
        jumped.jump();
        jumped.jump();
        assert_eq!(jumps(7).nth(2), Some(jumped));
    }
}
