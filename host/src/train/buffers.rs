//! All memory of a training run, allocated once before it starts.

use super::memory::{MemoryNeed, zeros};
use super::replay_memory::{Form, ReplayMemory};
use crate::config::Config;
use crate::cuda::{CudaLearner, Keeping};
use crate::failure::{Failure, Outcome};
use crate::task::Task;
use embedded_rl_core::dqn::{AgentMemory, CpuLearner, LearnerMemory};
use embedded_rl_core::env::Env;
use embedded_rl_core::nn::{Lanes, NetworkSpec, noisy};
use embedded_rl_core::preprocess::Normalise;
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
    replay: ReplayMemory,
}

/// The parts of [`Buffers`] that a session holds apart from each other.
pub(super) struct Parts<'a, L> {
    pub(super) learner: L,
    pub(super) memory: AgentMemory<'a>,
    pub(super) observation: &'a mut [f32],
    pub(super) next_observation: &'a mut [f32],
}

/// The environment, its reward threshold and the network, if they fit each other.
pub(super) fn check(config: &Config) -> Outcome<(Task, f64, NetworkSpec)> {
    let (task, threshold) = Task::make(&config.environment)?;
    let inputs = task.observation_space().len();
    let Space::Discrete { .. } = task.action_space() else {
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
    let spec = config.network.spec(
        task.observation_space(),
        &task.choices(),
        &config.agent.distribution,
    )?;
    let normalise = Normalise::new(&config.observation.offset, &config.observation.scale);
    if u32::try_from(weights::encoded_len(&spec, normalise)).is_err() {
        return Err(Failure::wrong_use(format!(
            "network has {} parameters, too many for a policy file",
            spec.parameter_count()
        )));
    }
    Form::of(config, &task)?;
    Ok((task, threshold, spec))
}

impl Buffers {
    /// With what a learner on the processor needs, or without.
    ///
    /// # Errors
    /// If the configuration does not fit its environment, or there is not as much memory.
    pub(super) fn new(config: &Config, is_on_cpu: bool) -> Outcome<Self> {
        let need = MemoryNeed::of(config)?;
        Self::allocated(config, is_on_cpu).map_err(|failure| {
            Failure::failed(format!(
                "{failure}: this run takes {need}; make replay.capacity, replay.frames, replay.batch or \
                 network.hidden smaller"
            ))
        })
    }

    fn allocated(config: &Config, is_on_cpu: bool) -> Outcome<Self> {
        let (task, threshold, spec) = check(config)?;
        let inputs = spec.inputs();
        let (batch, capacity) = (config.replay.batch, config.replay.capacity);
        let on_cpu = |count| if is_on_cpu { count } else { 0 };
        let replay = match Form::of(config, &task)? {
            whole @ Form::Whole { .. } => ReplayMemory::new(whole, on_cpu(capacity))?,
            // Which frames go where is decided here for a card, too.
            frames @ Form::Frames { .. } => ReplayMemory::new(frames, capacity)?,
        };
        Ok(Self {
            task,
            threshold,
            spec,
            observation: zeros(inputs)?,
            next_observation: zeros(inputs)?,
            agent_floats: zeros(AgentMemory::float_count(&config.agent, inputs, capacity, batch))?,
            agent_words: zeros(AgentMemory::word_count(&config.agent, batch))?,
            learner_floats: zeros(on_cpu(LearnerMemory::float_count(&spec, &config.agent, batch)))?,
            learner_actions: zeros(on_cpu(batch))?,
            replay,
        })
    }

    /// What is trained: the environment, its reward threshold and the network.
    pub(super) fn setting(&self) -> (Task, f64, NetworkSpec) {
        (self.task.clone(), self.threshold, self.spec)
    }

    /// A learner with freshly initialised networks over this memory, and the rest of it.
    pub(super) fn parts(&mut self, config: &Config) -> Parts<'_, CpuLearner<'_>> {
        let mut memory = LearnerMemory::new(
            &self.spec,
            &config.agent,
            &mut self.learner_floats,
            &mut self.learner_actions,
        );
        let mut rng = stream(config.seed, Role::Initialisation);
        memory.draw(&self.spec, &config.agent, config.network.initialisation, &mut rng);
        let transitions = self.replay.transitions();
        Parts {
            learner: CpuLearner::new(self.spec, config.agent, Lanes::best(), transitions, memory),
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

    /// A learner on the card with this number, with the same networks, and the rest of this memory.
    pub(super) fn parts_on_card(
        &mut self,
        config: &Config,
        number: u32,
    ) -> Outcome<Parts<'_, CudaLearner<'_>>> {
        let (capacity, batch) = (config.replay.capacity, config.replay.batch);
        let count = self.spec.parameter_count();
        let mut parameters = zeros(if config.agent.is_noisy() { 2 * count } else { count })?;
        let (means, deviations) = parameters.split_at_mut(count);
        let mut rng = stream(config.seed, Role::Initialisation);
        config.network.initialisation.draw(&self.spec, &mut rng, means);
        if config.agent.is_noisy() {
            noisy::initialise(&self.spec, config.agent.weight_noise, deviations);
        }
        let keeping = match Form::of(config, &self.task)? {
            Form::Whole { .. } => Keeping::Whole { capacity },
            Form::Frames { shape, divisor, .. } => {
                Keeping::Frames { shape, divisor, host: self.replay.transitions() }
            }
        };
        let memory = AgentMemory::new(
            &config.agent,
            self.spec.inputs(),
            capacity,
            &mut self.agent_floats,
            &mut self.agent_words,
        );
        Ok(Parts {
            learner: CudaLearner::open(
                number,
                self.spec,
                config.agent,
                keeping,
                batch,
                parameters,
            )?,
            memory,
            observation: &mut self.observation,
            next_observation: &mut self.next_observation,
        })
    }
}
