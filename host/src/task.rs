//! The environments a network can be trained on, by Gymnasium's id.
//!
//! One enum instead of a trait object: a task is saved in checkpoints, and core has no `dyn`.

use crate::failure::{Failure, Outcome};
use crate::registry;
use embedded_rl_core::env::{Env, Step, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::rng::Rng;
use embedded_rl_core::space::Space;
use serde::{Deserialize, Serialize};

/// An environment with numbered actions and real observations, its time limit included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// `CartPole-v0` and `CartPole-v1`.
    CartPole(TimeLimit<CartPole>),
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
            _ => return Err(untrainable()),
        };
        Ok((task, registration.reward_threshold.unwrap_or(f64::INFINITY)))
    }
}

impl Env for Task {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        match self {
            Self::CartPole(env) => env.action_space(),
        }
    }

    fn observation_space(&self) -> Space<'_> {
        match self {
            Self::CartPole(env) => env.observation_space(),
        }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        match self {
            Self::CartPole(env) => env.reset(rng, observation),
        }
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        match self {
            Self::CartPole(env) => env.step(action, rng, observation),
        }
    }
}
