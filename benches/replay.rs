//! The replay memory alone: at the size of a lander's, 100,000 transitions of 8-wide observations, and at that of a game's,
//! 20,000 stacks of four 84 x 84 frames, each frame kept once as a byte a pixel.
//!
//! `push` overwrites the ring in order; `sample and gather` draws 64 transitions uniformly and copies them into one
//! batch, which touches memory all over.

use core::hint::black_box;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_core::replay::{
    Batch, FrameMemory, FrameStack, FrameStorage, Storage, Transition, sample_uniform,
};
use embedded_rl_core::rng::{Role, stream};

const CAPACITY: usize = 100_000;
const WIDTH: usize = 8;
const BATCH: usize = 64;

/// A transition whose every field follows from its number.
fn with_transition<T>(number: u64, use_it: impl FnOnce(Transition<'_>) -> T) -> T {
    let observation = [number as f32; WIDTH];
    use_it(Transition {
        observation: &observation,
        action: number as u32 % 4,
        reward: -(number as f32),
        discount: 0.99,
        next_observation: &[(number + 1) as f32; WIDTH],
    })
}

fn replay(criterion: &mut Criterion) {
    let (mut observations, mut next_observations) =
        (vec![0.0; CAPACITY * WIDTH], vec![0.0; CAPACITY * WIDTH]);
    let (mut actions, mut rewards, mut discounts) =
        (vec![0; CAPACITY], vec![0.0; CAPACITY], vec![0.0; CAPACITY]);
    let mut storage = Storage::new(
        WIDTH,
        &mut observations,
        &mut actions,
        &mut rewards,
        &mut discounts,
        &mut next_observations,
    );
    let (mut batch_observations, mut batch_next_observations) =
        ([0.0; BATCH * WIDTH], [0.0; BATCH * WIDTH]);
    let (mut batch_actions, mut batch_rewards, mut batch_discounts) =
        ([0; BATCH], [0.0; BATCH], [0.0; BATCH]);
    let mut batch = Batch {
        observations: &mut batch_observations,
        actions: &mut batch_actions,
        rewards: &mut batch_rewards,
        discounts: &mut batch_discounts,
        next_observations: &mut batch_next_observations,
    };

    // Once around and half way again: the older half of the ring is made of newer transitions.
    let pushes = (CAPACITY + CAPACITY / 2) as u64;
    for number in 0..pushes {
        with_transition(number, |transition| storage.push(transition));
    }
    let mut rng = stream(1, Role::Replay);
    let mut slots = [0; BATCH];
    sample_uniform(&mut rng, storage.len(), &mut slots);
    storage.gather(&slots, &mut batch);
    for (b, &slot) in slots.iter().enumerate() {
        let slot = u64::from(slot);
        let half = CAPACITY as u64 / 2;
        let number = if slot < half { slot + CAPACITY as u64 } else { slot };
        with_transition(number, |want| {
            let row = b * WIDTH..(b + 1) * WIDTH;
            assert_eq!(batch.observations[row.clone()], *want.observation, "slot {slot}");
            assert_eq!(batch.next_observations[row], *want.next_observation, "slot {slot}");
            assert_eq!(
                (batch.actions[b], batch.rewards[b], batch.discounts[b]),
                (want.action, want.reward, want.discount),
                "slot {slot}"
            );
        });
    }

    let mut group = criterion.benchmark_group("replay/100000x8");
    group.throughput(Throughput::Elements(1));
    let mut number = pushes;
    group.bench_function("push", |bencher| {
        bencher.iter(|| {
            number += 1;
            with_transition(number, |transition| storage.push(transition));
        });
    });
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("sample and gather 64", |bencher| {
        bencher.iter(|| {
            sample_uniform(&mut rng, storage.len(), &mut slots);
            storage.gather(&slots, &mut batch);
            black_box(&batch);
        });
    });
    group.finish();
}

/// Fewer than a game has, so that a machine with little memory can measure, and more than any cache holds: 148 MB.
const STACKS: usize = 20_000;
const SHAPE: FrameStack = FrameStack { frame: 84 * 84, stack: 4 };

/// A frame whose pixels follow from its number.
fn write_frame(number: u64, frame: &mut [u8]) {
    for (place, pixel) in (0..).zip(frame) {
        *pixel = (number * 31 + place) as u8;
    }
}

fn frames(criterion: &mut Criterion) {
    let places = STACKS + STACKS / 20;
    let (mut bytes, mut ages) = (vec![0; places * SHAPE.frame], vec![0; places]);
    let [mut last_places, mut next_places, mut actions] = [(); 3].map(|()| vec![0; STACKS]);
    let [mut rewards, mut discounts] = [(); 2].map(|()| vec![0.0; STACKS]);
    let memory = FrameMemory {
        frames: &mut bytes,
        ages: &mut ages,
        places: &mut last_places,
        next_places: &mut next_places,
        actions: &mut actions,
        rewards: &mut rewards,
        discounts: &mut discounts,
    };
    let mut storage = FrameStorage::new(SHAPE, memory);
    let mut frame = [0; SHAPE.frame];
    // One episode that goes round the ring.
    storage.begin(&frame);
    for number in 1..=(places + STACKS / 2) as u64 {
        write_frame(number, &mut frame);
        storage.push(number as u32, 1.0, 0.99, &frame);
    }
    let width = SHAPE.frame * SHAPE.stack;
    let [mut observations, mut next_observations] = [(); 2].map(|()| vec![0.0; BATCH * width]);
    let (mut actions, mut rewards, mut discounts) = ([0; BATCH], [0.0; BATCH], [0.0; BATCH]);
    let mut batch = Batch {
        observations: &mut observations,
        actions: &mut actions,
        rewards: &mut rewards,
        discounts: &mut discounts,
        next_observations: &mut next_observations,
    };
    let mut rng = stream(1, Role::Replay);
    let mut slots = [0; BATCH];
    sample_uniform(&mut rng, storage.len(), &mut slots);
    storage.gather(&slots, 255.0, &mut batch);
    for (next, &action) in batch.next_observations.chunks_exact(width).zip(&*batch.actions) {
        for (back, seen) in (0..).zip(next.chunks_exact(SHAPE.frame).rev()) {
            write_frame(u64::from(action) - back, &mut frame);
            assert!(seen.iter().zip(&frame).all(|(&x, &byte)| x == f32::from(byte) / 255.0));
        }
    }

    let mut group = criterion.benchmark_group("replay/20000x4x84x84");
    group.throughput(Throughput::Elements(1));
    group.bench_function("push a frame", |bencher| {
        bencher.iter(|| storage.push(1, 1.0, 0.99, &frame));
    });
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("sample and gather 64 from frames", |bencher| {
        bencher.iter(|| {
            sample_uniform(&mut rng, storage.len(), &mut slots);
            storage.gather(&slots, 255.0, &mut batch);
            black_box(&batch);
        });
    });
    group.finish();
}

criterion_group!(benches, replay, frames);
criterion_main!(benches);
