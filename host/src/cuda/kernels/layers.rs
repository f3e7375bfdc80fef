//! The layers of networks, forward and backward: `dense.cu`, `conv2d.cu`, `activation.cu`, `batch_norm.cu`, `dueling.cu`,
//! `softmax.cu`, and the means of `distribution.cu`.
//!
//! Legend: `parameters` and `d_parameters` begin with the layer's own part of the flat slice.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::failure::Outcome;
use embedded_rl_core::nn::{Activation, Atoms, Baseline, BatchNorm, Channels, Conv2d, Expectation};
use embedded_rl_kernels::{self as kernels, Launch};

/// `Activation` of `activation.cuh`.
fn number(activation: Option<Activation>) -> usize {
    let activation = match activation {
        None => kernels::Activation::None,
        Some(Activation::Relu) => kernels::Activation::Relu,
        Some(Activation::Elu) => kernels::Activation::Elu,
        Some(Activation::Tanh) => kernels::Activation::Tanh,
        Some(Activation::Sigmoid) => kernels::Activation::Sigmoid,
    };
    activation as usize
}

/// The function in front of a layer, and its values, which are the layer's input.
pub(in crate::cuda) type Before<'a> = Option<(Activation, &'a Buffer<f32>)>;

/// `input` `[batch][inputs]`, `output` `[batch][outputs]`, which are the values of `behind`, if that is given.
pub(in crate::cuda) fn dense_forward(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    behind: Option<Activation>,
    [inputs, outputs, batch]: [usize; 3],
) -> Outcome<()> {
    let call = Call::of("dense_forward")
        .buffer(parameters, (inputs + 1) * outputs)
        .buffer(input, batch * inputs)
        .buffer(output, batch * outputs)
        .size(inputs)
        .size(outputs)
        .size(batch)
        .size(number(behind));
    // SAFETY: as the module says; a thread a number of the output.
    unsafe { call.start(launcher, Launch::tiles(batch as u32, outputs as u32)) }
}

/// `d_output` `[batch][outputs]`, `d_input` `[batch][inputs]`: in front of the function `before`, if that is given.
pub(in crate::cuda) fn dense_input_gradient(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_input: &Buffer<f32>,
    before: Before<'_>,
    [inputs, outputs, batch]: [usize; 3],
) -> Outcome<()> {
    let call = Call::of("dense_input_gradient")
        .buffer(parameters, (inputs + 1) * outputs)
        .buffer(d_output, batch * outputs)
        .buffer(d_input, batch * inputs)
        .optional(before.map(|(_, values)| values), batch * inputs)
        .size(inputs)
        .size(outputs)
        .size(batch)
        .size(number(before.map(|(activation, _)| activation)));
    // SAFETY: as the module says; a thread a number of the input.
    unsafe { call.start(launcher, Launch::tiles(batch as u32, inputs as u32)) }
}

/// Adds to `d_parameters`.
pub(in crate::cuda) fn dense_parameter_gradient(
    launcher: &Launcher,
    input: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_parameters: &Buffer<f32>,
    [inputs, outputs, batch]: [usize; 3],
) -> Outcome<()> {
    let call = Call::of("dense_parameter_gradient")
        .buffer(input, batch * inputs)
        .buffer(d_output, batch * outputs)
        .buffer(d_parameters, (inputs + 1) * outputs)
        .size(inputs)
        .size(outputs)
        .size(batch);
    // SAFETY: as the module says; a thread a weight, and a row of them for the bias.
    unsafe { call.start(launcher, Launch::tiles(inputs as u32 + 1, outputs as u32)) }
}

/// `struct Conv2d` of `conv2d.cu`.
pub(in crate::cuda) fn shape(conv: &Conv2d) -> Vec<u32> {
    let (input, output) = (conv.input, conv.output());
    let is_last = u16::from(input.order == Channels::Last);
    let sizes = [input.channels, input.height, input.width, is_last, conv.filters];
    let pairs = [conv.kernel, conv.stride, conv.padding, [output.height, output.width]];
    sizes.iter().chain(pairs.as_flattened()).map(|&size| u32::from(size)).collect()
}

/// Lengths of the parameters, of a batch of inputs, and of its outputs.
fn lengths(conv: &Conv2d, batch: usize) -> [usize; 3] {
    let parameters = conv.weight_count() + usize::from(conv.filters);
    [parameters, batch * conv.input.count(), batch * conv.output().count()]
}

/// `input` and `output` are images of the layer's shapes; `output` has the values of `behind`, if that is given.
pub(in crate::cuda) fn conv2d_forward(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    behind: Option<Activation>,
    conv: &Conv2d,
    batch: usize,
) -> Outcome<()> {
    let [of_parameters, inputs, outputs] = lengths(conv, batch);
    let call = Call::of("conv2d_forward")
        .buffer(parameters, of_parameters)
        .buffer(input, inputs)
        .buffer(output, outputs)
        .structure(&shape(conv))
        .size(batch)
        .size(number(behind));
    let rows = batch * conv.positions();
    // SAFETY: as the module says; a thread a number of the output.
    unsafe { call.start(launcher, Launch::tiles(rows as u32, conv.filters.into())) }
}

/// Writes `d_input` everywhere: in front of the function `before`, if that is given.
pub(in crate::cuda) fn conv2d_input_gradient(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_input: &Buffer<f32>,
    before: Before<'_>,
    conv: &Conv2d,
    batch: usize,
) -> Outcome<()> {
    let [of_parameters, inputs, outputs] = lengths(conv, batch);
    let call = Call::of("conv2d_input_gradient")
        .buffer(parameters, of_parameters)
        .buffer(d_output, outputs)
        .buffer(d_input, inputs)
        .optional(before.map(|(_, values)| values), inputs)
        .structure(&shape(conv))
        .size(batch)
        .size(number(before.map(|(activation, _)| activation)));
    // SAFETY: as the module says; a thread a number of the input.
    unsafe { call.start(launcher, Launch::elements(inputs as u32)) }
}

/// Adds to `d_parameters`.
pub(in crate::cuda) fn conv2d_parameter_gradient(
    launcher: &Launcher,
    input: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_parameters: &Buffer<f32>,
    conv: &Conv2d,
    batch: usize,
) -> Outcome<()> {
    let [of_parameters, inputs, outputs] = lengths(conv, batch);
    let call = Call::of("conv2d_parameter_gradient")
        .buffer(input, inputs)
        .buffer(d_output, outputs)
        .buffer(d_parameters, of_parameters)
        .structure(&shape(conv))
        .size(batch);
    let launch = Launch::tiles(conv.inner() as u32 + 1, conv.filters.into());
    // SAFETY: as the module says; a thread a weight, and a row of them for the bias.
    unsafe { call.start(launcher, launch) }
}

/// In place.
pub(in crate::cuda) fn activation_forward(
    launcher: &Launcher,
    activation: Activation,
    values: &Buffer<f32>,
    count: usize,
) -> Outcome<()> {
    let name = match activation {
        Activation::Relu => "relu_forward",
        Activation::Elu => "elu_forward",
        Activation::Tanh => "tanh_forward",
        Activation::Sigmoid => "sigmoid_forward",
    };
    let call = Call::of(name).buffer(values, count).size(count);
    // SAFETY: as the module says; a thread a number.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// Multiplies `d` by the slope at each of `outputs`.
pub(in crate::cuda) fn activation_backward(
    launcher: &Launcher,
    activation: Activation,
    outputs: &Buffer<f32>,
    d: &Buffer<f32>,
    count: usize,
) -> Outcome<()> {
    let name = match activation {
        Activation::Relu => "relu_backward",
        Activation::Elu => "elu_backward",
        Activation::Tanh => "tanh_backward",
        Activation::Sigmoid => "sigmoid_backward",
    };
    let call = Call::of(name).buffer(outputs, count).buffer(d, count).size(count);
    // SAFETY: as the module says; a thread a number.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// `statistics` of the `input` of a batch: all means, then all variances.
pub(in crate::cuda) fn batch_norm_statistics(
    launcher: &Launcher,
    input: &Buffer<f32>,
    statistics: &Buffer<f32>,
    norm: &BatchNorm,
    batch: usize,
) -> Outcome<()> {
    let (features, rows) = (norm.feature_count(), batch * norm.rows as usize);
    let call = Call::of("batch_norm_statistics")
        .buffer(input, rows * features)
        .buffer(statistics, norm.statistics_count())
        .size(features)
        .size(rows);
    // SAFETY: as the module says; a thread a feature.
    unsafe { call.start(launcher, Launch::elements(norm.features)) }
}

/// With the batch's `statistics`, or the running ones among the parameters.
pub(in crate::cuda) fn batch_norm_forward(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    statistics: &Buffer<f32>,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    norm: &BatchNorm,
    batch: usize,
) -> Outcome<()> {
    let (features, rows) = (norm.feature_count(), batch * norm.rows as usize);
    let call = Call::of("batch_norm_forward")
        .buffer(parameters, norm.parameter_count())
        .buffer(statistics, norm.statistics_count())
        .buffer(input, rows * features)
        .buffer(output, rows * features)
        .number(norm.epsilon)
        .size(features)
        .size(rows);
    // SAFETY: as the module says; a thread a number of the output.
    unsafe { call.start(launcher, Launch::elements((rows * features) as u32)) }
}

/// Adds to `d_parameters`, and leaves `sums` `[2][features]` for [`batch_norm_input_gradient`].
pub(in crate::cuda) fn batch_norm_parameter_gradient(
    launcher: &Launcher,
    statistics: &Buffer<f32>,
    input: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_parameters: &Buffer<f32>,
    sums: &Buffer<f32>,
    norm: &BatchNorm,
    batch: usize,
) -> Outcome<()> {
    let (features, rows) = (norm.feature_count(), batch * norm.rows as usize);
    let call = Call::of("batch_norm_parameter_gradient")
        .buffer(statistics, norm.statistics_count())
        .buffer(input, rows * features)
        .buffer(d_output, rows * features)
        .buffer(d_parameters, norm.parameter_count())
        .buffer(sums, norm.statistics_count())
        .number(norm.epsilon)
        .size(features)
        .size(rows);
    // SAFETY: as the module says; a thread a feature.
    unsafe { call.start(launcher, Launch::elements(norm.features)) }
}

/// Behind [`batch_norm_parameter_gradient`].
pub(in crate::cuda) fn batch_norm_input_gradient(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    statistics: &Buffer<f32>,
    input: &Buffer<f32>,
    d_output: &Buffer<f32>,
    sums: &Buffer<f32>,
    d_input: &Buffer<f32>,
    norm: &BatchNorm,
    batch: usize,
) -> Outcome<()> {
    let (features, rows) = (norm.feature_count(), batch * norm.rows as usize);
    let call = Call::of("batch_norm_input_gradient")
        .buffer(parameters, norm.parameter_count())
        .buffer(statistics, norm.statistics_count())
        .buffer(input, rows * features)
        .buffer(d_output, rows * features)
        .buffer(sums, norm.statistics_count())
        .buffer(d_input, rows * features)
        .number(norm.epsilon)
        .size(features)
        .size(rows);
    // SAFETY: as the module says; a thread a number of the input.
    unsafe { call.start(launcher, Launch::elements((rows * features) as u32)) }
}

/// Moves the running statistics among the parameters towards the batch's.
pub(in crate::cuda) fn batch_norm_follow(
    launcher: &Launcher,
    statistics: &Buffer<f32>,
    parameters: &Buffer<f32>,
    norm: &BatchNorm,
    batch: usize,
) -> Outcome<()> {
    let call = Call::of("batch_norm_follow")
        .buffer(statistics, norm.statistics_count())
        .buffer(parameters, norm.parameter_count())
        .number(norm.momentum)
        .size(norm.feature_count())
        .size(batch * norm.rows as usize);
    // SAFETY: as the module says; a thread a feature.
    unsafe { call.start(launcher, Launch::elements(norm.features)) }
}

/// `input` `[rows][1 + actions][width]`, `output` `[rows][actions][width]`
pub(in crate::cuda) fn dueling_forward(
    launcher: &Launcher,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    baseline: Baseline,
    [actions, width, rows]: [usize; 3],
) -> Outcome<()> {
    let call = Call::of("dueling_forward")
        .buffer(input, rows * (1 + actions) * width)
        .buffer(output, rows * actions * width)
        .size(usize::from(baseline == Baseline::Max))
        .size(actions)
        .size(width)
        .size(rows);
    // SAFETY: as the module says; a thread a row and number.
    unsafe { call.start(launcher, Launch::elements((rows * width) as u32)) }
}

/// Writes `d_input` everywhere.
pub(in crate::cuda) fn dueling_backward(
    launcher: &Launcher,
    input: &Buffer<f32>,
    d_output: &Buffer<f32>,
    d_input: &Buffer<f32>,
    baseline: Baseline,
    [actions, width, rows]: [usize; 3],
) -> Outcome<()> {
    let call = Call::of("dueling_backward")
        .buffer(input, rows * (1 + actions) * width)
        .buffer(d_output, rows * actions * width)
        .buffer(d_input, rows * (1 + actions) * width)
        .size(usize::from(baseline == Baseline::Max))
        .size(actions)
        .size(width)
        .size(rows);
    // SAFETY: as the module says; a thread a row and number.
    unsafe { call.start(launcher, Launch::elements((rows * width) as u32)) }
}

/// The mean of each of `groups` distributions.
pub(in crate::cuda) fn expectation_forward(
    launcher: &Launcher,
    expectation: &Expectation,
    input: &Buffer<f32>,
    means: &Buffer<f32>,
    groups: usize,
) -> Outcome<()> {
    let width = expectation.width();
    let call = match expectation {
        Expectation::OverAtoms(atoms) => Call::of("mean_of_atoms")
            .buffer(input, groups * width)
            .buffer(means, groups)
            .structure(&support(atoms)),
        Expectation::OverQuantiles { .. } => {
            Call::of("mean_of_quantiles").buffer(input, groups * width).buffer(means, groups)
        }
    };
    let call = call.size(width).size(groups);
    // SAFETY: as the module says; a thread a group.
    unsafe { call.start(launcher, Launch::elements(groups as u32)) }
}

/// `struct Atoms` of `distribution.cu`.
pub(in crate::cuda) fn support(atoms: &Atoms) -> [u32; 3] {
    [atoms.lowest, atoms.highest, atoms.spacing()].map(f32::to_bits)
}
