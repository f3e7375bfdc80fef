//! What is learned of the returns, on the card: core's `dqn/returns.rs`, targets and loss of a batch.

use super::buffers::Buffer;
use super::kernels as k;
use super::launch::Launcher;
use super::storage::Batch;
use crate::failure::Outcome;
use embedded_rl_core::dqn::{Backup, Distribution, DqnConfig};
use embedded_rl_core::nn::{Atoms, Branches};

/// What the networks say of what follows.
#[derive(Clone, Copy, Debug)]
pub(super) struct Following<'a> {
    /// `[B][A][W]` or `[B][N'][A]`: the target network's outputs.
    pub(super) outputs: &'a Buffer<f32>,
    /// `[B][A][W]`: the outputs by whose means an action is chosen: these, or the online network's; of an implicit distribution
    /// the means `[B][A]`.
    pub(super) chooser: &'a Buffer<f32>,
    /// The same of the target network before the step, for a Munchausen backup.
    pub(super) before: &'a Buffer<f32>,
    /// `[B][A]`: places for the means of distributions, of what chooses and of what was before.
    pub(super) means: &'a [Buffer<f32>; 2],
}

/// Writes the targets `[B][W]` or `[B][N']` of a batch.
pub(super) fn write_targets(
    launcher: &Launcher,
    config: &DqnConfig,
    branches: Option<&Branches>,
    batch: &Batch,
    following: Following<'_>,
    targets: &Buffer<f32>,
) -> Outcome<()> {
    let Following { outputs, chooser, before, means } = following;
    if let Some(branches) = branches {
        return k::branched_targets(launcher, batch, chooser, outputs, targets, branches);
    }
    let width = config.distribution.target_width();
    let actions = outputs.len() / batch.actions.len() / width;
    let [means, means_before] = means;
    // Those of an implicit distribution are means already.
    if let Some(expectation) = config.distribution.expectation() {
        k::expectation_forward(launcher, &expectation, chooser, means, means.len())?;
        if let Backup::Munchausen(_) = config.backup {
            let count = means_before.len();
            k::expectation_forward(launcher, &expectation, before, means_before, count)?;
        }
    }
    let quantiles = quantiles(config, width, actions);
    match (config.distribution, config.backup) {
        (Distribution::Mean, Backup::Munchausen(rule)) => {
            k::munchausen(launcher, batch, before, outputs, targets, &rule, actions)
        }
        (Distribution::Mean, Backup::Largest) if config.double => {
            k::double_q_learning(launcher, batch, chooser, outputs, targets, actions)
        }
        (Distribution::Mean, Backup::Largest) => {
            k::q_learning(launcher, batch, outputs, targets, actions)
        }
        (Distribution::Categorical { atoms: count, lowest, highest }, _) => {
            let atoms = Atoms { count, lowest, highest };
            k::categorical_project(launcher, batch, means, outputs, targets, &atoms, actions)
        }
        (_, Backup::Munchausen(rule)) => {
            let means = [means_before, means];
            k::munchausen_quantiles(launcher, batch, means, outputs, targets, &rule, quantiles)
        }
        (_, Backup::Largest) => {
            k::quantile_targets(launcher, batch, means, outputs, targets, quantiles)
        }
    }
}

fn quantiles(config: &DqnConfig, width: usize, actions: usize) -> k::Quantiles {
    k::Quantiles { is_implicit: config.distribution.is_implicit(), width, actions }
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

/// The loss of `outputs` `[B][A][W]` against `targets` `[B][W]`, or of `[B][N][A]` at the fractions `[B][N]` that were `asked`
/// about against `[B][N']`.
pub(super) fn evaluate(
    launcher: &Launcher,
    config: &DqnConfig,
    branches: Option<&Branches>,
    outputs: &Buffer<f32>,
    taken: &Buffer<u32>,
    asked: Option<&Buffer<f32>>,
    targets: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    results: Results<'_>,
) -> Outcome<()> {
    let Results { d_outputs, losses, errors, loss } = results;
    if let Some(branches) = branches {
        let kind = config.loss;
        return k::branched_loss(
            launcher, kind, outputs, taken, targets, weights, d_outputs, errors, loss, branches,
        );
    }
    let width = numbers(config);
    let actions = outputs.len() / taken.len() / width;
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
        Distribution::Categorical { .. } => {
            let sizes = [width, actions];
            k::cross_entropy_of_taken(
                launcher, outputs, taken, targets, weights, d_outputs, errors, loss, sizes,
            )
        }
        Distribution::Quantiles { .. } | Distribution::Implicit { .. } => {
            let quantiles = quantiles(config, width, actions);
            k::quantile_huber(
                launcher, outputs, asked, taken, targets, weights, d_outputs, losses, quantiles,
            )?;
            k::add_losses(launcher, losses, weights, errors, loss, [width, taken.len()])
        }
    }
}

/// Numbers an action that are learned: W, or N.
fn numbers(config: &DqnConfig) -> usize {
    match config.distribution {
        Distribution::Implicit { fractions, .. } => fractions as usize,
        distribution => distribution.width(),
    }
}

/// The mean over a batch of the means of the taken actions; `means` is a place for those of distributions.
pub(super) fn mean_of_taken(
    launcher: &Launcher,
    config: &DqnConfig,
    branches: Option<&Branches>,
    outputs: &Buffer<f32>,
    taken: &Buffer<u32>,
    means: &Buffer<f32>,
    mean: &Buffer<f32>,
) -> Outcome<()> {
    if let Some(branches) = branches {
        return k::branched_mean_of_taken(launcher, outputs, taken, mean, branches);
    }
    let (count, width) = (taken.len(), numbers(config));
    let actions = outputs.len() / count / width;
    let means = match config.distribution.expectation() {
        Some(expectation) => {
            k::expectation_forward(launcher, &expectation, outputs, means, means.len())?;
            means
        }
        None if config.distribution.is_implicit() => {
            k::mean_of_fractions(launcher, outputs, means, [width, actions, count])?;
            means
        }
        None => outputs,
    };
    k::mean_of_taken(launcher, means, taken, mean, actions)
}
