//! One DQN update (`CpuLearner::learn`) on one fixed batch, for every choice of lanes. First every choice must leave
//! the same parameters after 200 updates.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN, hashes};
use embedded_rl_core::dqn::Learner;
use embedded_rl_core::nn::Lanes;

fn dqn_update(criterion: &mut Criterion) {
    for sizes in [&[8, 64, 64, 4][..], &[4, 24, 24, 2]] {
        let mut memory = DqnUpdate::new(sizes, 64, PLAIN);
        let after: Vec<_> = Lanes::available()
            .map(|lanes| {
                let (mut learner, slots) = memory.start(lanes);
                for _ in 0..200 {
                    learner.learn(slots, 1.0);
                }
                hashes(&learner)
            })
            .collect();
        assert!(after.iter().all(|each| *each == after[0]), "lanes change the numbers: {after:x?}");

        let name = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        let mut group = criterion.benchmark_group(format!("dqn_update/{name}/batch64"));
        group.throughput(Throughput::Elements(1));
        for lanes in Lanes::available() {
            let (mut learner, slots) = memory.start(lanes);
            group.bench_function(BenchmarkId::from_parameter(lanes.name()), |bencher| {
                bencher.iter(|| learner.learn(slots, 1.0));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, dqn_update);
criterion_main!(benches);
