use super::dense::number;
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Activation, Channels, Conv2d, Image, activation, conv2d};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

const DIVISOR: f32 = 255.0;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(10);
    // The gridworld's first layer, and a kernel as large as its image.
    let gridworld = Image::channels_first(3, 9, 10);
    let mut cases = vec![
        case(numbers, layer(gridworld, 32, [4, 4], [2, 2], [0, 0]), 4),
        case(numbers, layer(Image::channels_last(3, 2, 5), 3, [3, 2], [1, 1], [0, 0]), 2),
    ];
    while cases.len() < 30 {
        let mut sizes = |high| [numbers.size(1, high), numbers.size(1, high)].map(|n| n as u16);
        let ([height, width], kernel, stride) = (sizes(9), sizes(4), sizes(3));
        let [filters, channels] = sizes(20);
        let padding = sizes(3).map(|n| n - 1);
        let order = if channels % 2 == 0 { Channels::First } else { Channels::Last };
        let image = Image { channels: channels % 5 + 1, height, width, order };
        let conv = layer(image, filters, kernel, stride, padding);
        if conv.try_output().is_some() {
            let batch = numbers.size(1, 4);
            cases.push(case(numbers, conv, batch));
        }
    }
    cases
}

pub(crate) fn layer(
    input: Image,
    filters: u16,
    kernel: [u16; 2],
    stride: [u16; 2],
    padding: [u16; 2],
) -> Conv2d {
    Conv2d { input, filters, kernel, stride, padding }
}

fn case(numbers: &mut Numbers, conv: Conv2d, batch: usize) -> Case {
    let (count, filters) = (conv.input.count(), usize::from(conv.filters));
    let (rows, parameter_count) = (batch * conv.positions(), (conv.inner() + 1) * filters);
    let parameters = numbers.floats(parameter_count);
    let bytes: Vec<u8> = numbers.indices(batch * count, 256).into_iter().map(|n| n as u8).collect();
    let pixels: Vec<f32> = bytes.iter().map(|&byte| f32::from(byte) / DIVISOR).collect();
    let (input, d_output) = (numbers.floats(batch * count), numbers.floats(rows * filters));
    let before = numbers.floats(parameter_count);

    let pass = |input: &[f32]| {
        let scratch = &mut vec![0.0; conv.scratch_count(batch)];
        let (mut output, mut d_input) = (vec![0.0; rows * filters], vec![0.0; batch * count]);
        let (mut d_parameters, workspace) = (before.clone(), &mut vec![0.0; parameter_count]);
        conv2d::forward(Scalar, &conv, batch, &parameters, input, &mut output, scratch);
        conv2d::backward(
            Scalar,
            &conv,
            batch,
            &parameters,
            input,
            &d_output,
            Some(&mut d_input),
            &mut d_parameters,
            scratch,
            workspace,
        );
        [output, d_input, d_parameters]
    };
    let [of_input, of_pixels] = [pass(&input), pass(&pixels)];
    // The functions beside the layer, whose values the input then is.
    let function = [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid]
        [numbers.size(0, 3)];
    let [mut activated, mut d_before, _] = of_input.clone();
    let mut values = input.clone();
    activation::forward(Scalar, function, &mut activated);
    activation::forward(Scalar, function, &mut values);
    activation::backward(Scalar, function, &values, &mut d_before);

    let mut case = Case::new(format!("{conv:?}, batch {batch}"));
    let parameters = case.given("parameters", &parameters);
    let (input, bytes) = (case.given("input", &input), case.given("bytes", &bytes));
    let d_output = case.given("d_output", &d_output);
    let output = case.written("output", &of_input[0]);
    let output_u8 = case.written("output of bytes", &of_pixels[0]);
    let d_input = case.written("d_input", &of_input[1]);
    let d_parameters = case.changed("d_parameters", &before, &of_input[2]);
    let d_parameters_u8 = case.changed("d_parameters of bytes", &before, &of_pixels[2]);

    let activated = case.written("activated output", &activated);
    let d_before = case.written("d_input before a function", &d_before);
    let (values, function) = (case.given("values", &values), number(function));

    let (divisor, sizes) = (Argument::F32(DIVISOR), [shape(&conv), size(batch)]);
    let mut launch = |name, grid, buffers: &[&Argument], behind: &[&Argument]| {
        let cloned = |of: &[&Argument]| of.iter().map(|&of| of.clone()).collect::<Vec<_>>();
        case.launch(name, grid, &[&cloned(buffers)[..], &sizes, &cloned(behind)].concat());
    };
    let (none, null) = (&Argument::U32(0), &Argument::Null);
    let forward = Launch::tiles(rows as u32, filters as u32);
    launch("conv2d_forward", forward, &[&parameters, &input, &output], &[none]);
    launch("conv2d_forward", forward, &[&parameters, &input, &activated], &[&function]);
    launch("conv2d_forward_u8", forward, &[&parameters, &bytes, &output_u8, &divisor], &[none]);
    let backward = Launch::tiles(conv.inner() as u32 + 1, filters as u32);
    launch("conv2d_parameter_gradient", backward, &[&input, &d_output, &d_parameters], &[]);
    let of_bytes = [&bytes, &d_output, &d_parameters_u8, &divisor];
    launch("conv2d_parameter_gradient_u8", backward, &of_bytes, &[]);
    let elements = Launch::elements((batch * count) as u32).with_threads(64);
    let of = [&parameters, &d_output, &d_input, null];
    launch("conv2d_input_gradient", elements, &of, &[none]);
    let of = [&parameters, &d_output, &d_before, &values];
    launch("conv2d_input_gradient", elements, &of, &[&function]);
    case
}

/// The kernels' `struct Conv2d`.
pub(crate) fn shape(conv: &Conv2d) -> Argument {
    let (input, output) = (conv.input, conv.output());
    let is_last = u16::from(input.order == Channels::Last);
    let sizes = [input.channels, input.height, input.width, is_last, conv.filters];
    let pairs = [conv.kernel, conv.stride, conv.padding, [output.height, output.width]];
    Argument::Struct(sizes.iter().chain(pairs.as_flattened()).map(|&n| u32::from(n)).collect())
}
