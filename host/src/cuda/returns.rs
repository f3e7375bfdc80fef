//! What is learned of the returns, on the card: core's `dqn/returns.rs`, targets and loss of a batch.

use super::buffers::Buffer;
use super::kernels as k;
use super::launch::Launcher;
use super::storage::Batch;
use crate::failure::Outcome;
use embedded_rl_core::dqn::{Backup, Distribution, DqnConfig};
use embedded_rl_core::nn::Expectation;

/// What the networks say of what follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Following<'a> {
    /// `[B][A][W]`: the target network's outputs.
    pub(super) outputs: &'a Buffer<f32>,
    /// `[B][A][W]`: the outputs by whose means an action is chosen: these, or the online network's.
    pub(super) chooser: &'a Buffer<f32>,
    /// `[B][A][W]`: the target network's outputs before the step, for a Munchausen backup.
    pub(super) before: &'a Buffer<f32>,
    /// `[B][A]`: places for the means of distributions, of what chooses and of what was before.
    pub(super) means: &'a [Buffer<f32>; 2],
}

/// Writes the targets `[B][W]` of a batch.
pub(super) fn write_targets(
    launcher: &Launcher,
    config: &DqnConfig,
    batch: &Batch,
    following: Following<'_>,
    targets: &Buffer<f32>,
) -> Outcome<()> {
    let Following { outputs, chooser, before, means } = following;
    let width = config.distribution.width();
    let actions = outputs.len() / batch.actions.len() / width;
    match config.distribution.expectation() {
        None => match config.backup {
            Backup::Munchausen(rule) => {
                k::munchausen(launcher, batch, before, outputs, targets, &rule, actions)
            }
            Backup::Largest if config.double => {
                k::double_q_learning(launcher, batch, chooser, outputs, targets, actions)
            }
            Backup::Largest => k::q_learning(launcher, batch, outputs, targets, actions),
        },
        Some(expectation) => {
            let [means, means_before] = means;
            k::expectation_forward(launcher, &expectation, chooser, means, means.len())?;
            let sizes = [width, actions];
            match (expectation, config.backup) {
                (Expectation::OverAtoms(atoms), _) => k::categorical_project(
                    launcher, batch, means, outputs, targets, &atoms, actions,
                ),
                (_, Backup::Munchausen(rule)) => {
                    let count = means.len();
                    k::expectation_forward(launcher, &expectation, before, means_before, count)?;
                    let means = [means_before, means];
                    k::munchausen_quantiles(launcher, batch, means, outputs, targets, &rule, sizes)
                }
                (_, Backup::Largest) => {
                    k::quantile_targets(launcher, batch, means, outputs, targets, sizes)
                }
            }
        }
    }
}

/// What a loss leaves behind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Results<'a> {
    /// `[B][A][W]`
    pub(super) d_outputs: &'a Buffer<f32>,
    /// `[B][W]`: parts of the loss of a distribution.
    pub(super) losses: &'a Buffer<f32>,
    /// `[B]`
    pub(super) errors: &'a Buffer<f32>,
    /// `[1]`
    pub(super) loss: &'a Buffer<f32>,
}

/// The loss of `outputs` `[B][A][W]` against `targets` `[B][W]`.
pub(super) fn evaluate(
    launcher: &Launcher,
    config: &DqnConfig,
    outputs: &Buffer<f32>,
    taken: &Buffer<u32>,
    targets: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    results: Results<'_>,
) -> Outcome<()> {
    let Results { d_outputs, losses, errors, loss } = results;
    let width = config.distribution.width();
    let actions = outputs.len() / taken.len() / width;
    let sizes = [width, actions];
    match config.distribution {
        Distribution::Mean => k::loss(
            launcher,
            config.loss,
            outputs,
            taken,
            targets,
            weights,
            d_outputs,
            errors,
            loss,
            actions,
        ),
        Distribution::Categorical { .. } => k::cross_entropy_of_taken(
            launcher, outputs, taken, targets, weights, d_outputs, errors, loss, sizes,
        ),
        Distribution::Quantiles { .. } | Distribution::Implicit { .. } => {
            k::quantile_huber(
                launcher, outputs, taken, targets, weights, d_outputs, losses, sizes,
            )?;
            k::add_losses(launcher, losses, weights, errors, loss, [width, taken.len()])
        }
    }
}

/// The mean over a batch of the means of the taken actions; `means` is a place for those of distributions.
pub(super) fn mean_of_taken(
    launcher: &Launcher,
    config: &DqnConfig,
    outputs: &Buffer<f32>,
    taken: &Buffer<u32>,
    means: &Buffer<f32>,
    mean: &Buffer<f32>,
) -> Outcome<()> {
    let Some(expectation) = config.distribution.expectation() else {
        return k::mean_of_taken(launcher, outputs, taken, mean, outputs.len() / taken.len());
    };
    k::expectation_forward(launcher, &expectation, outputs, means, means.len())?;
    k::mean_of_taken(launcher, means, taken, mean, means.len() / taken.len())
}
