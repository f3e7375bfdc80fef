//! From stored transitions to targets: `storage.cu`, `frames.cu`, `bellman.cu`, and the targets of `distribution.cu`.

use crate::cuda::buffers::Buffer;
use crate::cuda::frames::Frames;
use crate::cuda::kernels::layers::support;
use crate::cuda::launch::{Call, Launcher};
use crate::cuda::storage::Batch;
use crate::cuda::transitions::Transitions;
use crate::failure::Outcome;
use embedded_rl_core::bellman::Munchausen;
use embedded_rl_core::nn::Atoms;
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
    pub(super) fn count(&self, transitions: usize) -> usize {
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
