//! Dense layers, convolutions and inference, for every choice of lanes, in multiplications a second. Each first asserts
//! that it has the bits of the plainest code. A table says what share of the machine's peak of separate multiplications
//! and additions an inference reaches.

use core::hint::black_box;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_checks::dqn_update::networks_of_images;
use embedded_rl_checks::peak::{operations_a_second, shortest_time};
use embedded_rl_core::nn::{
    Activation, Conv2d, Initialisation, Lanes, Layer, NetworkSpec, Simd, WithSimd, conv2d, dense,
    network,
};
use embedded_rl_core::rng::{Generator, SeedableRng, normal};

const BATCH: usize = 64;

struct DenseLayer {
    inputs: usize,
    outputs: usize,
    parameters: Vec<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
    d_output: Vec<f32>,
    d_input: Vec<f32>,
    d_parameters: Vec<f32>,
    workspace: Vec<f32>,
}

impl DenseLayer {
    fn new(inputs: usize, outputs: usize) -> Self {
        let rng = &mut Generator::seed_from_u64(1);
        let mut random = |count: usize| (0..count).map(|_| normal(rng) as f32).collect::<Vec<_>>();
        Self {
            inputs,
            outputs,
            parameters: random(inputs * outputs + outputs),
            input: random(BATCH * inputs),
            output: vec![0.0; BATCH * outputs],
            d_output: random(BATCH * outputs),
            d_input: vec![0.0; BATCH * inputs],
            d_parameters: vec![0.0; inputs * outputs + outputs],
            workspace: vec![0.0; inputs * outputs],
        }
    }

    fn results(&self) -> (&[f32], &[f32], &[f32]) {
        (&self.output, &self.d_input, &self.d_parameters)
    }
}

struct Forward<'a>(&'a mut DenseLayer);

impl WithSimd for Forward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let DenseLayer { inputs, outputs, parameters, input, output, .. } = self.0;
        dense::forward(simd, *inputs, *outputs, BATCH, parameters, input, output);
    }
}

struct Backward<'a>(&'a mut DenseLayer);

impl WithSimd for Backward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let layer = self.0;
        layer.d_parameters.fill(0.0);
        dense::backward(
            simd,
            layer.inputs,
            layer.outputs,
            BATCH,
            &layer.parameters,
            &layer.input,
            &layer.d_output,
            Some(&mut layer.d_input),
            &mut layer.d_parameters,
            &mut layer.workspace,
        );
    }
}

fn dense_layers(criterion: &mut Criterion) {
    for (inputs, outputs) in [(8, 64), (64, 64), (64, 4), (24, 24), (24, 2)] {
        let mut expected = DenseLayer::new(inputs, outputs);
        Lanes::scalar().dispatch(Forward(&mut expected));
        Lanes::scalar().dispatch(Backward(&mut expected));
        for lanes in Lanes::available() {
            let mut layer = DenseLayer::new(inputs, outputs);
            lanes.dispatch(Forward(&mut layer));
            lanes.dispatch(Backward(&mut layer));
            assert!(
                layer.results() == expected.results(),
                "{inputs}x{outputs} on {}",
                lanes.name()
            );

            let mut group =
                criterion.benchmark_group(format!("dense/{inputs}x{outputs}/batch{BATCH}"));
            group.throughput(Throughput::Elements((BATCH * inputs * outputs) as u64));
            group.bench_function(BenchmarkId::new("forward", lanes.name()), |bencher| {
                bencher.iter(|| lanes.dispatch(Forward(&mut layer)));
            });
            group.throughput(Throughput::Elements((2 * BATCH * inputs * outputs) as u64));
            group.bench_function(BenchmarkId::new("backward", lanes.name()), |bencher| {
                bencher.iter(|| lanes.dispatch(Backward(&mut layer)));
            });
            group.finish();
        }
    }
}

const IMAGES: usize = 8;

struct Convolution {
    conv: Conv2d,
    parameters: Vec<f32>,
    input: Vec<f32>,
    output: Vec<f32>,
    d_output: Vec<f32>,
    d_input: Vec<f32>,
    d_parameters: Vec<f32>,
    scratch: Vec<f32>,
    workspace: Vec<f32>,
}

impl Convolution {
    fn new(conv: Conv2d) -> Self {
        let rng = &mut Generator::seed_from_u64(1);
        let mut random = |count: usize| (0..count).map(|_| normal(rng) as f32).collect::<Vec<_>>();
        let count = Layer::Conv2d(conv).parameter_count();
        Self {
            conv,
            parameters: random(count),
            input: random(IMAGES * conv.input.count()),
            output: vec![0.0; IMAGES * conv.output().count()],
            d_output: random(IMAGES * conv.output().count()),
            d_input: vec![0.0; IMAGES * conv.input.count()],
            d_parameters: vec![0.0; count],
            scratch: vec![0.0; conv.scratch_count(IMAGES)],
            workspace: vec![0.0; conv.weight_count()],
        }
    }
}

struct ConvolutionForward<'a>(&'a mut Convolution);

impl WithSimd for ConvolutionForward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Convolution { conv, parameters, input, output, scratch, .. } = self.0;
        conv2d::forward(simd, conv, IMAGES, parameters, input, output, scratch);
    }
}

struct ConvolutionBackward<'a>(&'a mut Convolution);

impl WithSimd for ConvolutionBackward<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let layer = self.0;
        layer.d_parameters.fill(0.0);
        conv2d::backward(
            simd,
            &layer.conv,
            IMAGES,
            &layer.parameters,
            &layer.input,
            &layer.d_output,
            Some(&mut layer.d_input),
            &mut layer.d_parameters,
            &mut layer.scratch,
            &mut layer.workspace,
        );
    }
}

fn convolutions(criterion: &mut Criterion) {
    for (name, spec) in networks_of_images() {
        let layers = spec.layers().iter().enumerate();
        let convolutions = layers.filter_map(|(index, layer)| match layer {
            Layer::Conv2d(conv) => Some((index, *conv)),
            _ => None,
        });
        for (index, conv) in convolutions {
            let mut expected = Convolution::new(conv);
            Lanes::scalar().dispatch(ConvolutionForward(&mut expected));
            Lanes::scalar().dispatch(ConvolutionBackward(&mut expected));
            for lanes in Lanes::available() {
                let mut layer = Convolution::new(conv);
                lanes.dispatch(ConvolutionForward(&mut layer));
                lanes.dispatch(ConvolutionBackward(&mut layer));
                assert!(
                    layer.output == expected.output
                        && layer.d_input == expected.d_input
                        && layer.d_parameters == expected.d_parameters,
                    "layer {index} of {name} on {}",
                    lanes.name()
                );

                let multiplications = (IMAGES * conv.positions() * conv.weight_count()) as u64;
                let mut group =
                    criterion.benchmark_group(format!("conv2d/{name}-layer{index}/batch{IMAGES}"));
                group.sample_size(20);
                group.throughput(Throughput::Elements(multiplications));
                group.bench_function(BenchmarkId::new("forward", lanes.name()), |bencher| {
                    bencher.iter(|| lanes.dispatch(ConvolutionForward(&mut layer)));
                });
                group.throughput(Throughput::Elements(2 * multiplications));
                group.bench_function(BenchmarkId::new("backward", lanes.name()), |bencher| {
                    bencher.iter(|| lanes.dispatch(ConvolutionBackward(&mut layer)));
                });
                group.finish();
            }
        }
    }
}

fn infer(criterion: &mut Criterion) {
    for sizes in [&[8, 64, 64, 4][..], &[4, 24, 24, 2]] {
        let name = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        infer_one(criterion, &name, NetworkSpec::mlp(sizes, Activation::Relu));
    }
    for (name, spec) in networks_of_images() {
        infer_one(criterion, name, spec);
    }
}

fn infer_one(criterion: &mut Criterion, name: &str, spec: NetworkSpec) {
    let rng = &mut Generator::seed_from_u64(1);
    let mut parameters = vec![0.0; spec.parameter_count()];
    Initialisation::PyTorch.draw(&spec, rng, &mut parameters);
    let input: Vec<f32> = (0..spec.inputs()).map(|_| normal(rng) as f32).collect();
    let mut scratch = vec![0.0; spec.scratch_count()];
    let expected =
        network::infer(Lanes::scalar(), &spec, &parameters, &input, &mut scratch).to_vec();

    let mut group = criterion.benchmark_group(format!("infer/{name}"));
    group.throughput(Throughput::Elements(spec.multiply_count() as u64));
    for lanes in Lanes::available() {
        assert_eq!(network::infer(lanes, &spec, &parameters, &input, &mut scratch), expected);
        group.bench_function(BenchmarkId::from_parameter(lanes.name()), |bencher| {
            bencher.iter(|| network::infer(lanes, &spec, &parameters, &input, &mut scratch)[0]);
        });
    }
    group.finish();

    let (lanes, calls) = (Lanes::best(), 1 + 1_000_000 / spec.multiply_count());
    let seconds = shortest_time(|| {
        for _ in 0..calls {
            black_box(network::infer(lanes, &spec, &parameters, &input, &mut scratch));
        }
    }) / calls as f64;
    let share = (2 * spec.multiply_count()) as f64 / seconds / operations_a_second(lanes);
    println!(
        "{name}, {}: {:.2} microseconds at best, {:.0} % of the unfused peak",
        lanes.name(),
        seconds * 1e6,
        share * 100.0
    );
}

criterion_group!(benches, dense_layers, convolutions, infer);
criterion_main!(benches);
