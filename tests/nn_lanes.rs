//! Vector width never shows in a number: dense layers equal a naive twin bit for bit on every choice of lanes, so do
//! optimisers and clipping, 200 updates leave one hash, and one input alone gives the bits of its row in a batch.

use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN, hashes};
use embedded_rl_core::dqn::{DqnConfig, Learner};
use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, NetworkSpec, Optimiser, RmsPropForm, Simd, WithSimd,
    activation, dense, network, optimiser,
};
use embedded_rl_core::rng::{Generator, SeedableRng, normal};

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
                for _ in 0..200 {
                    assert!(learner.learn(slots, 1.0).loss.is_finite());
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
