//! From action values, logits or a weighted sum to an action, and how the share of exploration changes.
//!
//! A policy here chooses; it learns nothing and keeps no count of its own.

mod epsilon_greedy;
mod greedy;
mod linear;
mod logits;
mod noisy_values;
mod possible;
mod schedule;
mod softmax;
mod temperature;
mod upper_confidence;

pub use epsilon_greedy::epsilon_greedy;
pub use greedy::greedy;
pub use linear::{CART_POLE_ANGLE, CART_POLE_ANGLE_AND_VELOCITY, linear, linear_score};
pub use logits::{action_count, greedy_of_logits, sample_logits, surprise};
pub use noisy_values::greedy_with_noise;
pub use possible::{Ties, epsilon_greedy_among_possible, epsilon_greedy_probabilities, greedy_by};
pub use schedule::{Per, Schedule};
pub use softmax::{sample, softmax};
pub use temperature::at_temperature;
pub use upper_confidence::upper_confidence;
