//! The walk through a network's layers on the card: core's `nn/network.rs`, a launch or two a layer. An elementwise function is
//! computed by the dense layer or the convolution in front of it and, backward, by the one behind it, where there are such.
//!
//! A network that is asked about fractions is asked about given ones, or about the midpoints, whose cosines are always the same.
//!
//! Every layer has buffers for the outputs of a batch and for their gradients; a pass over fewer rows uses their front. The
//! buffers of one pass are overwritten by the next, but for the network's own outputs, which each pass has a buffer for.

use super::buffers::Buffer;
use super::device::Device;
use super::embedding::{Embedded, embed};
use super::kernels as k;
use super::launch::Launcher;
use crate::failure::{Failure, Outcome};
use embedded_rl_core::nn::{Activation, Layer, NetworkSpec};
use std::rc::Rc;

/// A network's layers over buffers of a batch.
#[derive(Debug)]
pub(super) struct Network {
    steps: Vec<Step>,
}

#[derive(Debug)]
struct Step {
    layer: Layer,
    /// The function behind the layer that is computed on the way.
    activation: Option<Activation>,
    /// Where the layer's parameters start among all, and how many there are.
    start: usize,
    count: usize,
    /// Rows of an input of the network that the layer sees: several behind an embedding.
    rows: usize,
    /// Numbers an input of the network.
    outputs: usize,
    output: Buffer<f32>,
    d_output: Buffer<f32>,
    /// Of batch normalisation: `[2][features]` each.
    statistics: Buffer<f32>,
    sums: Buffer<f32>,
    embedded: Option<Embedded>,
    /// Whether the mean that the next layer takes away takes this one's bias with it, whose gradient then is zero.
    is_bias_taken_away: bool,
}

impl Step {
    /// Whether it is one of the products, which compute what is beside them on the way.
    fn is_product(&self) -> bool {
        matches!(self.layer, Layer::Dense { .. } | Layer::Conv2d(_))
    }
}

/// What a person without enough memory is told that it was for.
pub(super) const PURPOSE: &str = "the network's layers";

/// Which statistics batch normalisation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Statistics {
    OfTheBatch,
    Running,
}

impl Network {
    pub(super) fn new(device: &Rc<Device>, spec: &NetworkSpec, batch: usize) -> Outcome<Self> {
        let layers = spec.layers();
        let mut steps: Vec<Step> = Vec::new();
        let (mut start, mut rows) = (0, 1);
        for (index, &layer) in layers.iter().enumerate() {
            if let (Layer::Activation(function), Some(before)) = (layer, steps.last_mut())
                && before.is_product()
                && before.activation.is_none()
            {
                before.activation = Some(function);
                continue;
            }
            rows /= joins(&layer);
            let (outputs, output, d_output) = match (layer.inputs_and_outputs(), steps.last()) {
                (None, Some(before)) => {
                    (before.outputs, before.output.clone(), before.d_output.clone())
                }
                (of_layer, _) => {
                    let outputs = of_layer.map_or(spec.inputs(), |(_, outputs)| rows * outputs);
                    let [output, d_output] =
                        [(); 2].map(|()| Buffer::zeros(device, batch * outputs, PURPOSE));
                    (outputs, output?, d_output?)
                }
            };
            let of_features = match layer {
                Layer::BatchNorm(norm) => norm.statistics_count(),
                _ => 0,
            };
            let [statistics, sums] = [(); 2].map(|()| Buffer::zeros(device, of_features, PURPOSE));
            let (statistics, sums) = (statistics?, sums?);
            let is_bias_taken_away = matches!(layers.get(index + 1), Some(Layer::BatchNorm(_)));
            let embedded = match &layer {
                Layer::CosineEmbedding(embedding) => Some(Embedded::new(device, embedding, batch)?),
                _ => None,
            };
            let count = layer.parameter_count();
            steps.push(Step {
                layer,
                activation: None,
                start,
                count,
                rows,
                outputs,
                output,
                d_output,
                statistics,
                sums,
                embedded,
                is_bias_taken_away,
            });
            start += count;
            rows *= splits(&layer);
        }
        Ok(Self { steps })
    }

    /// What a card does not have yet of a network, and the setting's name.
    pub(super) fn complaint(spec: &NetworkSpec, batch: usize) -> Option<String> {
        let is_unknown = spec.layers().iter().any(|layer| matches!(layer, Layer::Softmax));
        // Sizes of a launch have 32 bits, and its blocks along y are at most 65535 tiles of 16 rows.
        let (mut tallest, mut widest, mut rows) = (0, batch * spec.inputs(), batch);
        for layer in spec.layers() {
            rows /= joins(layer);
            let (tall, wide) = match layer {
                Layer::Conv2d(conv) => (rows * conv.positions(), 0),
                Layer::Dense { inputs, .. } => (rows.max(inputs + 1), 0),
                Layer::CosineEmbedding(embedding) => {
                    let rows = rows * embedding.fractions as usize;
                    (rows.max(embedding.cosines as usize + 1), rows * embedding.cosines as usize)
                }
                _ => (rows, 0),
            };
            let (inputs, outputs) = layer.inputs_and_outputs().unwrap_or_default();
            tallest = tallest.max(tall);
            widest = widest.max(wide).max(rows * inputs.max(outputs));
            rows *= splits(layer);
        }
        let (is_tall, is_wide) = (tallest > 65_535 * 16, u32::try_from(widest).is_err());
        if is_unknown {
            Some("network: one of these layers cannot be trained on a device yet".to_owned())
        } else if is_tall || is_wide {
            Some("replay.batch: a batch of this network is too large for one launch".to_owned())
        } else {
            None
        }
    }

    /// The pass of training, which [`Network::backward`] may follow. `asked` are the fractions `[B][fractions]` that it is asked
    /// about; without any, the midpoints.
    pub(super) fn forward(
        &self,
        launcher: &Launcher,
        asked: Option<&Buffer<f32>>,
        parameters: &Buffer<f32>,
        batch: usize,
        input: &Buffer<f32>,
        output: &Buffer<f32>,
    ) -> Outcome<()> {
        self.walk(launcher, Statistics::OfTheBatch, asked, parameters, batch, input, output)
    }

    /// As [`Network::forward`], but batch normalisation takes the running statistics.
    pub(super) fn infer(
        &self,
        launcher: &Launcher,
        asked: Option<&Buffer<f32>>,
        parameters: &Buffer<f32>,
        batch: usize,
        input: &Buffer<f32>,
        output: &Buffer<f32>,
    ) -> Outcome<()> {
        self.walk(launcher, Statistics::Running, asked, parameters, batch, input, output)
    }

    fn walk(
        &self,
        launcher: &Launcher,
        statistics: Statistics,
        asked: Option<&Buffer<f32>>,
        parameters: &Buffer<f32>,
        batch: usize,
        input: &Buffer<f32>,
        to: &Buffer<f32>,
    ) -> Outcome<()> {
        let last = self.last_with_outputs();
        let mut input = input;
        for (index, step) in self.steps.iter().enumerate() {
            let output = if index >= last { to } else { &step.output };
            let own = parameters.part(step.start, step.count);
            let rows = batch * step.rows;
            match &step.layer {
                Layer::Dense { inputs, outputs } => {
                    let sizes = [*inputs, *outputs, rows];
                    k::dense_forward(launcher, &own, input, output, step.activation, sizes)?;
                }
                Layer::Conv2d(conv) => {
                    let behind = step.activation;
                    k::conv2d_forward(launcher, &own, input, output, behind, conv, rows)?;
                }
                Layer::Activation(activation) => {
                    let count = batch * step.outputs;
                    k::activation_forward(launcher, *activation, output, count)?;
                }
                Layer::BatchNorm(norm) => {
                    let of_batch = &step.statistics;
                    let running = own.from(norm.statistics_count());
                    let taken = match statistics {
                        Statistics::OfTheBatch => {
                            k::batch_norm_statistics(launcher, input, of_batch, norm, rows)?;
                            of_batch
                        }
                        Statistics::Running => &running,
                    };
                    k::batch_norm_forward(launcher, &own, taken, input, output, norm, rows)?;
                }
                Layer::Dueling { actions, width, baseline } => {
                    let sizes = [*actions, *width, rows];
                    k::dueling_forward(launcher, input, output, *baseline, sizes)?;
                }
                Layer::Expectation { groups, expectation } => {
                    let groups = groups * rows;
                    k::expectation_forward(launcher, expectation, input, output, groups)?;
                }
                Layer::CosineEmbedding(embedding) => {
                    let Some(embedded) = &step.embedded else { return Err(unknown()) };
                    embed(launcher, embedding, embedded, asked, &own, input, output, rows)?;
                }
                Layer::MeanOfFractions { fractions, values } => {
                    k::mean_of_fractions(launcher, input, output, [*fractions, *values, rows])?;
                }
                Layer::JointValues(branches) => {
                    k::joint_values_forward(launcher, input, output, branches, rows)?;
                }
                Layer::Softmax => return Err(unknown()),
            }
            input = output;
        }
        Ok(())
    }

    /// Adds to `gradients` what follows from `d_outputs`, after a [`Network::forward`] with the same parameters and
    /// input, which went to `output`.
    pub(super) fn backward(
        &self,
        launcher: &Launcher,
        parameters: &Buffer<f32>,
        batch: usize,
        input: &Buffer<f32>,
        output: &Buffer<f32>,
        d_outputs: &Buffer<f32>,
        gradients: &Buffer<f32>,
    ) -> Outcome<()> {
        let last = self.last_with_outputs();
        for (index, step) in self.steps.iter().enumerate().rev() {
            let (y, dy) = match index >= last {
                true => (output, d_outputs),
                false => (&step.output, &step.d_output),
            };
            // The first layer's input is the network's, whose gradient nobody asks for.
            let before = index.checked_sub(1).map(|index| &self.steps[index]);
            let x = before.map_or(input, |before| &before.output);
            let dx = before.map(|before| &before.d_output);
            let function = before.and_then(|before| Some((before.activation?, &before.output)));
            let (own, d_own) =
                (parameters.part(step.start, step.count), gradients.part(step.start, step.count));
            let rows = batch * step.rows;
            let is_done = self.steps.get(index + 1).is_some_and(Step::is_product);
            if let (Some(activation), false) = (step.activation, is_done) {
                k::activation_backward(launcher, activation, y, dy, batch * step.outputs)?;
            }
            match &step.layer {
                Layer::Dense { inputs, outputs } => {
                    let sizes = [*inputs, *outputs, rows];
                    k::dense_parameter_gradient(launcher, x, dy, &d_own, sizes)?;
                    if step.is_bias_taken_away {
                        k::fill(launcher, &d_own.from(inputs * outputs), 0.0)?;
                    }
                    if let Some(dx) = dx {
                        k::dense_input_gradient(launcher, &own, dy, dx, function, sizes)?;
                    }
                }
                Layer::Conv2d(conv) => {
                    k::conv2d_parameter_gradient(launcher, x, dy, &d_own, conv, rows)?;
                    if step.is_bias_taken_away {
                        k::fill(launcher, &d_own.from(conv.weight_count()), 0.0)?;
                    }
                    if let Some(dx) = dx {
                        k::conv2d_input_gradient(launcher, &own, dy, dx, function, conv, rows)?;
                    }
                }
                Layer::Activation(activation) => {
                    let count = batch * step.outputs;
                    k::activation_backward(launcher, *activation, y, dy, count)?;
                }
                Layer::BatchNorm(norm) => {
                    let Step { statistics, sums, .. } = step;
                    k::batch_norm_parameter_gradient(
                        launcher, statistics, x, dy, &d_own, sums, norm, rows,
                    )?;
                    if let Some(dx) = dx {
                        k::batch_norm_input_gradient(
                            launcher, &own, statistics, x, dy, sums, dx, norm, rows,
                        )?;
                    }
                }
                Layer::Dueling { actions, width, baseline } => {
                    if let Some(dx) = dx {
                        let sizes = [*actions, *width, rows];
                        k::dueling_backward(launcher, x, dy, dx, *baseline, sizes)?;
                    }
                }
                Layer::CosineEmbedding(embedding) => {
                    let (Some(Embedded { cosines, factors, .. }), Some(dx)) = (&step.embedded, dx)
                    else {
                        return Err(unknown());
                    };
                    let [width, each, fractions] =
                        [embedding.width, embedding.cosines, embedding.fractions]
                            .map(|size| size as usize);
                    let sizes = [width, fractions, rows];
                    k::cosine_embedding_backward(launcher, factors, x, dy, dx, sizes)?;
                    let sizes = [each, width, rows * fractions];
                    k::dense_parameter_gradient(launcher, cosines, dy, &d_own, sizes)?;
                }
                Layer::Expectation { .. }
                | Layer::Softmax
                | Layer::MeanOfFractions { .. }
                | Layer::JointValues(_) => {
                    return Err(unknown());
                }
            }
        }
        Ok(())
    }

    /// Whether there is batch normalisation.
    pub(super) fn has_statistics(&self) -> bool {
        self.steps.iter().any(|step| matches!(step.layer, Layer::BatchNorm(_)))
    }

    /// Moves the running statistics of batch normalisation towards those of the last [`Network::forward`].
    pub(super) fn follow_statistics(
        &self,
        launcher: &Launcher,
        batch: usize,
        parameters: &Buffer<f32>,
    ) -> Outcome<()> {
        for step in &self.steps {
            if let Layer::BatchNorm(norm) = &step.layer {
                let own = parameters.part(step.start, step.count);
                let rows = batch * step.rows;
                k::batch_norm_follow(launcher, &step.statistics, &own, norm, rows)?;
            }
        }
        Ok(())
    }

    /// The last layer that does not work in place.
    fn last_with_outputs(&self) -> usize {
        let has_outputs = |step: &Step| step.layer.inputs_and_outputs().is_some();
        self.steps.iter().rposition(has_outputs).unwrap_or(0)
    }
}

/// How many rows a layer makes of one.
fn splits(layer: &Layer) -> usize {
    match layer {
        Layer::CosineEmbedding(embedding) => embedding.fractions as usize,
        _ => 1,
    }
}

/// How many rows a layer makes one of.
fn joins(layer: &Layer) -> usize {
    match layer {
        Layer::MeanOfFractions { fractions, .. } => *fractions,
        _ => 1,
    }
}

/// A layer that [`Network::complaint`] names.
fn unknown() -> Failure {
    Failure::failed("a layer of this network is not trained on a device yet")
}
