//! Randomness is an argument: generators, one stream a role, and the draws made from them.
//!
//! [`Generator`] (xoshiro256++) is the default everywhere. [`NumpyGenerator`] makes numpy's draws, so that an
//! environment reset with it starts where Gymnasium's `reset(seed)` does. There is no global generator and none
//! that seeds itself from a clock.

mod draw;
mod gamma;
mod numpy;

pub use draw::{categorical, choice, integers, normal, normal_pair, random, uniform};
pub use gamma::{beta, gamma};
pub use numpy::NumpyGenerator;
pub use rand_core::{Rng, SeedableRng, TryRng};

/// The default generator: small, fast, the same on every target.
pub type Generator = rand_xoshiro::Xoshiro256PlusPlus;

/// What a stream of random numbers is used for. Each role has a stream of its own, so that one more draw in
/// one of them moves nothing in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Role {
    /// Starts and transitions of environments.
    Environment = 0,
    /// Choices of the behaviour policy.
    Exploration = 1,
    /// Which transitions are replayed.
    Replay = 2,
    /// First values of parameters.
    Initialisation = 3,
    /// Whatever a learning rule itself draws (noise in a network, a search's perturbations).
    Learning = 4,
}

/// The generator of one role of the run with this seed: xoshiro's `2^192` long jumps keep the roles apart for
/// good, and leave `2^64` jumps inside each for copies of an environment.
pub fn stream(seed: u64, role: Role) -> Generator {
    let mut generator = Generator::seed_from_u64(seed);
    for _ in 0..role as u8 {
        generator.long_jump();
    }
    generator
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_one_seed_have_different_streams() {
        let first = |role| stream(7, role).next_u64();
        assert_ne!(first(Role::Environment), first(Role::Exploration));
        assert_ne!(first(Role::Exploration), first(Role::Replay));
        assert_eq!(first(Role::Replay), first(Role::Replay));
    }
}
