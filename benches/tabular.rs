//! Steps a second of tabular learning: the environment's step, the choice of the action and the update. One core.

use core::hint::black_box;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_core::agent::Agent;
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::classic::MountainCar;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::linear::{LinearMemory, SemiGradientSarsa, TileCoder};
use embedded_rl_core::run::online::Run;
use embedded_rl_core::tabular::{
    ActionValues, ExpectedSarsa, QLearning, Sarsa, TabularConfig, Transition,
};

/// Steps of one measured batch.
const STEPS: u64 = 10_000;

const CONFIG: TabularConfig = TabularConfig::constant(0.9, 0.1, 0.1);

/// FNV-1a of the values' bits.
fn hash_of(values: &[f32]) -> u64 {
    values.iter().fold(0xCBF2_9CE4_8422_2325, |hash, value| {
        (hash ^ u64::from(value.to_bits())).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

fn learn<A: Agent<u32>>(run: &mut Run<'_, Gridworld>, agent: &mut A, steps: u64) {
    for _ in 0..steps {
        run.turn(agent);
    }
}

fn tabular(criterion: &mut Criterion) {
    let grid = Gridworld::obstacle().expect("a map of ninety cells");
    let mut group = criterion.benchmark_group("tabular");
    group.throughput(Throughput::Elements(STEPS));

    let (mut memory, mut observation) = ([0.0; 360], [0]);
    let mut agent = QLearning::new(CONFIG, ActionValues::new(&mut memory, 4));
    let mut run = Run::new(grid.clone(), &mut observation, 1);
    learn(&mut run, &mut agent, 100_000);
    let hash = hash_of(agent.values.all());
    assert_eq!(hash, 0x4471C4EF5C243E71, "the values have changed: {hash:#X}");
    group.bench_function("q_learning", |bencher| {
        bencher.iter(|| {
            learn(&mut run, &mut agent, STEPS);
            black_box(agent.values.of(22)[0])
        });
    });

    let (mut memory, mut observation) = ([0.0; 360], [0]);
    let mut agent = Sarsa::new(CONFIG, ActionValues::new(&mut memory, 4));
    let mut run = Run::new(grid.clone(), &mut observation, 1);
    group.bench_function("sarsa", |bencher| {
        bencher.iter(|| {
            learn(&mut run, &mut agent, STEPS);
            black_box(agent.values.of(22)[0])
        });
    });

    let (mut memory, mut observation) = ([0.0; 360], [0]);
    let mut agent = ExpectedSarsa::new(CONFIG, ActionValues::new(&mut memory, 4));
    let mut run = Run::new(grid.clone(), &mut observation, 1);
    group.bench_function("expected_sarsa", |bencher| {
        bencher.iter(|| {
            learn(&mut run, &mut agent, STEPS);
            black_box(agent.values.of(22)[0])
        });
    });

    // Learning alone, from steps that somebody else made.
    let mut memory = [0.0; 360];
    let mut agent = QLearning::new(CONFIG, ActionValues::new(&mut memory, 4));
    let step = |index: u32| Transition {
        state: index % 89,
        action: index % 4,
        reward: 1.0,
        discount: 0.9,
        next_state: (index * 7) % 90,
    };
    group.bench_function("q_learning, updates alone", |bencher| {
        bencher.iter(|| {
            (0..STEPS as u32).for_each(|index| agent.learn(step(index)));
            black_box(agent.values.of(22)[0])
        });
    });

    // The cost of a whole small experiment: 500 episodes by tile coding.
    group.throughput(Throughput::Elements(500));
    group.sample_size(20);
    assert!(mountain_car_episodes(500) < 80_000, "500 episodes take the car longer than they did");
    group.bench_function("semi_gradient_sarsa, episodes of mountain_car", |bencher| {
        bencher.iter(|| black_box(mountain_car_episodes(500)));
    });
    group.finish();
}

/// Steps of the first episodes of the book's mountain car.
fn mountain_car_episodes(episodes: u64) -> u64 {
    let coder = TileCoder::new(8, 8, [-1.2, -0.07], [0.5, 0.07]);
    let memory =
        LinearMemory { weights: &mut [0.0; 1_944], active: &mut [0; 8], next_active: &mut [0; 8] };
    let config = TabularConfig::constant(1.0, 0.5, 0.0);
    let mut agent = SemiGradientSarsa::new(config, coder, 3, memory);
    let mut observation = [0.0; 2];
    let env = TimeLimit::new(MountainCar::new(), MountainCar::STEPS);
    let mut run = Run::new(env, &mut observation, 1);
    run.episodes(&mut agent, episodes, |_| {});
    agent.state.steps
}

criterion_group!(benches, tabular);
criterion_main!(benches);
