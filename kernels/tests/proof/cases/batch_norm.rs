use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{BatchNorm, batch_norm};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(11);
    let mut shapes = vec![[1, 1], [1, 5], [7, 1], [64, 33]];
    for _ in 0..12 {
        shapes.push([numbers.size(1, 70), numbers.size(1, 70)]);
    }
    shapes.into_iter().map(|[features, rows]| case(numbers, features, rows)).collect()
}

fn case(numbers: &mut Numbers, features: usize, rows: usize) -> Case {
    let norm = BatchNorm {
        features: features as u32,
        rows: 1,
        momentum: BatchNorm::MOMENTUM,
        epsilon: BatchNorm::EPSILON,
    };
    let parameters = [numbers.floats(3 * features), numbers.magnitudes(features)].concat();
    let (input, d_output) = (numbers.floats(rows * features), numbers.floats(rows * features));
    let before = numbers.floats(4 * features);
    let mut statistics = vec![0.0; 2 * features];
    let (mut output, mut d_input) = (vec![0.0; rows * features], vec![0.0; rows * features]);
    let (mut d_parameters, mut followed) = (before.clone(), parameters.clone());
    batch_norm::statistics(Scalar, &norm, &input, &mut statistics);
    batch_norm::forward(Scalar, &norm, &parameters, &statistics, &input, &mut output);
    batch_norm::backward(
        Scalar,
        &norm,
        &parameters,
        &statistics,
        &input,
        &d_output,
        Some(&mut d_input),
        &mut d_parameters,
    );
    batch_norm::follow(&norm, rows, &statistics, &mut followed);

    let mut case = Case::new(format!("batch normalisation of {rows} rows of {features}"));
    let followed = case.changed("followed", &parameters, &followed);
    let parameters = case.given("parameters", &parameters);
    let (input, d_output) = (case.given("input", &input), case.given("d_output", &d_output));
    let statistics = case.written("statistics", &statistics);
    let (output, d_input) = (case.written("output", &output), case.written("d_input", &d_input));
    let d_parameters = case.changed("d_parameters", &before, &d_parameters);
    let sums = case.between("sums", 2 * features);
    let [momentum, epsilon] = [norm.momentum, norm.epsilon].map(Argument::F32);
    let mut launch = |name, count: usize, arguments: &[&Argument]| {
        let arguments = arguments.iter().map(|&argument| argument.clone());
        let arguments: Vec<_> = arguments.chain([size(features), size(rows)]).collect();
        let threads = 1 + (count as u32 * 7) % 61;
        case.launch(name, Launch::elements(count as u32).with_threads(threads), &arguments);
    };
    let count = rows * features;
    launch("batch_norm_statistics", features, &[&input, &statistics]);
    let of_output = [&parameters, &statistics, &input, &output, &epsilon];
    launch("batch_norm_forward", count, &of_output);
    let of_parameters = [&statistics, &input, &d_output, &d_parameters, &sums, &epsilon];
    launch("batch_norm_parameter_gradient", features, &of_parameters);
    let of_input = [&parameters, &statistics, &input, &d_output, &sums, &d_input, &epsilon];
    launch("batch_norm_input_gradient", count, &of_input);
    launch("batch_norm_follow", features, &[&statistics, &followed, &momentum]);
    case
}
