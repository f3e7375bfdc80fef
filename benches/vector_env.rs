//! Steps a second and core of vectorised environments: random actions, resets included.
//!
//! Time is that of the processor, in all threads together, so that a figure is one core's even on a busy machine.

use core::hint::black_box;
use core::time::Duration;
use cpu_time::ProcessTime;
use criterion::measurement::{Measurement, ValueFormatter, WallTime};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl::vector_env::{Batch, VectorEnv, jumps};
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::{Acrobot, CartPole, MountainCar};
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LunarLander};
use embedded_rl_core::lanes::Lanes;
use embedded_rl_core::rng::{Generator, Rng, Role, stream};

/// Copies and threads.
const SIZES: [(usize, usize); 2] = [(256, 1), (8192, 2)];
/// Steps of every copy in one measured batch.
const ROUNDS: usize = 100;

/// Time on processors, of all threads.
struct CpuTime(WallTime);

impl Measurement for CpuTime {
    type Intermediate = ProcessTime;
    type Value = Duration;

    fn start(&self) -> ProcessTime {
        ProcessTime::now()
    }

    fn end(&self, start: ProcessTime) -> Duration {
        start.elapsed()
    }

    fn add(&self, first: &Duration, second: &Duration) -> Duration {
        *first + *second
    }

    fn zero(&self) -> Duration {
        Duration::ZERO
    }

    fn to_f64(&self, value: &Duration) -> f64 {
        value.as_nanos() as f64
    }

    fn formatter(&self) -> &dyn ValueFormatter {
        self.0.formatter()
    }
}

/// How all copies are stepped.
type StepAll<E> = fn(&mut VectorEnv<E, Generator>, &[u32], &mut Batch<f32>);

/// Copies that are played at random for ever.
struct Player<E, const ACTIONS: u64> {
    copies: VectorEnv<E, Generator>,
    batch: Batch<f32>,
    chooser: Generator,
    actions: Vec<u32>,
}

impl<E, const ACTIONS: u64> Player<E, ACTIONS>
where
    E: Env<Action = u32, Element = f32> + Clone + Send,
{
    fn new(env: &E, limit: u32, count: usize, threads: usize) -> Self {
        let mut copies =
            VectorEnv::new(env, Some(limit), jumps(1).take(count)).over_threads(threads);
        let mut batch = copies.batch();
        copies.reset(&mut batch);
        let chooser = stream(1, Role::Exploration);
        Self { copies, batch, chooser, actions: vec![0; count] }
    }

    fn round(&mut self, step: StepAll<E>) {
        for pair in self.actions.chunks_exact_mut(2) {
            let drawn = self.chooser.next_u64();
            // Each half of the draw becomes an action by its size.
            let action = |half: u64| ((half * ACTIONS) >> 32) as u32;
            pair.copy_from_slice(&[action(drawn >> 32), action(drawn & 0xFFFF_FFFF)]);
        }
        step(&mut self.copies, &self.actions, &mut self.batch);
    }

    /// What a hundred rounds come to equals what single environments do.
    fn assert_as_alone(mut self, env: &E, limit: u32, step: StepAll<E>) {
        let mut alone: Vec<_> = jumps(1)
            .take(self.actions.len())
            .map(|rng| (TimeLimit::new(env.clone(), limit), rng))
            .collect();
        let mut row = vec![0.0; self.batch.width()];
        for (env, rng) in &mut alone {
            env.reset(rng, &mut row);
        }
        for _ in 0..ROUNDS {
            self.round(step);
            for (copy, (env, rng)) in alone.iter_mut().enumerate() {
                let alone = env.step(self.actions[copy], rng, &mut row);
                assert_eq!(
                    (alone.reward, alone.ending),
                    (self.batch.rewards[copy], self.batch.endings[copy])
                );
                assert_eq!(row, self.batch.led_to(copy));
                if alone.ending.is_some() {
                    env.reset(rng, &mut row);
                }
            }
        }
    }
}

fn measure<E, const ACTIONS: u64>(
    criterion: &mut Criterion<CpuTime>,
    name: &str,
    env: &E,
    limit: u32,
    step: StepAll<E>,
) where
    E: Env<Action = u32, Element = f32> + Clone + Send,
{
    let mut group = criterion.benchmark_group("vector_env");
    for (count, threads) in SIZES {
        let new = || Player::<E, ACTIONS>::new(env, limit, count, threads);
        new().assert_as_alone(env, limit, step);
        let mut player = new();
        group.throughput(Throughput::Elements((count * ROUNDS) as u64));
        group.bench_function(format!("{count} {name}, threads: {threads}"), |bencher| {
            bencher.iter(|| {
                for _ in 0..ROUNDS {
                    player.round(step);
                }
                black_box(player.batch.observations[0])
            });
        });
    }
    group.finish();
}

fn vector_env(criterion: &mut Criterion<CpuTime>) {
    measure::<_, 2>(criterion, "cart_pole", &CartPole::new(), CartPole::V1_STEPS, VectorEnv::step);
    measure::<_, 3>(
        criterion,
        "mountain_car",
        &MountainCar::new(),
        MountainCar::STEPS,
        VectorEnv::step,
    );
    measure::<_, 3>(criterion, "acrobot", &Acrobot::new(), Acrobot::STEPS, VectorEnv::step);
    let lander = LunarLander::new(LanderOptions::default()).expect("usual options");
    measure::<_, 4>(
        criterion,
        "lunar_lander",
        &lander,
        LunarLander::STEPS,
        |landers, actions, batch| {
            let lanes = Lanes::best();
            landers.step_by(
                |landers, actions, rngs, observations, steps| {
                    LunarLander::step_together(lanes, landers, actions, rngs, observations, steps);
                },
                actions,
                batch,
            );
        },
    );
}

criterion_group! {
    name = benches;
    config = Criterion::default().with_measurement(CpuTime(WallTime));
    targets = vector_env
}
criterion_main!(benches);
