//! One DQN update (`CpuLearner::learn`) on one fixed batch, for every choice of lanes: two MLPs, and three networks of
//! images. First every choice must leave the same parameters after some updates. A table says what share of the
//! machine's peak of separate multiplications and additions an update reaches.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN, hashes, networks_of_images};
use embedded_rl_checks::peak::{operations_a_second, shortest_time};
use embedded_rl_core::dqn::Learner;
use embedded_rl_core::nn::{Activation, Lanes, Layer, NetworkSpec};
use embedded_rl_core::rng::{Generator, SeedableRng};

fn dqn_update(criterion: &mut Criterion) {
    for sizes in [&[8, 64, 64, 4][..], &[4, 24, 24, 2]] {
        let name = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        measure(criterion, &name, NetworkSpec::mlp(sizes, Activation::Relu), 64, 200);
    }
    for (name, spec) in networks_of_images() {
        measure(criterion, name, spec, 32, 2);
    }
}

fn measure(criterion: &mut Criterion, name: &str, spec: NetworkSpec, batch: usize, updates: usize) {
    // A network without noise draws nothing.
    let draws = &mut Generator::seed_from_u64(0);
    let mut memory = DqnUpdate::of(spec, batch, PLAIN);
    let after: Vec<_> = Lanes::available()
        .map(|lanes| {
            let (mut learner, slots) = memory.start(lanes);
            for _ in 0..updates {
                learner.learn(slots, None, 1.0, draws);
            }
            hashes(&learner)
        })
        .collect();
    assert!(after.iter().all(|each| *each == after[0]), "lanes change the numbers: {after:x?}");

    let mut group = criterion.benchmark_group(format!("dqn_update/{name}/batch{batch}"));
    group.throughput(Throughput::Elements(1));
    group.sample_size(if batch == 64 { 100 } else { 10 });
    for lanes in Lanes::available() {
        let (mut learner, slots) = memory.start(lanes);
        group.bench_function(BenchmarkId::from_parameter(lanes.name()), |bencher| {
            bencher.iter(|| learner.learn(slots, None, 1.0, draws));
        });
    }
    group.finish();

    let lanes = Lanes::best();
    let (mut learner, slots) = memory.start(lanes);
    let seconds = shortest_time(|| {
        learner.learn(slots, None, 1.0, draws);
    });
    let share = (batch * operations(&spec)) as f64 / seconds / operations_a_second(lanes);
    println!(
        "{name}, batch {batch}, {}: {:.1} microseconds at best, {:.0} % of the unfused peak",
        lanes.name(),
        seconds * 1e6,
        share * 100.0
    );
}

/// Multiplications and additions of an update, an input: two forward passes, the gradients of all weights, and of the
/// inputs of all layers but the first.
fn operations(spec: &NetworkSpec) -> usize {
    let first = spec.layers().first().map_or(0, Layer::multiply_count);
    2 * (4 * spec.multiply_count() - first)
}

criterion_group!(benches, dqn_update);
criterion_main!(benches);
