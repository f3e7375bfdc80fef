//! Double DQN on CartPole-v1 in fixed memory: the whole of training, as a microcontroller does it.

use embedded_rl_core::dqn::{
    AgentMemory, CpuLearner, DqnAgent, DqnConfig, Learner, LearnerMemory, Settings, TargetUpdate,
};
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::nn::{Activation, Initialisation, Lanes, Loss, NetworkSpec, Optimiser};
use embedded_rl_core::policy::{Per, Schedule, greedy};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::replay::StorageArrays;
use embedded_rl_core::rng::{NumpyGenerator, Role, stream};
use embedded_rl_core::run::{Run, play};

/// The network that is trained.
pub const NET: NetworkSpec = NetworkSpec::mlp(&[4, 32, 32, 2], Activation::Relu);
/// Transitions of an update.
pub const BATCH: usize = 32;
/// Transitions that are kept.
pub const CAPACITY: usize = 1_000;
/// Steps of the environment.
pub const STEPS: u64 = 2_000;
const SEED: u64 = 0;

/// How it is trained.
pub const CONFIG: DqnConfig = DqnConfig {
    discount: 0.99,
    learning_starts: 200,
    train_every: 1,
    updates_per_round: 1,
    target: TargetUpdate::Hard { every: 100, per: Per::Step },
    double: true,
    loss: Loss::Huber,
    optimiser: Optimiser::adam(2e-3),
    learning_rate_schedule: Schedule::Constant { value: 1.0 },
    clip_norm: 10.0,
    exploration: Schedule::Linear { from: 1.0, to: 0.05, over: 1_500, per: Per::Step },
    ..DqnConfig::PLAIN
};

/// All memory that training takes, but for a few counters on the stack.
pub struct Memory {
    learner: [f32; LearnerMemory::float_count(&NET, &CONFIG, BATCH)],
    actions: [u32; BATCH],
    agent: [f32; AgentMemory::float_count(&CONFIG, 4, CAPACITY, BATCH)],
    slots: [u32; AgentMemory::word_count(&CONFIG, BATCH)],
    replay: StorageArrays<CAPACITY, 4>,
    observation: [f32; 4],
    next_observation: [f32; 4],
}

impl Memory {
    /// Zeros; usable as the value of a `static`.
    #[expect(clippy::new_without_default, reason = "a large value is best made where it stays")]
    pub const fn new() -> Self {
        Self {
            learner: [0.0; LearnerMemory::float_count(&NET, &CONFIG, BATCH)],
            actions: [0; BATCH],
            agent: [0.0; AgentMemory::float_count(&CONFIG, 4, CAPACITY, BATCH)],
            slots: [0; AgentMemory::word_count(&CONFIG, BATCH)],
            replay: StorageArrays::new(),
            observation: [0.0; 4],
            next_observation: [0.0; 4],
        }
    }
}

/// [`CONFIG`], where the compiler sees it.
#[derive(Debug)]
pub struct Constant;

impl Settings for Constant {
    #[inline(always)]
    fn config(&self) -> &DqnConfig {
        &CONFIG
    }
}

/// What training works with: the code of this network's layers and of what is switched on, and of nothing else.
pub type Agent<'a> = DqnAgent<'a, CpuLearner<'a, { NET.kinds() }, Constant>, Constant>;

/// An agent that has learned nothing yet, and the environment at its first start.
pub fn start(lanes: Lanes, memory: &mut Memory) -> (Agent<'_>, Run<'_, TimeLimit<CartPole>>) {
    let mut parts = LearnerMemory::new(&NET, &CONFIG, &mut memory.learner, &mut memory.actions);
    let first = &mut stream(SEED, Role::Initialisation);
    parts.draw(&NET, &CONFIG, Initialisation::PyTorch, first);
    let learner = CpuLearner::new(NET.only(), Constant, lanes, memory.replay.storage(), parts);
    let parts = AgentMemory::new(&CONFIG, 4, CAPACITY, &mut memory.agent, &mut memory.slots);
    let agent = DqnAgent::new(Constant, learner, parts, SEED);
    let run = Run::start(
        TimeLimit::new(CartPole::new(), CartPole::V1_STEPS),
        stream(SEED, Role::Environment),
        Normalise::IDENTITY,
        &mut memory.observation,
        &mut memory.next_observation,
    );
    (agent, run)
}

/// Turns the wheel until the agent has seen [`STEPS`] steps.
pub fn train(agent: &mut Agent<'_>, run: &mut Run<'_, TimeLimit<CartPole>>) {
    while agent.state.steps < STEPS {
        run.turn(agent);
    }
}

/// Sum of the returns of ten greedy episodes, from Gymnasium's starts of the seeds 0 to 9. A whole number, and
/// returned as one: printing a float would cost a firmware 20 KB of flash.
pub fn ten_returns(agent: &mut Agent<'_>) -> u32 {
    let mut env = TimeLimit::new(CartPole::new(), CartPole::V1_STEPS);
    let mut sum = 0.0;
    for seed in 0..10 {
        let mut rng = NumpyGenerator::new(seed);
        let choose = |observation: &[f32]| greedy(agent.learner.q_values(observation, None));
        sum += play(&mut env, &mut rng, Normalise::IDENTITY, &mut [0.0; 4], choose).total_reward;
    }
    sum as u32
}
