use crate::case::{Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Activation, activation};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

const ALL: [(Activation, &str, &str); 4] = [
    (Activation::Relu, "relu_forward", "relu_backward"),
    (Activation::Elu, "elu_forward", "elu_backward"),
    (Activation::Tanh, "tanh_forward", "tanh_backward"),
    (Activation::Sigmoid, "sigmoid_forward", "sigmoid_backward"),
];

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(2);
    let mut cases = Vec::new();
    for functions in ALL {
        for count in [1, 31, 256, 257, 1_000] {
            let values = numbers.floats(count);
            cases.push(case(numbers, functions, &values));
        }
        cases.push(case(numbers, functions, &everywhere()));
    }
    cases
}

/// Numbers of all magnitudes, evenly over their bits, with all that is special.
fn everywhere() -> Vec<f32> {
    let mut values: Vec<f32> = (0..=u32::MAX).step_by(131_071).map(f32::from_bits).collect();
    // Where exponentials take another way: powers of two, multiples of half a logarithm of two, the ends of the range.
    values.extend((-160..160).map(|half| half as f32 * 0.346_573_6));
    values.extend((0..2_000).map(|step| (step as f32 - 1_000.0) * 0.11));
    values.extend([
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
        0.0,
        -0.0,
        88.722_84,
        -103.972_08,
        10.0,
    ]);
    values
}

fn case(
    numbers: &mut Numbers,
    (function, forward, backward): (Activation, &'static str, &'static str),
    before: &[f32],
) -> Case {
    let count = before.len();
    let (mut after, outputs, d_before) =
        (before.to_vec(), numbers.floats(count), numbers.floats(count));
    let mut d_after = d_before.clone();
    activation::forward(Scalar, function, &mut after);
    activation::backward(Scalar, function, &outputs, &mut d_after);

    let mut case = Case::new(format!("{function:?} of {count}"));
    let values = case.changed("values", before, &after);
    let outputs = case.given("outputs", &outputs);
    let d = case.changed("d", &d_before, &d_after);
    let grid = Launch::elements(count as u32).with_threads(numbers.size(1, 256) as u32);
    case.launch(forward, grid, &[values, size(count)]);
    case.launch(backward, grid, &[outputs, d, size(count)]);
    case
}
