//! From outputs and targets to a loss and its gradient: `loss.cu`, `cross_entropy.cu`, and the quantiles' of `distribution.cu`.

use super::targets::Quantiles;
use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::failure::Outcome;
use embedded_rl_core::nn::Loss;
use embedded_rl_kernels::Launch;

/// The loss of `q` `[B][actions]` to `total` `[1]`, its gradient to `d_q`, and each `target - q` to `errors` `[B]`.
pub(in crate::cuda) fn loss(
    launcher: &Launcher,
    loss: Loss,
    q: &Buffer<f32>,
    taken: &Buffer<u32>,
    targets: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    d_q: &Buffer<f32>,
    errors: &Buffer<f32>,
    total: &Buffer<f32>,
    actions: usize,
) -> Outcome<()> {
    let (count, name) = match loss {
        Loss::SquaredError => (taken.len(), "squared_error"),
        Loss::Huber => (taken.len(), "huber"),
    };
    let call = Call::of(name)
        .buffer(q, count * actions)
        .buffer(taken, count)
        .buffer(targets, count)
        .optional(weights, count)
        .buffer(d_q, count * actions)
        .buffer(errors, count)
        .buffer(total, 1)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; one block with a float of shared memory a thread. Stored actions have an output each.
    unsafe { call.start(launcher, Launch::one_block()) }
}

/// The cross-entropy of the atoms of the actions taken, to `total` `[1]` and each transition's to `errors` `[B]`; its gradient
/// to `d_outputs`.
pub(in crate::cuda) fn cross_entropy_of_taken(
    launcher: &Launcher,
    outputs: &Buffer<f32>,
    taken: &Buffer<u32>,
    targets: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    d_outputs: &Buffer<f32>,
    errors: &Buffer<f32>,
    total: &Buffer<f32>,
    [width, actions]: [usize; 2],
) -> Outcome<()> {
    let count = taken.len();
    let call = Call::of("cross_entropy_of_taken")
        .buffer(outputs, count * actions * width)
        .buffer(taken, count)
        .buffer(targets, count * width)
        .optional(weights, count)
        .buffer(d_outputs, count * actions * width)
        .buffer(errors, count)
        .buffer(total, 1)
        .size(width)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; one block with a float of shared memory a thread. Stored actions have outputs.
    unsafe { call.start(launcher, Launch::one_block()) }
}

/// The quantiles' Huber loss at `fractions` `[B][width]`, or at the middles of equal parts: its parts to `losses` `[B][width]`,
/// its gradient to `d_outputs`. `targets` are as many a transition as there are.
pub(in crate::cuda) fn quantile_huber(
    launcher: &Launcher,
    outputs: &Buffer<f32>,
    fractions: Option<&Buffer<f32>>,
    taken: &Buffer<u32>,
    targets: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    d_outputs: &Buffer<f32>,
    losses: &Buffer<f32>,
    of: Quantiles,
) -> Outcome<()> {
    let (count, Quantiles { is_implicit, width, actions }) = (taken.len(), of);
    let target_count = targets.len() / count;
    let call = Call::of("quantile_huber")
        .buffer(outputs, of.count(count))
        .optional(fractions, count * width)
        .buffer(taken, count)
        .buffer(targets, count * target_count)
        .optional(weights, count)
        .buffer(d_outputs, of.count(count))
        .buffer(losses, count * width)
        .size(usize::from(is_implicit))
        .size(target_count)
        .size(width)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a part of the loss. Stored actions have outputs.
    unsafe { call.start(launcher, Launch::elements((count * width) as u32)) }
}

/// Behind [`quantile_huber`]: each transition's loss to `errors` `[B]`, their weighted mean to `total` `[1]`.
pub(in crate::cuda) fn add_losses(
    launcher: &Launcher,
    losses: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    errors: &Buffer<f32>,
    total: &Buffer<f32>,
    [width, count]: [usize; 2],
) -> Outcome<()> {
    let call = Call::of("add_losses")
        .buffer(losses, count * width)
        .optional(weights, count)
        .buffer(errors, count)
        .buffer(total, 1)
        .size(width)
        .size(count);
    // SAFETY: as the module says; one block with a float of shared memory a thread.
    unsafe { call.start(launcher, Launch::one_block()) }
}

/// The mean of `q` `[B][actions]` over the actions taken, to `mean` `[1]`.
pub(in crate::cuda) fn mean_of_taken(
    launcher: &Launcher,
    q: &Buffer<f32>,
    taken: &Buffer<u32>,
    mean: &Buffer<f32>,
    actions: usize,
) -> Outcome<()> {
    let count = taken.len();
    let call = Call::of("mean_of_taken")
        .buffer(q, count * actions)
        .buffer(taken, count)
        .buffer(mean, 1)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; one thread. Stored actions have an output each.
    unsafe { call.start(launcher, Launch::one_thread()) }
}
