//! One learner with one fixed batch: what the lanes test hashes and the benchmark measures.
//!
//! The update itself is `CpuLearner::learn`, nothing less: gather, two forward passes, targets, loss, backward, Adam,
//! soft target update. Choosing what is replayed is not part of it.

use embedded_rl_core::dqn::{CpuLearner, DqnConfig, Learner, LearnerMemory, TargetUpdate};
use embedded_rl_core::nn::{Activation, Initialisation, Lanes, Loss, NetworkSpec, Optimiser};
use embedded_rl_core::policy::Schedule;
use embedded_rl_core::replay::{Storage, Transition};
use embedded_rl_core::rng::{Generator, SeedableRng, integers, normal};
use embedded_rl_core::weights;

const STORED: usize = 512;

/// A plain DQN. What decides when there is an update does not matter here.
pub const PLAIN: DqnConfig = DqnConfig {
    discount: 0.99,
    learning_starts: 0,
    train_every: 1,
    updates_per_round: 1,
    target: TargetUpdate::Soft { tau: 1e-3 },
    double: false,
    loss: Loss::SquaredError,
    optimiser: Optimiser::adam(1e-3),
    learning_rate_schedule: Schedule::Constant { value: 1.0 },
    clip_norm: f32::INFINITY,
    exploration: Schedule::Constant { value: 0.0 },
};

/// The memory of a learner, and the slots of its batch.
pub struct DqnUpdate {
    spec: NetworkSpec,
    config: DqnConfig,
    floats: Vec<f32>,
    batch_actions: Vec<u32>,
    slots: Vec<u32>,
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    next_observations: Vec<f32>,
}

impl DqnUpdate {
    /// Memory for a relu network of these sizes and batches of `batch`.
    pub fn new(sizes: &[usize], batch: usize, config: DqnConfig) -> Self {
        let spec = NetworkSpec::mlp(sizes, Activation::Relu);
        Self {
            spec,
            config,
            floats: vec![0.0; LearnerMemory::float_count(&spec, &config, batch)],
            batch_actions: vec![0; batch],
            slots: vec![0; batch],
            observations: vec![0.0; STORED * spec.inputs()],
            actions: vec![0; STORED],
            rewards: vec![0.0; STORED],
            discounts: vec![0.0; STORED],
            next_observations: vec![0.0; STORED * spec.inputs()],
        }
    }

    /// A learner that has learned nothing, its memory full of random transitions (one in ten ends an episode), and
    /// the slots of the batch. Always the same.
    pub fn start(&mut self, lanes: Lanes) -> (CpuLearner<'_>, &[u32]) {
        let rng = &mut Generator::seed_from_u64(1);
        let (spec, config) = (self.spec, self.config);
        let memory = LearnerMemory::new(&spec, &config, &mut self.floats, &mut self.batch_actions);
        Initialisation::PyTorch.draw(&spec, rng, memory.parameters);
        let storage = Storage::new(
            spec.inputs(),
            &mut self.observations,
            &mut self.actions,
            &mut self.rewards,
            &mut self.discounts,
            &mut self.next_observations,
        );
        let mut learner = CpuLearner::new(spec, config, lanes, storage, memory);
        let (mut observation, mut next_observation) =
            (vec![0.0; spec.inputs()], vec![0.0; spec.inputs()]);
        for _ in 0..STORED {
            observation.iter_mut().for_each(|x| *x = normal(rng) as f32);
            next_observation.iter_mut().for_each(|x| *x = normal(rng) as f32);
            learner.store(Transition {
                observation: &observation,
                action: integers(rng, 0, spec.outputs() as i64) as u32,
                reward: normal(rng) as f32,
                discount: if integers(rng, 0, 10) == 0 { 0.0 } else { config.discount },
                next_observation: &next_observation,
            });
        }
        self.slots.iter_mut().for_each(|slot| *slot = integers(rng, 0, STORED as i64) as u32);
        (learner, &self.slots)
    }
}

/// Hashes of the online and of the target network.
pub fn hashes(learner: &CpuLearner<'_>) -> [u64; 2] {
    [weights::hash(learner.memory.parameters), weights::hash(learner.memory.target_parameters)]
}
