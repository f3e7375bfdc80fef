//! CartPole under random pushes: `f64` arithmetic, sine, cosine and both generators in one number.

use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::rng::{NumpyGenerator, Role, integers, stream};

/// A hash of every state of `steps` steps of CartPole-v1: FNV-1a over the bits of the four numbers in turn, a
/// number at a time. Episode `n` starts as Gymnasium's `reset(seed=n)`; the pushes are the exploration stream's of
/// seed 0.
pub fn hash_of_states(steps: u32) -> u64 {
    let mut env = TimeLimit::new(CartPole::new(), CartPole::V1_STEPS);
    let mut pushes = stream(0, Role::Exploration);
    let mut observation = [0.0; 4];
    let mut episode = 0;
    let mut starts = NumpyGenerator::new(episode);
    env.reset(&mut starts, &mut observation);
    let mut hash = 0xCBF2_9CE4_8422_2325;
    for _ in 0..steps {
        let action = integers(&mut pushes, 0, 2) as u32;
        let step = env.step(action, &mut starts, &mut observation);
        for number in env.env.state {
            hash = (hash ^ number.to_bits()).wrapping_mul(0x0000_0100_0000_01B3);
        }
        if step.ending.is_some() {
            episode += 1;
            starts = NumpyGenerator::new(episode);
            env.reset(&mut starts, &mut observation);
        }
    }
    hash
}
