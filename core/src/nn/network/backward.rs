//! The walk through a network's layers from the last to the first: gradients of parameters from that of the output.

use super::super::kinds::{self, need};
use super::super::{
    Layer, NetworkSpec, activation, batch_norm, conv2d, cosine_embedding, dense, dueling,
    expectation, joint_values, softmax,
};
use crate::lanes::apart;
use pulp::{Simd, WithSimd};

/// Adds to `d_parameters` the gradient that follows from `d_output` `[batch][outputs]`, after a
/// [`forward`](super::forward) with the same parameters and input. `workspace` has `spec.workspace_count(batch)` places; what it held is lost.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn backward<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &[f32],
    d_output: &[f32],
    workspace: &mut [f32],
    d_parameters: &mut [f32],
) {
    let pass =
        Backward { spec, parameters, batch, input, activations, d_output, workspace, d_parameters };
    apart(simd, pass);
}

struct Backward<'a, const KINDS: u32> {
    spec: &'a NetworkSpec<KINDS>,
    parameters: &'a [f32],
    batch: usize,
    input: &'a [f32],
    activations: &'a [f32],
    d_output: &'a [f32],
    workspace: &'a mut [f32],
    d_parameters: &'a mut [f32],
}

impl<const KINDS: u32> WithSimd for Backward<'_, KINDS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { spec, parameters, batch, input, .. } = self;
        let Self { activations, d_output, workspace, d_parameters, .. } = self;
        assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
        assert_eq!(d_parameters.len(), spec.parameter_count(), "a gradient a parameter");
        assert_eq!(input.len(), batch * spec.inputs(), "input is [batch][inputs]");
        assert_eq!(
            activations.len(),
            spec.activation_count(batch),
            "activations of another network or batch"
        );
        assert_eq!(
            d_output.len(),
            batch * spec.outputs(),
            "the output's gradient is [batch][outputs]"
        );
        assert_eq!(
            workspace.len(),
            spec.workspace_count(batch),
            "workspace of another network or batch"
        );
        let (scratch, workspace) = workspace.split_at_mut(spec.layer_scratch(batch));
        let (mut d_here, rest) = workspace.split_at_mut(batch * spec.widest());
        let (mut d_there, transposed) = rest.split_at_mut(batch * spec.widest());
        d_here[..d_output.len()].copy_from_slice(d_output);

        let activations = &activations[spec.layer_scratch(batch)..];
        let (mut parameters_end, mut end) = (parameters.len(), activations.len());
        // Of the layer at hand: rows, and the length of each behind it.
        let last = spec.layers().len() - 1;
        let mut rows = batch * spec.rows_at(last) * spec.layers()[last].splits::<KINDS>();
        let mut width = batch * spec.outputs() / rows;
        // The mean that batch normalisation takes away takes a bias with it: its gradient is zero. The sum that would
        // find so finds the rounding of its terms, and an optimiser that divides by sizes would walk by it.
        let mut bias_is_taken_away = false;
        for layer in spec.layers().iter().rev() {
            let Some((inputs, outputs)) = layer.inputs_and_outputs() else {
                let (outputs, d_here) =
                    (&activations[end - rows * width..end], &mut d_here[..rows * width]);
                match layer {
                    Layer::Activation(function) => {
                        activation::backward(simd, function.known::<KINDS>(), outputs, d_here)
                    }
                    _ => {
                        need::<KINDS>(kinds::SOFTMAX);
                        softmax::backward(width, outputs, d_here);
                    }
                }
                bias_is_taken_away = false;
                continue;
            };
            rows /= layer.splits::<KINDS>();
            let start = end - layer.kept_count(rows);
            let own = parameters_end - layer.parameter_count()..parameters_end;
            let (d_after, own_parameters) =
                (&mut d_here[..rows * outputs], &parameters[own.clone()]);
            let bias = if bias_is_taken_away { layer.bias_count() } else { 0 };
            let d_own = &mut d_parameters[own.start..own.end - bias];
            // The first layer's input is the network's, whose gradient nobody asks for.
            let (before, d_before) = if start == 0 {
                (input, None)
            } else {
                (&activations[start - rows * inputs..start], Some(&mut d_there[..rows * inputs]))
            };
            match layer {
                Layer::Dense { .. } => {
                    need::<KINDS>(kinds::DENSE);
                    dense::backward(
                        simd,
                        inputs,
                        outputs,
                        rows,
                        own_parameters,
                        before,
                        d_after,
                        d_before,
                        d_own,
                        transposed,
                    );
                }
                Layer::Conv2d(conv) => {
                    need::<KINDS>(kinds::CONV2D);
                    conv2d::backward(
                        simd,
                        conv,
                        rows,
                        own_parameters,
                        before,
                        d_after,
                        d_before,
                        d_own,
                        &mut scratch[..conv.scratch_count(rows)],
                        transposed,
                    );
                }
                Layer::BatchNorm(norm) => {
                    need::<KINDS>(kinds::BATCH_NORM);
                    let of_batch = &activations[start..start + norm.statistics_count()];
                    batch_norm::backward(
                        simd,
                        norm,
                        own_parameters,
                        of_batch,
                        before,
                        d_after,
                        d_before,
                        d_own,
                    );
                }
                Layer::Dueling { actions, width, baseline } => {
                    need::<KINDS>(kinds::DUELING);
                    if let Some(d_before) = d_before {
                        dueling::backward(*baseline, *actions, *width, before, d_after, d_before);
                    }
                }
                Layer::Expectation { expectation, .. } => {
                    need::<KINDS>(kinds::EXPECTATION);
                    if let Some(d_before) = d_before {
                        expectation::backward(expectation, before, d_after, d_before);
                    }
                }
                Layer::CosineEmbedding(embedding) => {
                    need::<KINDS>(kinds::COSINE_EMBEDDING);
                    cosine_embedding::backward(
                        simd,
                        embedding,
                        own_parameters,
                        before,
                        &activations[start..end],
                        d_after,
                        d_before,
                        d_own,
                        transposed,
                    );
                }
                Layer::MeanOfFractions { fractions, values } => {
                    need::<KINDS>(kinds::MEAN_OF_FRACTIONS);
                    if let Some(d_before) = d_before {
                        cosine_embedding::mean_backward(*fractions, *values, d_after, d_before);
                    }
                }
                Layer::JointValues(branches) => {
                    need::<KINDS>(kinds::JOINT_VALUES);
                    if let Some(d_before) = d_before {
                        joint_values::backward(branches, d_after, d_before);
                    }
                }
                Layer::Activation(_) | Layer::Softmax => {}
            }
            bias_is_taken_away = matches!(layer, Layer::BatchNorm(_));
            (parameters_end, end, width) = (own.start, start, inputs / layer.joins::<KINDS>());
            rows *= layer.joins::<KINDS>();
            (d_here, d_there) = (d_there, d_here);
        }
    }
}
