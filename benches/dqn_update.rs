//! One DQN update on one fixed batch, for every choice of lanes. First every choice must leave the same parameters
//! after 200 updates.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_checks::dqn_update::DqnUpdate;
use embedded_rl_core::nn::Lanes;

fn dqn_update(criterion: &mut Criterion) {
    for sizes in [&[8, 64, 64, 4][..], &[4, 24, 24, 2]] {
        let start = DqnUpdate::new(sizes, 64);
        let hashes: Vec<u64> = Lanes::available()
            .map(|lanes| {
                let mut updated = start.clone();
                for _ in 0..200 {
                    updated.update(lanes);
                }
                updated.parameter_hash()
            })
            .collect();
        assert!(
            hashes.iter().all(|&hash| hash == hashes[0]),
            "lanes change the numbers: {hashes:x?}"
        );

        let name = sizes.iter().map(usize::to_string).collect::<Vec<_>>().join("-");
        let mut group = criterion.benchmark_group(format!("dqn_update/{name}/batch64"));
        group.throughput(Throughput::Elements(1));
        for lanes in Lanes::available() {
            let mut updated = start.clone();
            group.bench_function(BenchmarkId::from_parameter(lanes.name()), |bencher| {
                bencher.iter(|| updated.update(lanes));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, dqn_update);
criterion_main!(benches);
