use crate::case::{Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::dense;
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(1);
    let mut shapes =
        vec![[1, 1, 1], [8, 64, 32], [64, 4, 32], [16, 16, 16], [17, 15, 33], [33, 1, 2]];
    for _ in 0..24 {
        shapes.push([numbers.size(1, 40), numbers.size(1, 40), numbers.size(1, 40)]);
    }
    shapes.into_iter().map(|shape| case(numbers, shape)).collect()
}

fn case(numbers: &mut Numbers, [inputs, outputs, batch]: [usize; 3]) -> Case {
    let count = (inputs + 1) * outputs;
    let (parameters, input) = (numbers.floats(count), numbers.floats(batch * inputs));
    let (d_output, before) = (numbers.floats(batch * outputs), numbers.floats(count));
    let (mut output, mut d_input) = (vec![0.0; batch * outputs], vec![0.0; batch * inputs]);
    let (mut d_parameters, workspace) = (before.clone(), &mut vec![0.0; count]);
    dense::forward(Scalar, inputs, outputs, batch, &parameters, &input, &mut output);
    dense::backward(
        Scalar,
        inputs,
        outputs,
        batch,
        &parameters,
        &input,
        &d_output,
        Some(&mut d_input),
        &mut d_parameters,
        workspace,
    );

    let mut case = Case::new(format!("dense, {inputs} inputs, {outputs} outputs, batch {batch}"));
    let sizes = [size(inputs), size(outputs), size(batch)];
    let launch = |name, launch, buffers: [_; 3], case: &mut Case| {
        case.launch(name, launch, &[&buffers[..], &sizes[..]].concat());
    };
    let (parameters, input) = (case.given("parameters", &parameters), case.given("input", &input));
    let d_output = case.given("d_output", &d_output);
    let output = case.written("output", &output);
    let d_input = case.written("d_input", &d_input);
    let d_parameters = case.changed("d_parameters", &before, &d_parameters);
    let [rows, columns] = [batch as u32, outputs as u32];
    let buffers = [parameters.clone(), input.clone(), output];
    launch("dense_forward", Launch::tiles(rows, columns), buffers, &mut case);
    let buffers = [parameters, d_output.clone(), d_input];
    launch("dense_input_gradient", Launch::tiles(rows, inputs as u32), buffers, &mut case);
    let buffers = [input, d_output, d_parameters];
    let tiles = Launch::tiles(inputs as u32 + 1, columns);
    launch("dense_parameter_gradient", tiles, buffers, &mut case);
    case
}
