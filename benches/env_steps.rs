//! Steps a second of environments alone: random actions, resets included. One core.
//!
//! Where the lander's time goes (`perf`, x86-64 with AVX-512, 2.6 GHz): stepped alone, 0.88 of a step's 10 microseconds
//! are its 180 sweeps over two joints, each of which waits for the one before; the sweeps end early in no step that
//! matters. 0.04 are contacts, 0.02 places, 0.01 sines; resets are lost in the rest. Stepped together, sixteen in a
//! vector, the sweeps of a flying lander take 0.6 microseconds; a third of what is left are the few landers that touch
//! the ground, each of which is solved alone.

use core::hint::black_box;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_core::env::{Env, Step, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LunarLander};
use embedded_rl_core::lanes::Lanes;
use embedded_rl_core::rng::{Generator, Rng, Role, stream};

/// Steps of one measured batch.
const STEPS: u64 = 10_000;
/// Landers that are stepped together.
const CROWD: usize = 256;

/// An environment with `2^BITS` actions and `N` observed numbers that is played at random for ever.
struct Player<E: Env, const N: usize, const BITS: u32> {
    env: E,
    rng: Generator,
    chooser: Generator,
    /// Coin tosses not yet used, below a one that marks their end.
    coins: u64,
    observation: [E::Element; N],
}

impl<E: Env<Action = u32>, const N: usize, const BITS: u32> Player<E, N, BITS> {
    fn new(mut env: E, seed: u64) -> Self {
        let mut rng = stream(seed, Role::Environment);
        let mut observation = [E::Element::default(); N];
        env.reset(&mut rng, &mut observation);
        Self { env, rng, chooser: stream(seed, Role::Exploration), coins: 1, observation }
    }

    #[inline]
    fn step(&mut self) {
        if self.coins == 1 {
            self.coins = self.chooser.next_u64() | 1 << (63 / BITS * BITS);
        }
        let action = self.coins as u32 & ((1 << BITS) - 1);
        self.coins >>= BITS;
        if self.env.step(action, &mut self.rng, &mut self.observation).ending.is_some() {
            self.env.reset(&mut self.rng, &mut self.observation);
        }
    }
}

fn cart_pole() -> TimeLimit<CartPole> {
    TimeLimit::new(CartPole::new(), CartPole::V1_STEPS)
}

type CartPolePlayer = Player<TimeLimit<CartPole>, 4, 1>;
type LanderPlayer = Player<TimeLimit<LunarLander>, 8, 2>;

fn lander() -> LunarLander {
    LunarLander::new(LanderOptions::default()).expect("usual options")
}

/// Landers that are stepped together.
struct Crowd {
    landers: Vec<LunarLander>,
    elapsed: Vec<u32>,
    rngs: Vec<Generator>,
    chooser: Generator,
    actions: Vec<u32>,
    observations: Vec<f32>,
    steps: Vec<Step>,
}

impl Crowd {
    fn new(count: usize) -> Self {
        let mut crowd = Self {
            landers: vec![lander(); count],
            elapsed: vec![0; count],
            rngs: (0..count as u64).map(|seed| stream(seed, Role::Environment)).collect(),
            chooser: stream(0, Role::Exploration),
            actions: vec![0; count],
            observations: vec![0.0; 8 * count],
            steps: vec![Step { reward: 0.0, ending: None }; count],
        };
        (0..count).for_each(|index| crowd.reset(index));
        crowd
    }

    fn reset(&mut self, index: usize) {
        let observation = &mut self.observations[8 * index..][..8];
        self.landers[index].reset(&mut self.rngs[index], observation);
        self.elapsed[index] = 0;
    }

    fn step(&mut self, lanes: Lanes) {
        for action in &mut self.actions {
            *action = self.chooser.next_u32() >> 30;
        }
        let Self { landers, actions, rngs, observations, steps, .. } = self;
        LunarLander::step_together(lanes, landers, actions, rngs, observations, steps);
        for index in 0..self.landers.len() {
            self.elapsed[index] += 1;
            if self.steps[index].ending.is_some() || self.elapsed[index] == LunarLander::STEPS {
                self.reset(index);
            }
        }
    }
}

/// FNV-1a of the state's bits, mixed in after every step.
fn hash_of_steps(player: &mut CartPolePlayer, steps: u64) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325u64;
    for _ in 0..steps {
        player.step();
        for value in player.env.env.state {
            hash = (hash ^ value.to_bits()).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
    hash
}

fn env_steps(criterion: &mut Criterion) {
    let hash = hash_of_steps(&mut Player::new(cart_pole(), 1), STEPS);
    assert_eq!(hash, 0xA7EF80C8F4D9DCBC, "the states have changed: {hash:#X}");

    let mut group = criterion.benchmark_group("env_steps");
    group.throughput(Throughput::Elements(STEPS));
    let mut player = CartPolePlayer::new(cart_pole(), 1);
    group.bench_function("cart_pole", |bencher| {
        bencher.iter(|| {
            for _ in 0..STEPS {
                player.step();
            }
            black_box(player.observation)
        });
    });
    let mut players: [_; 4] =
        core::array::from_fn(|copy| CartPolePlayer::new(cart_pole(), copy as u64));
    group.bench_function("cart_pole, four in turn", |bencher| {
        bencher.iter(|| {
            for _ in 0..STEPS / 4 {
                players.iter_mut().for_each(Player::step);
            }
            black_box(players[0].observation)
        });
    });

    group.sample_size(20);
    let mut player = LanderPlayer::new(TimeLimit::new(lander(), LunarLander::STEPS), 1);
    group.bench_function("lunar_lander", |bencher| {
        bencher.iter(|| {
            for _ in 0..STEPS {
                player.step();
            }
            black_box(player.observation)
        });
    });
    for lanes in Lanes::available() {
        let mut crowd = Crowd::new(CROWD);
        group.throughput(Throughput::Elements(CROWD as u64 * 50));
        group.bench_function(
            format!("lunar_lander, {CROWD} together, {}", lanes.name()),
            |bencher| {
                bencher.iter(|| {
                    for _ in 0..50 {
                        crowd.step(lanes);
                    }
                    black_box(crowd.observations[0])
                });
            },
        );
    }
    group.finish();
}

criterion_group!(benches, env_steps);
criterion_main!(benches);
