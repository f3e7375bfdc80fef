//! Steps a second of environments alone: random actions, resets included. One core.

use core::hint::black_box;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::rng::{Generator, Rng, Role, stream};

/// Steps of one measured batch.
const STEPS: u64 = 10_000;

/// An environment that is played at random for ever.
struct Player<E: Env> {
    env: E,
    rng: Generator,
    chooser: Generator,
    /// Actions not yet used: 64 coin tosses a draw.
    coins: u64,
    observation: [E::Element; 4],
}

impl<E: Env<Action = u32>> Player<E> {
    fn new(mut env: E, seed: u64) -> Self {
        let mut rng = stream(seed, Role::Environment);
        let mut observation = [E::Element::default(); 4];
        env.reset(&mut rng, &mut observation);
        Self { env, rng, chooser: stream(seed, Role::Exploration), coins: 1, observation }
    }

    #[inline]
    fn step(&mut self) {
        if self.coins == 1 {
            self.coins = self.chooser.next_u64() | 1 << 63;
        }
        let action = (self.coins & 1) as u32;
        self.coins >>= 1;
        if self.env.step(action, &mut self.rng, &mut self.observation).ending.is_some() {
            self.env.reset(&mut self.rng, &mut self.observation);
        }
    }
}

fn cart_pole() -> TimeLimit<CartPole> {
    TimeLimit::new(CartPole::new(), CartPole::V1_STEPS)
}

/// FNV-1a of the state's bits, mixed in after every step.
fn hash_of_steps(player: &mut Player<TimeLimit<CartPole>>, steps: u64) -> u64 {
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
    let mut player = Player::new(cart_pole(), 1);
    group.bench_function("cart_pole", |bencher| {
        bencher.iter(|| {
            for _ in 0..STEPS {
                player.step();
            }
            black_box(player.observation)
        });
    });
    let mut players: [_; 4] = core::array::from_fn(|copy| Player::new(cart_pole(), copy as u64));
    group.bench_function("cart_pole, four in turn", |bencher| {
        bencher.iter(|| {
            for _ in 0..STEPS / 4 {
                players.iter_mut().for_each(Player::step);
            }
            black_box(players[0].observation)
        });
    });
    group.finish();
}

criterion_group!(benches, env_steps);
criterion_main!(benches);
