//! Learning what returns are distributed like, not only their mean: targets and losses as functions of rows of numbers.
//!
//! [`categorical`] describes a return by probabilities of fixed values (C51), [`quantile`] by values of fixed
//! probabilities (QR-DQN). What `bellman.rs` is to a mean, these are to a distribution, and more: each brings its loss,
//! for the difference of two distributions is not a number that any loss would do for. Which action's distribution
//! follows is decided elsewhere, by means (`nn/expectation.rs`). No function here knows a network or a batch.

pub mod categorical;
pub mod quantile;
