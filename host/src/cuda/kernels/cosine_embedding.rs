//! Networks that are asked about fractions: `cosine_embedding.cu`.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::failure::Outcome;
use embedded_rl_kernels::Launch;

/// `cosines` `[fractions][each]`
pub(in crate::cuda) fn write_cosines(
    launcher: &Launcher,
    fractions: &Buffer<f32>,
    cosines: &Buffer<f32>,
    each: usize,
) -> Outcome<()> {
    let count = fractions.len();
    let call = Call::of("write_cosines")
        .buffer(fractions, count)
        .buffer(cosines, count * each)
        .size(each)
        .size(count);
    // SAFETY: as the module says; a thread a fraction.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// `output` `[rows][fractions][width]` from `input` `[rows][width]`. `embedded` is of all rows, or of one for all: so many
/// `groups` of fractions.
pub(in crate::cuda) fn cosine_embedding_forward(
    launcher: &Launcher,
    embedded: &Buffer<f32>,
    groups: usize,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    [width, fractions, rows]: [usize; 3],
) -> Outcome<()> {
    let (embedded_count, count) = (groups * fractions * width, rows * fractions * width);
    let call = Call::of("cosine_embedding_forward")
        .buffer(embedded, embedded_count)
        .buffer(input, rows * width)
        .buffer(output, count)
        .size(embedded_count)
        .size(width)
        .size(fractions)
        .size(rows);
    // SAFETY: as the module says; a thread a number of the output. The kernel begins anew where `embedded` ends.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// Writes `d_input`; `d_output` becomes the gradient of `embedded` before its relu, which is of all rows.
pub(in crate::cuda) fn cosine_embedding_backward(
    launcher: &Launcher,
    embedded: &Buffer<f32>,
    input: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_input: &Buffer<f32>,
    [width, fractions, rows]: [usize; 3],
) -> Outcome<()> {
    let count = rows * fractions * width;
    let call = Call::of("cosine_embedding_backward")
        .buffer(embedded, count)
        .buffer(input, rows * width)
        .buffer(d_output, count)
        .buffer(d_input, rows * width)
        .size(width)
        .size(fractions)
        .size(rows);
    // SAFETY: as the module says; a thread a number of the input.
    unsafe { call.start(launcher, Launch::elements((rows * width) as u32)) }
}

/// `means` `[rows][values]` of `input` `[rows][fractions][values]`.
pub(in crate::cuda) fn mean_of_fractions(
    launcher: &Launcher,
    input: &Buffer<f32>,
    means: &Buffer<f32>,
    [fractions, values, rows]: [usize; 3],
) -> Outcome<()> {
    let call = Call::of("mean_of_fractions")
        .buffer(input, rows * fractions * values)
        .buffer(means, rows * values)
        .size(fractions)
        .size(values)
        .size(rows);
    // SAFETY: as the module says; a thread a mean.
    unsafe { call.start(launcher, Launch::elements((rows * values) as u32)) }
}
