//! Same seed, same bits: two thousand steps of training leave one hash, on all lanes, in debug and in release, on
//! every machine; and a step of it allocates nothing.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use embedded_rl_checks::cart_pole::Training;
use embedded_rl_checks::dqn_update::hashes;
use embedded_rl_core::dqn::{Behaviour, DqnConfig, Sampling, TargetUpdate};
use embedded_rl_core::nn::{Activation, Baseline, Lanes, Loss, NetworkSpec, Optimiser};
use embedded_rl_core::policy::{Per, Schedule};
use embedded_rl_core::replay::Rewards;
use embedded_rl_core::weights;
use std::alloc::System;

const BATCH: usize = 32;
/// Smaller than the steps, so that the ring goes round.
const CAPACITY: usize = 1_500;

const ADAM_DOUBLE_SOFT: DqnConfig = DqnConfig {
    discount: 0.99,
    learning_starts: 200,
    train_every: 1,
    updates_per_round: 1,
    target: TargetUpdate::Soft { tau: 0.01 },
    double: true,
    loss: Loss::Huber,
    optimiser: Optimiser::adam(1e-3),
    learning_rate_schedule: Schedule::Linear { from: 1.0, to: 0.1, over: 2_000, per: Per::Step },
    clip_norm: 10.0,
    exploration: Schedule::Exponential { from: 1.0, to: 0.05, decay: 0.97, per: Per::Episode },
    ..DqnConfig::PLAIN
};

const MOMENTUM_HARD: DqnConfig = DqnConfig {
    train_every: 2,
    updates_per_round: 2,
    target: TargetUpdate::Hard { every: 150, per: Per::Step },
    double: false,
    loss: Loss::SquaredError,
    optimiser: Optimiser::Sgd { learning_rate: 1e-3, momentum: 0.9 },
    learning_rate_schedule: Schedule::Constant { value: 1.0 },
    clip_norm: 1.0,
    exploration: Schedule::Linear { from: 1.0, to: 0.1, over: 1_000, per: Per::Step },
    ..ADAM_DOUBLE_SOFT
};

const MANY_VARIANTS: DqnConfig = DqnConfig {
    n_step: 3,
    rewards: Rewards::Failure { failure: -2.0 },
    sampling: Sampling::Prioritised {
        alpha: 0.6,
        beta: Schedule::Linear { from: 0.4, to: 1.0, over: 2_000, per: Per::Step },
        epsilon: 1e-3,
    },
    train_every: 2,
    updates_per_batch: 2,
    behaviour: Behaviour::NoisyValues,
    exploration: Schedule::ExponentialOver { from: 2.0, to: 0.1, over: 50.0, per: Per::Episode },
    ..ADAM_DOUBLE_SOFT
};

const NORMALISED: NetworkSpec = NetworkSpec::input(4)
    .dense(24)
    .batch_norm()
    .activation(Activation::Elu)
    .dense(17)
    .batch_norm()
    .activation(Activation::Elu)
    .dueling(2, Baseline::Mean);

fn memory(config: DqnConfig) -> Training {
    match config.n_step {
        1 => Training::new(&[24, 17], config, BATCH, CAPACITY),
        _ => Training::of(NORMALISED, config, BATCH, CAPACITY),
    }
}

/// What 2,000 steps come to: episodes, hashes of online network, target network and the ring's observations.
fn train(config: DqnConfig, seed: u64, lanes: Lanes) -> (u64, [u64; 3]) {
    let mut training = memory(config);
    let (mut agent, mut run) = training.start(lanes, seed);
    while agent.state.steps < 2_000 {
        run.turn(&mut agent);
    }
    let [online, target] = hashes(&agent.learner);
    let seen = weights::hash(agent.learner.storage.as_whole().expect("no frames").observations);
    (agent.state.episodes, [online, target, seen])
}

#[track_caller]
fn assert_pinned(config: DqnConfig, seed: u64, expected: (u64, [u64; 3])) {
    for lanes in Lanes::available() {
        let found = train(config, seed, lanes);
        assert_eq!(found, expected, "on {}: {found:#X?}", lanes.name());
    }
}

#[test]
fn double_dqn_with_adam_and_a_soft_target_leaves_these_bits_everywhere() {
    let hashes = [0x7E99_40C8_6939_4215, 0x69F0_DA2D_FFF0_8111, 0x7F5A_DC81_65AD_579E];
    assert_pinned(ADAM_DOUBLE_SOFT, 0, (101, hashes));
}

#[test]
fn dqn_with_momentum_and_a_hard_target_leaves_these_bits_everywhere() {
    let hashes = [0x19C7_4113_134F_FE50, 0xA979_630B_D97E_542A, 0x41A1_EDA4_EB04_BBD2];
    assert_pinned(MOMENTUM_HARD, 0, (142, hashes));
}

#[test]
fn a_normalised_dueling_network_with_priorities_over_three_steps_leaves_these_bits_everywhere() {
    let hashes = [0xDA71_53B0_31E9_0B3D, 0x1167_A5D0_5C6B_A871, 0x445E_30B6_4FC7_D977];
    assert_pinned(MANY_VARIANTS, 0, (52, hashes));
}

#[test]
fn another_seed_leaves_other_bits() {
    let lanes = Lanes::best();
    let (_, first) = train(ADAM_DOUBLE_SOFT, 0, lanes);
    let (_, second) = train(ADAM_DOUBLE_SOFT, 1, lanes);
    assert!(first.iter().zip(&second).all(|(first, second)| first != second));
}

/// Counts what the running thread asks of the system's allocator.
struct Counting;

thread_local! {
    static REQUESTS: Cell<u64> = const { Cell::new(0) };
}

fn count() {
    // A thread that is being taken down has no counter any more, and nobody asks for it.
    let _ = REQUESTS.try_with(|requests| requests.set(requests.get() + 1));
}

// SAFETY: everything is handed to the system's allocator as it came; the counter is a plain number that needs no
// memory of its own and no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller's promise about `layout` is the one that is needed.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count();
        // SAFETY: the pointer came from `System`, for all of ours do.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as in `dealloc`, and the caller's promise about `size` is the one that is needed.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Requests to the allocator, in this thread, while `code` runs.
fn requests_of(code: impl FnOnce()) -> u64 {
    let before = REQUESTS.get();
    code();
    REQUESTS.get() - before
}

#[test]
fn five_hundred_turns_with_updates_and_endings_allocate_nothing() {
    let counted = requests_of(|| drop(core::hint::black_box(vec![1u8; 100])));
    assert_eq!(counted, 2, "one allocation and its end are seen");

    for config in [ADAM_DOUBLE_SOFT, MOMENTUM_HARD, MANY_VARIANTS] {
        for lanes in Lanes::available() {
            let mut training = memory(config);
            let (mut agent, mut run) = training.start(lanes, 3);
            let requests = requests_of(|| {
                for _ in 0..500 {
                    run.turn(&mut agent);
                }
            });
            assert!(agent.state.updates > 200 && agent.state.episodes > 5, "{:?}", agent.state);
            assert_eq!(requests, 0, "on {}", lanes.name());
        }
    }
}
