//! Vector width never shows in a number: dense layers and convolutions equal a naive twin bit for bit on every choice of
//! lanes, so do optimisers and clipping, 200 updates leave one hash, and one input alone gives the bits of its row in a
//! batch.

use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN, hashes};
use embedded_rl_core::dqn::{DqnConfig, Learner};
use embedded_rl_core::nn::{
    Activation, Baseline, Channels, Conv2d, Image, Initialisation, Lanes, NetworkSpec, Optimiser,
    RmsPropForm, Simd, WithSimd, activation, conv2d, dense, network, optimiser,
};
use embedded_rl_core::rng::{Generator, SeedableRng, normal};
use embedded_rl_core::weights;

const SHAPES: [(usize, usize); 7] = [(1, 1), (3, 5), (17, 1), (5, 33), (8, 64), (64, 4), (19, 39)];
const BATCHES: [usize; 4] = [1, 2, 7, 64];

fn random(rng: &mut Generator, count: usize) -> Vec<f32> {
    (0..count).map(|_| normal(rng) as f32).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

struct DenseCase {
    inputs: usize,
    outputs: usize,
    batch: usize,
    parameters: Vec<f32>,
    input: Vec<f32>,
    d_output: Vec<f32>,
    d_before: Vec<f32>,
}

#[derive(Debug, PartialEq)]
struct DenseResult {
    output: Vec<u32>,
    d_input: Vec<u32>,
    d_parameters: Vec<u32>,
}

impl DenseCase {
    fn new(inputs: usize, outputs: usize, batch: usize) -> Self {
        let rng = &mut Generator::seed_from_u64(3);
        let count = inputs * outputs + outputs;
        let [parameters, d_before] = [random(rng, count), random(rng, count)];
        let (input, d_output) = (random(rng, batch * inputs), random(rng, batch * outputs));
        Self { inputs, outputs, batch, parameters, input, d_output, d_before }
    }

    /// The formulas of dense.rs with one plain loop an index.
    fn naive(&self) -> DenseResult {
        let Self { inputs, outputs, batch, parameters, input, d_output, d_before } = self;
        let (inputs, outputs, batch) = (*inputs, *outputs, *batch);
        let mut output = vec![0.0; batch * outputs];
        let mut d_input = vec![0.0; batch * inputs];
        let mut d_parameters = d_before.clone();
        for b in 0..batch {
            for o in 0..outputs {
                let mut sum = parameters[inputs * outputs + o];
                for i in 0..inputs {
                    sum += input[b * inputs + i] * parameters[i * outputs + o];
                }
                output[b * outputs + o] = sum;
                d_parameters[inputs * outputs + o] += d_output[b * outputs + o];
            }
            for i in 0..inputs {
                let mut sum = 0.0;
                for o in 0..outputs {
                    sum += d_output[b * outputs + o] * parameters[i * outputs + o];
                    d_parameters[i * outputs + o] +=
                        input[b * inputs + i] * d_output[b * outputs + o];
                }
                d_input[b * inputs + i] = sum;
            }
        }
        DenseResult {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

impl WithSimd for &DenseCase {
    type Output = DenseResult;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> DenseResult {
        let DenseCase { inputs, outputs, batch, parameters, input, d_output, d_before } = self;
        let (inputs, outputs, batch) = (*inputs, *outputs, *batch);
        let mut output = vec![f32::NAN; batch * outputs];
        dense::forward(simd, inputs, outputs, batch, parameters, input, &mut output);
        let mut d_input = vec![f32::NAN; batch * inputs];
        let mut d_parameters = d_before.clone();
        let mut workspace = vec![f32::NAN; inputs * outputs];
        dense::backward(
            simd,
            inputs,
            outputs,
            batch,
            parameters,
            input,
            d_output,
            Some(&mut d_input),
            &mut d_parameters,
            &mut workspace,
        );
        DenseResult {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

#[test]
fn dense_layers_equal_their_naive_twin_bit_for_bit() {
    for (inputs, outputs) in SHAPES {
        for batch in BATCHES {
            let case = DenseCase::new(inputs, outputs, batch);
            let expected = case.naive();
            for lanes in Lanes::available() {
                let found = lanes.dispatch(&case);
                assert_eq!(found, expected, "{inputs}x{outputs}, batch {batch}, {}", lanes.name());
            }
        }
    }
}

struct ConvCase {
    conv: Conv2d,
    batch: usize,
    parameters: Vec<f32>,
    input: Vec<f32>,
    d_output: Vec<f32>,
    d_before: Vec<f32>,
}

impl ConvCase {
    fn new(conv: Conv2d, batch: usize) -> Self {
        let rng = &mut Generator::seed_from_u64(7);
        let count = conv.weight_count() + usize::from(conv.filters);
        let [parameters, d_before] = [random(rng, count), random(rng, count)];
        let input = random(rng, batch * conv.input.count());
        let d_output = random(rng, batch * conv.output().count());
        Self { conv, batch, parameters, input, d_output, d_before }
    }

    /// The formulas of conv2d.rs with one plain loop an index.
    fn naive(&self) -> DenseResult {
        let Self { conv, batch, parameters, input, d_output, d_before } = self;
        let (image, columns) = (conv.input, usize::from(conv.output().width));
        let [channels, height, width] =
            [image.channels, image.height, image.width].map(usize::from);
        let [kernel_height, kernel_width] = conv.kernel.map(usize::from);
        let [filters, inner] = [usize::from(conv.filters), conv.inner()];
        // Where the k-th number under the kernel at a position lies in an image; nowhere in the padding.
        let place = |position: usize, k: usize| {
            let (channel, down, right) = match image.order {
                Channels::First => {
                    let pixels = kernel_height * kernel_width;
                    (k / pixels, k % pixels / kernel_width, k % kernel_width)
                }
                Channels::Last => {
                    (k % channels, k / channels / kernel_width, k / channels % kernel_width)
                }
            };
            let [stride, padding] = [conv.stride, conv.padding].map(|pair| pair.map(usize::from));
            let y = (position / columns * stride[0] + down).checked_sub(padding[0])?;
            let x = (position % columns * stride[1] + right).checked_sub(padding[1])?;
            (y < height && x < width).then_some(match image.order {
                Channels::First => (channel * height + y) * width + x,
                Channels::Last => (y * width + x) * channels + channel,
            })
        };
        let (mut output, mut d_input) = (vec![0.0; d_output.len()], vec![0.0; input.len()]);
        let mut d_parameters = d_before.clone();
        for b in 0..*batch {
            let start = b * image.count();
            for p in 0..conv.positions() {
                let row = (b * conv.positions() + p) * filters;
                for f in 0..filters {
                    let d = d_output[row + f];
                    let mut sum = parameters[inner * filters + f];
                    for k in 0..inner {
                        let x = place(p, k).map_or(0.0, |place| input[start + place]);
                        sum += x * parameters[k * filters + f];
                        d_parameters[k * filters + f] += x * d;
                    }
                    output[row + f] = sum;
                    d_parameters[inner * filters + f] += d;
                }
                for k in 0..inner {
                    let mut sum = 0.0;
                    for f in 0..filters {
                        sum += d_output[row + f] * parameters[k * filters + f];
                    }
                    if let Some(place) = place(p, k) {
                        d_input[start + place] += sum;
                    }
                }
            }
        }
        DenseResult {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

impl WithSimd for &ConvCase {
    type Output = DenseResult;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> DenseResult {
        let ConvCase { conv, batch, parameters, input, d_output, d_before } = self;
        let mut output = vec![f32::NAN; d_output.len()];
        let mut scratch = vec![f32::NAN; conv.scratch_count(*batch)];
        conv2d::forward(simd, conv, *batch, parameters, input, &mut output, &mut scratch);
        let mut d_input = vec![f32::NAN; input.len()];
        let mut d_parameters = d_before.clone();
        conv2d::backward(
            simd,
            conv,
            *batch,
            parameters,
            input,
            d_output,
            Some(&mut d_input),
            &mut d_parameters,
            &mut scratch,
            &mut vec![f32::NAN; conv.weight_count()],
        );
        DenseResult {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

#[test]
fn convolutions_equal_their_naive_twin_bit_for_bit() {
    for (sizes, filters, kernel, stride, padding, batch) in [
        ([1, 1, 1], 1, [1, 1], [1, 1], [0, 0], 1),
        ([3, 9, 10], 32, [4, 4], [2, 2], [0, 0], 3),
        ([2, 7, 11], 5, [3, 5], [2, 1], [1, 2], 4),
        ([5, 4, 3], 17, [3, 3], [1, 1], [1, 1], 2),
        ([1, 5, 5], 3, [2, 1], [3, 4], [0, 2], 7),
        // Several blocks of positions, which do not end where images do.
        ([4, 20, 24], 19, [8, 8], [2, 2], [3, 0], 3),
    ] {
        for order in [Channels::First, Channels::Last] {
            let [channels, height, width] = sizes;
            let input = Image { channels, height, width, order };
            let case = ConvCase::new(Conv2d { input, filters, kernel, stride, padding }, batch);
            let expected = case.naive();
            for lanes in Lanes::available() {
                let found = lanes.dispatch(&case);
                assert!(found == expected, "{:?}, {}", case.conv, lanes.name());
            }
        }
    }
}

struct ActivationCase<'a>(Activation, &'a [f32]);

impl WithSimd for ActivationCase<'_> {
    type Output = [Vec<u32>; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [Vec<u32>; 2] {
        let mut values = self.1.to_vec();
        activation::forward(simd, self.0, &mut values);
        let mut d: Vec<f32> = self.1.iter().rev().copied().collect();
        activation::backward(simd, self.0, &values, &mut d);
        [bits(&values), bits(&d)]
    }
}

#[test]
fn activations_have_the_same_bits_on_all_lanes() {
    let mut values = random(&mut Generator::seed_from_u64(5), 67);
    values[..4].copy_from_slice(&[0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY]);
    for function in [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid] {
        let expected = Lanes::scalar().dispatch(ActivationCase(function, &values));
        for lanes in Lanes::available() {
            let found = lanes.dispatch(ActivationCase(function, &values));
            assert_eq!(found, expected, "{function:?} on {}", lanes.name());
        }
    }
}

struct OptimiserCase(Optimiser);

impl WithSimd for OptimiserCase {
    type Output = [Vec<u32>; 2];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> [Vec<u32>; 2] {
        let rng = &mut Generator::seed_from_u64(6);
        let mut parameters = random(rng, 61);
        let mut moments = vec![0.0; self.0.moment_count(61)];
        let mut state = self.0.start(&mut moments);
        for _ in 0..20 {
            let mut gradients = random(rng, 61);
            // Some moments pass through the sizes at which they are flushed.
            gradients[..20].iter_mut().for_each(|g| *g *= 1e-16);
            gradients[5..40].iter_mut().for_each(|g| *g *= 1e-14);
            optimiser::clip_norm(simd, 2.0, &mut gradients);
            self.0.step(simd, &mut state, &mut parameters, &gradients, &mut moments);
        }
        [bits(&parameters), bits(&moments)]
    }
}

#[test]
fn optimisers_and_clipping_have_the_same_bits_on_all_lanes() {
    let rms_prop =
        |form| Optimiser::RmsProp { learning_rate: 0.01, decay: 0.9, epsilon: 1e-5, form };
    for optimiser in [
        Optimiser::adam(0.01),
        Optimiser::Sgd { learning_rate: 0.01, momentum: 0.0 },
        Optimiser::Sgd { learning_rate: 0.01, momentum: 0.9 },
        rms_prop(RmsPropForm::Plain),
        rms_prop(RmsPropForm::Centred),
        rms_prop(RmsPropForm::CentredEpsilonInside),
    ] {
        let expected = Lanes::scalar().dispatch(OptimiserCase(optimiser));
        for lanes in Lanes::available() {
            let found = lanes.dispatch(OptimiserCase(optimiser));
            assert_eq!(found, expected, "{optimiser:?} on {}", lanes.name());
        }
    }
}

#[test]
fn two_hundred_updates_leave_the_same_parameters_on_all_lanes() {
    for (sizes, batch) in [
        (&[8, 64, 64, 4][..], 64),
        (&[4, 24, 24, 2], 64),
        (&[1, 1], 1),
        (&[3, 5, 17, 1], 7),
        (&[5, 33, 19, 3], 13),
    ] {
        for config in [PLAIN, DqnConfig { double: true, clip_norm: 1.0, ..PLAIN }] {
            let mut memory = DqnUpdate::new(sizes, batch, config);
            let untrained = hashes(&memory.start(Lanes::scalar()).0);
            let mut after = Lanes::available().map(|lanes| {
                let (mut learner, slots) = memory.start(lanes);
                let draws = &mut Generator::seed_from_u64(0);
                for _ in 0..200 {
                    assert!(learner.learn(slots, None, 1.0, draws).loss.is_finite());
                }
                (lanes.name(), hashes(&learner))
            });
            let (_, expected) = after.next().unwrap();
            assert_ne!(expected[0], untrained[0], "{sizes:?}: nothing was learnt");
            assert_ne!(expected[1], untrained[1], "{sizes:?}: the target network stood still");
            for (name, found) in after {
                assert_eq!(found, expected, "{sizes:?}, batch {batch}, {name}");
            }
        }
    }
}

/// A network of every layer after some updates: its parameters, running statistics among them.
struct Updates<'a>(&'a NetworkSpec, usize, Initialisation);

impl WithSimd for Updates<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
        let Self(spec, batch, initialisation) = self;
        let rng = &mut Generator::seed_from_u64(8);
        let mut parameters = vec![f32::NAN; spec.parameter_count()];
        initialisation.draw(spec, rng, &mut parameters);
        let adam = Optimiser::adam(1e-2);
        let mut moments = vec![0.0; adam.moment_count(parameters.len())];
        let mut state = adam.start(&mut moments);
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        let mut workspace = vec![f32::NAN; spec.workspace_count(batch)];
        for _ in 0..20 {
            let input = random(rng, batch * spec.inputs());
            network::forward(simd, spec, &parameters, batch, &input, &mut activations);
            let d_output: Vec<f32> =
                network::output(spec, batch, &activations).iter().map(|y| y - 1.0).collect();
            let mut gradient = vec![0.0; parameters.len()];
            network::backward(
                simd,
                spec,
                &parameters,
                batch,
                &input,
                &activations,
                &d_output,
                &mut workspace,
                &mut gradient,
            );
            optimiser::clip_value(simd, 0.5, &mut gradient);
            adam.step(simd, &mut state, &mut parameters, &gradient, &mut moments);
            network::follow_statistics(spec, batch, &activations, &mut parameters);
        }
        bits(&parameters)
    }
}

/// Every kind of layer in one network.
fn network_of_every_layer() -> NetworkSpec {
    NetworkSpec::image(Image::channels_first(3, 9, 8))
        .conv2d(19, [4, 3], [2, 1], [1, 0])
        .batch_norm()
        .activation(Activation::Relu)
        .conv2d(7, [2, 2], [1, 2], [0, 1])
        .activation(Activation::Elu)
        .dense(33)
        .batch_norm()
        .activation(Activation::Tanh)
        .dueling(5, Baseline::Max)
        .softmax()
}

#[test]
fn a_network_of_every_layer_learns_the_same_bits_on_all_lanes() {
    let spec = network_of_every_layer();
    for (initialisation, hash_of_nine) in [
        (Initialisation::PyTorch, 0x1C3C_4072_4011_AB1E),
        (Initialisation::OrthogonalRelu, 0x24A9_8899_6D94_C141),
    ] {
        for batch in [1, 2, 9] {
            let mut after = Lanes::available()
                .map(|lanes| lanes.dispatch(Updates(&spec, batch, initialisation)));
            let expected = after.next().unwrap();
            assert!(expected.iter().all(|&bits| f32::from_bits(bits).is_finite()));
            assert!(after.all(|found| found == expected), "{initialisation:?}, batch {batch}");
            if batch == 9 {
                // The same in debug and release, and on every machine.
                let parameters: Vec<f32> = expected.into_iter().map(f32::from_bits).collect();
                let found = weights::hash(&parameters);
                assert_eq!(found, hash_of_nine, "{initialisation:?}: {found:#018x}");
            }
        }
    }
}

struct BatchInfer<'a>(&'a NetworkSpec, &'a [f32], usize, &'a [f32]);

impl WithSimd for BatchInfer<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
        let Self(spec, parameters, batch, input) = self;
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        network::infer_batch(simd, spec, parameters, batch, input, &mut activations);
        bits(network::output(spec, batch, &activations))
    }
}

#[test]
fn one_input_alone_gives_the_bits_of_its_row_in_a_batch_inferred_together() {
    let spec = network_of_every_layer();
    let parameters: Vec<f32> = Lanes::best()
        .dispatch(Updates(&spec, 9, Initialisation::Orthogonal))
        .into_iter()
        .map(f32::from_bits)
        .collect();
    let input = random(&mut Generator::seed_from_u64(9), 5 * spec.inputs());
    for lanes in Lanes::available() {
        let rows = lanes.dispatch(BatchInfer(&spec, &parameters, 5, &input));
        for (one, row) in input.chunks(spec.inputs()).zip(rows.chunks(spec.outputs())) {
            let mut scratch = vec![f32::NAN; spec.scratch_count()];
            let found = network::infer(lanes, &spec, &parameters, one, &mut scratch);
            assert_eq!(bits(found), row, "{}", lanes.name());
        }
    }
}

struct BatchForward<'a>(&'a NetworkSpec, &'a [f32], usize, &'a [f32]);

impl WithSimd for BatchForward<'_> {
    type Output = Vec<u32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<u32> {
        let Self(spec, parameters, batch, input) = self;
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        network::forward(simd, spec, parameters, batch, input, &mut activations);
        bits(network::output(spec, batch, &activations))
    }
}

#[test]
fn one_input_alone_gives_the_bits_of_its_row_in_a_batch() {
    for function in [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid] {
        for sizes in [&[8, 64, 64, 4][..], &[1, 1], &[3, 5, 17, 1], &[5, 33, 2], &[6, 100, 40]] {
            let rng = &mut Generator::seed_from_u64(4);
            let spec = NetworkSpec::mlp(sizes, function).activation(function);
            let mut parameters = vec![0.0; spec.parameter_count()];
            Initialisation::HeNormal.draw(&spec, rng, &mut parameters);
            for batch in BATCHES {
                let input = random(rng, batch * spec.inputs());
                for lanes in Lanes::available() {
                    let rows = lanes.dispatch(BatchForward(&spec, &parameters, batch, &input));
                    for (b, row) in rows.chunks_exact(spec.outputs()).enumerate() {
                        let one = &input[b * spec.inputs()..][..spec.inputs()];
                        let mut scratch = vec![f32::NAN; spec.scratch_count()];
                        let found = network::infer(lanes, &spec, &parameters, one, &mut scratch);
                        assert_eq!(
                            bits(found),
                            row,
                            "{sizes:?}, row {b} of {batch}, {}",
                            lanes.name()
                        );
                    }
                }
            }
        }
    }
}
