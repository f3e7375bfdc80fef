//! The wheel of the walk: environment and agent in turn, and the end of an episode followed by the next start.
//!
//! This is the only place in core that knows both. It prints nothing and stops by itself never: the caller turns
//! it a step at a time, and may save everything in between.

pub mod online;

use crate::dqn::{DqnAgent, Learner, Settings, Update};
use crate::env::{Ending, Env, Step};
use crate::preprocess::Normalise;
use crate::rng::{Generator, Rng};
use crate::space::Space;

/// A finished episode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Episode {
    /// Sum of the rewards, undiscounted.
    pub total_reward: f64,
    /// How many steps it had.
    pub length: u64,
    /// How it ended.
    pub ending: Ending,
}

/// What one turn of the wheel brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// The last update of this turn, if the agent learned.
    pub update: Option<Update>,
    /// The episode that this turn finished; the next one has been started.
    pub episode: Option<Episode>,
}

/// An environment in the middle of an episode.
#[derive(Debug)]
pub struct Run<'a, E> {
    /// The environment.
    pub env: E,
    /// Its draws.
    pub rng: Generator,
    /// What the agent sees now, normalised.
    pub observation: &'a mut [f32],
    next_observation: &'a mut [f32],
    normalise: Normalise<'a>,
    actions: u32,
    /// Sum of this episode's rewards so far.
    pub total_reward: f64,
    /// Steps of this episode so far.
    pub length: u64,
}

impl<'a, E: Env<Action = u32, Element = f32>> Run<'a, E> {
    /// Starts the first episode. The two slices are an observation long each.
    ///
    /// # Panics
    /// If the environment's actions are not [`Space::Discrete`], or a slice has another length.
    pub fn start(
        env: E,
        rng: Generator,
        normalise: Normalise<'a>,
        observation: &'a mut [f32],
        next_observation: &'a mut [f32],
    ) -> Self {
        let Space::Discrete { n: actions } = env.action_space() else {
            panic!("a run needs numbered actions, not {}", env.action_space());
        };
        assert_eq!(observation.len(), next_observation.len(), "two observations of one length");
        let mut run = Self {
            env,
            rng,
            observation,
            next_observation,
            normalise,
            actions,
            total_reward: 0.0,
            length: 0,
        };
        run.reset();
        run
    }

    fn reset(&mut self) {
        (self.total_reward, self.length) = (0.0, 0);
        self.env.reset(&mut self.rng, self.observation);
        self.normalise.apply(self.observation);
    }

    /// One action of the agent, and what it learns from it.
    pub fn turn<L: Learner, C: Settings>(&mut self, agent: &mut DqnAgent<'_, L, C>) -> Turn {
        let action = agent.act(self.observation, self.actions);
        let step = self.env.step(action, &mut self.rng, self.next_observation);
        self.normalise.apply(self.next_observation);
        let update = agent.observe(self.observation, action, step, self.next_observation);
        Turn { update, episode: self.advance(step) }
    }

    fn advance(&mut self, step: Step) -> Option<Episode> {
        self.total_reward += step.reward;
        self.length += 1;
        core::mem::swap(&mut self.observation, &mut self.next_observation);
        let episode = step.ending.map(|ending| Episode {
            total_reward: self.total_reward,
            length: self.length,
            ending,
        });
        if episode.is_some() {
            self.reset();
        }
        episode
    }
}

/// Plays one episode with the actions that `choose` gives for normalised observations; nothing is learned. One
/// observation's memory is enough: what was seen before an action is not needed after it.
///
/// The environment must end its episodes.
pub fn play<E: Env<Action = u32, Element = f32>, R: Rng + ?Sized>(
    env: &mut E,
    rng: &mut R,
    normalise: Normalise<'_>,
    observation: &mut [f32],
    mut choose: impl FnMut(&[f32]) -> u32,
) -> Episode {
    let (mut total_reward, mut length) = (0.0, 0);
    env.reset(rng, observation);
    loop {
        normalise.apply(observation);
        let step = env.step(choose(observation), rng, observation);
        total_reward += step.reward;
        length += 1;
        if let Some(ending) = step.ending {
            return Episode { total_reward, length, ending };
        }
    }
}
