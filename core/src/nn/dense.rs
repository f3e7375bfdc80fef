//! The dense layer.
//!
//! ```text
//! B batch, I inputs, O outputs; W [I][O] and bias [O] are the layer's part of the flat parameters
//! forward    y[b][o]   = bias[o] + sum over i of x[b][i] W[i][o]
//! backward   db[o]    += sum over b of dy[b][o]
//!            dW[i][o] += sum over b of x[b][i] dy[b][o]
//!            dx[b][i]  = sum over o of dy[b][o] W[i][o]
//! ```
//!
//! Every sum runs in the order of its index and starts from what stands left of it (bias, or the gradient so far).
//! Activation functions are not here: `activation.rs` works in place on `y`.

use super::matrix::{self, Left, Shape, Start};
use pulp::Simd;

/// `y = x W + b`: `input` is `[batch][inputs]`, `output` `[batch][outputs]`.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn forward<S: Simd>(
    simd: S,
    inputs: usize,
    outputs: usize,
    batch: usize,
    parameters: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let (weights, bias) = parameters.split_at(inputs * outputs);
    if batch == 1 {
        matrix::multiply_row(simd, input, weights, bias, output);
    } else {
        let shape = Shape { rows: batch, inner: inputs, columns: outputs };
        matrix::multiply(simd, shape, Left::Rows(input), weights, Start::Row(bias), output);
    }
}

/// The gradients of a forward pass with this `input`, given `d_output` `[batch][outputs]`: ADDS to
/// `d_parameters`, and writes `d_input` `[batch][inputs]` where one is wanted (the first layer of a network needs
/// none). If `d_parameters` has no places for the bias, its gradient is left out. `workspace` has a place a weight;
/// what it held is lost.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    inputs: usize,
    outputs: usize,
    batch: usize,
    parameters: &[f32],
    input: &[f32],
    d_output: &[f32],
    d_input: Option<&mut [f32]>,
    d_parameters: &mut [f32],
    workspace: &mut [f32],
) {
    let weights = &parameters[..inputs * outputs];
    let (d_weights, d_bias) = d_parameters.split_at_mut(inputs * outputs);
    let workspace = &mut workspace[..inputs * outputs];
    if !d_bias.is_empty() {
        add_rows(simd, d_output, d_bias);
    }

    if outputs < S::F32_LANES && inputs > outputs {
        // Lanes across the inputs fill better. The same products in the same order, so the same bits.
        let shape = Shape { rows: outputs, inner: batch, columns: inputs };
        matrix::transpose(inputs, outputs, d_weights, workspace);
        matrix::multiply(simd, shape, Left::Columns(d_output), input, Start::Kept, workspace);
        matrix::transpose(outputs, inputs, workspace, d_weights);
    } else {
        let shape = Shape { rows: inputs, inner: batch, columns: outputs };
        matrix::multiply(simd, shape, Left::Columns(input), d_output, Start::Kept, d_weights);
    }

    let Some(d_input) = d_input else { return };
    if batch >= S::F32_LANES && batch * (inputs + outputs) <= inputs * outputs {
        // Lanes across the batch: two small matrices are transposed instead of large weights. The same products in
        // the same order, so the same bits.
        let (d_outputs, rest) = workspace.split_at_mut(batch * outputs);
        let d_inputs = &mut rest[..batch * inputs];
        let shape = Shape { rows: inputs, inner: outputs, columns: batch };
        matrix::transpose(batch, outputs, d_output, d_outputs);
        matrix::multiply(simd, shape, Left::Rows(weights), d_outputs, Start::Zero, d_inputs);
        matrix::transpose(inputs, batch, d_inputs, d_input);
    } else {
        let shape = Shape { rows: batch, inner: outputs, columns: inputs };
        matrix::transpose(inputs, outputs, weights, workspace);
        matrix::multiply(simd, shape, Left::Rows(d_output), workspace, Start::Zero, d_input);
    }
}

/// `sums[o] += values[0][o] + values[1][o] + ..`, row after row.
#[inline(always)]
pub(super) fn add_rows<S: Simd>(simd: S, values: &[f32], sums: &mut [f32]) {
    for row in values.chunks_exact(sums.len()) {
        let (heads, tail) = S::as_mut_simd_f32s(sums);
        let (row_heads, row_tail) = S::as_simd_f32s(row);
        for (sum, &value) in heads.iter_mut().zip(row_heads) {
            *sum = simd.add_f32s(*sum, value);
        }
        for (sum, &value) in tail.iter_mut().zip(row_tail) {
            *sum += value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar;

    /// W = [[1, 2], [3, 4]], bias = [0.5, -0.5], x = [[1, 1], [2, 0]], dy = [[1, 0], [0, 1]].
    #[test]
    fn forward_and_backward_are_the_ones_by_hand() {
        let parameters = [1.0, 2.0, 3.0, 4.0, 0.5, -0.5];
        let input = [1.0, 1.0, 2.0, 0.0];
        let mut output = [0.0; 4];
        forward(Scalar, 2, 2, 2, &parameters, &input, &mut output);
        assert_eq!(output, [4.5, 5.5, 2.5, 3.5]);

        let (mut d_input, mut d_parameters) = ([0.0; 4], [10.0; 6]);
        let d_output = [1.0, 0.0, 0.0, 1.0];
        let mut workspace = [0.0; 4];
        backward(
            Scalar,
            2,
            2,
            2,
            &parameters,
            &input,
            &d_output,
            Some(&mut d_input),
            &mut d_parameters,
            &mut workspace,
        );
        assert_eq!(d_input, [1.0, 3.0, 2.0, 4.0]);
        assert_eq!(d_parameters, [11.0, 12.0, 11.0, 10.0, 11.0, 11.0], "added to what was there");
    }
}
