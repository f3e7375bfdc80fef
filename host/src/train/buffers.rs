//! All memory of a training run, allocated once before it starts.

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::task::Task;
use embedded_rl_core::dqn::{AgentMemory, CpuLearner, LearnerMemory};
use embedded_rl_core::env::Env;
use embedded_rl_core::nn::{Lanes, NetworkSpec};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::replay::Storage;
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::space::Space;
use embedded_rl_core::weights;

/// The memory, and what its sizes follow from.
#[derive(Debug)]
pub(super) struct Buffers {
    pub(super) task: Task,
    pub(super) threshold: f64,
    pub(super) spec: NetworkSpec,
    pub(super) observation: Vec<f32>,
    pub(super) next_observation: Vec<f32>,
    agent_floats: Vec<f32>,
    agent_words: Vec<u32>,
    learner_floats: Vec<f32>,
    learner_actions: Vec<u32>,
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    next_observations: Vec<f32>,
}

/// The parts of [`Buffers`] that a session holds apart from each other.
pub(super) struct Parts<'a> {
    pub(super) learner: CpuLearner<'a>,
    pub(super) memory: AgentMemory<'a>,
    pub(super) observation: &'a mut [f32],
    pub(super) next_observation: &'a mut [f32],
}

/// The environment, its reward threshold and the network, if they fit each other.
pub(super) fn check(config: &Config) -> Outcome<(Task, f64, NetworkSpec)> {
    let (task, threshold) = Task::make(&config.environment)?;
    let inputs = task.observation_space().len();
    let Space::Discrete { n } = task.action_space() else {
        return Err(Failure::wrong_use(format!(
            "{} has actions {}, and a DQN needs numbered ones",
            config.environment,
            task.action_space()
        )));
    };
    let normalised = config.observation.offset.len();
    if normalised != 0 && normalised != inputs {
        return Err(Failure::wrong_use(format!(
            "observation.offset has {normalised} numbers, {} observes {inputs}",
            config.environment
        )));
    }
    let spec =
        config.network.spec(task.observation_space(), n as usize, &config.agent.distribution)?;
    let normalise = Normalise::new(&config.observation.offset, &config.observation.scale);
    if u32::try_from(weights::encoded_len(&spec, normalise)).is_err() {
        return Err(Failure::wrong_use(format!(
            "network has {} parameters, too many for a policy file",
            spec.parameter_count()
        )));
    }
    Ok((task, threshold, spec))
}

/// Memory full of zeros, if there is as much.
fn zeros<T: Copy + Default>(count: usize) -> Outcome<Vec<T>> {
    // Two steps, because the first can say no, and the second gets zeroed pages that are not touched yet.
    let mut probe = Vec::<T>::new();
    probe.try_reserve_exact(count).map_err(|_| {
        let megabytes = count.saturating_mul(size_of::<T>()) >> 20;
        Failure::failed(format!(
            "there is no memory for {megabytes} MiB at once; make replay.capacity, replay.batch or network.hidden smaller"
        ))
    })?;
    // Otherwise the compiler may leave the question out.
    drop(core::hint::black_box(probe));
    Ok(vec![T::default(); count])
}

impl Buffers {
    pub(super) fn new(config: &Config) -> Outcome<Self> {
        let (task, threshold, spec) = check(config)?;
        let inputs = spec.inputs();
        let (batch, capacity) = (config.replay.batch, config.replay.capacity);
        Ok(Self {
            task,
            threshold,
            spec,
            observation: zeros(inputs)?,
            next_observation: zeros(inputs)?,
            agent_floats: zeros(AgentMemory::float_count(&config.agent, inputs, capacity, batch))?,
            agent_words: zeros(AgentMemory::word_count(&config.agent, batch))?,
            learner_floats: zeros(LearnerMemory::float_count(&spec, &config.agent, batch))?,
            learner_actions: zeros(batch)?,
            observations: zeros(capacity * inputs)?,
            actions: zeros(capacity)?,
            rewards: zeros(capacity)?,
            discounts: zeros(capacity)?,
            next_observations: zeros(capacity * inputs)?,
        })
    }

    /// A learner with freshly initialised networks over this memory, and the rest of it.
    pub(super) fn parts(&mut self, config: &Config) -> Parts<'_> {
        let mut memory = LearnerMemory::new(
            &self.spec,
            &config.agent,
            &mut self.learner_floats,
            &mut self.learner_actions,
        );
        let mut rng = stream(config.seed, Role::Initialisation);
        memory.draw(&self.spec, &config.agent, config.network.initialisation, &mut rng);
        let storage = Storage::new(
            self.observation.len(),
            &mut self.observations,
            &mut self.actions,
            &mut self.rewards,
            &mut self.discounts,
            &mut self.next_observations,
        );
        Parts {
            learner: CpuLearner::new(self.spec, config.agent, Lanes::best(), storage, memory),
            memory: AgentMemory::new(
                &config.agent,
                self.spec.inputs(),
                config.replay.capacity,
                &mut self.agent_floats,
                &mut self.agent_words,
            ),
            observation: &mut self.observation,
            next_observation: &mut self.next_observation,
        }
    }
}
