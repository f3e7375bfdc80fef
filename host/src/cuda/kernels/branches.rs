//! Actions of several components: `branches.cu`.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::cuda::storage::Batch;
use crate::failure::Outcome;
use embedded_rl_core::nn::{Branches, Loss, MAX_BRANCHES};
use embedded_rl_kernels::Launch;

/// `struct Branches` of `branches.cu`.
pub(in crate::cuda) fn words(branches: &Branches) -> Vec<u32> {
    let sizes = [branches.count(), branches.value_count(), branches.combinations()];
    let mut words: Vec<u32> =
        sizes.into_iter().chain(branches.counts()).map(|size| size as u32).collect();
    words.resize(sizes.len() + MAX_BRANCHES, 0);
    words
}

/// `output` `[rows][combinations]` from the values `[rows][values]` of all branches.
pub(in crate::cuda) fn joint_values_forward(
    launcher: &Launcher,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    branches: &Branches,
    rows: usize,
) -> Outcome<()> {
    let count = rows * branches.combinations();
    let call = Call::of("joint_values_forward")
        .buffer(input, rows * branches.value_count())
        .buffer(output, count)
        .structure(&words(branches))
        .size(rows);
    // SAFETY: as the module says; a thread a number of the output.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// `targets` `[B]` from `next_q` `[B][values]`, where `chooser` `[B][values]` says which choices follow.
pub(in crate::cuda) fn branched_targets(
    launcher: &Launcher,
    batch: &Batch,
    chooser: &Buffer<f32>,
    next_q: &Buffer<f32>,
    targets: &Buffer<f32>,
    branches: &Branches,
) -> Outcome<()> {
    let (count, values) = (batch.actions.len(), branches.value_count());
    let call = Call::of("branched_targets")
        .buffer(&batch.rewards, count)
        .buffer(&batch.discounts, count)
        .buffer(chooser, count * values)
        .buffer(next_q, count * values)
        .buffer(targets, count)
        .structure(&words(branches))
        .size(count);
    // SAFETY: as the module says; a thread a transition.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// The loss of `q` `[B][values]` to `total` `[1]`, its gradient to `d_q`, and the mean size of each transition's errors to
/// `errors` `[B]`.
pub(in crate::cuda) fn branched_loss(
    launcher: &Launcher,
    loss: Loss,
    q: &Buffer<f32>,
    taken: &Buffer<u32>,
    targets: &Buffer<f32>,
    weights: Option<&Buffer<f32>>,
    d_q: &Buffer<f32>,
    errors: &Buffer<f32>,
    total: &Buffer<f32>,
    branches: &Branches,
) -> Outcome<()> {
    let (count, values) = (taken.len(), branches.value_count());
    let name = match loss {
        Loss::SquaredError => "branched_squared_error",
        Loss::Huber => "branched_huber",
    };
    let call = Call::of(name)
        .buffer(q, count * values)
        .buffer(taken, count)
        .buffer(targets, count)
        .optional(weights, count)
        .buffer(d_q, count * values)
        .buffer(errors, count)
        .buffer(total, 1)
        .structure(&words(branches))
        .size(count);
    // SAFETY: as the module says; one block with a float of shared memory a thread. Stored actions are combinations.
    unsafe { call.start(launcher, Launch::one_block()) }
}

/// The mean of the values of the combinations taken, to `mean` `[1]`.
pub(in crate::cuda) fn branched_mean_of_taken(
    launcher: &Launcher,
    q: &Buffer<f32>,
    taken: &Buffer<u32>,
    mean: &Buffer<f32>,
    branches: &Branches,
) -> Outcome<()> {
    let count = taken.len();
    let call = Call::of("branched_mean_of_taken")
        .buffer(q, count * branches.value_count())
        .buffer(taken, count)
        .buffer(mean, 1)
        .structure(&words(branches))
        .size(count);
    // SAFETY: as the module says; one thread. Stored actions are combinations.
    unsafe { call.start(launcher, Launch::one_thread()) }
}
