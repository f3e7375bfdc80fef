//! The launches of a whole network, forward and backward: core's `nn/network.rs`.

use super::conv2d;
use crate::case::{Argument, Case, size};
use embedded_rl_core::nn::{self, Layer, NetworkSpec};
use embedded_rl_kernels::{Activation, Launch};

/// A network's layers over buffers of a batch.
pub(crate) struct Network {
    steps: Vec<Step>,
    batch: usize,
}

/// One layer, where its parameters start, and its buffers; the first layer's input and the last one's output are given to
/// each pass.
struct Step {
    layer: Layer,
    start: usize,
    outputs: usize,
    /// The function behind the layer that its kernel computes on the way.
    activation: Activation,
    output: Argument,
    d_output: Argument,
}

impl Step {
    /// The values of the function on the way, if there is one, and which it is.
    fn behind(&self) -> [Argument; 2] {
        let values = match self.activation {
            Activation::None => Argument::Null,
            _ => self.output.clone(),
        };
        [values, Argument::U32(self.activation as u32)]
    }
}

impl Network {
    /// With elementwise functions computed on the way, or as launches of their own.
    pub(crate) fn new(case: &mut Case, spec: &NetworkSpec, batch: usize, on_the_way: bool) -> Self {
        let mut steps: Vec<Step> = Vec::new();
        let mut start = 0;
        for &layer in spec.layers() {
            if let (Layer::Activation(nn::Activation::Relu), true, Some(before)) =
                (layer, on_the_way, steps.last_mut())
            {
                before.activation = Activation::Relu;
                continue;
            }
            let made = match (layer.inputs_and_outputs(), steps.last()) {
                (Some((_, outputs)), _) => Step {
                    layer,
                    start,
                    outputs,
                    activation: Activation::None,
                    output: case.between("output", batch * outputs),
                    d_output: case.between("d_output", batch * outputs),
                },
                // In place.
                (None, Some(Step { outputs, output, d_output, .. })) => Step {
                    layer,
                    start,
                    outputs: *outputs,
                    activation: Activation::None,
                    output: output.clone(),
                    d_output: d_output.clone(),
                },
                (None, None) => panic!("a network begins with a layer of its own shape"),
            };
            steps.push(made);
            start += layer.parameter_count();
        }
        Self { steps, batch }
    }

    /// The buffer of the network's outputs.
    pub(crate) fn output(&self) -> Argument {
        self.steps[self.steps.len() - 1].output.clone()
    }

    pub(crate) fn forward(
        &self,
        case: &mut Case,
        parameters: &Argument,
        input: &Argument,
        to: &Argument,
    ) {
        let (batch, last) = (self.batch, self.steps.len() - 1);
        let mut input = input.clone();
        for (index, step) in self.steps.iter().enumerate() {
            let output = if index == last { to.clone() } else { step.output.clone() };
            let own = parameters.from(step.start);
            let activation = Argument::U32(step.activation as u32);
            match step.layer {
                Layer::Dense { inputs, outputs } => {
                    let sizes = [size(inputs), size(outputs), size(batch), activation];
                    let grid = Launch::tiles(batch as u32, outputs as u32);
                    let of = [own, input, output.clone()];
                    case.launch("dense_forward", grid, &[&of[..], &sizes[..]].concat());
                }
                Layer::Conv2d(conv) => {
                    let rows = (batch * conv.positions()) as u32;
                    let grid = Launch::tiles(rows, u32::from(conv.filters));
                    let of =
                        [own, input, output.clone(), conv2d::shape(&conv), size(batch), activation];
                    case.launch("conv2d_forward", grid, &of);
                }
                Layer::Activation(nn::Activation::Relu) => {
                    let count = batch * step.outputs;
                    let of = [output.clone(), size(count)];
                    case.launch("relu_forward", Launch::elements(count as u32), &of);
                }
                _ => panic!("no launch of {:?} is written yet", step.layer),
            }
            input = output;
        }
    }

    /// After a forward pass with this `input`: adds to `gradients`.
    pub(crate) fn backward(
        &self,
        case: &mut Case,
        parameters: &Argument,
        input: &Argument,
        d_outputs: &Argument,
        gradients: &Argument,
    ) {
        let (batch, last) = (self.batch, self.steps.len() - 1);
        for (index, step) in self.steps.iter().enumerate().rev() {
            let d_output = if index == last { d_outputs } else { &step.d_output };
            let before = index.checked_sub(1).map(|index| &self.steps[index]);
            let x = before.map_or(input, |before| &before.output);
            let (own, d_own) = (parameters.from(step.start), gradients.from(step.start));
            match step.layer {
                Layer::Dense { inputs, outputs } => {
                    let sizes = [size(inputs), size(outputs), size(batch)];
                    let grid = Launch::tiles(inputs as u32 + 1, outputs as u32);
                    let of = [x.clone(), d_output.clone(), d_own];
                    case.launch("dense_parameter_gradient", grid, &[&of[..], &sizes[..]].concat());
                    let Some(before) = before else { continue };
                    let grid = Launch::tiles(batch as u32, inputs as u32);
                    let [x, activation] = before.behind();
                    let of = [own, d_output.clone(), before.d_output.clone(), x];
                    let of = [&of[..], &sizes[..], &[activation]].concat();
                    case.launch("dense_input_gradient", grid, &of);
                }
                Layer::Conv2d(conv) => {
                    let sizes = [conv2d::shape(&conv), size(batch)];
                    let grid = Launch::tiles(conv.inner() as u32 + 1, u32::from(conv.filters));
                    let of = [x.clone(), d_output.clone(), d_own];
                    case.launch("conv2d_parameter_gradient", grid, &[&of[..], &sizes[..]].concat());
                    let Some(before) = before else { continue };
                    let grid = Launch::elements((batch * conv.input.count()) as u32);
                    let [x, activation] = before.behind();
                    let of = [own, d_output.clone(), before.d_output.clone(), x];
                    let of = [&of[..], &sizes[..], &[activation]].concat();
                    case.launch("conv2d_input_gradient", grid, &of);
                }
                Layer::Activation(nn::Activation::Relu) => {
                    let count = batch * step.outputs;
                    let of = [step.output.clone(), d_output.clone(), size(count)];
                    case.launch("relu_backward", Launch::elements(count as u32), &of);
                }
                _ => panic!("no launch of {:?} is written yet", step.layer),
            }
        }
    }
}
