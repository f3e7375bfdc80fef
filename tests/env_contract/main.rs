//! Every environment keeps the contract of `core/src/env.rs`, and the contract finds the ones that do not.
//!
//! A new environment plays in the file of its kind, to each of its endings, and gets a line in `resumption`.

mod bandits_and_chains;
mod classic;
mod faults;
mod grids;
mod resumption;
mod toy_text;
