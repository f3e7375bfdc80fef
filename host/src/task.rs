//! The environments a network can be trained on, by Gymnasium's id.
//!
//! One enum instead of a trait object: a task is saved in checkpoints, and core has no `dyn`.

use crate::failure::{Failure, Outcome};
use crate::registry;
use embedded_rl_core::env::{Env, Step, TimeLimit};
use embedded_rl_core::envs::classic::{Acrobot, CartPole, MountainCar};
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LanderVersion, LunarLander};
use embedded_rl_core::rng::Rng;
use embedded_rl_core::space::Space;
use serde::{Deserialize, Serialize};

/// An environment with numbered actions and real observations, its time limit included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// `CartPole-v0` and `CartPole-v1`.
    CartPole(TimeLimit<CartPole>),
    /// `MountainCar-v0`.
    MountainCar(TimeLimit<MountainCar>),
    /// `Acrobot-v1`.
    Acrobot(TimeLimit<Acrobot>),
    /// `LunarLander-v2` and `LunarLander-v3`, the world they fly in included.
    LunarLander(Box<TimeLimit<LunarLander>>),
}

impl Task {
    /// Makes the environment with this id, and says the mean return from which it counts as solved.
    pub fn make(id: &str) -> Outcome<(Self, f64)> {
        let registration =
            registry::find(id).map_err(|error| Failure::wrong_use(error.to_string()))?;
        let untrainable = || Failure::wrong_use(format!("no network can be trained on {id} yet"));
        let limit = registration.step_limit.ok_or_else(untrainable)?;
        let task = match id {
            "CartPole-v0" | "CartPole-v1" => Self::CartPole(TimeLimit::new(CartPole::new(), limit)),
            "MountainCar-v0" => Self::MountainCar(TimeLimit::new(MountainCar::new(), limit)),
            "Acrobot-v1" => Self::Acrobot(TimeLimit::new(Acrobot::new(), limit)),
            "LunarLander-v2" => Self::lunar_lander(LanderVersion::V2, limit)?,
            "LunarLander-v3" => Self::lunar_lander(LanderVersion::V3, limit)?,
            _ => return Err(untrainable()),
        };
        Ok((task, registration.reward_threshold.unwrap_or(f64::INFINITY)))
    }

    fn lunar_lander(version: LanderVersion, limit: u32) -> Outcome<Self> {
        let lander = LunarLander::new(LanderOptions { version, ..LanderOptions::default() })
            .map_err(|error| Failure::wrong_use(error.to_string()))?;
        Ok(Self::LunarLander(Box::new(TimeLimit::new(lander, limit))))
    }
}

impl Env for Task {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        match self {
            Self::CartPole(env) => env.action_space(),
            Self::MountainCar(env) => env.action_space(),
            Self::Acrobot(env) => env.action_space(),
            Self::LunarLander(env) => env.action_space(),
        }
    }

    fn observation_space(&self) -> Space<'_> {
        match self {
            Self::CartPole(env) => env.observation_space(),
            Self::MountainCar(env) => env.observation_space(),
            Self::Acrobot(env) => env.observation_space(),
            Self::LunarLander(env) => env.observation_space(),
        }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        match self {
            Self::CartPole(env) => env.reset(rng, observation),
            Self::MountainCar(env) => env.reset(rng, observation),
            Self::Acrobot(env) => env.reset(rng, observation),
            Self::LunarLander(env) => env.reset(rng, observation),
        }
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        match self {
            Self::CartPole(env) => env.step(action, rng, observation),
            Self::MountainCar(env) => env.step(action, rng, observation),
            Self::Acrobot(env) => env.step(action, rng, observation),
            Self::LunarLander(env) => env.step(action, rng, observation),
        }
    }
}
