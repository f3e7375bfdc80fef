//! The walk through a network's layers: forward, backward, and the inference of one input.
//!
//! `forward` keeps every layer's output because `backward` needs them; `infer` keeps two. All give the same bits:
//! a row of any batch, a batch of one, and `infer`. Buffers are the caller's, their lengths the spec's.

use super::{Lanes, Layer, NetworkSpec, activation, dense};
use pulp::{Simd, WithSimd};

/// Runs `input` `[batch][inputs]` through the network and keeps each dense layer's output, after its activation, in
/// `activations`; [`output`] finds the last.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn forward<S: Simd>(
    simd: S,
    spec: &NetworkSpec,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &mut [f32],
) {
    assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
    assert_eq!(input.len(), batch * spec.inputs(), "input is [batch][inputs]");
    assert_eq!(
        activations.len(),
        spec.activation_count(batch),
        "activations of another network or batch"
    );
    let (mut parameters, mut activations) = (parameters, activations);
    let mut current: &mut [f32] = &mut [];
    for (index, layer) in spec.layers().iter().enumerate() {
        match *layer {
            Layer::Dense { inputs, outputs } => {
                let (own, later_parameters) = parameters.split_at(layer.parameter_count());
                let (output, later) = activations.split_at_mut(batch * outputs);
                let before = if index == 0 { input } else { &*current };
                dense::forward(simd, inputs, outputs, batch, own, before, output);
                (parameters, activations, current) = (later_parameters, later, output);
            }
            Layer::Activation(function) => activation::forward(simd, function, current),
        }
    }
}

/// The network's output `[batch][outputs]` among the activations that [`forward`] wrote.
pub fn output<'a>(spec: &NetworkSpec, batch: usize, activations: &'a [f32]) -> &'a [f32] {
    &activations[activations.len() - batch * spec.outputs()..]
}

/// Adds to `d_parameters` the gradient that follows from `d_output` `[batch][outputs]`, after a [`forward`] with the
/// same parameters and input. `workspace` has `spec.workspace_count(batch)` places; what it held is lost.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    spec: &NetworkSpec,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &[f32],
    d_output: &[f32],
    workspace: &mut [f32],
    d_parameters: &mut [f32],
) {
    assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
    assert_eq!(d_parameters.len(), spec.parameter_count(), "a gradient a parameter");
    assert_eq!(input.len(), batch * spec.inputs(), "input is [batch][inputs]");
    assert_eq!(
        activations.len(),
        spec.activation_count(batch),
        "activations of another network or batch"
    );
    assert_eq!(d_output.len(), batch * spec.outputs(), "the output's gradient is [batch][outputs]");
    assert_eq!(
        workspace.len(),
        spec.workspace_count(batch),
        "workspace of another network or batch"
    );
    let (mut d_here, rest) = workspace.split_at_mut(batch * spec.widest());
    let (mut d_there, transposed) = rest.split_at_mut(batch * spec.widest());
    d_here[..d_output.len()].copy_from_slice(d_output);

    let (mut parameters_end, mut end) = (parameters.len(), activations.len());
    let mut width = spec.outputs();
    for layer in spec.layers().iter().rev() {
        match *layer {
            Layer::Activation(function) => {
                let outputs = &activations[end - batch * width..end];
                activation::backward(simd, function, outputs, &mut d_here[..batch * width]);
            }
            Layer::Dense { inputs, outputs } => {
                let own = parameters_end - layer.parameter_count()..parameters_end;
                let start = end - batch * outputs;
                // The first layer's input is the network's, whose gradient nobody asks for.
                let (before, d_before) = if start == 0 {
                    (input, None)
                } else {
                    (
                        &activations[start - batch * inputs..start],
                        Some(&mut d_there[..batch * inputs]),
                    )
                };
                dense::backward(
                    simd,
                    inputs,
                    outputs,
                    batch,
                    &parameters[own.clone()],
                    before,
                    &d_here[..batch * outputs],
                    d_before,
                    &mut d_parameters[own.clone()],
                    transposed,
                );
                (parameters_end, end, width) = (own.start, start, inputs);
                (d_here, d_there) = (d_there, d_here);
            }
        }
    }
}

/// The output `[outputs]` of one `input` `[inputs]`. `scratch` has `spec.scratch_count()` places.
///
/// # Panics
/// If a length does not follow from the spec.
pub fn infer<'a>(
    lanes: Lanes,
    spec: &NetworkSpec,
    parameters: &[f32],
    input: &[f32],
    scratch: &'a mut [f32],
) -> &'a [f32] {
    assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
    assert_eq!(input.len(), spec.inputs(), "input is [inputs]");
    assert_eq!(scratch.len(), spec.scratch_count(), "scratch of another network");
    lanes.dispatch(Infer { spec, parameters, input, scratch })
}

struct Infer<'a, 'b> {
    spec: &'b NetworkSpec,
    parameters: &'b [f32],
    input: &'b [f32],
    scratch: &'a mut [f32],
}

impl<'a> WithSimd for Infer<'a, '_> {
    type Output = &'a [f32];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> &'a [f32] {
        let Self { spec, mut parameters, input, scratch } = self;
        let (mut here, mut there) = scratch.split_at_mut(spec.widest());
        let mut width = spec.inputs();
        for (index, layer) in spec.layers().iter().enumerate() {
            match *layer {
                Layer::Dense { inputs, outputs } => {
                    let (own, later) = parameters.split_at(layer.parameter_count());
                    let before = if index == 0 { input } else { &here[..inputs] };
                    dense::forward(simd, inputs, outputs, 1, own, before, &mut there[..outputs]);
                    (parameters, width) = (later, outputs);
                    (here, there) = (there, here);
                }
                Layer::Activation(function) => {
                    activation::forward(simd, function, &mut here[..width])
                }
            }
        }
        &here[..spec.outputs()]
    }
}
