//! The slow twin of a network: its forward in plain `f64` loops, by the definition of each layer.
//!
//! It takes shapes from core and no arithmetic, and knows no gradient.

use core::f64::consts::PI;
use embedded_rl_core::nn::{
    Activation, Atoms, Baseline, BatchNorm, Channels, Conv2d, CosineEmbedding, Expectation, Image,
    Layer, NetworkSpec,
};

/// A network's outputs, in plain `f64` loops.
pub(crate) fn naive_forward(
    spec: &NetworkSpec,
    parameters: &[f64],
    batch: usize,
    input: &[f64],
) -> Vec<f64> {
    naive_forward_at(spec, None, parameters, batch, input)
}

/// The same of a network that is asked about fractions `[batch][fractions]`, or about midpoints.
pub(crate) fn naive_forward_at(
    spec: &NetworkSpec,
    fractions: Option<&[f32]>,
    parameters: &[f64],
    batch: usize,
    input: &[f64],
) -> Vec<f64> {
    let (mut values, mut offset, mut batch) = (input.to_vec(), 0, batch);
    for layer in spec.layers() {
        match *layer {
            Layer::CosineEmbedding(CosineEmbedding { width, cosines, fractions: count }) => {
                let [width, cosines, count] = [width, cosines, count].map(|size| size as usize);
                let (weights, bias) =
                    parameters[offset..][..layer.parameter_count()].split_at(cosines * width);
                let embedded = |row: usize, h: usize| {
                    let midpoint = (row % count) as f64 + 0.5;
                    let fraction = match fractions {
                        Some(fractions) => f64::from(fractions[row]),
                        None => f64::from((midpoint / count as f64) as f32),
                    };
                    let products = (0..cosines)
                        .map(|i| (PI * i as f64 * fraction).cos() * weights[i * width + h]);
                    (bias[h] + products.sum::<f64>()).max(0.0)
                };
                values = (0..batch * count * width)
                    .map(|index| {
                        let (row, h) = (index / width, index % width);
                        values[row / count * width + h] * embedded(row, h)
                    })
                    .collect();
                offset += layer.parameter_count();
                batch *= count;
            }
            Layer::MeanOfFractions { fractions: count, values: width } => {
                batch /= count;
                let mean = |b: usize, a: usize| {
                    let rows = values[b * count * width..][..count * width].chunks(width);
                    rows.map(|row| row[a]).sum::<f64>() / count as f64
                };
                values =
                    (0..batch * width).map(|index| mean(index / width, index % width)).collect();
            }
            Layer::Dense { inputs, outputs } => {
                let weights = &parameters[offset..][..inputs * outputs];
                let bias = &parameters[offset + inputs * outputs..][..outputs];
                let output = |b: usize, o: usize| {
                    let products =
                        (0..inputs).map(|i| values[b * inputs + i] * weights[i * outputs + o]);
                    bias[o] + products.sum::<f64>()
                };
                values = (0..batch * outputs)
                    .map(|index| output(index / outputs, index % outputs))
                    .collect();
                offset += layer.parameter_count();
            }
            Layer::Conv2d(conv) => {
                let parameters = &parameters[offset..][..layer.parameter_count()];
                values = naive_convolution(&conv, parameters, batch, &values);
                offset += layer.parameter_count();
            }
            Layer::BatchNorm(norm) => {
                let parameters = &parameters[offset..][..layer.parameter_count()];
                values = naive_normalisation(&norm, parameters, &values);
                offset += layer.parameter_count();
            }
            Layer::Dueling { actions, width, baseline } => {
                let row = |row: &[f64]| {
                    let of = |a: usize, w: usize| row[(1 + a) * width + w];
                    let baseline = |w: usize| match baseline {
                        Baseline::Mean => {
                            (0..actions).map(|a| of(a, w)).sum::<f64>() / actions as f64
                        }
                        Baseline::Max => (0..actions).map(|a| of(a, w)).fold(f64::MIN, f64::max),
                    };
                    let outputs = (0..actions * width).map(|index| {
                        let (a, w) = (index / width, index % width);
                        row[w] + of(a, w) - baseline(w)
                    });
                    outputs.collect::<Vec<_>>()
                };
                values = values.chunks((1 + actions) * width).flat_map(row).collect();
            }
            Layer::Expectation { expectation, .. } => {
                let mean = |group: &[f64]| match expectation {
                    Expectation::OverAtoms(Atoms { count, lowest, highest }) => {
                        let [lowest, highest] = [lowest, highest].map(f64::from);
                        let step = (highest - lowest) / f64::from(count - 1);
                        let sum: f64 = group.iter().map(|x| x.exp()).sum();
                        let terms = group.iter().enumerate();
                        terms.map(|(i, x)| x.exp() / sum * (lowest + i as f64 * step)).sum()
                    }
                    Expectation::OverQuantiles { count } => {
                        group.iter().sum::<f64>() / f64::from(count)
                    }
                };
                values = values.chunks(expectation.width()).map(mean).collect();
            }
            Layer::JointValues(branches) => {
                let counts: Vec<usize> = branches.counts().collect();
                let joint = |row: &[f64]| {
                    // Branch by branch: every combination so far with every choice of the next.
                    let (mut sums, mut start) = (vec![0.0], 0);
                    for &count in &counts {
                        let choices = &row[start..start + count];
                        let longer =
                            sums.iter().flat_map(|sum| choices.iter().map(move |x| sum + x));
                        sums = longer.collect();
                        start += count;
                    }
                    sums.iter().map(|sum| sum / counts.len() as f64).collect::<Vec<_>>()
                };
                values = values.chunks(counts.iter().sum()).flat_map(joint).collect();
            }
            Layer::Softmax => {
                let width = values.len() / batch;
                for row in values.chunks_mut(width) {
                    row.iter_mut().for_each(|x| *x = x.exp());
                    let sum: f64 = row.iter().sum();
                    row.iter_mut().for_each(|x| *x /= sum);
                }
            }
            Layer::Activation(function) => {
                for x in &mut values {
                    *x = match function {
                        Activation::Relu => x.max(0.0),
                        Activation::Elu if *x > 0.0 => *x,
                        Activation::Elu => x.exp_m1(),
                        Activation::Tanh => x.tanh(),
                        Activation::Sigmoid => 1.0 / (1.0 + (-*x).exp()),
                    };
                }
            }
        }
    }
    values
}

/// By the definition: a kernel over the image, pixel by pixel, whatever the order in memory.
fn naive_convolution(conv: &Conv2d, parameters: &[f64], batch: usize, input: &[f64]) -> Vec<f64> {
    let (image, output) = (conv.input, conv.output());
    let filters = usize::from(conv.filters);
    let (weights, bias) = parameters.split_at(conv.weight_count());
    let mut values = Vec::new();
    for images in input.chunks(image.count()).take(batch) {
        for row in 0..output.height {
            for column in 0..output.width {
                for filter in 0..filters {
                    let mut sum = bias[filter];
                    for_each_tap(conv, row, column, |channel, y, x, k| {
                        let place = place_in(image, channel, y, x);
                        sum += images[place] * weights[k * filters + filter];
                    });
                    values.push(sum);
                }
            }
        }
    }
    values
}

/// Calls `visit(channel, y, x, k)` for what lies under the kernel and in the image; `k` says which weights.
fn for_each_tap(conv: &Conv2d, row: u16, column: u16, mut visit: impl FnMut(u16, u16, u16, usize)) {
    let (image, [height, width]) = (conv.input, conv.kernel);
    for channel in 0..image.channels {
        for down in 0..height {
            for right in 0..width {
                let y = i32::from(row * conv.stride[0] + down) - i32::from(conv.padding[0]);
                let x = i32::from(column * conv.stride[1] + right) - i32::from(conv.padding[1]);
                let inside = (0..i32::from(image.height)).contains(&y)
                    && (0..i32::from(image.width)).contains(&x);
                if inside {
                    let kernel = Image { height, width, ..image };
                    visit(channel, y as u16, x as u16, place_in(kernel, channel, down, right));
                }
            }
        }
    }
}

fn place_in(image: Image, channel: u16, y: u16, x: u16) -> usize {
    let [channels, height, width] = [image.channels, image.height, image.width].map(usize::from);
    let [channel, y, x] = [channel, y, x].map(usize::from);
    match image.order {
        Channels::First => (channel * height + y) * width + x,
        Channels::Last => (y * width + x) * channels + channel,
    }
}

/// With the statistics of the rows themselves.
fn naive_normalisation(norm: &BatchNorm, parameters: &[f64], input: &[f64]) -> Vec<f64> {
    let features = norm.features as usize;
    let rows = (input.len() / features) as f64;
    let mut output = input.to_vec();
    for feature in 0..features {
        let column = || input.iter().skip(feature).step_by(features);
        let mean = column().sum::<f64>() / rows;
        let variance = column().map(|x| (x - mean).powi(2)).sum::<f64>() / rows;
        let scale = parameters[feature] / (variance + f64::from(norm.epsilon)).sqrt();
        for y in output.iter_mut().skip(feature).step_by(features) {
            *y = (*y - mean) * scale + parameters[features + feature];
        }
    }
    output
}
