//! One learner with one fixed batch: what the lanes test hashes and the benchmark measures.
//!
//! The update itself is `CpuLearner::learn`, nothing less: gather, two forward passes, targets, loss, backward, Adam,
//! soft target update. Choosing what is replayed is not part of it.

use embedded_rl_core::dqn::{
    CpuLearner, DqnConfig, Learner, LearnerMemory, Settings, TargetUpdate,
};
use embedded_rl_core::nn::{
    Activation, Image, Initialisation, Lanes, Loss, NetworkSpec, Optimiser,
};
use embedded_rl_core::policy::Schedule;
use embedded_rl_core::replay::{Storage, Transition};
use embedded_rl_core::rng::{Generator, SeedableRng, integers, normal};
use embedded_rl_core::weights;

const STORED: usize = 512;
/// Images are large: of those there are fewer.
const MOST_FLOATS: usize = 1 << 21;

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
    ..DqnConfig::PLAIN
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
        Self::of(NetworkSpec::mlp(sizes, Activation::Relu), batch, config)
    }

    /// Memory for a network and batches of `batch`.
    pub fn of(spec: NetworkSpec, batch: usize, config: DqnConfig) -> Self {
        let stored = STORED.min(MOST_FLOATS / spec.inputs());
        Self {
            spec,
            config,
            floats: vec![0.0; LearnerMemory::float_count(&spec, &config, batch)],
            batch_actions: vec![0; batch],
            slots: vec![0; batch],
            observations: vec![0.0; stored * spec.inputs()],
            actions: vec![0; stored],
            rewards: vec![0.0; stored],
            discounts: vec![0.0; stored],
            next_observations: vec![0.0; stored * spec.inputs()],
        }
    }

    /// A learner that has learned nothing, its memory full of random transitions (one in ten ends an episode), and
    /// the slots of the batch. Always the same.
    pub fn start(&mut self, lanes: Lanes) -> (CpuLearner<'_>, &[u32]) {
        let (spec, config) = (self.spec, self.config);
        self.start_known(lanes, spec, config)
    }

    /// The same for the same network and settings, of which a type may know what there is.
    pub fn start_known<const KINDS: u32, C: Settings>(
        &mut self,
        lanes: Lanes,
        network: NetworkSpec<KINDS>,
        settings: C,
    ) -> (CpuLearner<'_, KINDS, C>, &[u32]) {
        let rng = &mut Generator::seed_from_u64(1);
        let (spec, config, stored) = (self.spec, self.config, self.actions.len());
        let mut memory =
            LearnerMemory::new(&spec, &config, &mut self.floats, &mut self.batch_actions);
        memory.draw(&spec, &config, Initialisation::PyTorch, rng);
        let storage = Storage::new(
            spec.inputs(),
            &mut self.observations,
            &mut self.actions,
            &mut self.rewards,
            &mut self.discounts,
            &mut self.next_observations,
        );
        let mut learner = CpuLearner::new(network, settings, lanes, storage, memory);
        let (mut observation, mut next_observation) =
            (vec![0.0; spec.inputs()], vec![0.0; spec.inputs()]);
        for _ in 0..stored {
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
        self.slots.iter_mut().for_each(|slot| *slot = integers(rng, 0, stored as i64) as u32);
        (learner, &self.slots)
    }
}

/// The networks of images whose updates and inferences are measured, with names for tables.
pub fn networks_of_images() -> [(&'static str, NetworkSpec); 3] {
    const RELU: Activation = Activation::Relu;
    let gridworld = NetworkSpec::image(Image::channels_first(3, 9, 10))
        .conv2d(32, [4, 4], [2, 2], [0, 0])
        .activation(RELU)
        .conv2d(64, [3, 3], [1, 1], [0, 0])
        .activation(RELU)
        .dense(50)
        .activation(RELU)
        .dense(50)
        .activation(RELU)
        .dense(4);
    let visual = NetworkSpec::image(Image::channels_first(3, 64, 84))
        .conv2d(16, [8, 8], [4, 4], [0, 0])
        .activation(RELU)
        .conv2d(32, [4, 4], [2, 2], [0, 0])
        .activation(RELU)
        .dense(126)
        .activation(RELU)
        .dense(5);
    let breakout = NetworkSpec::image(Image::channels_first(4, 84, 84))
        .conv2d(32, [8, 8], [4, 4], [0, 0])
        .activation(RELU)
        .conv2d(64, [4, 4], [2, 2], [0, 0])
        .activation(RELU)
        .conv2d(64, [3, 3], [1, 1], [0, 0])
        .activation(RELU)
        .dense(512)
        .activation(RELU)
        .dense(4);
    [("gridworld-planes", gridworld), ("visual-q", visual), ("breakout", breakout)]
}

/// Hashes of the online and of the target network.
pub fn hashes<const KINDS: u32, C>(learner: &CpuLearner<'_, KINDS, C>) -> [u64; 2] {
    [weights::hash(learner.memory.parameters), weights::hash(learner.memory.target_parameters)]
}
