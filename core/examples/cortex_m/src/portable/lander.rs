//! LunarLander: an episode that Gymnasium recorded, and one that a policy plays, each down to the bits of its rewards.

use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LunarLander};
use embedded_rl_core::nn::{Lanes, network};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::run::{Episode, play};
use embedded_rl_core::weights::PolicyView;

/// The actions of the first episode in `tests/golden/lunar_lander/heuristic.jsonl`, which starts as Gymnasium's
/// `reset(seed=0)` and ends at rest on the pad.
pub const RECORDED: &str = "\
    1111111100000000000002222222222232222322223222222322223222322232223222222232232222221122220000000033\
    3333333333333333333333333300000000000000000000000000";

/// `LunarLander-v3`.
pub fn lander() -> TimeLimit<LunarLander> {
    let lander = LunarLander::new(LanderOptions::default()).expect("usual options");
    TimeLimit::new(lander, LunarLander::STEPS)
}

/// FNV-1a, a number at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hash(pub u64);

impl Hash {
    /// Of nothing.
    pub const EMPTY: Self = Self(0xCBF2_9CE4_8422_2325);

    /// Takes in an observation's bits, and the reward's if a step led to it.
    pub fn take(&mut self, observation: [u32; 8], reward: Option<u64>) {
        for number in observation.map(u64::from).into_iter().chain(reward) {
            self.0 = (self.0 ^ number).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }
}

/// The hash of all observations and rewards of the [`RECORDED`] actions, and how many steps there were until the end.
pub fn recorded_episode(env: &mut TimeLimit<LunarLander>) -> (Hash, u32) {
    let mut rng = NumpyGenerator::new(0);
    let mut observation = [0.0; 8];
    let (mut hash, mut steps) = (Hash::EMPTY, 0);
    env.reset(&mut rng, &mut observation);
    hash.take(observation.map(f32::to_bits), None);
    for action in RECORDED.bytes() {
        let step = env.step(u32::from(action - b'0'), &mut rng, &mut observation);
        hash.take(observation.map(f32::to_bits), Some(step.reward.to_bits()));
        steps += 1;
        if step.ending.is_some() {
            break;
        }
    }
    (hash, steps)
}

/// Plays the episode that starts as Gymnasium's `reset(seed)`, always choosing the action of the largest value.
pub fn land<const KINDS: u32>(
    env: &mut TimeLimit<LunarLander>,
    lanes: Lanes,
    policy: &PolicyView<'_, KINDS>,
    scratch: &mut [f32],
    seed: u64,
) -> Episode {
    let (spec, scratch) = (policy.spec(), &mut scratch[..policy.spec().scratch_count()]);
    let choose = |observation: &[f32]| {
        greedy(network::infer(lanes, spec, policy.parameters(), observation, scratch))
    };
    play(env, &mut NumpyGenerator::new(seed), policy.normalise(), &mut [0.0; 8], choose)
}
