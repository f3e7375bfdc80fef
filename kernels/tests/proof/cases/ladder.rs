//! Every version of the ladder: the product as dense layer and as convolution, and the sum of squares.

use super::conv2d::{layer, shape};
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Channels, Conv2d, Image, conv2d, dense, optimiser};
use embedded_rl_kernels::ladder::{PRODUCTS, SIDE};
use embedded_rl_kernels::{Launch, TILE};
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(30);
    let mut cases = Vec::new();
    // One number; whole blocks; ragged in every direction, by lines that come in fours and lines that do not.
    // Buffers that begin where sixteen bytes do, and buffers that do not.
    for (sizes, starts) in [
        ([1, 1, 1], [0, 0]),
        ([32, 64, 64], [0, 1]),
        ([20, 12, 70], [0, 0]),
        ([49, 67, 33], [0, 0]),
        ([36, 68, 5], [1, 0]),
    ] {
        cases.extend(products(numbers, Of::Dense(sizes), starts));
    }
    let first = Image::channels_first(2, 9, 12);
    let last = Image::channels_last(3, 5, 4);
    let odd = Image { channels: 3, height: 7, width: 5, order: Channels::First };
    for (conv, batch) in [
        (layer(first, 8, [3, 4], [2, 4], [1, 0]), 2),
        (layer(first, 5, [2, 4], [2, 4], [1, 4]), 3),
        (layer(last, 68, [2, 3], [1, 2], [1, 1]), 4),
        (layer(odd, 6, [3, 2], [2, 1], [1, 1]), 3),
    ] {
        cases.extend(products(numbers, Of::Conv2d(conv, batch), [0, 0]));
    }
    for count in [1, 15, 31, 33, 256, 257, 1_023, 1_040, 4_099, 70_000] {
        cases.extend(reductions(numbers, count));
    }
    cases
}

/// What a product is of.
#[derive(Clone, Copy, Debug)]
enum Of {
    /// Inputs, outputs, batch.
    Dense([usize; 3]),
    /// And the batch.
    Conv2d(Conv2d, usize),
}

impl Of {
    /// Rows, terms of a sum, columns.
    fn sizes(self) -> [usize; 3] {
        match self {
            Of::Dense([inputs, outputs, batch]) => [batch, inputs, outputs],
            Of::Conv2d(conv, batch) => {
                [batch * conv.positions(), conv.inner(), usize::from(conv.filters)]
            }
        }
    }

    fn input_count(self) -> usize {
        match self {
            Of::Dense([inputs, _, batch]) => batch * inputs,
            Of::Conv2d(conv, batch) => batch * conv.input.count(),
        }
    }

    fn forward(self, parameters: &[f32], input: &[f32]) -> Vec<f32> {
        let [rows, _, columns] = self.sizes();
        let mut output = vec![0.0; rows * columns];
        match self {
            Of::Dense([inputs, outputs, batch]) => {
                dense::forward(Scalar, inputs, outputs, batch, parameters, input, &mut output);
            }
            Of::Conv2d(conv, batch) => {
                let scratch = &mut vec![0.0; conv.scratch_count(batch)];
                conv2d::forward(Scalar, &conv, batch, parameters, input, &mut output, scratch);
            }
        }
        output
    }

    fn kernel(self, version: &str) -> &'static str {
        let start = if matches!(self, Of::Dense(_)) { "dense_" } else { "conv2d_" };
        let names = embedded_rl_kernels::ladder::LADDER.iter().map(|kernel| kernel.name);
        let mut names = names.filter(|name| name.strip_prefix(start) == Some(version));
        names.next().expect("a kernel of this version")
    }

    fn arguments(self) -> Vec<Argument> {
        match self {
            Of::Dense(sizes) => sizes.into_iter().map(size).collect(),
            Of::Conv2d(conv, batch) => vec![shape(&conv), size(batch)],
        }
    }
}

/// All versions of a product, a case each: a fault in one is looked for in no other. Parameters and input begin so many
/// numbers behind the start of their buffers.
fn products(numbers: &mut Numbers, of: Of, [from_parameters, from_input]: [usize; 2]) -> Vec<Case> {
    let [rows, inner, columns] = of.sizes();
    let parameters = numbers.floats(from_parameters + (inner + 1) * columns);
    let input = numbers.floats(from_input + of.input_count());
    let output = of.forward(&parameters[from_parameters..], &input[from_input..]);

    let absolute = |values: &[f32]| values.iter().map(|value| value.abs()).collect::<Vec<_>>();
    let (of_parameters, of_input) = (absolute(&parameters), absolute(&input));
    let magnitudes = of.forward(&of_parameters[from_parameters..], &of_input[from_input..]);
    let bounds: Vec<f64> = magnitudes.iter().map(|&m| tensor_core_bound(inner, m)).collect();

    let each = PRODUCTS.iter().map(|(version, _)| {
        let kernel = of.kernel(version);
        let mut case = Case::new(format!("{kernel}, {of:?}"));
        let parameters = case.given("parameters", &parameters).from(from_parameters);
        let input = case.given("input", &input).from(from_input);
        let to = if *version == "tensor_cores" {
            let exact: Vec<f64> = output.iter().map(|&value| f64::from(value)).collect();
            case.within(kernel, &vec![f32::NAN; output.len()], &exact, &bounds)
        } else {
            case.written("output", &output)
        };
        let (rows, columns) = (rows as u32, columns as u32);
        let grid = match *version {
            "naive" => warps_along_x(rows, columns),
            "coalesced" => warps_along_x(columns, rows),
            "shared_tiles" => Launch::tiles(rows, columns),
            _ => Launch {
                blocks: [columns.div_ceil(SIDE), rows.div_ceil(SIDE), 1],
                threads: [TILE * TILE, 1, 1],
                shared_bytes: 0,
            },
        };
        case.launch(kernel, grid, &[&[parameters, input, to][..], &of.arguments()[..]].concat());
        case
    });
    each.collect()
}

/// Blocks of 32 x 8 threads.
fn warps_along_x(x: u32, y: u32) -> Launch {
    Launch { blocks: [x.div_ceil(32), y.div_ceil(8), 1], threads: [32, 8, 1], shared_bytes: 0 }
}

/// `tensor_cores.cuh`, the addition of the bias, and what core's own sum is off by. The magnitude is itself such a sum.
fn tensor_core_bound(inner: usize, magnitude: f32) -> f64 {
    let of_sum = |unit: f64, n: f64| n * unit / (1.0 - n * unit);
    let n = inner as f64 + 1.0;
    let factors = 2f64.powi(-10) + 2f64.powi(-22);
    let own = of_sum(2f64.powi(-24), n + 1.0);
    (factors + of_sum(2f64.powi(-22), n) + own) * f64::from(magnitude) * (1.0 + 2.0 * own)
}

/// All versions of the sum of squares.
fn reductions(numbers: &mut Numbers, count: usize) -> Vec<Case> {
    let values = numbers.floats(count);
    let exact: f64 = values.iter().map(|&v| f64::from(v) * f64::from(v)).sum();
    // Of a sum in which no term goes through more than n roundings, the one of its square among them.
    let bound = |n: usize| [n as f64 * 2f64.powi(-24) / (1.0 - n as f64 * 2f64.powi(-24)) * exact];
    const THREADS: usize = 256;
    let blocks = |count: usize| Launch {
        blocks: [count as u32, 1, 1],
        threads: [THREADS as u32, 1, 1],
        shared_bytes: 0,
    };
    let mut cases = Vec::new();

    // A line of additions for every element is as long as the array: in the emulation too.
    if count < 5_000 {
        let mut case = Case::new(format!("square_sum_atomics of {count}"));
        let given = case.given("values", &values);
        let total = case.within("square_sum_atomics", &[0.0], &[exact], &bound(count + 1));
        let grid = Launch::elements(count as u32).with_threads(numbers.size(1, 256) as u32);
        case.launch("square_sum_atomics", grid, &[given, total, size(count)]);
        cases.push(case);
    }

    for (kernel, each) in [
        ("square_sum_shared_tree", 1),
        ("square_sum_warp_shuffles", 1),
        ("square_sum_several_elements", 16),
    ] {
        let mut case = Case::new(format!("{kernel} of {count}"));
        let mut from = case.given("values", &values);
        let (mut left, mut is_first, mut roundings) = (count, true, 1);
        while is_first || left > 1 {
            let sums = left.div_ceil(each * THREADS);
            roundings += each + 8;
            let to = match sums {
                1 => case.within(kernel, &[f32::NAN], &[exact], &bound(roundings)),
                _ => case.between("sums", sums),
            };
            let of = [from, to.clone(), Argument::U32(u32::from(is_first)), size(left)];
            case.launch(kernel, blocks(sums), &of);
            (from, left, is_first) = (to, sums, false);
        }
        cases.push(case);
    }

    let grid = numbers.size(1, 7);
    let mut case = Case::new(format!("square_sum_one_pass of {count} by {grid} blocks"));
    let given = case.given("values", &values);
    let (sums, counter) = (case.between("sums", grid), case.changed("counter", &[0u32], &[0]));
    let roundings = 1 + count.div_ceil(grid * THREADS) + 16;
    let total = case.within("square_sum_one_pass", &[f32::NAN], &[exact], &bound(roundings));
    // Twice: the counter is what it was.
    for _ in 0..2 {
        let of = [&given, &sums, &counter, &total].map(Argument::clone);
        case.launch("square_sum_one_pass", blocks(grid), &[&of[..], &[size(count)]].concat());
    }
    cases.push(case);

    let mut case = Case::new(format!("square_sum_order_of_core of {count}"));
    let given = case.given("values", &values);
    let total = case.written("total", &[in_order_of_core(&values)]);
    let block = blocks(1).with_threads(32 * numbers.size(2, 9) as u32);
    let block = Launch { blocks: [1; 3], ..block };
    case.launch("square_sum_order_of_core", block, &[given, total, size(count)]);
    cases.push(case);
    cases
}

/// What `clip_norm` takes the root of.
fn in_order_of_core(values: &[f32]) -> f32 {
    let mut partial = [0.0f32; 16];
    for (i, value) in values.iter().enumerate() {
        partial[i % 16] += value * value;
    }
    let mut total = 0.0;
    for sum in partial {
        total += sum;
    }
    let norm = optimiser::clip_norm(Scalar, f32::INFINITY, &mut values.to_vec());
    assert_eq!(f32::to_bits(total.sqrt()), norm.to_bits(), "this is no longer core's order");
    total
}
