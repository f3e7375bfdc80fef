//! CartPole under random pushes: `f64` arithmetic, sine, cosine and both generators in one number.

use super::fingerprint::Fingerprint;
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::rng::{NumpyGenerator, Role, integers, stream};

/// The fingerprint of every state of `steps` steps of CartPole-v1; episode `n` starts as Gymnasium's
/// `reset(seed=n)`, and the pushes are drawn from the exploration stream of seed 0.
pub fn fingerprint_of_steps(steps: u32) -> u64 {
    let mut env = TimeLimit::new(CartPole::new(), CartPole::V1_STEPS);
    let mut exploration = stream(0, Role::Exploration);
    let mut fingerprint = Fingerprint::default();
    let mut observation = [0.0; 4];
    let mut episode = 0;
    let mut start = NumpyGenerator::new(episode);
    env.reset(&mut start, &mut observation);
    for _ in 0..steps {
        let action = integers(&mut exploration, 0, 2) as u32;
        let step = env.step(action, &mut start, &mut observation);
        for number in env.env.state {
            fingerprint.add(&number.to_bits().to_le_bytes());
        }
        if step.ending.is_some() {
            episode += 1;
            start = NumpyGenerator::new(episode);
            env.reset(&mut start, &mut observation);
        }
    }
    fingerprint.value()
}
