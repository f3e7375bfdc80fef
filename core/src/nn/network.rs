//! The walk through a network's layers: forward, backward, and inference.
//!
//! `forward` keeps every layer's output because `backward` needs them; `infer` keeps two. Where there is no batch
//! normalisation all give the same bits: a row of any batch, a batch of one, and `infer`. Where there is, `forward`
//! normalises by the batch that it sees, `infer` and `infer_batch` by the running statistics, which
//! `follow_statistics` moves. A network that is asked about fractions sees the midpoints, and in `forward_at` and
//! `infer_batch_at` the caller's. Buffers are the caller's, their lengths the spec's.

mod backward;

pub use backward::backward;

use super::cosine_embedding::{self, Fractions};
use super::kinds::{self, need};
use super::{
    Lanes, Layer, NetworkSpec, activation, batch_norm, conv2d, dense, dueling, expectation,
    joint_values, softmax,
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
pub fn forward<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &mut [f32],
) {
    forward_at(simd, spec, Fractions::Midpoints, parameters, batch, input, activations);
}

/// As [`forward`], of a network that is asked about these fractions.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn forward_at<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    fractions: Fractions<'_>,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &mut [f32],
) {
    let statistics = Statistics::OfTheBatch;
    apart(simd, Walk { spec, statistics, fractions, parameters, batch, input, activations });
}

/// As [`forward`], but batch normalisation takes the running statistics, so that every row of the output is what
/// [`infer`] makes of its input: for target networks and for play.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn infer_batch<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &mut [f32],
) {
    infer_batch_at(simd, spec, Fractions::Midpoints, parameters, batch, input, activations);
}

/// As [`infer_batch`], of a network that is asked about these fractions.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
#[inline(always)]
pub fn infer_batch_at<S: Simd, const KINDS: u32>(
    simd: S,
    spec: &NetworkSpec<KINDS>,
    fractions: Fractions<'_>,
    parameters: &[f32],
    batch: usize,
    input: &[f32],
    activations: &mut [f32],
) {
    let statistics = Statistics::Running;
    apart(simd, Walk { spec, statistics, fractions, parameters, batch, input, activations });
}

#[derive(Clone, Copy)]
enum Statistics {
    OfTheBatch,
    Running,
}

struct Walk<'a, const KINDS: u32> {
    spec: &'a NetworkSpec<KINDS>,
    statistics: Statistics,
    fractions: Fractions<'a>,
    parameters: &'a [f32],
    batch: usize,
    input: &'a [f32],
    activations: &'a mut [f32],
}

impl<const KINDS: u32> WithSimd for Walk<'_, KINDS> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { spec, statistics, fractions, parameters, batch, input, activations } = self;
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
        let mut rows = batch;
        for (index, layer) in spec.layers().iter().enumerate() {
            rows /= layer.joins::<KINDS>();
            let (own, later_parameters) = parameters.split_at(layer.parameter_count());
            let (kept, later) =
                core::mem::take(&mut activations).split_at_mut(layer.kept_count(rows));
            (parameters, activations) = (later_parameters, later);
            let before = if index == 0 { input } else { &*current };
            match layer {
                Layer::Activation(function) => {
                    activation::forward(simd, function.known::<KINDS>(), current);
                }
                Layer::Softmax => {
                    need::<KINDS>(kinds::SOFTMAX);
                    softmax::forward(current.len() / rows, current);
                }
                Layer::Dense { inputs, outputs } => {
                    need::<KINDS>(kinds::DENSE);
                    dense::forward(simd, *inputs, *outputs, rows, own, before, kept);
                    current = kept;
                }
                Layer::Conv2d(conv) => {
                    need::<KINDS>(kinds::CONV2D);
                    let scratch = &mut scratch[..conv.scratch_count(rows)];
                    conv2d::forward(simd, conv, rows, own, before, kept, scratch);
                    current = kept;
                }
                Layer::BatchNorm(norm) => {
                    need::<KINDS>(kinds::BATCH_NORM);
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
                    need::<KINDS>(kinds::DUELING);
                    dueling::forward(*baseline, *actions, *width, before, kept);
                    current = kept;
                }
                Layer::Expectation { expectation, .. } => {
                    need::<KINDS>(kinds::EXPECTATION);
                    expectation::forward(expectation, before, kept);
                    current = kept;
                }
                Layer::CosineEmbedding(embedding) => {
                    need::<KINDS>(kinds::COSINE_EMBEDDING);
                    cosine_embedding::forward(simd, embedding, own, fractions, before, kept);
                    current = &mut kept[embedding.before_count(rows)..];
                }
                Layer::MeanOfFractions { fractions, values } => {
                    need::<KINDS>(kinds::MEAN_OF_FRACTIONS);
                    cosine_embedding::mean(*fractions, *values, before, kept);
                    current = kept;
                }
                Layer::JointValues(branches) => {
                    need::<KINDS>(kinds::JOINT_VALUES);
                    joint_values::forward(branches, before, kept);
                    current = kept;
                }
            }
            rows *= layer.splits::<KINDS>();
        }
    }
}

/// The network's output `[batch][outputs]` among the activations that [`forward`] wrote.
pub fn output<'a, const KINDS: u32>(
    spec: &NetworkSpec<KINDS>,
    batch: usize,
    activations: &'a [f32],
) -> &'a [f32] {
    &activations[activations.len() - batch * spec.outputs()..]
}

/// Moves the running statistics of batch normalisation, which stand among the `parameters`, towards those of the batch
/// that [`forward`] saw. Once an update; nothing to do for networks without.
///
/// # Panics
/// If a length does not follow from the spec and the batch.
pub fn follow_statistics<const KINDS: u32>(
    spec: &NetworkSpec<KINDS>,
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
    for (index, layer) in spec.layers().iter().enumerate() {
        let batch = batch * spec.rows_at(index);
        let (own, later_parameters) = parameters.split_at_mut(layer.parameter_count());
        let (here, later) = kept.split_at(layer.kept_count(batch));
        if let Layer::BatchNorm(norm) = layer {
            need::<KINDS>(kinds::BATCH_NORM);
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
pub fn infer<'a, const KINDS: u32>(
    lanes: Lanes,
    spec: &NetworkSpec<KINDS>,
    parameters: &[f32],
    input: &[f32],
    scratch: &'a mut [f32],
) -> &'a [f32] {
    assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
    assert_eq!(input.len(), spec.inputs(), "input is [inputs]");
    assert_eq!(scratch.len(), spec.scratch_count(), "scratch of another network");
    lanes.dispatch(Infer { spec, parameters, input, scratch })
}

struct Infer<'a, 'b, const KINDS: u32> {
    spec: &'b NetworkSpec<KINDS>,
    parameters: &'b [f32],
    input: &'b [f32],
    scratch: &'a mut [f32],
}

impl<'a, const KINDS: u32> WithSimd for Infer<'a, '_, KINDS> {
    type Output = &'a [f32];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> &'a [f32] {
        let Self { spec, mut parameters, input, scratch } = self;
        let widest = spec.widest();
        let (mut here, rest) = scratch.split_at_mut(widest);
        let (mut there, scratch) = rest.split_at_mut(widest);
        let (mut rows, mut width) = (1, spec.inputs());
        for (index, layer) in spec.layers().iter().enumerate() {
            let Some((inputs, outputs)) = layer.inputs_and_outputs() else {
                match layer {
                    Layer::Activation(function) => {
                        let function = function.known::<KINDS>();
                        activation::forward(simd, function, &mut here[..rows * width]);
                    }
                    _ => {
                        need::<KINDS>(kinds::SOFTMAX);
                        softmax::forward(width, &mut here[..rows * width]);
                    }
                }
                continue;
            };
            let (own, later) = parameters.split_at(layer.parameter_count());
            rows /= layer.joins::<KINDS>();
            let before = if index == 0 { input } else { &here[..rows * inputs] };
            let output = &mut there[..rows * outputs];
            match layer {
                Layer::Dense { .. } => {
                    need::<KINDS>(kinds::DENSE);
                    dense::forward(simd, inputs, outputs, rows, own, before, output);
                }
                Layer::Conv2d(conv) => {
                    need::<KINDS>(kinds::CONV2D);
                    let scratch = &mut scratch[..conv.scratch_count(rows)];
                    conv2d::forward(simd, conv, rows, own, before, output, scratch);
                }
                Layer::BatchNorm(norm) => {
                    need::<KINDS>(kinds::BATCH_NORM);
                    batch_norm::infer(simd, norm, own, before, output);
                }
                Layer::Dueling { actions, width, baseline } => {
                    need::<KINDS>(kinds::DUELING);
                    dueling::forward(*baseline, *actions, *width, before, output);
                }
                Layer::Expectation { expectation, .. } => {
                    need::<KINDS>(kinds::EXPECTATION);
                    expectation::forward(expectation, before, output);
                }
                Layer::CosineEmbedding(embedding) => {
                    need::<KINDS>(kinds::COSINE_EMBEDDING);
                    let scratch = &mut scratch[..embedding.scratch_count()];
                    cosine_embedding::infer(simd, embedding, own, before, output, scratch);
                }
                Layer::MeanOfFractions { fractions, values } => {
                    need::<KINDS>(kinds::MEAN_OF_FRACTIONS);
                    cosine_embedding::mean(*fractions, *values, before, output);
                }
                Layer::JointValues(branches) => {
                    need::<KINDS>(kinds::JOINT_VALUES);
                    joint_values::forward(branches, before, output);
                }
                Layer::Activation(_) | Layer::Softmax => {}
            }
            rows *= layer.splits::<KINDS>();
            (parameters, width) = (later, outputs / layer.splits::<KINDS>());
            (here, there) = (there, here);
        }
        &here[..spec.outputs()]
    }
}
