//! The learner on the CPU: the right-hand column of the walk, one call a line.
//!
//! All its memory is the caller's ([`LearnerMemory`]), so the same code serves a host that sizes it at run time and
//! a microcontroller whose arrays are constants. Legend: B transitions a batch.

use super::returns::{self, Following};
use super::{
    Backup, Distribution, DqnConfig, Learner, LearnerMemory, Settings, TargetUpdate, Update,
    hard_copy, soft_update,
};
use crate::env::Step;
use crate::nn::{
    Branches, Lanes, NetworkSpec, OptimiserState, Simd, WithSimd, kinds, network, noisy, optimiser,
};
use crate::replay::{Transition, Transitions};
use crate::rng::Generator;

/// A DQN learner over the caller's memory, of any network and settings unless its type says which [`kinds`] of layers there
/// are, and which [`Settings`].
#[derive(Debug)]
pub struct CpuLearner<'a, const KINDS: u32 = { kinds::ANY }, C = DqnConfig> {
    /// The network as it acts: one mean an action.
    policy: NetworkSpec<KINDS>,
    /// What of it is trained: all but those means of a distribution.
    spec: NetworkSpec<KINDS>,
    /// The same as it says what follows, and as it chooses: of an implicit distribution at other numbers of fractions.
    following: NetworkSpec<KINDS>,
    choosing: NetworkSpec<KINDS>,
    /// The branches whose choices are trained, where the policy values combinations of them.
    branches: Option<Branches>,
    settings: C,
    lanes: Lanes,
    /// The transitions.
    pub storage: Transitions<'a>,
    /// The networks and all that learning needs.
    pub memory: LearnerMemory<'a>,
    /// The optimiser's own counters; its moments are in the memory.
    pub optimiser_state: OptimiserState,
}

impl<'a, const KINDS: u32, C: Settings> CpuLearner<'a, KINDS, C> {
    /// A learner whose two networks start from the memory's `parameters`, which the caller has [drawn](LearnerMemory::draw).
    /// `policy` is the network as it acts; `storage` keeps transitions whole or as frames.
    ///
    /// # Panics
    /// If the memory is not that of this network and configuration, or the policy has branches and learns a distribution or
    /// by a Munchausen backup.
    pub fn new(
        policy: NetworkSpec<KINDS>,
        settings: C,
        lanes: Lanes,
        storage: impl Into<Transitions<'a>>,
        memory: LearnerMemory<'a>,
    ) -> Self {
        let config = settings.config();
        let (distribution, network) = (config.distribution, &policy.any());
        assert!(distribution.ends(network), "a network that ends in other means");
        let branches = network.branches();
        let branches_fit = distribution == Distribution::Mean && config.backup == Backup::Largest;
        assert!(
            branches.is_none() || branches_fit,
            "branches go with means and the largest of them"
        );
        let spec = distribution.trained(network);
        let count = LearnerMemory::parameter_count(&spec, config);
        assert_eq!(memory.parameters.len(), count, "memory of another network");
        let storage = storage.into();
        let optimiser_state = config.optimiser.start(memory.moments);
        let mut learner = Self {
            policy,
            spec: spec.only(),
            following: distribution.following(network).only(),
            choosing: distribution.choosing(network).only(),
            branches,
            settings,
            lanes,
            storage,
            memory,
            optimiser_state,
        };
        learner.synchronise_target();
        learner
    }
}

impl<const KINDS: u32, C: Settings> Learner for CpuLearner<'_, KINDS, C> {
    fn see(
        &mut self,
        observation: &[f32],
        step: Step,
        next_observation: &[f32],
        forget: impl FnMut(u32),
    ) {
        self.storage.see(observation, step, next_observation, forget);
    }

    fn store(&mut self, transition: Transition<'_>) -> u32 {
        self.storage.push(transition)
    }

    fn stored(&self) -> usize {
        self.storage.len()
    }

    fn slot(&self, nth: u32) -> u32 {
        self.storage.slot(nth)
    }

    fn q_values(&mut self, observation: &[f32], noise: Option<&mut Generator>) -> &[f32] {
        let (m, lanes, is_noisy) =
            (&mut self.memory, self.lanes, self.settings.config().is_noisy());
        let parameters = match noise {
            Some(rng) => lanes.dispatch(Disturb {
                is_noisy,
                spec: &self.spec,
                parameters: m.parameters,
                rng,
                noise: m.noise,
                disturbed: m.disturbed,
            }),
            None => &m.parameters[..self.spec.parameter_count()],
        };
        let scratch = &mut m.workspace[..self.policy.scratch_count()];
        network::infer(lanes, &self.policy, parameters, observation, scratch)
    }

    // One piece of code, however many call it.
    #[inline(never)]
    fn learn(
        &mut self,
        slots: &[u32],
        weights: Option<&[f32]>,
        rate: f32,
        noise: &mut Generator,
    ) -> Update {
        let lanes = self.lanes;
        lanes.dispatch(Learn { learner: self, slots, weights, rate, rng: noise })
    }

    fn errors(&mut self) -> &[f32] {
        self.memory.errors
    }

    fn synchronise_target(&mut self) {
        if self.settings.config().target != TargetUpdate::None {
            hard_copy(self.memory.parameters, self.memory.target_parameters);
        }
    }

    fn parameters(&mut self) -> &[f32] {
        &self.memory.parameters[..self.spec.parameter_count()]
    }
}

/// The parameters of one pass: the network's own, or with new noise in them where it has some.
struct Disturb<'p, 'r, const KINDS: u32> {
    is_noisy: bool,
    spec: &'r NetworkSpec<KINDS>,
    parameters: &'p [f32],
    rng: &'r mut Generator,
    noise: &'r mut [f32],
    disturbed: &'p mut [f32],
}

impl<'p, const KINDS: u32> WithSimd for Disturb<'p, '_, KINDS> {
    type Output = &'p [f32];

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> &'p [f32] {
        let Self { is_noisy, spec, parameters, rng, noise, disturbed } = self;
        if !is_noisy {
            return parameters;
        }
        let (means, deviations) = parameters.split_at(spec.parameter_count());
        noisy::draw(spec, rng, noise);
        noisy::perturb(simd, spec, means, deviations, noise, disturbed);
        disturbed
    }
}

/// `learn` as an operation that the chosen lanes run.
struct Learn<'l, 'a, const KINDS: u32, C> {
    learner: &'l mut CpuLearner<'a, KINDS, C>,
    slots: &'l [u32],
    weights: Option<&'l [f32]>,
    rate: f32,
    rng: &'l mut Generator,
}

impl<const KINDS: u32, C: Settings> WithSimd for Learn<'_, '_, KINDS, C> {
    type Output = Update;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Update {
        let Self { learner, slots, weights, rate, rng } = self;
        let CpuLearner { spec, following, choosing, branches, settings, storage, .. } = learner;
        let config = settings.config();
        let (m, state, b) = (&mut learner.memory, &mut learner.optimiser_state, slots.len());
        let branches = branches.as_ref().filter(|_| KINDS & kinds::JOINT_VALUES != 0);
        let (distribution, is_noisy) = (config.distribution, config.is_noisy());

        storage.gather(slots, &mut m.batch);

        // What the networks say of what follows; what is not trained here sees running statistics.
        let (observations, next_observations) =
            (&*m.batch.observations, &*m.batch.next_observations);
        let target = match config.target {
            TargetUpdate::None => &*m.parameters,
            TargetUpdate::Hard { .. } | TargetUpdate::Soft { .. } => &*m.target_parameters,
        };
        let (noise, disturbed) = (&mut *m.noise, &mut *m.disturbed);
        let target =
            Disturb { is_noisy, spec, parameters: target, rng, noise, disturbed }.with_simd(simd);
        let asked = distribution.draw_of_targets(rng, b, m.fractions);
        let kept = &mut m.activations[..following.activation_count(b)];
        network::infer_batch_at(simd, following, asked, target, b, next_observations, kept);
        if let Backup::Munchausen(_) = config.backup {
            network::infer_batch(simd, choosing, target, b, observations, m.earlier_activations);
        }
        if config.double {
            let (noise, disturbed) = (&mut *m.noise, &mut *m.disturbed);
            let online =
                Disturb { is_noisy, spec, parameters: m.parameters, rng, noise, disturbed }
                    .with_simd(simd);
            let kept = &mut *m.choosing_activations;
            network::infer_batch(simd, choosing, online, b, next_observations, kept);
        } else if distribution.is_implicit() {
            let kept = &mut *m.choosing_activations;
            network::infer_batch(simd, choosing, target, b, next_observations, kept);
        }

        // y = r + discount * Q_target(s', argmax ..), or the distribution of that.
        let [means, means_before] = &mut m.means;
        let outputs = network::output(following, b, kept);
        let chooser = match m.choosing_activations.is_empty() {
            true => outputs,
            false => network::output(choosing, b, m.choosing_activations),
        };
        let chooser = distribution.values(chooser, means);
        let before = match config.backup {
            Backup::Largest => &[],
            Backup::Munchausen(_) => {
                let earlier = network::output(choosing, b, m.earlier_activations);
                distribution.values(earlier, means_before)
            }
        };
        let following = Following { outputs, chooser, before };
        returns::write_targets(config, branches, &m.batch, following, m.row, m.targets);

        // The loss and dL/doutputs in one pass, then dL/dparameters.
        let (noise, disturbed) = (&mut *m.noise, &mut *m.disturbed);
        let online = Disturb { is_noisy, spec, parameters: m.parameters, rng, noise, disturbed }
            .with_simd(simd);
        let asked = distribution.draw(rng, b, m.fractions);
        let kept = &mut m.activations[..spec.activation_count(b)];
        network::forward_at(simd, spec, asked, online, b, observations, kept);
        let (outputs, actions) = (network::output(spec, b, kept), &*m.batch.actions);
        let loss = returns::evaluate(
            simd,
            config,
            branches,
            outputs,
            actions,
            asked,
            m.targets,
            weights,
            m.row,
            m.d_outputs,
            m.errors,
        );
        let mean_q = returns::mean_of_taken(distribution, branches, outputs, actions);
        m.gradients.fill(0.0);
        let workspace = &mut m.workspace[..spec.workspace_count(b)];
        let (d_parameters, d_deviations) = m.gradients.split_at_mut(spec.parameter_count());
        network::backward(
            simd,
            spec,
            online,
            b,
            observations,
            kept,
            m.d_outputs,
            workspace,
            d_parameters,
        );
        if is_noisy {
            noisy::deviation_gradient(simd, spec, m.noise, d_parameters, d_deviations);
        }

        if config.clip_norm.is_finite() {
            optimiser::clip_norm(simd, config.clip_norm, m.gradients);
        }
        if config.clip_value.is_finite() {
            optimiser::clip_value(simd, config.clip_value, m.gradients);
        }
        let optimiser = config.optimiser.scaled(f64::from(rate));
        optimiser.step(simd, state, m.parameters, m.gradients, m.moments);
        let (parameters, _) = m.parameters.split_at_mut(spec.parameter_count());
        network::follow_statistics(spec, b, kept, parameters);
        if let TargetUpdate::Soft { tau } = config.target {
            soft_update(simd, tau, m.parameters, m.target_parameters);
        }
        Update { loss, mean_q }
    }
}
