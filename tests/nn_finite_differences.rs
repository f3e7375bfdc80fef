//! Every backward against central differences of a naive forward in `f64`, at odd shapes. A parameter whose two
//! one-sided differences disagree stands at a kink (relu at 0, Huber at an error of 1) and is skipped.

use embedded_rl_checks::tolerance::{FINITE_DIFFERENCE, assert_close};
use embedded_rl_core::nn::{
    Activation, Lanes, Layer, Loss, NetworkSpec, Simd, WithSimd, dense, network,
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
    let (mut values, mut offset) = (input.to_vec(), 0);
    for layer in spec.layers() {
        match *layer {
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
            assert_close(
                &what,
                &[value],
                &[naive(&double(&q))],
                embedded_rl_checks::tolerance::LOSS,
            );
            assert_gradient(&what, &d_q, &differences(&double(&q), naive));
        }
    }
}
