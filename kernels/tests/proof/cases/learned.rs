//! Some updates of core's learner on random transitions: what stood in its memory before and after, for cases that make the
//! same updates in launches.

use super::optimiser::kernel_and_rates;
use crate::case::{Argument, Case};
use crate::numbers::Numbers;
use embedded_rl_core::dqn::{CpuLearner, DqnConfig, Learner, LearnerMemory, Update};
use embedded_rl_core::nn::{Initialisation, Lanes, NetworkSpec};
use embedded_rl_core::replay::{Storage, Transition};
use embedded_rl_core::rng::{Generator, SeedableRng};

pub(super) const CAPACITY: usize = 200;

/// What a schedule makes of the learning rate.
const FACTOR: f32 = 0.9;

/// The learner's memory, before and after where that differs.
pub(super) struct Learned {
    spec: NetworkSpec,
    config: DqnConfig,
    pub(super) batch: usize,
    parameters: [Vec<f32>; 2],
    target: Vec<f32>,
    moments: [Vec<f32>; 2],
    powers: [f64; 2],
    stored: ([Vec<f32>; 4], Vec<u32>),
    slots: Vec<Vec<u32>>,
    weights: Vec<Option<Vec<f32>>>,
    last: Update,
    errors: Vec<f32>,
}

/// The buffers of a learner on a device.
pub(super) struct Buffers {
    pub(super) count: usize,
    pub(super) stored: [Argument; 5],
    pub(super) parameters: Argument,
    pub(super) target: Argument,
    pub(super) moments: Argument,
    pub(super) errors: Argument,
    pub(super) loss: Argument,
    pub(super) mean_q: Argument,
    pub(super) powers: Argument,
    pub(super) step: Argument,
    pub(super) factor: Argument,
    pub(super) gradients: Argument,
    pub(super) norm: Argument,
    pub(super) kernel: &'static str,
    pub(super) rates: Argument,
    /// Slots and weights of each update.
    pub(super) updates: Vec<[Argument; 2]>,
}

/// Makes the updates.
pub(super) fn learn(
    numbers: &mut Numbers,
    spec: NetworkSpec,
    config: DqnConfig,
    batch: usize,
    updates: usize,
    is_weighted: bool,
) -> Learned {
    let (width, actions) = (spec.inputs(), spec.outputs());
    let mut floats = vec![0.0; LearnerMemory::float_count(&spec, &config, batch)];
    let mut batch_actions = vec![0; batch];
    let mut memory = LearnerMemory::new(&spec, &config, &mut floats, &mut batch_actions);
    memory.draw(&spec, &config, Initialisation::PyTorch, &mut numbers.0);
    let before = memory.parameters.to_vec();

    let (mut observations, mut next_observations) =
        (vec![0.0; CAPACITY * width], vec![0.0; CAPACITY * width]);
    let (mut of_actions, mut rewards) = (vec![0; CAPACITY], vec![0.0; CAPACITY]);
    let mut discounts = vec![0.0; CAPACITY];
    let mut storage = Storage::new(
        width,
        &mut observations,
        &mut of_actions,
        &mut rewards,
        &mut discounts,
        &mut next_observations,
    );
    for _ in 0..CAPACITY {
        let (observation, next_observation) = (&numbers.floats(width), &numbers.floats(width));
        let (action, reward) = (numbers.indices(1, actions)[0], 5.0 * numbers.floats(1)[0]);
        let discount = if numbers.size(0, 9) == 0 { 0.0 } else { 0.99 };
        storage.push(Transition { observation, action, reward, discount, next_observation });
    }
    let slots: Vec<_> = (0..updates).map(|_| numbers.indices(batch, CAPACITY)).collect();
    let draw = |_| is_weighted.then(|| numbers.magnitudes(batch));
    let weights: Vec<Option<Vec<f32>>> = (0..updates).map(draw).collect();
    let mut learner = CpuLearner::new(spec, config, Lanes::best(), storage, memory);
    let moments_before = learner.memory.moments.to_vec();
    let unused = &mut Generator::seed_from_u64(0);
    let mut last = Update { loss: 0.0, mean_q: 0.0 };
    for (slots, weights) in slots.iter().zip(&weights) {
        last = learner.learn(slots, weights.as_deref(), FACTOR, unused);
    }
    let errors = learner.errors().to_vec();
    let storage = learner.storage.as_whole().expect("no frames");
    let state = learner.optimiser_state;
    let stored = [
        storage.observations.to_vec(),
        storage.rewards.to_vec(),
        storage.discounts.to_vec(),
        storage.next_observations.to_vec(),
    ];
    Learned {
        spec,
        config,
        batch,
        parameters: [before, learner.memory.parameters.to_vec()],
        target: learner.memory.target_parameters.to_vec(),
        moments: [moments_before, learner.memory.moments.to_vec()],
        powers: [state.beta1_power, state.beta2_power],
        stored: (stored, storage.actions.to_vec()),
        slots,
        weights,
        last,
        errors,
    }
}

impl Learned {
    /// A case with the learner's buffers, as they are before the updates and as they have to be behind them.
    pub(super) fn case(&self, kind: &str) -> (Case, Buffers) {
        let Self { spec, config, batch, parameters, moments, last, .. } = self;
        let (updates, layers) = (self.slots.len(), spec.layers().len());
        let mut case = Case::new(format!(
            "{updates} {kind} of {layers} layers, batch {batch}, {:?}, {:?}",
            config.optimiser, config.target
        ));
        let [before, after] = parameters;
        let count = before.len();
        let ([observations, rewards, discounts, next_observations], actions) = &self.stored;
        let (kernel, rates) = kernel_and_rates(config.optimiser);
        let some = |name, before: &[f32], after: &[f32], case: &mut Case| match after.is_empty() {
            true => Argument::Null,
            false => case.changed(name, before, after),
        };
        let stored = [
            case.given("observations", observations),
            case.given("actions", actions),
            case.given("rewards", rewards),
            case.given("discounts", discounts),
            case.given("next_observations", next_observations),
        ];
        let buffers = Buffers {
            count,
            stored,
            parameters: case.changed("parameters", before, after),
            target: some("target_parameters", before, &self.target, &mut case),
            moments: some("moments", &moments[0], &moments[1], &mut case),
            errors: case.written("errors", &self.errors),
            loss: case.written("loss", &[last.loss]),
            mean_q: case.written("mean_q", &[last.mean_q]),
            powers: match kernel {
                "adam" => case.changed("powers", &[1.0, 1.0], &self.powers),
                _ => Argument::Null,
            },
            step: case.between("step", 5),
            factor: case.given("factor", &[FACTOR]),
            gradients: case.between("gradients", count),
            norm: match config.clip_norm.is_finite() {
                true => case.between("norm", 1),
                false => Argument::Null,
            },
            kernel,
            rates,
            updates: (self.slots.iter().zip(&self.weights))
                .map(|(slots, weights)| {
                    let weights = weights.as_ref();
                    let weights = weights.map(|weights| case.given("weights", weights));
                    [case.given("slots", slots), weights.unwrap_or(Argument::Null)]
                })
                .collect(),
        };
        (case, buffers)
    }
}
