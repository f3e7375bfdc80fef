//! The agent: acts, remembers, and decides when the learner learns. Mnih et al. (2015), algorithm 1.
//!
//! The environment is not its business; `run.rs` turns the wheel between the two.

use super::{AgentMemory, Behaviour, DqnConfig, Learner, Sampling, Settings, TargetUpdate, Update};
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

/// A DQN agent around a learner, of any settings unless its type says [which](Settings).
#[derive(Debug)]
pub struct DqnAgent<'a, L, C = DqnConfig> {
    settings: C,
    memory: AgentMemory<'a>,
    /// The networks and the transitions.
    pub learner: L,
    /// Counters and generators.
    pub state: AgentState,
}

impl<'a, L: Learner, C: Settings> DqnAgent<'a, L, C> {
    /// An agent that has seen nothing yet.
    ///
    /// # Panics
    /// If the configuration has a [complaint](DqnConfig::complaint).
    pub fn new(settings: C, learner: L, memory: AgentMemory<'a>, seed: u64) -> Self {
        if let Some(complaint) = settings.config().complaint() {
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
        Self { settings, memory, learner, state }
    }

    fn config(&self) -> &DqnConfig {
        self.settings.config()
    }

    /// How much the next action explores: epsilon, or the noise's deviation.
    pub fn epsilon(&self) -> f64 {
        self.value(self.config().exploration)
    }

    fn value(&self, schedule: Schedule) -> f64 {
        schedule.value(self.state.steps, self.state.episodes)
    }

    /// Chooses one of `actions` actions as the behaviour says.
    pub fn act(&mut self, observation: &[f32], actions: u32) -> u32 {
        let (behaviour, epsilon) = (self.config().behaviour, self.epsilon());
        let rng = &mut self.state.exploration;
        let (learner, noise) = (&mut self.learner, Some(&mut self.state.learning));
        match behaviour {
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
        let config = self.settings.config();
        let AgentMemory { steps, priorities, .. } = &mut self.memory;
        let mut priorities = priorities_of(config, priorities);
        let learner = &mut self.learner;
        learner.see(observation, step, next_observation, |slot| {
            if let Some(priorities) = &mut priorities {
                priorities.remove(slot);
            }
        });
        steps.step(observation, action, step, next_observation, |transition| {
            let slot = learner.store(transition);
            if let Some(priorities) = &mut priorities {
                priorities.insert(slot);
            }
        });
        self.state.steps += 1;
        if step.ending.is_some() {
            self.state.episodes += 1;
        }

        let counted = self.counted(self.config().train_per, step);
        let due = counted.is_some_and(|count| {
            count >= self.config().learning_starts
                && count.is_multiple_of(self.config().train_every)
        });
        // Over several steps the first transition may come later than the first round.
        let update = (due && self.learner.stored() > 0).then(|| self.learn());
        if let TargetUpdate::Hard { every, per } = self.config().target
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
        let rate = self.value(self.config().learning_rate_schedule) as f32;
        let DqnConfig { updates_per_round, updates_per_batch, .. } = *self.config();
        for _ in 0..updates_per_round {
            self.sample();
            let AgentMemory { slots, weights, priorities, .. } = &mut self.memory;
            let priorities = priorities_of(self.settings.config(), priorities);
            let weights = priorities.is_some().then_some(&**weights);
            for _ in 0..updates_per_batch {
                update = self.learner.learn(slots, weights, rate, &mut self.state.learning);
            }
            if let Some(priorities) = priorities {
                priorities.update(slots, self.learner.errors());
            }
        }
        self.state.updates += u64::from(updates_per_round) * u64::from(updates_per_batch);
        update
    }

    /// Draws a batch's slots, and their weights where they have some.
    fn sample(&mut self) {
        let beta = match self.config().sampling {
            Sampling::Uniform => 0.0,
            Sampling::Prioritised { beta, .. } => self.value(beta),
        };
        let AgentMemory { slots, weights, priorities, .. } = &mut self.memory;
        match priorities_of(self.settings.config(), priorities) {
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

/// The priorities, if transitions are drawn by them; asks the settings, which the compiler may know.
fn priorities_of<'p, 'a>(
    config: &DqnConfig,
    priorities: &'p mut Option<Prioritised<'a>>,
) -> Option<&'p mut Prioritised<'a>> {
    match config.sampling {
        Sampling::Uniform => None,
        Sampling::Prioritised { .. } => priorities.as_mut(),
    }
}
