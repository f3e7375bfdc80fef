use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Baseline, dueling};
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(12);
    let mut cases = Vec::new();
    for _ in 0..12 {
        let sizes = [numbers.size(1, 6), numbers.size(1, 5), numbers.size(1, 40)];
        cases.push(case(numbers, Baseline::Mean, sizes));
        cases.push(case(numbers, Baseline::Max, sizes));
    }
    cases
}

fn case(numbers: &mut Numbers, baseline: Baseline, [actions, width, rows]: [usize; 3]) -> Case {
    let (inputs, outputs) = (rows * (1 + actions) * width, rows * actions * width);
    // Rounded, so that equal advantages are common.
    let input: Vec<f32> = numbers.floats(inputs).into_iter().map(f32::round).collect();
    let d_output = numbers.floats(outputs);
    let (mut output, mut d_input) = (vec![0.0; outputs], vec![0.0; inputs]);
    dueling::forward(baseline, actions, width, &input, &mut output);
    dueling::backward(baseline, actions, width, &input, &d_output, &mut d_input);

    let mut case = Case::new(format!("dueling, {baseline:?}, {rows} rows of {actions} x {width}"));
    let (input, d_output) = (case.given("input", &input), case.given("d_output", &d_output));
    let (output, d_input) = (case.written("output", &output), case.written("d_input", &d_input));
    let is_max = Argument::U32(u32::from(baseline == Baseline::Max));
    let sizes = [is_max, size(actions), size(width), size(rows)];
    let grid = Launch::elements((rows * width) as u32).with_threads(48);
    case.launch("dueling_forward", grid, &[&[input.clone(), output][..], &sizes[..]].concat());
    let of = [input, d_output, d_input];
    case.launch("dueling_backward", grid, &[&of[..], &sizes[..]].concat());
    case
}
