//! Layers forward and backward, as they are measured: `dense.cu`, `conv2d.cu`, `activation.cu`, `batch_norm.cu`, `dueling.cu`,
//! `softmax.cu`, `noisy.cu`, `cosine_embedding.cu`.

use super::trains;
use super::workload::{Content, Scale, Workload, bytes, floats, indices, shares};
use crate::cuda::kernels::shape;
use embedded_rl_core::nn::{Conv2d, Image};
use embedded_rl_kernels::{Activation, Launch};

/// Inputs, outputs, batch.
pub(super) fn dense_sizes(scale: Scale) -> [u32; 3] {
    scale.of([512, 512, 4096], [20, 12, 33])
}

/// Breakout's second layer, or a small ragged one; and the batch.
pub(super) fn conv_sizes(scale: Scale) -> (Conv2d, u32) {
    let large = Conv2d {
        input: Image::channels_first(32, 20, 20),
        filters: 64,
        kernel: [4, 4],
        stride: [2, 2],
        padding: [0, 0],
    };
    let small = Conv2d {
        input: Image::channels_first(2, 7, 6),
        filters: 5,
        kernel: [3, 2],
        stride: [2, 1],
        padding: [1, 0],
    };
    scale.of((large, 256), (small, 3))
}

/// `struct Conv2d` and the batch; numbers of parameters, input and output.
pub(super) fn conv_lengths(conv: &Conv2d, batch: u32) -> (Vec<u32>, [usize; 3]) {
    let mut sizes = shape(conv);
    sizes.push(batch);
    let filters = usize::from(conv.filters);
    let images = batch as usize;
    let lengths =
        [(conv.inner() + 1) * filters, images * conv.input.count(), images * conv.output().count()];
    (sizes, lengths)
}

pub(super) fn workloads(scale: Scale) -> Vec<Workload> {
    let mut all = Vec::new();
    all.extend(products(scale));
    all.extend(convolutions(scale));
    all.extend(elementwise(scale));
    all.extend(batch_norm(scale));
    all.extend(rows(scale));
    all.extend(embedding(scale));
    all
}

/// Sizes of an implicit distribution behind a convolutional network.
fn embedding(scale: Scale) -> [Workload; 4] {
    let [width, fractions, rows, each] = scale.of([3_136, 64, 32, 64], [5, 3, 4, 6]);
    let sizes = [width, fractions, rows];
    let [w, f, r, e] = [width, fractions, rows, each].map(|size| size as usize);
    let (input, output) = (floats(r * w), floats(r * f * w));
    let of = |name, sizes: &[u32], threads, buffers: &[Content]| {
        trains(name, sizes, &[], Launch::elements(threads), buffers)
    };
    let count = rows * fractions * width;
    let forward = [&[count][..], &sizes].concat();
    [
        of(
            "write_cosines",
            &[each, rows * fractions],
            rows * fractions,
            &[shares(r * f), floats(r * f * e)],
        ),
        of("cosine_embedding_forward", &forward, count, &[output, input, output]),
        of(
            "cosine_embedding_backward",
            &sizes,
            rows * width,
            &[output, input, output.changed(), input],
        ),
        of("mean_of_fractions", &[fractions, width, rows], rows * width, &[output, input]),
    ]
}

/// Sizes of a layer's product with no function beside it; and with a ReLU before the layer, whose slope the gradient of its
/// input takes on the way.
fn beside(sizes: &[u32]) -> [Vec<u32>; 2] {
    [Activation::None, Activation::Relu].map(|function| [sizes, &[function as u32]].concat())
}

fn products(scale: Scale) -> [Workload; 3] {
    let sizes = dense_sizes(scale);
    let [inputs, outputs, batch] = sizes;
    let [i, o, b] = sizes.map(|size| size as usize);
    let (parameters, input, output) = (floats((i + 1) * o), floats(b * i), floats(b * o));
    let [alone, behind_relu] = beside(&sizes);
    let of = |name, sizes: &[u32], launch, buffers: &[Content]| {
        trains(name, sizes, &[], launch, buffers)
    };
    let (rows, columns) = (Launch::tiles(batch, outputs), Launch::tiles(batch, inputs));
    let d = [parameters, output, input, input];
    [
        of("dense_forward", &alone, rows, &[parameters, input, output]),
        of("dense_input_gradient", &behind_relu, columns, &d),
        of(
            "dense_parameter_gradient",
            &sizes,
            Launch::tiles(inputs + 1, outputs),
            &[input, output, parameters.changed()],
        ),
    ]
}

fn convolutions(scale: Scale) -> [Workload; 5] {
    let (conv, batch) = conv_sizes(scale);
    let (sizes, [parameters, input, output]) = conv_lengths(&conv, batch);
    let pixels = bytes(input);
    let inputs = Launch::elements(input as u32);
    let [parameters, input, output] = [parameters, input, output].map(floats);
    let filters = conv.filters.into();
    let positions = Launch::tiles(batch * conv.positions() as u32, filters);
    let weights = Launch::tiles(conv.inner() as u32 + 1, filters);
    let of = |name, sizes: &[u32], numbers: &[f64], launch, buffers: &[Content]| {
        trains(name, sizes, numbers, launch, buffers)
    };
    let [alone, behind_relu] = beside(&sizes);
    let (sums, d) = (parameters.changed(), [parameters, output, input, input]);
    let of_bytes = [pixels, output, sums];
    [
        of("conv2d_forward", &alone, &[], positions, &[parameters, input, output]),
        of("conv2d_forward_u8", &alone, &[255.0], positions, &[parameters, pixels, output]),
        of("conv2d_input_gradient", &behind_relu, &[], inputs, &d),
        of("conv2d_parameter_gradient", &sizes, &[], weights, &[input, output, sums]),
        of("conv2d_parameter_gradient_u8", &sizes, &[255.0], weights, &of_bytes),
    ]
}

fn elementwise(scale: Scale) -> Vec<Workload> {
    let count = scale.of(1 << 24, 1_000);
    let (n, launch) = (count as usize, Launch::elements(count));
    let mut all = Vec::new();
    for name in ["relu_forward", "elu_forward", "tanh_forward", "sigmoid_forward"] {
        all.push(trains(name, &[count], &[], launch, &[floats(n).changed()]));
    }
    for name in ["relu_backward", "elu_backward", "tanh_backward", "sigmoid_backward"] {
        all.push(trains(name, &[count], &[], launch, &[shares(n), floats(n).changed()]));
    }
    // As many parameters as 512 inputs and outputs have, and the noise of those.
    let sides = scale.of(2 * 512, 2 * 16);
    let count = sides * sides / 4;
    let (n, sides, launch) = (count as usize, sides as usize, Launch::elements(count));
    let (places, noise) = (indices(2 * n, sides), floats(sides));
    all.push(trains(
        "noisy_perturb",
        &[count],
        &[],
        launch,
        &[floats(2 * n), places, noise, floats(n)],
    ));
    let gradients = [floats(2 * n), places, noise];
    all.push(trains("noisy_deviation_gradient", &[count], &[], launch, &gradients));
    all
}

fn batch_norm(scale: Scale) -> [Workload; 5] {
    let [features, rows] = scale.of([64, 1 << 16], [5, 7]);
    let (f, count) = (features as usize, (features * rows) as usize);
    let (parameters, statistics, matrix) = (shares(4 * f), shares(2 * f), floats(count));
    let of = |name, numbers: &[f64], elements, buffers: &[Content]| {
        trains(name, &[features, rows], numbers, Launch::elements(elements), buffers)
    };
    let (sums, elements) = (floats(2 * f), features * rows);
    [
        of("batch_norm_statistics", &[], features, &[matrix, statistics]),
        of("batch_norm_forward", &[1e-5], elements, &[parameters, statistics, matrix, matrix]),
        of(
            "batch_norm_parameter_gradient",
            &[1e-5],
            features,
            &[statistics, matrix, matrix, parameters.changed(), sums],
        ),
        of(
            "batch_norm_input_gradient",
            &[1e-5],
            elements,
            &[parameters, statistics, matrix, matrix, sums, matrix],
        ),
        of("batch_norm_follow", &[0.1], features, &[statistics, parameters.changed()]),
    ]
}

/// A thread a row, or nearly.
fn rows(scale: Scale) -> [Workload; 4] {
    let [actions, width, rows] = scale.of([8, 16, 1 << 16], [3, 2, 21]);
    let [a, w, r] = [actions, width, rows].map(|size| size as usize);
    let (input, output) = (floats(r * (1 + a) * w), floats(r * a * w));
    let dueling = |name, buffers: &[Content]| {
        let launch = Launch::elements(rows * width);
        trains(name, &[0, actions, width, rows], &[], launch, buffers)
    };
    let [classes, batch] = scale.of([8, 1 << 20], [3, 33]);
    let values = (classes * batch) as usize;
    let softmax = |name, buffers: &[Content]| {
        trains(name, &[classes, batch], &[], Launch::elements(batch), buffers)
    };
    [
        dueling("dueling_forward", &[input, output]),
        dueling("dueling_backward", &[input, output, input]),
        softmax("softmax_forward", &[floats(values).changed()]),
        softmax("softmax_backward", &[shares(values), floats(values).changed()]),
    ]
}
