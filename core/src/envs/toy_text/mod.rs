//! Toy text: Gymnasium's small tasks with numbered states, seed for seed the same.

mod blackjack;
mod cliff_walking;
mod frozen_lake;
mod taxi;

pub use blackjack::Blackjack;
pub use cliff_walking::CliffWalking;
pub use frozen_lake::{FrozenLake, LakeOptions, LakeRewards};
pub use taxi::{Taxi, TaxiOptions};
