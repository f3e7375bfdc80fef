//! The kernels: what they must move and compute on paper; how fast each is on a card, if there is one, with its share of what
//! the card says it can do; and how fast their twins are on this processor, in operations a second by the same count. A twin
//! first asserts that it has the bits of the plainest code. Without a card a sentence says so.

use core::hint::black_box;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl::cuda::measure::{Card, Limits, Scale, workloads};
use embedded_rl::failure::Outcome;
use embedded_rl_core::nn::{Conv2d, Image, Lanes, Simd, WithSimd, conv2d, dense, optimiser};
use embedded_rl_core::rng::{Generator, SeedableRng, normal};
use embedded_rl_kernels::roofline::{Work, ladder_tables, update_table, work};

/// Registers and shared memory of the ladder's kernels.
const BUDGET: &str = include_str!("../kernels/ladder/budget.csv");

/// Times that each kernel is measured on a card.
const ROUNDS: u32 = 20;

const BATCH: usize = 32;
const INPUTS: usize = 64;
const OUTPUTS: usize = 64;
const GRADIENTS: usize = 1 << 16;

/// The gridworld's first convolution.
const CONV: Conv2d = Conv2d {
    input: Image::channels_first(3, 9, 10),
    filters: 32,
    kernel: [4, 4],
    stride: [2, 2],
    padding: [0, 0],
};

/// A kernel's twin: the name that both have, the sizes that the kernel takes, and the function on numbers of its own.
struct Twin {
    kernel: &'static str,
    sizes: Vec<u32>,
    run: fn(Lanes, &mut Numbers),
    result: fn(&Numbers) -> &[f32],
}

/// What all twins read and write.
#[derive(Clone)]
struct Numbers {
    parameters: Vec<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
    images: Vec<f32>,
    filtered: Vec<f32>,
    scratch: Vec<f32>,
    gradients: Vec<f32>,
    norm: Vec<f32>,
}

struct DenseForward<'a>(&'a mut Numbers);

impl WithSimd for DenseForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Numbers { parameters, input, output, .. } = self.0;
        let parameters = &parameters[..(INPUTS + 1) * OUTPUTS];
        dense::forward(simd, INPUTS, OUTPUTS, BATCH, parameters, input, output);
    }
}

struct Conv2dForward<'a>(&'a mut Numbers);

impl WithSimd for Conv2dForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Numbers { parameters, images, filtered, scratch, .. } = self.0;
        let parameters = &parameters[..(CONV.inner() + 1) * usize::from(CONV.filters)];
        conv2d::forward(simd, &CONV, BATCH, parameters, images, filtered, scratch);
    }
}

struct ClipNorm<'a>(&'a mut Numbers);

impl WithSimd for ClipNorm<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        // A maximum that no norm reaches: only the sum is left.
        self.0.norm[0] = optimiser::clip_norm(simd, f32::INFINITY, &mut self.0.gradients);
    }
}

fn twins() -> [Twin; 3] {
    let output = CONV.output();
    let [channels, height, width] = [CONV.input.channels, CONV.input.height, CONV.input.width];
    let [[kernel_height, kernel_width], [down, right]] = [CONV.kernel, CONV.stride];
    let conv = [channels, height, width, 0, CONV.filters, kernel_height, kernel_width, down, right];
    let rest = [0, 0, output.height, output.width, BATCH as u16, 0];
    [
        Twin {
            kernel: "dense_forward",
            sizes: [INPUTS, OUTPUTS, BATCH, 0].map(|size| size as u32).to_vec(),
            run: |lanes, numbers| lanes.dispatch(DenseForward(numbers)),
            result: |numbers| &numbers.output,
        },
        Twin {
            kernel: "conv2d_forward",
            sizes: conv.into_iter().chain(rest).map(u32::from).collect(),
            run: |lanes, numbers| lanes.dispatch(Conv2dForward(numbers)),
            result: |numbers| &numbers.filtered,
        },
        Twin {
            kernel: "clip_norm_measure",
            sizes: vec![GRADIENTS as u32],
            run: |lanes, numbers| lanes.dispatch(ClipNorm(numbers)),
            result: |numbers| &numbers.norm,
        },
    ]
}

/// The table of a card, a row as soon as it is measured.
fn card() -> Outcome<()> {
    let card = Card::open(0)?;
    println!("{}\n\n{}", card.description(), Limits::HEAD);
    let limits = card.limits();
    for workload in workloads(Scale::Large) {
        println!("{}", limits.row(&card.measure(&workload, ROUNDS)?));
    }
    Ok(())
}

fn kernels(criterion: &mut Criterion) {
    println!("{}{}", ladder_tables(BUDGET), update_table());
    if let Err(why) = card() {
        println!("No card is measured on: {why}");
    }
    let rng = &mut Generator::seed_from_u64(1);
    let mut random = |count: usize| (0..count).map(|_| normal(rng) as f32).collect::<Vec<_>>();
    let numbers = Numbers {
        parameters: random((INPUTS + 1) * OUTPUTS),
        input: random(BATCH * INPUTS),
        output: vec![0.0; BATCH * OUTPUTS],
        images: random(BATCH * CONV.input.count()),
        filtered: vec![0.0; BATCH * CONV.positions() * usize::from(CONV.filters)],
        scratch: vec![0.0; CONV.scratch_count(BATCH)],
        gradients: random(GRADIENTS),
        norm: vec![0.0],
    };
    for Twin { kernel, sizes, run, result } in twins() {
        let Work { operations, .. } = work(kernel, &sizes).expect("a kernel of updates");
        let mut expected = numbers.clone();
        run(Lanes::scalar(), &mut expected);
        let mut group = criterion.benchmark_group(format!("kernels/{kernel}"));
        group.throughput(Throughput::Elements(operations as u64));
        for lanes in Lanes::available() {
            let mut numbers = numbers.clone();
            run(lanes, &mut numbers);
            assert_eq!(result(&numbers), result(&expected), "lanes change no number");
            group.bench_function(BenchmarkId::from_parameter(lanes.name()), |bencher| {
                bencher.iter(|| run(lanes, black_box(&mut numbers)));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kernels);
criterion_main!(benches);
