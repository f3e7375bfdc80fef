use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Activation, activation, dense};
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

    // The functions beside the layer, whose values the input then is.
    let function = [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid]
        [numbers.size(0, 3)];
    let (mut activated, mut d_before, mut values) =
        (output.clone(), d_input.clone(), input.clone());
    activation::forward(Scalar, function, &mut activated);
    activation::forward(Scalar, function, &mut values);
    activation::backward(Scalar, function, &values, &mut d_before);

    let mut case = Case::new(format!("dense, {inputs} inputs, {outputs} outputs, batch {batch}"));
    let sizes = [size(inputs), size(outputs), size(batch)];
    let launch = |name, launch, buffers: &[Argument], behind: &[Argument], case: &mut Case| {
        case.launch(name, launch, &[buffers, &sizes[..], behind].concat());
    };
    let (none, function) = (Argument::U32(0), number(function));
    let (parameters, input) = (case.given("parameters", &parameters), case.given("input", &input));
    let values = case.given("values", &values);
    let d_output = case.given("d_output", &d_output);
    let output = case.written("output", &output);
    let activated = case.written("activated output", &activated);
    let d_input = case.written("d_input", &d_input);
    let d_before = case.written("d_input before a function", &d_before);
    let d_parameters = case.changed("d_parameters", &before, &d_parameters);
    let [rows, columns] = [batch as u32, outputs as u32];
    for (output, function) in [(output, &none), (activated, &function)] {
        let buffers = [parameters.clone(), input.clone(), output];
        let behind = [function.clone()];
        launch("dense_forward", Launch::tiles(rows, columns), &buffers, &behind, &mut case);
    }
    for (d_input, values, function) in
        [(d_input, Argument::Null, none), (d_before, values, function)]
    {
        let buffers = [parameters.clone(), d_output.clone(), d_input, values];
        let grid = Launch::tiles(rows, inputs as u32);
        launch("dense_input_gradient", grid, &buffers, &[function], &mut case);
    }
    let buffers = [input, d_output, d_parameters];
    let tiles = Launch::tiles(inputs as u32 + 1, columns);
    launch("dense_parameter_gradient", tiles, &buffers, &[], &mut case);
    case
}

/// `Activation` of the kernels.
pub(crate) fn number(function: Activation) -> Argument {
    Argument::U32(match function {
        Activation::Relu => 1,
        Activation::Elu => 2,
        Activation::Tanh => 3,
        Activation::Sigmoid => 4,
    })
}
