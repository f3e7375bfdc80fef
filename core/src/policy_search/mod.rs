//! Searches for a policy's parameters that look at nothing but how well a policy did: no values, no gradients of a network.
//!
//! | search | the next candidates | after |
//! |---|---|---|
//! | [`RandomSearch`] | anything | |
//! | [`HillClimbing`] | near the best so far | |
//! | [`Genetic`] | children of the best of a generation, of one parent or of two | Holland (1975) |
//! | [`CrossEntropy`] | normal around the mean of the best, as wide as they lie | Rubinstein (1999); Szita and Lorincz (2006) |
//! | [`EvolutionStrategy`] | normal around a centre, which follows the estimated slope | Salimans et al. (2017) |
//!
//! All of them work on flat slices, so a candidate is three weights of a linear policy or any network's parameters. They
//! are a loop of two calls: [`Search::propose`] writes a generation of candidates, somebody tries them, [`Search::learn`]
//! hears how they did. [`SearchAgent`] is that somebody for episodes of an environment. Memory is the caller's: each
//! search says by `float_count` how much it takes.

mod agent;
mod cross_entropy;
mod evolution_strategy;
mod genetic;
mod hill_climbing;
mod random_search;
mod rank;

pub use agent::{Found, SearchAgent, SearchConfig};
pub use cross_entropy::{CrossEntropy, CrossEntropyConfig};
pub use evolution_strategy::{EvolutionStrategy, EvolutionStrategyConfig};
pub use genetic::{Genetic, GeneticConfig, Reproduction};
pub use hill_climbing::{HillClimbing, HillClimbingConfig};
pub use random_search::{RandomSearch, RandomSearchConfig};

/// A search over flat slices of parameters.
pub trait Search {
    /// How many candidates a generation has.
    fn population(&self) -> usize;

    /// Writes the next generation, `[population][parameters]`.
    ///
    /// # Panics
    /// If `candidates` has another length.
    fn propose(&mut self, candidates: &mut [f32]);

    /// Learns how they did: `fitness` has a number a candidate, the larger the better; one that is not a number is the
    /// worst.
    ///
    /// # Panics
    /// If a length differs.
    fn learn(&mut self, candidates: &[f32], fitness: &[f32]);

    /// What it thinks best now.
    fn parameters(&self) -> &[f32];
}
