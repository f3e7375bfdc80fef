//! The gradient over any number of rows with memory for a few of them at a time.
//!
//! Gradients of parameters add up row by row in one order, so the parts cannot be seen in the numbers. That is so for
//! networks whose rows do not look at each other: not for batch normalisation.

use crate::nn::{Layer, NetworkSpec, Simd, network};

/// Rows that are computed together.
const ROWS: usize = 32;

/// How many floats [`gradient`] and [`outputs`] need beside parameters and gradients.
pub(crate) const fn scratch_count(spec: &NetworkSpec) -> usize {
    spec.activation_count(ROWS) + spec.workspace_count(ROWS) + ROWS * spec.outputs()
}

/// Whether the rows of a batch do not look at each other.
pub(crate) fn is_row_by_row(spec: &NetworkSpec) -> bool {
    !spec.layers().iter().any(|layer| matches!(layer, Layer::BatchNorm(_)))
}

/// Adds to `d_parameters` what follows from `d_output`: it is called with the number of a row of `input`
/// `[rows][inputs]`, the network's output there, and where the gradient of that output goes.
#[inline(always)]
pub(crate) fn gradient<S: Simd>(
    simd: S,
    spec: &NetworkSpec,
    parameters: &[f32],
    input: &[f32],
    scratch: &mut [f32],
    d_parameters: &mut [f32],
    mut d_output: impl FnMut(usize, &[f32], &mut [f32]),
) {
    let (activations, rest) = scratch.split_at_mut(spec.activation_count(ROWS));
    let (workspace, d_outputs) = rest.split_at_mut(spec.workspace_count(ROWS));
    for (part, input) in input.chunks(ROWS * spec.inputs()).enumerate() {
        let rows = input.len() / spec.inputs();
        let activations = &mut activations[..spec.activation_count(rows)];
        let workspace = &mut workspace[..spec.workspace_count(rows)];
        let d_outputs = &mut d_outputs[..rows * spec.outputs()];
        network::forward(simd, spec, parameters, rows, input, activations);
        let outputs = network::output(spec, rows, activations).chunks_exact(spec.outputs());
        for (row, (output, d)) in
            outputs.zip(d_outputs.chunks_exact_mut(spec.outputs())).enumerate()
        {
            d_output(part * ROWS + row, output, d);
        }
        network::backward(
            simd,
            spec,
            parameters,
            rows,
            input,
            activations,
            d_outputs,
            workspace,
            d_parameters,
        );
    }
}

/// Calls `each` with the number of every row of `input` and the network's output there.
#[inline(always)]
pub(crate) fn outputs<S: Simd>(
    simd: S,
    spec: &NetworkSpec,
    parameters: &[f32],
    input: &[f32],
    scratch: &mut [f32],
    mut each: impl FnMut(usize, &[f32]),
) {
    for (part, input) in input.chunks(ROWS * spec.inputs()).enumerate() {
        let rows = input.len() / spec.inputs();
        let activations = &mut scratch[..spec.activation_count(rows)];
        network::forward(simd, spec, parameters, rows, input, activations);
        let outputs = network::output(spec, rows, activations).chunks_exact(spec.outputs());
        for (row, output) in outputs.enumerate() {
            each(part * ROWS + row, output);
        }
    }
}
