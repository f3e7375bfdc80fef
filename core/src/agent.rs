//! What an agent is that learns from every step as it comes: tables, linear functions, bandits.
//!
//! [`run::online`](crate::run::online) turns the wheel between such an agent and an environment. The deep agents, whose
//! learner may sit on another device, have a shape of their own in [`dqn`](crate::dqn).

use crate::env::Step;
use crate::rng::Rng;

/// An agent that sees observations with elements of the type `T` and chooses among numbered actions.
///
/// It remembers for itself what it saw and did last, after the interface of RL-Glue (Tanner and White, 2009): each
/// agent then chooses its next action before it learns or afterwards, as its algorithm says. `rng` is for choices
/// alone; an agent that draws for other reasons keeps a generator of its own for them.
pub trait Agent<T> {
    /// The first action of an episode.
    fn start<R: Rng + ?Sized>(&mut self, observation: &[T], rng: &mut R) -> u32;

    /// Learns from what the last action brought; the next action, or `None` if the episode is over.
    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[T],
        rng: &mut R,
    ) -> Option<u32>;
}
