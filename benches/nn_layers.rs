//! Dense layers and inference, for every choice of lanes, in multiplications a second. Each first asserts that it
//! has the bits of the plainest code.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, NetworkSpec, Simd, WithSimd, dense, network,
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

fn infer(criterion: &mut Criterion) {
    for sizes in [&[8, 64, 64, 4][..], &[4, 24, 24, 2]] {
        let rng = &mut Generator::seed_from_u64(1);
        let spec = NetworkSpec::mlp(sizes, Activation::Relu);
        let mut parameters = vec![0.0; spec.parameter_count()];
        Initialisation::PyTorch.draw(&spec, rng, &mut parameters);
        let input: Vec<f32> = (0..spec.inputs()).map(|_| normal(rng) as f32).collect();
        let mut scratch = vec![0.0; spec.scratch_count()];
        let expected =
            network::infer(Lanes::scalar(), &spec, &parameters, &input, &mut scratch).to_vec();

        let name = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        let mut group = criterion.benchmark_group(format!("infer/{name}"));
        group.throughput(Throughput::Elements(spec.multiply_count() as u64));
        for lanes in Lanes::available() {
            assert_eq!(network::infer(lanes, &spec, &parameters, &input, &mut scratch), expected);
            group.bench_function(BenchmarkId::from_parameter(lanes.name()), |bencher| {
                bencher.iter(|| network::infer(lanes, &spec, &parameters, &input, &mut scratch)[0]);
            });
        }
        group.finish();
    }
}

criterion_group!(benches, dense_layers, infer);
criterion_main!(benches);
