//! One DQN update on one fixed batch, in plain calls: what the lanes test hashes and the benchmark measures.
//!
//! Gather, target forward, q-learning targets, online forward, squared loss, backward, Adam, soft target update.
//! Nothing is drawn after the start; choosing what is replayed is not part of it.

use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, Loss, NetworkSpec, Optimiser, OptimiserState, Simd,
    WithSimd, network,
};
use embedded_rl_core::rng::{Generator, SeedableRng, integers, normal};

const DISCOUNT: f32 = 0.99;
const SOFT_UPDATE: f32 = 1e-3;
const STORED: usize = 512;

/// Networks, a memory and one batch's buffers.
#[derive(Clone)]
pub struct DqnUpdate {
    spec: NetworkSpec,
    batch: usize,
    optimiser: Optimiser,
    optimiser_state: OptimiserState,
    parameters: Vec<f32>,
    target_parameters: Vec<f32>,
    gradients: Vec<f32>,
    moments: Vec<f32>,
    memory: Transitions,
    indices: Vec<usize>,
    gathered: Transitions,
    activations: Vec<f32>,
    next_activations: Vec<f32>,
    targets: Vec<f32>,
    errors: Vec<f32>,
    d_q: Vec<f32>,
    workspace: Vec<f32>,
}

#[derive(Clone)]
struct Transitions {
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    next_observations: Vec<f32>,
}

impl Transitions {
    fn zeros(count: usize, width: usize) -> Self {
        Self {
            observations: vec![0.0; count * width],
            actions: vec![0; count],
            rewards: vec![0.0; count],
            discounts: vec![0.0; count],
            next_observations: vec![0.0; count * width],
        }
    }

    fn gather(&mut self, from: &Self, indices: &[usize], width: usize) {
        for (slot, &index) in indices.iter().enumerate() {
            let (to, source) =
                (slot * width..(slot + 1) * width, index * width..(index + 1) * width);
            self.observations[to.clone()].copy_from_slice(&from.observations[source.clone()]);
            self.next_observations[to].copy_from_slice(&from.next_observations[source]);
            self.actions[slot] = from.actions[index];
            self.rewards[slot] = from.rewards[index];
            self.discounts[slot] = from.discounts[index];
        }
    }
}

impl DqnUpdate {
    /// A relu network of these sizes, a memory of random transitions (one in ten ends an episode) and a batch of it.
    pub fn new(sizes: &[usize], batch: usize) -> Self {
        let rng = &mut Generator::seed_from_u64(1);
        let spec = NetworkSpec::mlp(sizes, Activation::Relu);
        let (width, actions) = (spec.inputs(), spec.outputs());
        let mut memory = Transitions::zeros(STORED, width);
        for value in memory.observations.iter_mut().chain(&mut memory.next_observations) {
            *value = normal(rng) as f32;
        }
        for index in 0..STORED {
            memory.actions[index] = integers(rng, 0, actions as i64) as u32;
            memory.rewards[index] = normal(rng) as f32;
            memory.discounts[index] = if integers(rng, 0, 10) == 0 { 0.0 } else { DISCOUNT };
        }
        let mut parameters = vec![0.0; spec.parameter_count()];
        Initialisation::PyTorch.draw(&spec, rng, &mut parameters);
        let optimiser = Optimiser::adam(1e-3);
        let mut moments = vec![0.0; optimiser.moment_count(parameters.len())];
        Self {
            spec,
            batch,
            optimiser,
            optimiser_state: optimiser.start(&mut moments),
            target_parameters: parameters.clone(),
            gradients: vec![0.0; parameters.len()],
            parameters,
            moments,
            memory,
            indices: (0..batch).map(|_| integers(rng, 0, STORED as i64) as usize).collect(),
            gathered: Transitions::zeros(batch, width),
            activations: vec![0.0; spec.activation_count(batch)],
            next_activations: vec![0.0; spec.activation_count(batch)],
            targets: vec![0.0; batch],
            errors: vec![0.0; batch],
            d_q: vec![0.0; batch * actions],
            workspace: vec![0.0; spec.workspace_count(batch)],
        }
    }

    /// One update; returns its loss.
    pub fn update(&mut self, lanes: Lanes) -> f32 {
        lanes.dispatch(Update(self))
    }

    /// A hash (FNV-1a) of the bits of all parameters, of the online and of the target network.
    pub fn parameter_hash(&self) -> u64 {
        self.parameters.iter().chain(&self.target_parameters).fold(
            0xCBF2_9CE4_8422_2325,
            |hash, value| {
                value.to_bits().to_le_bytes().iter().fold(hash, |hash, &byte| {
                    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
                })
            },
        )
    }
}

struct Update<'a>(&'a mut DqnUpdate);

impl WithSimd for Update<'_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let this = self.0;
        let (spec, batch, gathered) = (&this.spec, this.batch, &mut this.gathered);
        gathered.gather(&this.memory, &this.indices, spec.inputs());

        let next_observations = &gathered.next_observations;
        network::forward(
            simd,
            spec,
            &this.target_parameters,
            batch,
            next_observations,
            &mut this.next_activations,
        );
        let next_q = network::output(spec, batch, &this.next_activations);
        for (b, next_q) in next_q.chunks_exact(spec.outputs()).enumerate() {
            let best =
                next_q.iter().fold(f32::NEG_INFINITY, |best, &q| if q > best { q } else { best });
            this.targets[b] = gathered.rewards[b] + gathered.discounts[b] * best;
        }

        let observations = &gathered.observations;
        network::forward(simd, spec, &this.parameters, batch, observations, &mut this.activations);
        let q = network::output(spec, batch, &this.activations);
        let loss = Loss::SquaredError.evaluate(
            q,
            &gathered.actions,
            &this.targets,
            None,
            &mut this.d_q,
            &mut this.errors,
        );

        this.gradients.fill(0.0);
        network::backward(
            simd,
            spec,
            &this.parameters,
            batch,
            observations,
            &this.activations,
            &this.d_q,
            &mut this.workspace,
            &mut this.gradients,
        );
        this.optimiser.step(
            simd,
            &mut this.optimiser_state,
            &mut this.parameters,
            &this.gradients,
            &mut this.moments,
        );
        for (target, &online) in this.target_parameters.iter_mut().zip(&this.parameters) {
            *target += SOFT_UPDATE * (online - *target);
        }
        loss
    }
}
