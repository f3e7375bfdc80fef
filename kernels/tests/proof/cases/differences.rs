//! Backward kernels against finite differences: of formulas that are written out here in double precision, from their
//! definitions and not from core. Odd shapes; points on a kink are not asked about.

use super::conv2d::{layer, shape};
use super::mlp::{both, rule, table};
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Activation, BatchNorm, Channels, Conv2d, Image, Loss, batch_norm};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

/// How far a gradient may be off, of 1 and its own size: some tens of roundings in single precision, of which the shapes here
/// need less than a tenth.
const BOUND: f64 = 5e-6;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(27);
    let mut cases = vec![batch_normalisation(numbers), fused(numbers)];
    for shape in [[1, 1, 1], [7, 3, 5], [17, 19, 18]] {
        cases.push(dense(numbers, shape));
    }
    let image = |order| Image { channels: 3, height: 5, width: 7, order };
    for (order, padding) in [(Channels::First, [1, 0]), (Channels::Last, [0, 2])] {
        cases.push(convolution(numbers, &layer(image(order), 5, [3, 2], [2, 1], padding)));
    }
    for is_max in [false, true] {
        cases.push(dueling(numbers, is_max));
    }
    cases.push(softmax(numbers));
    for name in ["relu", "elu", "tanh", "sigmoid"] {
        cases.push(activation(numbers, name));
    }
    for name in ["squared_error", "huber"] {
        cases.push(loss(numbers, name));
    }
    cases
}

/// Central differences of `f` at `x`.
pub(super) fn slopes(x: &[f32], f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let mut x: Vec<f64> = x.iter().copied().map(f64::from).collect();
    let (step, count) = (1e-5, x.len());
    let slope = |i: usize| {
        let here = x[i];
        x[i] = here + step;
        let above = f(&x);
        x[i] = here - step;
        let below = f(&x);
        x[i] = here;
        (above - below) / (2.0 * step)
    };
    (0..count).map(slope).collect()
}

/// A buffer of gradients that are these, after `before`.
pub(super) fn gradients(
    case: &mut Case,
    name: &'static str,
    before: &[f32],
    slopes: &[f64],
) -> Argument {
    let bounds: Vec<f64> = slopes.iter().map(|slope| BOUND * (1.0 + slope.abs())).collect();
    case.within(name, before, slopes, &bounds)
}

pub(super) fn dot(a: &[f64], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * f64::from(*b)).sum()
}

pub(super) fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

/// Numbers away from zero, where functions have kinks.
pub(super) fn off_zero(numbers: &mut Numbers, count: usize) -> Vec<f32> {
    numbers.floats(count).into_iter().map(|x| if x.abs() < 0.01 { 0.5 } else { x }).collect()
}

/// Functions beside a layer, as its kernel takes them.
const NONE: u32 = 0;
const TANH: u32 = 3;

fn tanh(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| x.tanh()).collect()
}

fn values_of_tanh(case: &mut Case, before: &[f32]) -> Argument {
    let values: Vec<f32> = tanh(&wide(before)).into_iter().map(|value| value as f32).collect();
    case.given("values", &values)
}

/// `[batch][outputs]` of a dense layer.
fn run_dense(parameters: &[f64], input: &[f64], [inputs, outputs]: [usize; 2]) -> Vec<f64> {
    let (weights, bias) = parameters.split_at(inputs * outputs);
    let rows = input.chunks_exact(inputs);
    let output = |row: &[f64], o: usize| {
        bias[o] + (0..inputs).map(|i| row[i] * weights[i * outputs + o]).sum::<f64>()
    };
    rows.flat_map(|row| (0..outputs).map(|o| output(row, o)).collect::<Vec<_>>()).collect()
}

fn dense(numbers: &mut Numbers, [inputs, outputs, batch]: [usize; 3]) -> Case {
    let (parameters, input) =
        (numbers.floats((inputs + 1) * outputs), numbers.floats(batch * inputs));
    let d_output = numbers.floats(batch * outputs);
    let sizes = [inputs, outputs];
    let of_input = slopes(&input, |x| dot(&run_dense(&wide(&parameters), x, sizes), &d_output));
    let of_parameters =
        slopes(&parameters, |p| dot(&run_dense(p, &wide(&input), sizes), &d_output));

    // In front of a function whose values the input then is.
    let before = numbers.floats(batch * inputs);
    let of_before =
        slopes(&before, |z| dot(&run_dense(&wide(&parameters), &tanh(z), sizes), &d_output));

    let mut case = Case::new(format!("differences of dense {inputs} x {outputs}, batch {batch}"));
    let values = values_of_tanh(&mut case, &before);
    let nothing = vec![f32::NAN; before.len()];
    let d_before = gradients(&mut case, "d_input before a function", &nothing, &of_before);
    let d_input = gradients(&mut case, "d_input", &vec![f32::NAN; input.len()], &of_input);
    let zeros = vec![0.0; parameters.len()];
    let d_parameters = gradients(&mut case, "d_parameters", &zeros, &of_parameters);
    let (parameters, input) = (case.given("parameters", &parameters), case.given("input", &input));
    let d_output = case.given("d_output", &d_output);
    let sizes = [inputs, outputs, batch].map(size);
    let grid = Launch::tiles(batch as u32, inputs as u32);
    for (d, values, function) in [(d_input, Argument::Null, NONE), (d_before, values, TANH)] {
        let of = [parameters.clone(), d_output.clone(), d, values];
        let function = [Argument::U32(function)];
        case.launch("dense_input_gradient", grid, &[&of[..], &sizes, &function].concat());
    }
    let of = [input, d_output, d_parameters];
    let grid = Launch::tiles(inputs as u32 + 1, outputs as u32);
    case.launch("dense_parameter_gradient", grid, &[&of[..], &sizes].concat());
    case
}

/// `[positions][filters]` of a convolution of one image: pixel by pixel, from the definition.
fn run_convolution(conv: &Conv2d, parameters: &[f64], image: &[f64]) -> Vec<f64> {
    let Image { channels, height, width, order } = conv.input;
    let [channels, height, width] = [channels, height, width].map(i64::from);
    let [[rows, columns], [down, right], [above, left]] =
        [conv.kernel, conv.stride, conv.padding].map(|pair| pair.map(i64::from));
    let (output, filters) = (conv.output(), usize::from(conv.filters));
    let (weights, bias) = parameters.split_at(parameters.len() - filters);
    let mut results = Vec::new();
    for place in 0..i64::from(output.height) * i64::from(output.width) {
        let (y, x) = (place / i64::from(output.width), place % i64::from(output.width));
        for filter in 0..filters {
            let mut sum = bias[filter];
            for (c, row, column) in (0..channels * rows * columns)
                .map(|k| (k / (rows * columns), k / columns % rows, k % columns))
            {
                let (y, x) = (y * down - above + row, x * right - left + column);
                if y < 0 || y >= height || x < 0 || x >= width {
                    continue;
                }
                let (pixel, k) = match order {
                    Channels::First => {
                        ((c * height + y) * width + x, (c * rows + row) * columns + column)
                    }
                    Channels::Last => {
                        ((y * width + x) * channels + c, (row * columns + column) * channels + c)
                    }
                };
                sum += image[pixel as usize] * weights[k as usize * filters + filter];
            }
            results.push(sum);
        }
    }
    results
}

fn convolution(numbers: &mut Numbers, conv: &Conv2d) -> Case {
    let filters = usize::from(conv.filters);
    let (parameters, input) =
        (numbers.floats((conv.inner() + 1) * filters), numbers.floats(conv.input.count()));
    let d_output = numbers.floats(conv.positions() * filters);
    let of_input =
        slopes(&input, |x| dot(&run_convolution(conv, &wide(&parameters), x), &d_output));
    let of_parameters =
        slopes(&parameters, |p| dot(&run_convolution(conv, p, &wide(&input)), &d_output));

    let before = numbers.floats(conv.input.count());
    let of_before =
        slopes(&before, |z| dot(&run_convolution(conv, &wide(&parameters), &tanh(z)), &d_output));

    let mut case = Case::new(format!("differences of {conv:?}"));
    let values = values_of_tanh(&mut case, &before);
    let nothing = vec![f32::NAN; before.len()];
    let d_before = gradients(&mut case, "d_input before a function", &nothing, &of_before);
    let d_input = gradients(&mut case, "d_input", &vec![f32::NAN; input.len()], &of_input);
    let zeros = vec![0.0; parameters.len()];
    let d_parameters = gradients(&mut case, "d_parameters", &zeros, &of_parameters);
    let elements = Launch::elements(input.len() as u32);
    let (parameters, input) = (case.given("parameters", &parameters), case.given("input", &input));
    let d_output = case.given("d_output", &d_output);
    for (d, values, function) in [(d_input, Argument::Null, NONE), (d_before, values, TANH)] {
        let function = Argument::U32(function);
        let of = [parameters.clone(), d_output.clone(), d, values, shape(conv), size(1), function];
        case.launch("conv2d_input_gradient", elements, &of);
    }
    let grid = Launch::tiles(conv.inner() as u32 + 1, filters as u32);
    let of = [input, d_output, d_parameters, shape(conv), size(1)];
    case.launch("conv2d_parameter_gradient", grid, &of);
    case
}

fn activation(numbers: &mut Numbers, name: &str) -> Case {
    let count = 77;
    let (input, d) = (off_zero(numbers, count), numbers.floats(count));
    let function = |x: f64| match name {
        "relu" => x.max(0.0),
        "elu" => {
            if x > 0.0 {
                x
            } else {
                x.exp() - 1.0
            }
        }
        "tanh" => x.tanh(),
        _ => 1.0 / (1.0 + (-x).exp()),
    };
    let kernel = match name {
        "relu" => "relu_backward",
        "elu" => "elu_backward",
        "tanh" => "tanh_backward",
        _ => "sigmoid_backward",
    };
    let outputs: Vec<f32> = input.iter().map(|&x| function(f64::from(x)) as f32).collect();
    let each = |x: &[f64]| x.iter().copied().map(function).collect::<Vec<f64>>();
    let of_input = slopes(&input, |x| dot(&each(x), &d));

    let mut case = Case::new(format!("differences of {name}"));
    let d = gradients(&mut case, "d_input", &d, &of_input);
    let of = [case.given("outputs", &outputs), d, size(count)];
    case.launch(kernel, Launch::elements(count as u32), &of);
    case
}

fn dueling(numbers: &mut Numbers, is_max: bool) -> Case {
    let (rows, actions, width) = (5, 4, 3);
    let (input, d_output) =
        (numbers.floats(rows * (1 + actions) * width), numbers.floats(rows * actions * width));
    let run = |x: &[f64]| {
        let mut q = Vec::new();
        for row in x.chunks_exact((1 + actions) * width) {
            for (a, w) in (0..actions * width).map(|i| (i / width, i % width)) {
                let advantage = |a: usize| row[(1 + a) * width + w];
                let largest = (0..actions).map(advantage).fold(f64::MIN, f64::max);
                let mean = (0..actions).map(advantage).sum::<f64>() / actions as f64;
                q.push(row[w] + advantage(a) - if is_max { largest } else { mean });
            }
        }
        q
    };
    let of_input = slopes(&input, |x| dot(&run(x), &d_output));

    let mut case = Case::new(format!("differences of a dueling end, largest: {is_max}"));
    let d_input = gradients(&mut case, "d_input", &vec![f32::NAN; input.len()], &of_input);
    let of = [
        case.given("input", &input),
        case.given("d_output", &d_output),
        d_input,
        Argument::U32(u32::from(is_max)),
        size(actions),
        size(width),
        size(rows),
    ];
    case.launch("dueling_backward", Launch::elements((rows * width) as u32), &of);
    case
}

pub(super) fn run_softmax(row: &[f64]) -> Vec<f64> {
    let exponentials: Vec<f64> = row.iter().map(|x| x.exp()).collect();
    exponentials.iter().map(|e| e / exponentials.iter().sum::<f64>()).collect()
}

fn softmax(numbers: &mut Numbers) -> Case {
    let (width, rows) = (7, 9);
    let (input, d) = (numbers.floats(width * rows), numbers.floats(width * rows));
    let run = |x: &[f64]| x.chunks_exact(width).flat_map(run_softmax).collect::<Vec<f64>>();
    let probabilities: Vec<f32> = run(&wide(&input)).into_iter().map(|p| p as f32).collect();
    let of_input = slopes(&input, |x| dot(&run(x), &d));

    let mut case = Case::new("differences of a softmax".to_owned());
    let d = gradients(&mut case, "d_input", &d, &of_input);
    let of = [case.given("probabilities", &probabilities), d, size(width), size(rows)];
    case.launch("softmax_backward", Launch::elements(rows as u32), &of);
    case
}

fn batch_normalisation(numbers: &mut Numbers) -> Case {
    let (features, rows) = (5, 11);
    let norm = BatchNorm {
        features: features as u32,
        rows: 1,
        momentum: BatchNorm::MOMENTUM,
        epsilon: BatchNorm::EPSILON,
    };
    let parameters = [numbers.floats(3 * features), vec![1.0; features]].concat();
    let (input, d_output) = (numbers.floats(rows * features), numbers.floats(rows * features));
    let run = |p: &[f64], x: &[f64]| {
        let mut output = vec![0.0; rows * features];
        for f in 0..features {
            let column = || x.iter().skip(f).step_by(features);
            let mean = column().sum::<f64>() / rows as f64;
            let variance = column().map(|x| (x - mean).powi(2)).sum::<f64>() / rows as f64;
            let root = (variance + f64::from(norm.epsilon)).sqrt();
            for (r, x) in column().enumerate() {
                output[r * features + f] = p[f] * (x - mean) / root + p[features + f];
            }
        }
        output
    };
    let of_input = slopes(&input, |x| dot(&run(&wide(&parameters), x), &d_output));
    let of_parameters = slopes(&parameters, |p| dot(&run(p, &wide(&input)), &d_output));
    let mut statistics = vec![0.0; 2 * features];
    batch_norm::statistics(Scalar, &norm, &input, &mut statistics);

    let mut case = Case::new("differences of batch normalisation".to_owned());
    let d_input = gradients(&mut case, "d_input", &vec![f32::NAN; input.len()], &of_input);
    let zeros = vec![0.0; parameters.len()];
    let d_parameters = gradients(&mut case, "d_parameters", &zeros, &of_parameters);
    let parameters = case.given("parameters", &parameters);
    let statistics = case.given("statistics", &statistics);
    let (input, d_output) = (case.given("input", &input), case.given("d_output", &d_output));
    let sums = case.between("sums", 2 * features);
    let sizes = [Argument::F32(norm.epsilon), size(features), size(rows)];
    let of = [statistics.clone(), input.clone(), d_output.clone(), d_parameters, sums.clone()];
    let grid = Launch::elements(features as u32);
    case.launch("batch_norm_parameter_gradient", grid, &[&of[..], &sizes].concat());
    let of = [parameters, statistics, input, d_output, sums, d_input];
    let grid = Launch::elements((rows * features) as u32);
    case.launch("batch_norm_input_gradient", grid, &[&of[..], &sizes].concat());
    case
}

/// The loss of values against targets.
fn total(name: &str, q: &[f64], taken: &[u32], targets: &[f64], weights: &[f32]) -> f64 {
    let actions = q.len() / taken.len();
    let of_row = |b: usize| {
        let e = targets[b] - q[b * actions + taken[b] as usize];
        let is_square = name == "squared_error";
        let value = if is_square {
            e * e
        } else if e.abs() <= 1.0 {
            e * e / 2.0
        } else {
            e.abs() - 0.5
        };
        f64::from(weights[b]) * value
    };
    (0..taken.len()).map(of_row).sum::<f64>() / taken.len() as f64
}

fn loss(numbers: &mut Numbers, name: &'static str) -> Case {
    let (batch, actions) = (21, 3);
    let (q, taken) = (numbers.floats(batch * actions), numbers.indices(batch, actions));
    let (targets, weights) = (numbers.floats(batch), numbers.magnitudes(batch));
    let of_q = slopes(&q, |q| total(name, q, &taken, &wide(&targets), &weights));

    let mut case = Case::new(format!("differences of {name}"));
    let d_q = gradients(&mut case, "d_q", &vec![f32::NAN; q.len()], &of_q);
    let of = [
        case.given("q", &q),
        case.given("taken", &taken),
        case.given("targets", &targets),
        case.given("weights", &weights),
        d_q,
        case.between("errors", batch),
        case.between("total", 1),
        size(actions),
        size(batch),
    ];
    case.launch(name, Launch::one_block(), &of);
    case
}

/// A whole update of a small network up to its gradients: of the loss, with targets that stand still.
fn fused(numbers: &mut Numbers) -> Case {
    let (inputs, hidden, actions, batch, capacity) = (5, 7, 3, 9, 12);
    let layers = [(hidden, Some(Activation::Tanh)), (actions, None)];
    let (spec, mlp) = both(inputs, &layers, None);
    let count = spec.parameter_count();
    let [online, target] = [(); 2].map(|()| numbers.floats(count));
    let [seen, next] = [(); 2].map(|()| numbers.floats(capacity * inputs));
    let (taken, rewards) = (numbers.indices(capacity, actions), numbers.floats(capacity));
    let (discounts, weights) = (numbers.magnitudes(capacity), numbers.magnitudes(batch));
    let slots = numbers.indices(batch, capacity);
    let run = |p: &[f64], x: &[f32], slot: u32| {
        let x = wide(&x[slot as usize * inputs..][..inputs]);
        let (first, second) = p.split_at((inputs + 1) * hidden);
        let between: Vec<f64> =
            run_dense(first, &x, [inputs, hidden]).iter().map(|x| x.tanh()).collect();
        run_dense(second, &between, [hidden, actions])
    };
    let worth = |&slot: &u32| {
        let following = run(&wide(&target), &next, slot).into_iter().fold(f64::MIN, f64::max);
        f64::from(rewards[slot as usize]) + f64::from(discounts[slot as usize]) * following
    };
    let targets: Vec<f64> = slots.iter().map(worth).collect();
    let of_batch: Vec<u32> = slots.iter().map(|&slot| taken[slot as usize]).collect();
    let of_parameters = slopes(&online, |p| {
        let q: Vec<f64> = slots.iter().flat_map(|&slot| run(p, &seen, slot)).collect();
        total("squared_error", &q, &of_batch, &targets, &weights)
    });

    let mut case = Case::new("differences of a fused update".to_owned());
    let values = case.between("values", batch * mlp.value_count());
    let deltas = case.between("deltas", batch * mlp.delta_count());
    let of = [
        case.given("observations", &seen),
        case.given("actions", &taken),
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("next_observations", &next),
        case.given("slots", &slots),
        case.given("weights", &weights),
        case.given("target_parameters", &target),
        Argument::Null,
        case.given("parameters", &online),
        values.clone(),
        deltas.clone(),
        case.between("errors", batch),
        case.between("terms", batch),
        case.between("taken_values", batch),
        table(&mlp),
        rule(Loss::SquaredError, None),
        size(capacity),
        size(batch),
    ];
    case.launch("mlp_rows", mlp.rows(batch as u32), &of);
    let d = gradients(&mut case, "gradients", &vec![f32::NAN; count], &of_parameters);
    let of = [values, deltas, d, table(&mlp), size(batch)];
    case.launch("mlp_parameter_gradient", mlp.parameter_tiles(), &of);
    case
}
