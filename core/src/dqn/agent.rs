//! The agent: acts, remembers, and decides when the learner learns. Mnih et al. (2015), algorithm 1.
//!
//! The environment is not its business; `run.rs` turns the wheel between the two.

use super::{AgentMemory, Behaviour, DqnConfig, Learner, Sampling, TargetUpdate, Update};
use crate::env::Step;
use crate::policy::{Per, Schedule, epsilon_greedy, greedy_with_noise};
use crate::replay::{NStep, Prioritised, sample_uniform};
use crate::rng::{Generator, Role, stream};

/// What an agent remembers besides what its learner and its memory hold.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct AgentState {
    /// Steps of the environment seen.
    pub steps: u64,
    /// Episodes finished.
    pub episodes: u64,
    /// Updates made.
    pub updates: u64,
    /// Draws of the behaviour policy.
    pub exploration: Generator,
    /// Draws of the replay.
    pub replay: Generator,
    /// Draws of noise in the weights, and of the fractions of an implicit distribution.
    pub learning: Generator,
}

/// A DQN agent around a learner.
#[derive(Debug)]
pub struct DqnAgent<'a, L> {
    config: DqnConfig,
    memory: AgentMemory<'a>,
    /// The networks and the transitions.
    pub learner: L,
    /// Counters and generators.
    pub state: AgentState,
}

impl<'a, L: Learner> DqnAgent<'a, L> {
    /// An agent that has seen nothing yet.
    ///
    /// # Panics
    /// If the configuration has a [complaint](DqnConfig::complaint).
    pub fn new(config: DqnConfig, learner: L, memory: AgentMemory<'a>, seed: u64) -> Self {
        if let Some(complaint) = config.complaint() {
            panic!("{complaint}");
        }
        let state = AgentState {
            steps: 0,
            episodes: 0,
            updates: 0,
            exploration: stream(seed, Role::Exploration),
            replay: stream(seed, Role::Replay),
            learning: stream(seed, Role::Learning),
        };
        Self { config, memory, learner, state }
    }

    /// How much the next action explores: epsilon, or the noise's deviation.
    pub fn epsilon(&self) -> f64 {
        self.value(self.config.exploration)
    }

    fn value(&self, schedule: Schedule) -> f64 {
        schedule.value(self.state.steps, self.state.episodes)
    }

    /// Chooses one of `actions` actions as the behaviour says.
    pub fn act(&mut self, observation: &[f32], actions: u32) -> u32 {
        let (epsilon, rng) = (self.epsilon(), &mut self.state.exploration);
        let (learner, noise) = (&mut self.learner, Some(&mut self.state.learning));
        match self.config.behaviour {
            Behaviour::EpsilonGreedy => {
                epsilon_greedy(rng, epsilon, actions, || learner.q_values(observation, noise))
            }
            Behaviour::NoisyValues => {
                greedy_with_noise(rng, epsilon, learner.q_values(observation, noise))
            }
        }
    }

    /// Remembers a step and learns if it is time to; the last update's measurements, if there was one.
    pub fn observe(
        &mut self,
        observation: &[f32],
        action: u32,
        step: Step,
        next_observation: &[f32],
    ) -> Option<Update> {
        let (learner, priorities) = (&mut self.learner, &mut self.memory.priorities);
        learner.see(observation, step, next_observation, |slot| {
            if let Some(priorities) = priorities {
                priorities.remove(slot);
            }
        });
        self.memory.steps.step(observation, action, step, next_observation, |transition| {
            let slot = learner.store(transition);
            if let Some(priorities) = priorities {
                priorities.insert(slot);
            }
        });
        self.state.steps += 1;
        if step.ending.is_some() {
            self.state.episodes += 1;
        }

        let counted = self.counted(self.config.train_per, step);
        let due = counted.is_some_and(|count| {
            count >= self.config.learning_starts && count.is_multiple_of(self.config.train_every)
        });
        // Over several steps the first transition may come later than the first round.
        let update = (due && self.learner.stored() > 0).then(|| self.learn());
        if let TargetUpdate::Hard { every, per } = self.config.target
            && self.counted(per, step).is_some_and(|count| count.is_multiple_of(every))
        {
            self.learner.synchronise_target();
        }
        update
    }

    /// How many there have been, if `step` was one more.
    fn counted(&self, per: Per, step: Step) -> Option<u64> {
        match per {
            Per::Step => Some(self.state.steps),
            Per::Episode => step.ending.map(|_| self.state.episodes),
        }
    }

    /// One round of updates.
    fn learn(&mut self) -> Update {
        let mut update = Update::default();
        let rate = self.value(self.config.learning_rate_schedule) as f32;
        for _ in 0..self.config.updates_per_round {
            self.sample();
            let AgentMemory { slots, weights, priorities, .. } = &mut self.memory;
            let weights = priorities.is_some().then_some(&**weights);
            for _ in 0..self.config.updates_per_batch {
                update = self.learner.learn(slots, weights, rate, &mut self.state.learning);
            }
            if let Some(priorities) = priorities {
                priorities.update(slots, self.learner.errors());
            }
        }
        let batches = u64::from(self.config.updates_per_round);
        self.state.updates += batches * u64::from(self.config.updates_per_batch);
        update
    }

    /// Draws a batch's slots, and their weights where they have some.
    fn sample(&mut self) {
        let beta = match self.config.sampling {
            Sampling::Uniform => 0.0,
            Sampling::Prioritised { beta, .. } => self.value(beta),
        };
        let AgentMemory { slots, weights, priorities, .. } = &mut self.memory;
        match priorities {
            None => {
                sample_uniform(&mut self.state.replay, self.learner.stored(), slots);
                slots.iter_mut().for_each(|slot| *slot = self.learner.slot(*slot));
            }
            Some(priorities) => {
                priorities.sample(&mut self.state.replay, slots);
                priorities.weigh(beta, slots, weights);
            }
        }
    }

    /// The steps that are not transitions yet.
    pub fn waiting_steps(&mut self) -> &mut NStep<'a> {
        &mut self.memory.steps
    }

    /// The priorities of the learner's slots, if transitions are drawn by them.
    pub fn priorities(&mut self) -> Option<&mut Prioritised<'a>> {
        self.memory.priorities.as_mut()
    }
}
