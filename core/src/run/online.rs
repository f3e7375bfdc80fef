//! The wheel for agents that learn from every step as it comes, and for playing without learning.

use super::Episode;
use crate::agent::Agent;
use crate::env::{Env, Step};
use crate::rng::{Generator, Rng, Role, stream};
use crate::tabular::{Full, ObservationTable};
use bytemuck::NoUninit;

/// Where a run is, besides its environment.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RunState {
    /// Draws of the environment.
    pub environment: Generator,
    /// Draws of the agent's choices.
    pub exploration: Generator,
    /// What the agent does next; `None` before an episode.
    pub action: Option<u32>,
    /// Sum of this episode's rewards so far.
    pub total_reward: f64,
    /// Steps of this episode so far.
    pub length: u64,
}

/// An environment between two steps.
#[derive(Debug)]
pub struct Run<'a, E: Env> {
    /// The environment.
    pub env: E,
    /// What was observed last, on the last step of an episode too.
    pub observation: &'a mut [E::Element],
    /// Everything else.
    pub state: RunState,
}

/// What one turn of the wheel brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// The action that was taken.
    pub action: u32,
    /// What it brought.
    pub step: Step,
    /// The episode that this turn finished; the next turn starts another one.
    pub episode: Option<Episode>,
}

impl<'a, E: Env<Action = u32>> Run<'a, E> {
    /// A run before its first episode, with the streams of this seed. `observation` is an observation long.
    ///
    /// # Panics
    /// If `observation` has another length.
    pub fn new(env: E, observation: &'a mut [E::Element], seed: u64) -> Self {
        let length = env.observation_space().len();
        assert_eq!(observation.len(), length, "the observations have {length} elements");
        let state = RunState {
            environment: stream(seed, Role::Environment),
            exploration: stream(seed, Role::Exploration),
            action: None,
            total_reward: 0.0,
            length: 0,
        };
        Self { env, observation, state }
    }

    /// One action of the agent, and what it learns from it.
    #[inline]
    pub fn turn<A: Agent<E::Element>>(&mut self, agent: &mut A) -> Turn {
        let action = match self.state.action {
            Some(action) => action,
            None => {
                self.reset();
                agent.start(self.observation, &mut self.state.exploration)
            }
        };
        let step = self.env.step(action, &mut self.state.environment, self.observation);
        let next_action = agent.step(step, self.observation, &mut self.state.exploration);
        self.advance(action, step, next_action)
    }

    /// One action of an agent that knows observations by their numbers in `table`.
    ///
    /// # Errors
    /// If the observation is new and the table is full. The agent has not seen it then, and the run cannot go on.
    pub fn turn_numbered<A: Agent<u32>>(
        &mut self,
        table: &mut ObservationTable<'_>,
        agent: &mut A,
    ) -> Result<Turn, Full>
    where
        E::Element: NoUninit,
    {
        let action = match self.state.action {
            Some(action) => action,
            None => {
                self.reset();
                let state = table.number(self.observation)?;
                agent.start(&[state], &mut self.state.exploration)
            }
        };
        let step = self.env.step(action, &mut self.state.environment, self.observation);
        let next_state = table.number(self.observation)?;
        let next_action = agent.step(step, &[next_state], &mut self.state.exploration);
        Ok(self.advance(action, step, next_action))
    }

    /// Turns until `episodes` more have ended; what each was goes to `record`.
    pub fn episodes<A: Agent<E::Element>>(
        &mut self,
        agent: &mut A,
        episodes: u64,
        mut record: impl FnMut(Episode),
    ) {
        for _ in 0..episodes {
            let episode = loop {
                if let Some(episode) = self.turn(agent).episode {
                    break episode;
                }
            };
            record(episode);
        }
    }

    fn reset(&mut self) {
        (self.state.total_reward, self.state.length) = (0.0, 0);
        self.env.reset(&mut self.state.environment, self.observation);
    }

    #[inline]
    fn advance(&mut self, action: u32, step: Step, next_action: Option<u32>) -> Turn {
        debug_assert_eq!(next_action.is_none(), step.ending.is_some(), "an action a step");
        self.state.action = next_action;
        self.state.total_reward += step.reward;
        self.state.length += 1;
        let episode = step.ending.map(|ending| Episode {
            total_reward: self.state.total_reward,
            length: self.state.length,
            ending,
        });
        Turn { action, step, episode }
    }
}

/// Plays one episode with the actions that `choose` gives for observations; nothing is learned. `observation` is the
/// memory of one.
///
/// The environment must end its episodes.
pub fn play<E: Env<Action = u32>, R: Rng + ?Sized>(
    env: &mut E,
    rng: &mut R,
    observation: &mut [E::Element],
    mut choose: impl FnMut(&[E::Element]) -> u32,
) -> Episode {
    let (mut total_reward, mut length) = (0.0, 0);
    env.reset(rng, observation);
    loop {
        let step = env.step(choose(observation), rng, observation);
        total_reward += step.reward;
        length += 1;
        if let Some(ending) = step.ending {
            return Episode { total_reward, length, ending };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::{Ending, TimeLimit};
    use crate::envs::gridworld::Gridworld;

    /// Goes around in circles and learns how many observations it was shown.
    struct Circles {
        seen: u64,
    }

    impl Agent<u32> for Circles {
        fn start<R: Rng + ?Sized>(&mut self, observation: &[u32], _: &mut R) -> u32 {
            assert_eq!(observation, [22]);
            self.seen += 1;
            0
        }

        fn step<R: Rng + ?Sized>(&mut self, step: Step, _: &[u32], _: &mut R) -> Option<u32> {
            self.seen += 1;
            step.ending.is_none().then_some((self.seen % 4) as u32)
        }
    }

    #[test]
    fn an_episode_of_n_steps_shows_n_and_one_observations() {
        let env = TimeLimit::new(Gridworld::<90>::simple().unwrap(), 8);
        let (mut observation, mut agent) = ([0], Circles { seen: 0 });
        let mut run = Run::new(env, &mut observation, 1);
        let mut finished = 0;
        run.episodes(&mut agent, 3, |episode| {
            assert_eq!((episode.length, episode.ending), (8, Ending::Truncated));
            finished += 1;
        });
        assert_eq!((finished, agent.seen), (3, 27));
    }
}
