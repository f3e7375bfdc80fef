//! From stored transitions to a loss: `storage.cu`, `frames.cu`, `bellman.cu`, `loss.cu`, `cross_entropy.cu`, and the targets and
//! losses of `distribution.cu`.

use crate::cuda::buffers::Buffer;
use crate::cuda::frames::Frames;
use crate::cuda::kernels::layers::support;
use crate::cuda::launch::{Call, Launcher};
use crate::cuda::storage::Batch;
use crate::cuda::transitions::Transitions;
use crate::failure::Outcome;
use embedded_rl_core::bellman::Munchausen;
use embedded_rl_core::nn::{Atoms, Loss};
use embedded_rl_kernels::Launch;

/// The transitions in `slots`, in that order.
pub(in crate::cuda) fn gather(
    launcher: &Launcher,
    stored: &Transitions,
    slots: &Buffer<u32>,
    batch: &Batch,
) -> Outcome<()> {
    let (width, capacity, count) = (stored.width(), stored.capacity(), batch.actions.len());
    let call = Call::of("gather")
        .buffer(&stored.observations, capacity * width)
        .buffer(&stored.actions, capacity)
        .buffer(&stored.rewards, capacity)
        .buffer(&stored.discounts, capacity)
        .buffer(&stored.next_observations, capacity * width)
        .buffer(slots, count)
        .buffer(&batch.observations, count * width)
        .buffer(&batch.actions, count)
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(&batch.next_observations, count * width)
        .size(width)
        .size(capacity)
        .size(count);
    // SAFETY: as the module says; a block a transition. The kernel leaves slots beyond the capacity alone.
    unsafe { call.start(launcher, Launch::blocks(count as u32)) }
}

/// The same out of frames that are kept once.
pub(in crate::cuda) fn gather_frames(
    launcher: &Launcher,
    stored: &Frames<'_>,
    slots: &Buffer<u32>,
    batch: &Batch,
) -> Outcome<()> {
    let (capacity, count) = (stored.capacity(), batch.actions.len());
    let (frame, stack, places) = (stored.shape.frame, stored.shape.stack, stored.ages.len());
    let [last_places, next_places] = &stored.places;
    let shape = [frame, stack, places, capacity].map(|size| size as u32);
    let call = Call::of("gather_frames")
        .buffer(&stored.frames, places * frame)
        .buffer(&stored.ages, places)
        .buffer(last_places, capacity)
        .buffer(next_places, capacity)
        .buffer(&stored.actions, capacity)
        .buffer(&stored.rewards, capacity)
        .buffer(&stored.discounts, capacity)
        .buffer(slots, count)
        .buffer(&batch.observations, count * stack * frame)
        .buffer(&batch.actions, count)
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(&batch.next_observations, count * stack * frame)
        .number(stored.divisor)
        .structure(&shape)
        .size(count);
    let launch = Launch { blocks: [count as u32, 2, 1], ..Launch::blocks(count as u32) };
    // SAFETY: as the module says; two blocks a transition. Core's places are within the ring, and the kernel leaves slots
    // beyond the capacity alone.
    unsafe { call.start(launcher, launch) }
}

/// `targets` `[B]` from `next_q` `[B][actions]`.
pub(in crate::cuda) fn q_learning(
    launcher: &Launcher,
    batch: &Batch,
    next_q: &Buffer<f32>,
    targets: &Buffer<f32>,
    actions: usize,
) -> Outcome<()> {
    let count = batch.actions.len();
    let call = Call::of("q_learning")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(next_q, count * actions)
        .buffer(targets, count)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a transition.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// The same where `chooser` `[B][actions]` says which action follows.
pub(in crate::cuda) fn double_q_learning(
    launcher: &Launcher,
    batch: &Batch,
    chooser: &Buffer<f32>,
    next_q: &Buffer<f32>,
    targets: &Buffer<f32>,
    actions: usize,
) -> Outcome<()> {
    let count = batch.actions.len();
    let call = Call::of("double_q_learning")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(chooser, count * actions)
        .buffer(next_q, count * actions)
        .buffer(targets, count)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a transition.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// The same where all actions follow as a soft policy takes them; `q` `[B][actions]` is from before the step.
pub(in crate::cuda) fn munchausen(
    launcher: &Launcher,
    batch: &Batch,
    q: &Buffer<f32>,
    next_q: &Buffer<f32>,
    targets: &Buffer<f32>,
    rule: &Munchausen,
    actions: usize,
) -> Outcome<()> {
    let count = batch.actions.len();
    let call = Call::of("munchausen")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(&batch.actions, count)
        .buffer(q, count * actions)
        .buffer(next_q, count * actions)
        .buffer(targets, count)
        .structure(&[rule.alpha, rule.temperature, rule.lowest].map(f32::to_bits))
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a transition. Stored actions have an output each.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// How the quantiles of a distribution are counted and where they stand: `[B][actions][width]`, or of an implicit one
/// `[B][width][actions]`.
#[derive(Clone, Copy, Debug)]
pub(in crate::cuda) struct Quantiles {
    pub(in crate::cuda) is_implicit: bool,
    pub(in crate::cuda) width: usize,
    pub(in crate::cuda) actions: usize,
}

impl Quantiles {
    /// Numbers of so many transitions.
    fn count(&self, transitions: usize) -> usize {
        transitions * self.actions * self.width
    }
}

/// `targets` `[B][width]`: the quantiles of the action that `means` `[B][actions]` choose.
pub(in crate::cuda) fn quantile_targets(
    launcher: &Launcher,
    batch: &Batch,
    means: &Buffer<f32>,
    next_outputs: &Buffer<f32>,
    targets: &Buffer<f32>,
    of: Quantiles,
) -> Outcome<()> {
    let (count, Quantiles { is_implicit, width, actions }) = (batch.actions.len(), of);
    let call = Call::of("quantile_targets")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(means, count * actions)
        .buffer(next_outputs, of.count(count))
        .buffer(targets, count * width)
        .size(usize::from(is_implicit))
        .size(width)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a target.
    unsafe { call.start(launcher, Launch::elements((count * width) as u32)) }
}

/// The same where all actions follow as a soft policy takes them; `means` `[B][actions]` are from before the step and from
/// after it.
pub(in crate::cuda) fn munchausen_quantiles(
    launcher: &Launcher,
    batch: &Batch,
    means: [&Buffer<f32>; 2],
    next_outputs: &Buffer<f32>,
    targets: &Buffer<f32>,
    rule: &Munchausen,
    of: Quantiles,
) -> Outcome<()> {
    let (count, [before, after]) = (batch.actions.len(), means);
    let Quantiles { is_implicit, width, actions } = of;
    let call = Call::of("munchausen_quantiles")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(&batch.actions, count)
        .buffer(before, count * actions)
        .buffer(after, count * actions)
        .buffer(next_outputs, of.count(count))
        .buffer(targets, count * width)
        .structure(&[rule.alpha, rule.temperature, rule.lowest].map(f32::to_bits))
        .size(usize::from(is_implicit))
        .size(width)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a target. Stored actions have a mean each.
    unsafe { call.start(launcher, Launch::elements((count * width) as u32)) }
}

/// `targets` `[B][atoms]`: what follows the action that `means` `[B][actions]` choose, moved and shared among the atoms.
pub(in crate::cuda) fn categorical_project(
    launcher: &Launcher,
    batch: &Batch,
    means: &Buffer<f32>,
    next_outputs: &Buffer<f32>,
    targets: &Buffer<f32>,
    atoms: &Atoms,
    actions: usize,
) -> Outcome<()> {
    let (count, width) = (batch.actions.len(), atoms.count as usize);
    let call = Call::of("categorical_project")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(means, count * actions)
        .buffer(next_outputs, count * actions * width)
        .buffer(targets, count * width)
        .structure(&support(atoms))
        .size(width)
        .size(actions)
        .size(count);
    // SAFETY: as the module says; a thread a transition.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

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
