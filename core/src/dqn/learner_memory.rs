//! The memory of a learner on the CPU: how long it is, and which part is what.
//!
//! Legend: B transitions a batch, A actions, W numbers an action (1 unless a distribution is learned), P parameters of the
//! network; N and N' fractions of an implicit distribution, for the loss and for what follows. `policy` is the network as it
//! acts, `spec` what of it is trained: all but the means behind a distribution.

use super::{Backup, Distribution, DqnConfig, TargetUpdate};
use crate::nn::{Initialisation, NetworkSpec, noisy};
use crate::replay::Batch;
use crate::rng::Rng;

/// The parts of a learner's memory, cut out of one slice of floats and one of actions.
#[derive(Debug)]
pub struct LearnerMemory<'a> {
    /// The online network: `[P]`; of noisy weights `[2 P]`, all means, then all deviations.
    pub parameters: &'a mut [f32],
    /// The target network; empty if there is none.
    pub target_parameters: &'a mut [f32],
    /// The optimiser's moments.
    pub moments: &'a mut [f32],
    pub(super) gradients: &'a mut [f32],
    pub(super) batch: Batch<'a>,
    /// `[B][W]` or `[B][N']`
    pub(super) targets: &'a mut [f32],
    /// `[B]`
    pub(super) errors: &'a mut [f32],
    /// `[B][A][W]` or `[B][N][A]`
    pub(super) d_outputs: &'a mut [f32],
    pub(super) activations: &'a mut [f32],
    /// Those of a pass on the next observations that chooses: with double Q-learning the online network's, of an implicit
    /// distribution the policy's.
    pub(super) choosing_activations: &'a mut [f32],
    /// Those of the target network on the observations, for a Munchausen backup.
    pub(super) earlier_activations: &'a mut [f32],
    /// `[B][A]`: means of distributions, of what chooses and, for a Munchausen backup, of what was before.
    pub(super) means: [&'a mut [f32]; 2],
    /// Scratch for one transition, for distributions.
    pub(super) row: &'a mut [f32],
    /// `[B][N]`, or before that `[B][N']`: what an implicit distribution is asked about.
    pub(super) fractions: &'a mut [f32],
    /// What a pass draws for noisy weights.
    pub(super) noise: &'a mut [f32],
    /// `[P]`: noisy weights with that in them.
    pub(super) disturbed: &'a mut [f32],
    pub(super) workspace: &'a mut [f32],
}

impl<'a> LearnerMemory<'a> {
    /// How many floats [`LearnerMemory::new`] takes for a network, a configuration and a batch size.
    pub const fn float_count(spec: &NetworkSpec, config: &DqnConfig, batch: usize) -> usize {
        let policy = spec;
        let spec = &config.distribution.trained(policy);
        let parameters = Self::parameter_count(spec, config);
        let [means, earlier_means] = Self::mean_counts(policy, config, batch);
        2 * parameters
            + Self::target_count(spec, config)
            + config.optimiser.moment_count(parameters)
            + batch * (2 * spec.inputs() + 3 + config.distribution.target_width() + spec.outputs())
            + Self::activation_count(policy, config, batch)
            + Self::choosing_count(policy, config, batch)
            + Self::earlier_count(policy, config, batch)
            + means
            + earlier_means
            + config.distribution.row_count()
            + batch * config.distribution.drawn_count()
            + Self::noise_count(spec, config)
            + Self::disturbed_count(spec, config)
            + Self::workspace_count(policy, spec, batch)
    }

    pub(super) const fn parameter_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
        if config.is_noisy() { 2 * spec.parameter_count() } else { spec.parameter_count() }
    }

    const fn target_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
        match config.target {
            TargetUpdate::None => 0,
            _ => Self::parameter_count(spec, config),
        }
    }

    /// Of the pass that is learned from, or of the one that says what follows.
    const fn activation_count(policy: &NetworkSpec, config: &DqnConfig, batch: usize) -> usize {
        let learned = config.distribution.trained(policy).activation_count(batch);
        let following = config.distribution.following(policy).activation_count(batch);
        if learned > following { learned } else { following }
    }

    const fn choosing_count(policy: &NetworkSpec, config: &DqnConfig, batch: usize) -> usize {
        let needed = config.double || config.distribution.is_implicit();
        if needed { config.distribution.choosing(policy).activation_count(batch) } else { 0 }
    }

    const fn earlier_count(policy: &NetworkSpec, config: &DqnConfig, batch: usize) -> usize {
        match config.backup {
            Backup::Largest => 0,
            Backup::Munchausen(_) => config.distribution.choosing(policy).activation_count(batch),
        }
    }

    const fn mean_counts(policy: &NetworkSpec, config: &DqnConfig, batch: usize) -> [usize; 2] {
        match config.distribution {
            Distribution::Mean => [0, 0],
            _ => match config.backup {
                Backup::Largest => [batch * policy.outputs(), 0],
                Backup::Munchausen(_) => [batch * policy.outputs(); 2],
            },
        }
    }

    const fn noise_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
        if config.is_noisy() { noisy::noise_count(spec) } else { 0 }
    }

    const fn disturbed_count(spec: &NetworkSpec, config: &DqnConfig) -> usize {
        if config.is_noisy() { spec.parameter_count() } else { 0 }
    }

    const fn workspace_count(policy: &NetworkSpec, spec: &NetworkSpec, batch: usize) -> usize {
        let (training, inference) = (spec.workspace_count(batch), policy.scratch_count());
        if training > inference { training } else { inference }
    }

    /// Cuts `floats` into parts and clears them; `actions` holds one action a transition, so its length is the
    /// batch size. `spec` is the network as it acts: of a distribution with the means behind it, as
    /// [`Distribution::policy`] makes it.
    ///
    /// # Panics
    /// If `floats` is not [`LearnerMemory::float_count`] long, `actions` is empty, or the network does not end in the means
    /// of the configuration's distribution.
    pub fn new(
        spec: &NetworkSpec,
        config: &DqnConfig,
        floats: &'a mut [f32],
        actions: &'a mut [u32],
    ) -> Self {
        let batch = actions.len();
        assert!(batch > 0, "a batch has at least one transition");
        assert!(config.distribution.ends(spec), "a network that ends in other means");
        assert_eq!(
            floats.len(),
            Self::float_count(spec, config, batch),
            "memory of another network or batch"
        );
        floats.fill(0.0);
        let mut rest = floats;
        let mut cut = |length| rest.split_off_mut(..length).unwrap_or_default();
        let policy = spec;
        let spec = &config.distribution.trained(policy);
        let parameters = Self::parameter_count(spec, config);
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
            targets: cut(batch * config.distribution.target_width()),
            errors: cut(batch),
            d_outputs: cut(batch * spec.outputs()),
            activations: cut(Self::activation_count(policy, config, batch)),
            choosing_activations: cut(Self::choosing_count(policy, config, batch)),
            earlier_activations: cut(Self::earlier_count(policy, config, batch)),
            means: Self::mean_counts(policy, config, batch).map(&mut cut),
            row: cut(config.distribution.row_count()),
            fractions: cut(batch * config.distribution.drawn_count()),
            noise: cut(Self::noise_count(spec, config)),
            disturbed: cut(Self::disturbed_count(spec, config)),
            workspace: cut(Self::workspace_count(policy, spec, batch)),
        }
    }

    /// Draws the first parameters; noisy weights have the deviations of [`DqnConfig::weight_noise`].
    ///
    /// # Panics
    /// If the memory is not that of this network and configuration.
    pub fn draw<R: Rng + ?Sized>(
        &mut self,
        spec: &NetworkSpec,
        config: &DqnConfig,
        initialisation: Initialisation,
        rng: &mut R,
    ) {
        let (means, deviations) = self.parameters.split_at_mut(spec.parameter_count());
        initialisation.draw(spec, rng, means);
        if config.is_noisy() {
            noisy::initialise(spec, config.weight_noise, deviations);
        }
    }
}
