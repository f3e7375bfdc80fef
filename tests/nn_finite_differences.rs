//! Every backward against central differences of a naive forward in `f64`, at odd shapes. A parameter whose two
//! one-sided differences disagree stands at a kink (relu at 0, Huber at an error of 1) and is skipped.

use core::f64::consts::PI;
use embedded_rl_checks::tolerance::{FINITE_DIFFERENCE, LOSS, assert_close};
use embedded_rl_core::distribution::quantile;
use embedded_rl_core::nn::cosine_embedding::Fractions;
use embedded_rl_core::nn::{
    Activation, Atoms, Baseline, BatchNorm, Branches, Categories, Channels, Conv2d,
    CosineEmbedding, Expectation, Image, Lanes, Layer, Loss, NetworkSpec, Simd, WithSimd,
    batch_norm, binary_cross_entropy, categorical_cross_entropy, conv2d, dense, dueling,
    expectation, joint_values, network, softmax,
};
use embedded_rl_core::rng::{Generator, SeedableRng, integers, normal};

const STEP: f64 = 1e-6;
const FUNCTIONS: [Activation; 4] =
    [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid];
const BATCHES: [usize; 3] = [1, 7, 64];

fn random(rng: &mut Generator, count: usize) -> Vec<f32> {
    (0..count).map(|_| normal(rng) as f32 * 0.7).collect()
}

fn double(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value)).collect()
}

/// Central differences of `of` at `at`; `None` at a kink.
fn differences(at: &[f64], of: impl Fn(&[f64]) -> f64) -> Vec<Option<f64>> {
    let here = of(at);
    let mut moved = at.to_vec();
    (0..at.len())
        .map(|index| {
            moved[index] = at[index] + STEP;
            let right = (of(&moved) - here) / STEP;
            moved[index] = at[index] - STEP;
            let left = (here - of(&moved)) / STEP;
            moved[index] = at[index];
            let smooth = (right - left).abs() <= 1e-4 * (1.0 + right.abs());
            smooth.then_some((right + left) / 2.0)
        })
        .collect()
}

/// Compares where there is a derivative, in units of the largest one.
fn assert_gradient(what: &str, got: &[f32], want: &[Option<f64>]) {
    let smooth = want.iter().flatten().count();
    assert!(10 * smooth >= 9 * want.len(), "{what}: {smooth} of {} are smooth", want.len());
    let largest = want.iter().flatten().fold(1e-3, |largest: f64, value| largest.max(value.abs()));
    let (got, want): (Vec<f32>, Vec<f64>) = got
        .iter()
        .zip(want)
        .filter_map(|(&got, &want)| Some(((f64::from(got) / largest) as f32, want? / largest)))
        .unzip();
    assert_close(what, &got, &want, FINITE_DIFFERENCE);
}

/// A network's outputs, in plain `f64` loops.
fn naive_forward(spec: &NetworkSpec, parameters: &[f64], batch: usize, input: &[f64]) -> Vec<f64> {
    naive_forward_at(spec, None, parameters, batch, input)
}

/// The same of a network that is asked about fractions `[batch][fractions]`, or about midpoints.
fn naive_forward_at(
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

fn weighted_sum(values: &[f64], weights: &[f32]) -> f64 {
    values.iter().zip(weights).map(|(value, &weight)| value * f64::from(weight)).sum()
}

struct Gradient<'a> {
    spec: &'a NetworkSpec,
    batch: usize,
    parameters: &'a [f32],
    input: &'a [f32],
    d_output: &'a [f32],
}

impl WithSimd for Gradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Self { spec, batch, parameters, input, d_output } = self;
        let mut activations = vec![0.0; spec.activation_count(batch)];
        let mut workspace = vec![0.0; spec.workspace_count(batch)];
        let mut gradient = vec![0.0; parameters.len()];
        network::forward(simd, spec, parameters, batch, input, &mut activations);
        network::backward(
            simd,
            spec,
            parameters,
            batch,
            input,
            &activations,
            d_output,
            &mut workspace,
            &mut gradient,
        );
        gradient
    }
}

#[test]
fn network_gradients_equal_finite_differences() {
    for function in FUNCTIONS {
        for sizes in
            [&[1, 1][..], &[3, 5], &[17, 1], &[5, 33], &[3, 5, 2], &[2, 17, 1], &[5, 9, 3, 4]]
        {
            // Once with the last layer linear and once with an activation behind it.
            let linear = NetworkSpec::mlp(sizes, function);
            for spec in [linear, linear.activation(function)] {
                for batch in BATCHES {
                    let rng = &mut Generator::seed_from_u64(9);
                    let parameters = random(rng, spec.parameter_count());
                    let input = random(rng, batch * spec.inputs());
                    let d_output = random(rng, batch * spec.outputs());
                    let wide_input = double(&input);
                    let want = differences(&double(&parameters), |parameters| {
                        weighted_sum(
                            &naive_forward(&spec, parameters, batch, &wide_input),
                            &d_output,
                        )
                    });
                    let (parameters, input, d_output) =
                        (&parameters[..], &input[..], &d_output[..]);
                    let spec = &spec;
                    let got = Lanes::best().dispatch(Gradient {
                        spec,
                        batch,
                        parameters,
                        input,
                        d_output,
                    });
                    assert_gradient(&format!("{function:?} {sizes:?}, batch {batch}"), &got, &want);
                }
            }
        }
    }
}

/// Compares the gradient of all parameters of `spec`, each with its own random numbers.
fn check_parameters(what: &str, spec: &NetworkSpec, batch: usize) {
    let rng = &mut Generator::seed_from_u64(9);
    let parameters = &random(rng, spec.parameter_count())[..];
    let input = &random(rng, batch * spec.inputs())[..];
    let d_output = &random(rng, batch * spec.outputs())[..];
    let wide_input = double(input);
    let want = differences(&double(parameters), |parameters| {
        weighted_sum(&naive_forward(spec, parameters, batch, &wide_input), d_output)
    });
    let gradient = Gradient { spec, batch, parameters, input, d_output };
    let got = Lanes::best().dispatch(gradient);
    assert_gradient(&format!("{what}, batch {batch}"), &got, &want);
}

/// One pixel, a stride longer than the kernel, a kernel larger than the image, padding on one axis, more filters than
/// a vector has lanes, and kernels whose rows are copied by functions of their own.
fn odd_convolutions() -> Vec<Conv2d> {
    let sizes: [(_, u16, _, _, _); 9] = [
        ([1, 1, 1], 1, [1, 1], [1, 1], [0, 0]),
        ([2, 5, 7], 3, [3, 2], [2, 3], [1, 0]),
        ([3, 4, 9], 5, [2, 3], [3, 4], [0, 0]),
        ([1, 2, 2], 17, [3, 3], [1, 1], [1, 1]),
        ([2, 3, 8], 2, [1, 4], [1, 2], [0, 3]),
        ([1, 3, 3], 2, [5, 5], [2, 2], [2, 2]),
        ([3, 6, 5], 2, [2, 4], [2, 1], [0, 1]),
        ([3, 3, 9], 1, [2, 8], [1, 1], [0, 0]),
        ([4, 3, 3], 2, [2, 2], [1, 1], [3, 2]),
    ];
    let of_order = |order| {
        sizes.map(|([channels, height, width], filters, kernel, stride, padding)| {
            let input = Image { channels, height, width, order };
            Conv2d { input, filters, kernel, stride, padding }
        })
    };
    [of_order(Channels::First), of_order(Channels::Last)].concat()
}

#[test]
fn convolution_gradients_equal_finite_differences() {
    for conv in odd_convolutions() {
        for batch in [1, 2, 5] {
            let spec = NetworkSpec::input(conv.input.count()).conv2d_of(conv);
            check_parameters(&format!("{conv:?}"), &spec, batch);
        }
    }
}

#[test]
fn gradients_of_networks_of_images_equal_finite_differences() {
    for image in [Image::channels_first(2, 7, 6), Image::channels_last(7, 6, 2)] {
        let elu = Activation::Elu;
        let first = NetworkSpec::image(image).conv2d(3, [3, 2], [1, 2], [1, 0]).activation(elu);
        let second = first.conv2d(4, [2, 3], [3, 1], [0, 1]);
        for spec in [
            second,
            second.activation(elu).dense(3).activation(elu).dueling(2, Baseline::Mean),
            first
                .batch_norm()
                .activation(elu)
                .conv2d(2, [1, 2], [2, 1], [0, 0])
                .batch_norm()
                .dense(2),
        ] {
            for batch in [1, 3] {
                check_parameters(&format!("{:?}", spec.layers()), &spec, batch);
            }
        }
    }
}

#[test]
fn batch_normalisation_gradients_equal_finite_differences() {
    let wide = BatchNorm { features: 3, rows: 7, momentum: 0.01, epsilon: 1e-3 };
    for batch in [1, 2, 7, 64] {
        for spec in [
            NetworkSpec::input(5).batch_norm(),
            NetworkSpec::input(21).batch_norm_of(wide),
            NetworkSpec::input(3).dense(17).batch_norm().activation(Activation::Elu).dense(2),
            NetworkSpec::input(2).dense(3).activation(Activation::Tanh).batch_norm().batch_norm(),
        ] {
            check_parameters(&format!("{:?}", spec.layers()), &spec, batch);
        }
    }
}

/// Sizes of body, embedding, fractions and head; one of everything, and more than a vector has lanes.
fn implicit_networks() -> Vec<NetworkSpec> {
    let network = |sizes: [usize; 2], cosines, fractions| {
        let body = NetworkSpec::input(3).dense(sizes[0]).activation(Activation::Elu);
        body.cosine_embedding(cosines, fractions).dense(sizes[1]).activation(Activation::Tanh)
    };
    vec![
        NetworkSpec::input(1).dense(1).cosine_embedding(1, 1).dense(1),
        network([5, 2], 7, 3).dense(2),
        network([17, 9], 3, 8).dueling(2, Baseline::Mean),
        network([9, 3], 33, 5).dueling(3, Baseline::Max),
        network([4, 6], 2, 4).dense(5).batch_norm().dense(2).softmax(),
    ]
}

#[test]
fn gradients_of_networks_that_are_asked_about_midpoints_equal_finite_differences() {
    for spec in implicit_networks() {
        for batch in [2, 5] {
            check_parameters(&format!("{:?} apart", spec.layers()), &spec, batch);
            let means = spec.mean_of_fractions();
            check_parameters(
                &format!("{:?} means", spec.layers()),
                &means.activation(Activation::Tanh),
                batch,
            );
        }
    }
}

/// What an implicit quantile network learns of one action's values at given fractions.
struct ImplicitLoss<'a> {
    spec: &'a NetworkSpec,
    batch: usize,
    parameters: &'a [f32],
    input: &'a [f32],
    fractions: &'a [f32],
    /// `[batch][targets]`
    targets: &'a [f32],
}

impl ImplicitLoss<'_> {
    const ACTION: usize = 1;

    /// The loss in plain `f64`.
    fn naive(&self, parameters: &[f64]) -> f64 {
        let Self { spec, batch, input, fractions, targets, .. } = self;
        let (batch, count) = (*batch, fractions.len() / batch);
        let outputs = naive_forward_at(spec, Some(fractions), parameters, batch, &double(input));
        let (actions, mut total) = (spec.outputs() / count, 0.0);
        for (row, &fraction) in fractions.iter().enumerate() {
            let targets = targets.chunks(targets.len() / batch).nth(row / count).unwrap();
            for &target in targets {
                let u = f64::from(target) - outputs[row * actions + Self::ACTION];
                let h = if u.abs() <= 1.0 { u * u / 2.0 } else { u.abs() - 0.5 };
                let weight = (f64::from(fraction) - f64::from(u < 0.0)).abs();
                total += weight * h / (targets.len() * batch) as f64;
            }
        }
        total
    }
}

impl WithSimd for &ImplicitLoss<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let ImplicitLoss { spec, batch, parameters, input, fractions, targets } = *self;
        let count = fractions.len() / batch;
        let actions = spec.outputs() / count;
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        let given = Fractions::Given(fractions);
        network::forward_at(simd, spec, given, parameters, batch, input, &mut activations);
        let mut d_outputs = vec![0.0; batch * spec.outputs()];
        let rows = network::output(spec, batch, &activations).chunks(count * actions);
        let fractions = fractions.chunks(count).zip(targets.chunks(targets.len() / batch));
        for ((row, d_row), (fractions, targets)) in
            rows.zip(d_outputs.chunks_mut(count * actions)).zip(fractions)
        {
            let values: Vec<f32> =
                row.chunks(actions).map(|row| row[ImplicitLoss::ACTION]).collect();
            let (mut losses, mut d) = (vec![0.0; count], vec![0.0; count]);
            let factor = 1.0 / batch as f32;
            quantile::huber(simd, &values, fractions, targets, factor, &mut losses, &mut d);
            for (d_row, d) in d_row.chunks_mut(actions).zip(d) {
                d_row[ImplicitLoss::ACTION] = d;
            }
        }
        let mut gradient = vec![0.0; parameters.len()];
        network::backward(
            simd,
            spec,
            parameters,
            batch,
            input,
            &activations,
            &d_outputs,
            &mut vec![f32::NAN; spec.workspace_count(batch)],
            &mut gradient,
        );
        gradient
    }
}

#[test]
fn gradients_of_implicit_networks_and_their_loss_equal_finite_differences() {
    let rng = &mut Generator::seed_from_u64(9);
    for spec in &implicit_networks()[1..4] {
        for (batch, targets) in [(1, 1), (3, 7), (7, 2)] {
            let count = spec.with_fractions(1).outputs();
            let count = spec.outputs() / count;
            let mut fractions = vec![0.0; batch * count];
            quantile::draw(rng, &mut fractions);
            let loss = ImplicitLoss {
                spec,
                batch,
                parameters: &random(rng, spec.parameter_count()),
                input: &random(rng, batch * spec.inputs()),
                fractions: &fractions,
                targets: &random(rng, batch * targets),
            };
            let want = differences(&double(loss.parameters), |parameters| loss.naive(parameters));
            let got = Lanes::best().dispatch(&loss);
            assert_gradient(&format!("{:?}, batch {batch}", spec.layers()), &got, &want);
        }
    }
}

#[test]
fn gradients_of_heads_equal_finite_differences() {
    for batch in BATCHES {
        for actions in [1, 2, 5, 18] {
            for baseline in [Baseline::Mean, Baseline::Max] {
                let spec = NetworkSpec::input(3).dense(4).activation(Activation::Elu);
                let width = 1 + actions % 3;
                check_parameters(
                    &format!("{baseline:?} {actions} x {width}"),
                    &spec.wide_dueling(actions, width, baseline),
                    batch,
                );
                check_parameters(
                    &format!("{baseline:?} {actions}"),
                    &spec.dueling(actions, baseline),
                    batch,
                );
            }
            let spec = NetworkSpec::input(3).dense(actions).softmax();
            check_parameters(&format!("softmax {actions}"), &spec, batch);
        }
    }
}

/// The input gradient of one layer, which a network computes for every layer but its first.
struct LayerInputGradient<'a>(Gradient<'a>);

impl WithSimd for LayerInputGradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Gradient { spec, batch, parameters, input, d_output } = self.0;
        let mut d_input = vec![f32::NAN; input.len()];
        let d_parameters = &mut vec![0.0; parameters.len()];
        match &spec.layers()[0] {
            Layer::Conv2d(conv) => conv2d::backward(
                simd,
                conv,
                batch,
                parameters,
                input,
                d_output,
                Some(&mut d_input),
                d_parameters,
                &mut vec![f32::NAN; conv.scratch_count(batch)],
                &mut vec![f32::NAN; conv.weight_count()],
            ),
            Layer::BatchNorm(norm) => {
                let mut statistics = vec![f32::NAN; norm.statistics_count()];
                batch_norm::statistics(simd, norm, input, &mut statistics);
                batch_norm::backward(
                    simd,
                    norm,
                    parameters,
                    &statistics,
                    input,
                    d_output,
                    Some(&mut d_input),
                    d_parameters,
                );
            }
            other => unreachable!("{other:?}"),
        }
        d_input
    }
}

#[test]
fn input_gradients_of_convolutions_and_normalisations_equal_finite_differences() {
    let mut specs: Vec<_> = odd_convolutions()
        .iter()
        .map(|conv| NetworkSpec::input(conv.input.count()).conv2d_of(*conv))
        .collect();
    let wide = BatchNorm { features: 19, rows: 2, momentum: 0.1, epsilon: 0.1 };
    specs.extend([1, 3, 17].map(|features| NetworkSpec::input(features).batch_norm()));
    specs.push(NetworkSpec::input(38).batch_norm_of(wide));
    for spec in &specs {
        for batch in [1, 4] {
            let rng = &mut Generator::seed_from_u64(12);
            let parameters = &random(rng, spec.parameter_count())[..];
            let input = &random(rng, batch * spec.inputs())[..];
            let d_output = &random(rng, batch * spec.outputs())[..];
            let wide = double(parameters);
            let want = differences(&double(input), |input| {
                weighted_sum(&naive_forward(spec, &wide, batch, input), d_output)
            });
            let gradient = Gradient { spec, batch, parameters, input, d_output };
            let got = Lanes::best().dispatch(LayerInputGradient(gradient));
            assert_gradient(&format!("{:?}, batch {batch}", spec.layers()), &got, &want);
        }
    }
}

#[test]
fn input_gradients_of_heads_equal_finite_differences() {
    let rng = &mut Generator::seed_from_u64(13);
    for (actions, width, batch) in [(1, 1, 1), (2, 1, 7), (5, 4, 1), (18, 1, 3), (2, 51, 2)] {
        let weights = random(rng, batch * actions * width);
        // A dense layer of weights zero and an input of one lets the bias through.
        let want = |spec: &NetworkSpec, input: &[f32], weights: &[f32]| {
            let inputs = spec.parameter_count() / 2;
            differences(&double(input), |input| {
                let rows = input.chunks(inputs).zip(weights.chunks(spec.outputs()));
                rows.map(|(row, weights)| {
                    let parameters = [&vec![0.0; inputs], row].concat();
                    weighted_sum(&naive_forward(spec, &parameters, 1, &[1.0]), weights)
                })
                .sum()
            })
        };
        for baseline in [Baseline::Mean, Baseline::Max] {
            let input = random(rng, batch * (1 + actions) * width);
            let spec = NetworkSpec::input(1).wide_dueling(actions, width, baseline);
            let mut got = vec![f32::NAN; input.len()];
            dueling::backward(baseline, actions, width, &input, &weights, &mut got);
            let what = format!("{baseline:?} {actions} x {width}, batch {batch}");
            assert_gradient(&what, &got, &want(&spec, &input, &weights));
        }
        let count = 1 + width as u32;
        let atoms = Atoms { count, lowest: -1.5, highest: 2.0 };
        for of in [Expectation::OverAtoms(atoms), Expectation::OverQuantiles { count }] {
            let input = random(rng, batch * actions * of.width());
            let spec = NetworkSpec::input(1).dense(actions * of.width()).expectation(of);
            let (weights, mut got) = (&weights[..batch * actions], vec![f32::NAN; input.len()]);
            expectation::backward(&of, &input, weights, &mut got);
            let what = format!("{of:?} {actions}, batch {batch}");
            assert_gradient(&what, &got, &want(&spec, &input, weights));
        }
        for counts in [&[1][..], &[3], &[2, 3], &[2, 1, 4]] {
            let branches = Branches::new(counts).expect("branches");
            let input = random(rng, batch * branches.value_count());
            let weights = random(rng, batch * branches.combinations());
            let spec = NetworkSpec::input(1).dense(branches.value_count()).joint_values(branches);
            let mut got = vec![f32::NAN; input.len()];
            joint_values::backward(&branches, &weights, &mut got);
            let what = format!("branches {counts:?}, batch {batch}");
            assert_gradient(&what, &got, &want(&spec, &input, &weights));
        }
        let weights = weights[..batch * actions].to_vec();
        let input = random(rng, batch * actions);
        let want = differences(&double(&input), |input| {
            let sum_of_row = |row: &[f64], weights: &[f32]| {
                let exponentials: Vec<f64> = row.iter().map(|x| x.exp()).collect();
                weighted_sum(&exponentials, weights) / exponentials.iter().sum::<f64>()
            };
            let rows = input.chunks(actions).zip(weights.chunks(actions));
            rows.map(|(row, weights)| sum_of_row(row, weights)).sum()
        });
        let (mut probabilities, mut got) = (input.clone(), weights.clone());
        softmax::forward(actions, &mut probabilities);
        softmax::backward(actions, &probabilities, &mut got);
        assert_gradient(&format!("softmax {actions}, batch {batch}"), &got, &want);
    }
}

#[test]
fn cross_entropy_gradients_equal_finite_differences() {
    let rng = &mut Generator::seed_from_u64(14);
    for (batch, classes) in [(1, 1), (1, 2), (7, 5), (64, 3)] {
        let weights = random(rng, batch);
        let share = |x: f32| 1.0 / (1.0 + (-2.0 * x).exp());
        let probabilities: Vec<f32> = random(rng, batch).into_iter().map(share).collect();
        let targets: Vec<f32> = random(rng, batch).into_iter().map(share).collect();
        let naive = |p: &[f64]| {
            let term = |b: usize| {
                let (y, w) = (f64::from(targets[b]), f64::from(weights[b]));
                -w * (y * p[b].ln() + (1.0 - y) * (1.0 - p[b]).ln())
            };
            (0..batch).map(term).sum::<f64>() / batch as f64
        };
        let mut d = vec![f32::NAN; batch];
        let value = binary_cross_entropy(&probabilities, &targets, Some(&weights), &mut d);
        let what = format!("binary, batch {batch}");
        assert_close(&what, &[value], &[naive(&double(&probabilities))], LOSS);
        assert_gradient(&what, &d, &differences(&double(&probabilities), naive));

        let logits = random(rng, batch * classes);
        let classes_of: Vec<u32> =
            (0..batch).map(|_| integers(rng, 0, classes as i64) as u32).collect();
        let mut distributions = random(rng, batch * classes);
        softmax::forward(classes, &mut distributions);
        for targets in [Categories::Classes(&classes_of), Categories::Distributions(&distributions)]
        {
            let naive = |x: &[f64]| {
                let term = |b: usize| {
                    let row = &x[b * classes..][..classes];
                    let shift = row.iter().map(|x| x.exp()).sum::<f64>().ln();
                    let of_target = |i: usize| match targets {
                        Categories::Classes(of_rows) if of_rows[b] as usize == i => 1.0,
                        Categories::Classes(_) => 0.0,
                        Categories::Distributions(all) => f64::from(all[b * classes + i]),
                    };
                    let terms = (0..classes).map(|i| of_target(i) * (row[i] - shift));
                    -f64::from(weights[b]) * terms.sum::<f64>()
                };
                (0..batch).map(term).sum::<f64>() / batch as f64
            };
            let mut d = vec![f32::NAN; batch * classes];
            let value =
                categorical_cross_entropy(&logits, classes, targets, Some(&weights), &mut d);
            let what = format!("{targets:?}, batch {batch}");
            assert_close(&what, &[value], &[naive(&double(&logits))], LOSS);
            assert_gradient(&what, &d, &differences(&double(&logits), naive));
        }
    }
}

struct InputGradient<'a>(Gradient<'a>);

impl WithSimd for InputGradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Gradient { spec, batch, parameters, input, d_output } = self.0;
        let mut d_input = vec![f32::NAN; input.len()];
        dense::backward(
            simd,
            spec.inputs(),
            spec.outputs(),
            batch,
            parameters,
            input,
            d_output,
            Some(&mut d_input),
            &mut vec![0.0; parameters.len()],
            &mut vec![0.0; spec.inputs() * spec.outputs()],
        );
        d_input
    }
}

#[test]
fn dense_input_gradients_equal_finite_differences() {
    for (inputs, outputs) in [(1, 1), (3, 5), (17, 1), (5, 33)] {
        let spec = &NetworkSpec::input(inputs).dense(outputs);
        for batch in BATCHES {
            let rng = &mut Generator::seed_from_u64(10);
            let parameters = &random(rng, spec.parameter_count())[..];
            let input = &random(rng, batch * inputs)[..];
            let d_output = &random(rng, batch * outputs)[..];
            let wide = double(parameters);
            let want = differences(&double(input), |input| {
                weighted_sum(&naive_forward(spec, &wide, batch, input), d_output)
            });
            let gradient = Gradient { spec, batch, parameters, input, d_output };
            let got = Lanes::best().dispatch(InputGradient(gradient));
            assert_gradient(&format!("{inputs}x{outputs}, batch {batch}"), &got, &want);
        }
    }
}

#[test]
fn loss_gradients_equal_finite_differences() {
    for loss in [Loss::SquaredError, Loss::Huber] {
        for batch in BATCHES {
            let rng = &mut Generator::seed_from_u64(11);
            let (q, targets, weights) =
                (random(rng, batch * 3), random(rng, batch), random(rng, batch));
            let targets: Vec<f32> = targets.iter().map(|target| target * 3.0).collect();
            let actions: Vec<u32> = (0..batch).map(|_| integers(rng, 0, 3) as u32).collect();
            let (mut d_q, mut errors) = (vec![f32::NAN; batch * 3], vec![f32::NAN; batch]);
            let naive = |q: &[f64]| {
                let term = |b: usize| {
                    let error = f64::from(targets[b]) - q[b * 3 + actions[b] as usize];
                    let value = match loss {
                        Loss::SquaredError => error.powi(2),
                        Loss::Huber if error.abs() <= 1.0 => error.powi(2) / 2.0,
                        Loss::Huber => error.abs() - 0.5,
                    };
                    f64::from(weights[b]) * value
                };
                (0..batch).map(term).sum::<f64>() / batch as f64
            };
            let value =
                loss.evaluate(&q, &actions, &targets, Some(&weights), &mut d_q, &mut errors);
            let what = format!("{loss:?}, batch {batch}");
            assert_close(&what, &[value], &[naive(&double(&q))], LOSS);
            assert_gradient(&what, &d_q, &differences(&double(&q), naive));
        }
    }
}
