//! From action values to an action, and how the share of exploration changes.
//!
//! A policy here chooses; it learns nothing and keeps no count of its own.

mod epsilon_greedy;
mod greedy;
mod schedule;

pub use epsilon_greedy::epsilon_greedy;
pub use greedy::greedy;
pub use schedule::{Per, Schedule};
