//! The learner on the CPU: the right-hand column of the walk, one call a line.
//!
//! All its memory is the caller's ([`LearnerMemory`]), so the same code serves a host that sizes it at run time and
//! a microcontroller whose arrays are constants. Legend: B transitions a batch, A actions.

use super::{DqnConfig, Learner, TargetUpdate, Update, hard_copy, soft_update};
use crate::bellman;
use crate::nn::{Lanes, NetworkSpec, OptimiserState, Simd, WithSimd, network, optimiser};
use crate::replay::{Batch, Storage, Transition};

/// A DQN learner over the caller's memory.
#[derive(Debug)]
pub struct CpuLearner<'a> {
    spec: NetworkSpec,
    config: DqnConfig,
    lanes: Lanes,
    /// The transitions.
    pub storage: Storage<'a>,
    /// The networks and all that learning needs.
    pub memory: LearnerMemory<'a>,
    /// The optimiser's own counters; its moments are in the memory.
    pub optimiser_state: OptimiserState,
}

/// The parts of a learner's memory, cut out of one slice of floats and one of actions.
#[derive(Debug)]
pub struct LearnerMemory<'a> {
    /// The online network.
    pub parameters: &'a mut [f32],
    /// The target network; empty if there is none.
    pub target_parameters: &'a mut [f32],
    /// The optimiser's moments.
    pub moments: &'a mut [f32],
    gradients: &'a mut [f32],
    batch: Batch<'a>,
    /// `[B]`
    targets: &'a mut [f32],
    /// `[B]`
    errors: &'a mut [f32],
    /// `[B][A]`
    d_q: &'a mut [f32],
    activations: &'a mut [f32],
    /// The online network's activations on the next observations, for double Q-learning.
    next_activations: &'a mut [f32],
    workspace: &'a mut [f32],
}

impl<'a> LearnerMemory<'a> {
    /// How many floats [`LearnerMemory::new`] takes for a network, a configuration and a batch size.
    pub const fn float_count(spec: &NetworkSpec, config: &DqnConfig, batch: usize) -> usize {
        let parameters = spec.parameter_count();
        2 * parameters
            + Self::target_count(spec, config)
            + config.optimiser.moment_count(parameters)
            + batch * (2 * spec.inputs() + 4 + spec.outputs())
            + spec.activation_count(batch)
            + Self::next_activation_count(spec, config, batch)
            + Self::workspace_count(spec, batch)
    }

    const fn target_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
        if matches!(config.target, TargetUpdate::None) { 0 } else { spec.parameter_count() }
    }

    const fn next_activation_count(spec: &NetworkSpec, config: &DqnConfig, batch: usize) -> usize {
        if config.double { spec.activation_count(batch) } else { 0 }
    }

    const fn workspace_count(spec: &NetworkSpec, batch: usize) -> usize {
        let (training, inference) = (spec.workspace_count(batch), spec.scratch_count());
        if training > inference { training } else { inference }
    }

    /// Cuts `floats` into parts and clears them; `actions` holds one action a transition, so its length is the
    /// batch size.
    ///
    /// # Panics
    /// If `floats` is not [`LearnerMemory::float_count`] long, or `actions` is empty.
    pub fn new(
        spec: &NetworkSpec,
        config: &DqnConfig,
        floats: &'a mut [f32],
        actions: &'a mut [u32],
    ) -> Self {
        let batch = actions.len();
        assert!(batch > 0, "a batch has at least one transition");
        assert_eq!(
            floats.len(),
            Self::float_count(spec, config, batch),
            "memory of another network or batch"
        );
        floats.fill(0.0);
        let mut rest = floats;
        let mut cut = |length| rest.split_off_mut(..length).unwrap_or_default();
        let parameters = spec.parameter_count();
        Self {
            parameters: cut(parameters),
            target_parameters: cut(Self::target_count(spec, config)),
            moments: cut(config.optimiser.moment_count(parameters)),
            gradients: cut(parameters),
            batch: Batch {
                observations: cut(batch * spec.inputs()),
                actions,
                rewards: cut(batch),
                discounts: cut(batch),
                next_observations: cut(batch * spec.inputs()),
            },
            targets: cut(batch),
            errors: cut(batch),
            d_q: cut(batch * spec.outputs()),
            activations: cut(spec.activation_count(batch)),
            next_activations: cut(Self::next_activation_count(spec, config, batch)),
            workspace: cut(Self::workspace_count(spec, batch)),
        }
    }
}

impl<'a> CpuLearner<'a> {
    /// A learner whose two networks start from the memory's `parameters`, which the caller has initialised.
    ///
    /// # Panics
    /// If the memory is not that of this network.
    pub fn new(
        spec: NetworkSpec,
        config: DqnConfig,
        lanes: Lanes,
        storage: Storage<'a>,
        memory: LearnerMemory<'a>,
    ) -> Self {
        assert_eq!(memory.parameters.len(), spec.parameter_count(), "memory of another network");
        let optimiser_state = config.optimiser.start(memory.moments);
        let mut learner = Self { spec, config, lanes, storage, memory, optimiser_state };
        learner.synchronise_target();
        learner
    }
}

impl Learner for CpuLearner<'_> {
    fn store(&mut self, transition: Transition<'_>) -> u32 {
        self.storage.push(transition)
    }

    fn stored(&self) -> usize {
        self.storage.len()
    }

    fn q_values(&mut self, observation: &[f32]) -> &[f32] {
        let scratch = &mut self.memory.workspace[..self.spec.scratch_count()];
        network::infer(self.lanes, &self.spec, self.memory.parameters, observation, scratch)
    }

    fn learn(&mut self, slots: &[u32], weights: Option<&[f32]>, rate: f32) -> Update {
        let lanes = self.lanes;
        lanes.dispatch(Learn { learner: self, slots, weights, rate })
    }

    fn errors(&mut self) -> &[f32] {
        self.memory.errors
    }

    fn synchronise_target(&mut self) {
        if self.config.target != TargetUpdate::None {
            hard_copy(self.memory.parameters, self.memory.target_parameters);
        }
    }

    fn parameters(&mut self) -> &[f32] {
        self.memory.parameters
    }
}

/// `learn` as an operation that the chosen lanes run.
struct Learn<'l, 'a> {
    learner: &'l mut CpuLearner<'a>,
    slots: &'l [u32],
    weights: Option<&'l [f32]>,
    rate: f32,
}

impl WithSimd for Learn<'_, '_> {
    type Output = Update;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Update {
        let CpuLearner { spec, config, storage, memory: m, optimiser_state: state, .. } =
            self.learner;
        let (b, a) = (self.slots.len(), spec.outputs());

        storage.gather(self.slots, &mut m.batch);

        // y = r + discount * Q_target(s', argmax ..); what is not trained here sees running statistics.
        let next_observations = &*m.batch.next_observations;
        let target = match config.target {
            TargetUpdate::None => &*m.parameters,
            TargetUpdate::Hard { .. } | TargetUpdate::Soft { .. } => &*m.target_parameters,
        };
        network::infer_batch(simd, spec, target, b, next_observations, m.activations);
        let next_q = network::output(spec, b, m.activations).chunks_exact(a);
        if config.double {
            network::infer_batch(
                simd,
                spec,
                m.parameters,
                b,
                next_observations,
                m.next_activations,
            );
            let chooser = network::output(spec, b, m.next_activations).chunks_exact(a);
            for (i, (chooser, next_q)) in chooser.zip(next_q).enumerate() {
                let (reward, discount) = (m.batch.rewards[i], m.batch.discounts[i]);
                m.targets[i] = bellman::double_q_learning(reward, discount, chooser, next_q);
            }
        } else {
            for (i, next_q) in next_q.enumerate() {
                m.targets[i] =
                    bellman::q_learning(m.batch.rewards[i], m.batch.discounts[i], next_q);
            }
        }

        // The loss and dL/dQ in one pass, then dL/dparameters.
        network::forward(simd, spec, m.parameters, b, m.batch.observations, m.activations);
        let q = network::output(spec, b, m.activations);
        let loss =
            config.loss.evaluate(q, m.batch.actions, m.targets, self.weights, m.d_q, m.errors);
        let mean_q = mean_of_taken(q, m.batch.actions);
        m.gradients.fill(0.0);
        let observations = &*m.batch.observations;
        let workspace = &mut m.workspace[..spec.workspace_count(b)];
        network::backward(
            simd,
            spec,
            m.parameters,
            b,
            observations,
            m.activations,
            m.d_q,
            workspace,
            m.gradients,
        );

        if config.clip_norm.is_finite() {
            optimiser::clip_norm(simd, config.clip_norm, m.gradients);
        }
        let optimiser = config.optimiser.scaled(f64::from(self.rate));
        optimiser.step(simd, state, m.parameters, m.gradients, m.moments);
        network::follow_statistics(spec, b, m.activations, m.parameters);
        if let TargetUpdate::Soft { tau } = config.target {
            soft_update(simd, tau, m.parameters, m.target_parameters);
        }
        Update { loss, mean_q }
    }
}

fn mean_of_taken(q: &[f32], actions: &[u32]) -> f32 {
    let rows = q.chunks_exact(q.len() / actions.len());
    let sum = rows.zip(actions).fold(0.0, |sum, (row, &action)| sum + row[action as usize]);
    sum / actions.len() as f32
}
