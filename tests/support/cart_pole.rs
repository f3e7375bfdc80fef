//! A DQN on CartPole-v1 from core's parts alone: its memory, and its first moment.
//!
//! The host's `train` does the same with records around it; tests that look at core use this.

use embedded_rl_core::dqn::{AgentMemory, CpuLearner, DqnAgent, DqnConfig, LearnerMemory};
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::nn::{Activation, Initialisation, Lanes, NetworkSpec};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::replay::Storage;
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::Run;

/// The environment.
pub type Env = TimeLimit<CartPole>;

/// All memory of a training.
pub struct Training {
    /// The network.
    pub spec: NetworkSpec,
    config: DqnConfig,
    floats: Vec<f32>,
    batch_actions: Vec<u32>,
    agent_floats: Vec<f32>,
    agent_words: Vec<u32>,
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    next_observations: Vec<f32>,
    observation: [f32; 4],
    next_observation: [f32; 4],
}

impl Training {
    /// Memory for a relu network with these hidden layers.
    pub fn new(hidden: &[usize], config: DqnConfig, batch: usize, capacity: usize) -> Self {
        let outputs = 2 * config.distribution.width();
        let network = NetworkSpec::mlp(&[&[4], hidden, &[outputs]].concat(), Activation::Relu);
        Self::of(config.distribution.policy(network), config, batch, capacity)
    }

    /// Memory for a network as it acts: of a distribution with the means behind it.
    pub fn of(spec: NetworkSpec, config: DqnConfig, batch: usize, capacity: usize) -> Self {
        Self {
            spec,
            config,
            floats: vec![0.0; LearnerMemory::float_count(&spec, &config, batch)],
            batch_actions: vec![0; batch],
            agent_floats: vec![0.0; AgentMemory::float_count(&config, 4, capacity, batch)],
            agent_words: vec![0; AgentMemory::word_count(&config, batch)],
            observations: vec![0.0; capacity * 4],
            actions: vec![0; capacity],
            rewards: vec![0.0; capacity],
            discounts: vec![0.0; capacity],
            next_observations: vec![0.0; capacity * 4],
            observation: [0.0; 4],
            next_observation: [0.0; 4],
        }
    }

    /// An agent that has learned nothing, and the environment at its first start.
    pub fn start(
        &mut self,
        lanes: Lanes,
        seed: u64,
    ) -> (DqnAgent<'_, CpuLearner<'_>>, Run<'_, Env>) {
        let (spec, config) = (self.spec, self.config);
        let mut memory =
            LearnerMemory::new(&spec, &config, &mut self.floats, &mut self.batch_actions);
        let mut rng = stream(seed, Role::Initialisation);
        memory.draw(&spec, &config, Initialisation::PyTorch, &mut rng);
        let storage = Storage::new(
            4,
            &mut self.observations,
            &mut self.actions,
            &mut self.rewards,
            &mut self.discounts,
            &mut self.next_observations,
        );
        let learner = CpuLearner::new(spec, config, lanes, storage, memory);
        let capacity = learner.storage.capacity();
        let (floats, words) = (&mut self.agent_floats, &mut self.agent_words);
        let memory = AgentMemory::new(&config, 4, capacity, floats, words);
        let agent = DqnAgent::new(config, learner, memory, seed);
        let run = Run::start(
            TimeLimit::new(CartPole::new(), CartPole::V1_STEPS),
            stream(seed, Role::Environment),
            Normalise::IDENTITY,
            &mut self.observation,
            &mut self.next_observation,
        );
        (agent, run)
    }
}
