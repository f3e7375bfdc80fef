//! Random cases of every kernel on ragged shapes, with what core makes of them.

mod activation;
mod batch_norm;
mod bellman;
mod branches;
mod cart_pole;
mod classic;
mod clip;
mod conv2d;
mod cosine_embedding;
mod cross_entropy;
mod dense;
mod differences;
mod differences_of_distributions;
mod distribution;
mod dueling;
mod frames;
pub(crate) mod fused_update;
mod gridworld;
pub(crate) mod ladder;
mod learned;
mod loss;
mod mlp;
mod network;
mod noisy;
mod optimiser;
mod policy;
mod softmax;
mod storage;
mod sums;
mod target_network;
pub(crate) mod update;

use crate::case::Case;

/// All cases. Always the same.
pub(crate) fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for of_file in [
        activation::cases,
        batch_norm::cases,
        bellman::cases,
        branches::cases,
        cart_pole::cases,
        classic::cases,
        clip::cases,
        conv2d::cases,
        cosine_embedding::cases,
        cross_entropy::cases,
        dense::cases,
        differences::cases,
        differences_of_distributions::cases,
        distribution::cases,
        dueling::cases,
        frames::cases,
        fused_update::cases,
        gridworld::cases,
        loss::cases,
        mlp::cases,
        noisy::cases,
        optimiser::cases,
        policy::cases,
        softmax::cases,
        storage::cases,
        sums::cases,
        target_network::cases,
        update::cases,
    ] {
        cases.extend(of_file());
    }
    cases
}
