//! Random cases of every kernel on ragged shapes, with what core makes of them.

mod activation;
mod bellman;
mod clip;
mod dense;
mod loss;
mod optimiser;
mod storage;
mod target_network;
mod update;

use crate::case::Case;

/// All cases. Always the same.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for of_file in [
        activation::cases,
        bellman::cases,
        clip::cases,
        dense::cases,
        loss::cases,
        optimiser::cases,
        storage::cases,
        target_network::cases,
        update::cases,
    ] {
        cases.extend(of_file());
    }
    cases
}
