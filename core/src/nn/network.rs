//! The walk through a network's layers: forward, backward, and inference.
//!
//! `forward` keeps every layer's output because `backward` needs them; `infer` keeps two. Where there is no batch
//! normalisation all give the same bits: a row of any batch, a batch of one, and `infer`. Where there is, `forward`
//! normalises by the batch that it sees, `infer` and `infer_batch` by the running statistics, which
//! `follow_statistics` moves. Buffers are the caller's, their lengths the spec's.

use super::{
    Lanes, Layer, NetworkSpec, activation, batch_norm, conv2d, dense, dueling, expectation, softmax,
};
use crate::lanes::apart;
use pulp::{Simd, WithSimd};

/// Runs `input` `[batch][inputs]` through the network and keeps each layer's output, after its activation, in
/// `activations`; [`output`] finds the last. Batch normalisation takes the batch's own statistics: the pass of
/// training, which [`backward`] may follow.
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
    let statistics = Statistics::OfTheBatch;
    apart(simd, Walk { spec, statistics, parameters, batch, input, activations });
}

/// As [`forward`], but batch normalisation takes the running statistics, so that every row of the output is what
/// [`infer`] makes of its input: for target networks and for play.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn infer_batch<S: Simd>(
    simd: S,
    spec: &NetworkSpec,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &mut [f32],
) {
    let statistics = Statistics::Running;
    apart(simd, Walk { spec, statistics, parameters, batch, input, activations });
}

#[derive(Clone, Copy)]
enum Statistics {
    OfTheBatch,
    Running,
}

struct Walk<'a> {
    spec: &'a NetworkSpec,
    statistics: Statistics,
    parameters: &'a [f32],
    batch: usize,
    input: &'a [f32],
    activations: &'a mut [f32],
}

impl WithSimd for Walk<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { spec, statistics, parameters, batch, input, activations } = self;
        assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
        assert_eq!(input.len(), batch * spec.inputs(), "input is [batch][inputs]");
        assert_eq!(
            activations.len(),
            spec.activation_count(batch),
            "activations of another network or batch"
        );
        let (scratch, mut activations) = activations.split_at_mut(spec.layer_scratch(batch));
        let mut parameters = parameters;
        let mut current: &mut [f32] = &mut [];
        for (index, layer) in spec.layers().iter().enumerate() {
            let (own, later_parameters) = parameters.split_at(layer.parameter_count());
            let (kept, later) =
                core::mem::take(&mut activations).split_at_mut(layer.kept_count(batch));
            (parameters, activations) = (later_parameters, later);
            let before = if index == 0 { input } else { &*current };
            match layer {
                Layer::Activation(function) => {
                    activation::forward(simd, *function, current);
                }
                Layer::Softmax => {
                    softmax::forward(current.len() / batch, current);
                }
                Layer::Dense { inputs, outputs } => {
                    dense::forward(simd, *inputs, *outputs, batch, own, before, kept);
                    current = kept;
                }
                Layer::Conv2d(conv) => {
                    let scratch = &mut scratch[..conv.scratch_count(batch)];
                    conv2d::forward(simd, conv, batch, own, before, kept, scratch);
                    current = kept;
                }
                Layer::BatchNorm(norm) => {
                    let (of_batch, output) = kept.split_at_mut(norm.statistics_count());
                    match statistics {
                        Statistics::OfTheBatch => {
                            batch_norm::statistics(simd, norm, before, of_batch);
                            batch_norm::forward(simd, norm, own, of_batch, before, output);
                        }
                        Statistics::Running => batch_norm::infer(simd, norm, own, before, output),
                    }
                    current = output;
                }
                Layer::Dueling { actions, width, baseline } => {
                    dueling::forward(*baseline, *actions, *width, before, kept);
                    current = kept;
                }
                Layer::Expectation { expectation, .. } => {
                    expectation::forward(expectation, before, kept);
                    current = kept;
                }
            }
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
    let pass =
        Backward { spec, parameters, batch, input, activations, d_output, workspace, d_parameters };
    apart(simd, pass);
}

struct Backward<'a> {
    spec: &'a NetworkSpec,
    parameters: &'a [f32],
    batch: usize,
    input: &'a [f32],
    activations: &'a [f32],
    d_output: &'a [f32],
    workspace: &'a mut [f32],
    d_parameters: &'a mut [f32],
}

impl WithSimd for Backward<'_> {
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
        let mut width = spec.outputs();
        // The mean that batch normalisation takes away takes a bias with it: its gradient is zero. The sum that would
        // find so finds the rounding of its terms, and an optimiser that divides by sizes would walk by it.
        let mut bias_is_taken_away = false;
        for layer in spec.layers().iter().rev() {
            let Some((inputs, outputs)) = layer.inputs_and_outputs() else {
                let (outputs, d_here) =
                    (&activations[end - batch * width..end], &mut d_here[..batch * width]);
                match layer {
                    Layer::Activation(function) => {
                        activation::backward(simd, *function, outputs, d_here)
                    }
                    _ => softmax::backward(width, outputs, d_here),
                }
                bias_is_taken_away = false;
                continue;
            };
            let start = end - layer.kept_count(batch);
            let own = parameters_end - layer.parameter_count()..parameters_end;
            let (d_after, own_parameters) = (&d_here[..batch * outputs], &parameters[own.clone()]);
            let bias = if bias_is_taken_away { layer.bias_count() } else { 0 };
            let d_own = &mut d_parameters[own.start..own.end - bias];
            // The first layer's input is the network's, whose gradient nobody asks for.
            let (before, d_before) = if start == 0 {
                (input, None)
            } else {
                (&activations[start - batch * inputs..start], Some(&mut d_there[..batch * inputs]))
            };
            match layer {
                Layer::Dense { .. } => dense::backward(
                    simd,
                    inputs,
                    outputs,
                    batch,
                    own_parameters,
                    before,
                    d_after,
                    d_before,
                    d_own,
                    transposed,
                ),
                Layer::Conv2d(conv) => conv2d::backward(
                    simd,
                    conv,
                    batch,
                    own_parameters,
                    before,
                    d_after,
                    d_before,
                    d_own,
                    scratch,
                    transposed,
                ),
                Layer::BatchNorm(norm) => {
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
                    if let Some(d_before) = d_before {
                        dueling::backward(*baseline, *actions, *width, before, d_after, d_before);
                    }
                }
                Layer::Expectation { expectation, .. } => {
                    if let Some(d_before) = d_before {
                        expectation::backward(expectation, before, d_after, d_before);
                    }
                }
                Layer::Activation(_) | Layer::Softmax => {}
            }
            bias_is_taken_away = matches!(layer, Layer::BatchNorm(_));
            (parameters_end, end, width) = (own.start, start, inputs);
            (d_here, d_there) = (d_there, d_here);
        }
    }
}

/// Moves the running statistics of batch normalisation, which stand among the `parameters`, towards those of the batch
/// that [`forward`] saw. Once an update; nothing to do for networks without.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
pub fn follow_statistics(
    spec: &NetworkSpec,
    batch: usize,
    activations: &[f32],
    parameters: &mut [f32],
) {
    assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
    assert_eq!(
        activations.len(),
        spec.activation_count(batch),
        "activations of another network or batch"
    );
    let (mut parameters, mut kept) = (parameters, &activations[spec.layer_scratch(batch)..]);
    for layer in spec.layers() {
        let (own, later_parameters) = parameters.split_at_mut(layer.parameter_count());
        let (here, later) = kept.split_at(layer.kept_count(batch));
        if let Layer::BatchNorm(norm) = layer {
            let rows = batch * norm.rows as usize;
            batch_norm::follow(norm, rows, &here[..norm.statistics_count()], own);
        }
        (parameters, kept) = (later_parameters, later);
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
        let (mut here, rest) = scratch.split_at_mut(spec.widest());
        let (mut there, scratch) = rest.split_at_mut(spec.widest());
        let mut width = spec.inputs();
        for (index, layer) in spec.layers().iter().enumerate() {
            let Some((inputs, outputs)) = layer.inputs_and_outputs() else {
                match layer {
                    Layer::Activation(function) => {
                        activation::forward(simd, *function, &mut here[..width]);
                    }
                    _ => softmax::forward(width, &mut here[..width]),
                }
                continue;
            };
            let (own, later) = parameters.split_at(layer.parameter_count());
            let before = if index == 0 { input } else { &here[..inputs] };
            let output = &mut there[..outputs];
            match layer {
                Layer::Dense { .. } => {
                    dense::forward(simd, inputs, outputs, 1, own, before, output);
                }
                Layer::Conv2d(conv) => {
                    let scratch = &mut scratch[..conv.scratch_count(1)];
                    conv2d::forward(simd, conv, 1, own, before, output, scratch);
                }
                Layer::BatchNorm(norm) => batch_norm::infer(simd, norm, own, before, output),
                Layer::Dueling { actions, width, baseline } => {
                    dueling::forward(*baseline, *actions, *width, before, output);
                }
                Layer::Expectation { expectation, .. } => {
                    expectation::forward(expectation, before, output);
                }
                Layer::Activation(_) | Layer::Softmax => {}
            }
            (parameters, width) = (later, outputs);
            (here, there) = (there, here);
        }
        &here[..spec.outputs()]
    }
}
