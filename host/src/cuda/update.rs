//! One update on the card: the lines of core's `dqn/cpu_learner.rs`, as launches.
//!
//! Put the two side by side: `gradients_by_layers` and the rest of `update` are `Learn::with_simd` there. Networks of dense layers
//! that learn means take `gradients_at_once`. Kernels are compiled so that every number has core's bits.
//!
//! Legend: B transitions a batch, A actions, W numbers an action.

use super::buffers::Buffer;
use super::draws::Drawn;
use super::fused::Fused;
use super::kernels as k;
use super::learner::CudaLearner;
use super::returns::{self, Following};
use crate::failure::Outcome;
use embedded_rl_core::dqn::{Backup, TargetUpdate};

/// The parameters of an update's passes: the networks' own, or those with noise in them.
#[derive(Clone, Copy, Debug)]
struct Passes<'b> {
    target: &'b Buffer<f32>,
    /// That chooses what follows, with double Q-learning.
    chooser: &'b Buffer<f32>,
    learned: &'b Buffer<f32>,
}

impl CudaLearner<'_> {
    /// One update, from the inbox to the outbox. The column of `cpu_learner.rs`, a launch or a few a line; of dense networks
    /// in one piece as far as the gradients.
    pub(super) fn update(&self, is_weighted: bool) -> Outcome<()> {
        let Self { config, memory: m, network, launcher, optimiser, .. } = self;
        let b = m.batch.actions.len();
        self.inbox.send(launcher)?;
        let drawn = self.draws.parts(&self.inbox.drawn(b));
        let passes = self.disturb(&drawn)?;
        match &self.fused {
            Some(fused) => self.gradients_at_once(fused, passes, &drawn, is_weighted)?,
            None => self.gradients_by_layers(passes, &drawn, is_weighted)?,
        }

        if config.clip_value.is_finite() {
            k::clip_value(launcher, &m.gradients, config.clip_value)?;
        }
        // The optimiser clips by the norm, and takes the target network along unless statistics follow in between.
        let follower = match config.target {
            TargetUpdate::Soft { tau } => Some((&m.target_parameters, tau)),
            _ => None,
        };
        let (follower, later) = match network.has_statistics() {
            true => (None, follower),
            false => (follower, None),
        };
        let (gradients, parameters, moments) = (&m.gradients, &m.parameters, &m.moments);
        let of =
            k::Step { step: &m.step, gradients, clip: self.clip(), parameters, moments, follower };
        k::optimise(launcher, optimiser.kernel, optimiser.moments, of)?;
        network.follow_statistics(launcher, b, parameters)?;
        if let Some((target, tau)) = later {
            k::soft_update(launcher, tau, parameters, target)?;
        }
        self.outbox.fetch(launcher)
    }

    /// The parameters of the passes, with these draws in them where they are noisy.
    fn disturb(&self, drawn: &Drawn) -> Outcome<Passes<'_>> {
        let Self { config, launcher, memory: m, .. } = self;
        let (target, online) = (self.target(), &m.parameters);
        let Some(noise) = &self.noise else {
            return Ok(Passes { target, chooser: online, learned: online });
        };
        let [of_target, of_chooser, of_learned] = &drawn.noise;
        let target = noise.disturb(launcher, 0, target, of_target)?;
        let chooser = match config.double {
            true => noise.disturb(launcher, 1, online, of_chooser)?,
            false => online,
        };
        let learned = noise.disturb(launcher, 2, online, of_learned)?;
        Ok(Passes { target, chooser, learned })
    }

    /// The gradients of deviations, behind those of the parameters with noise in them.
    fn follow_noise(&self, drawn: &Drawn) -> Outcome<()> {
        match &self.noise {
            Some(noise) => k::noisy_deviation_gradient(
                &self.launcher,
                &self.memory.gradients,
                noise,
                &drawn.noise[2],
            ),
            None => Ok(()),
        }
    }

    /// From slots to gradients, the loss, and the numbers of the optimiser's step.
    fn gradients_by_layers(
        &self,
        passes: Passes<'_>,
        drawn: &Drawn,
        is_weighted: bool,
    ) -> Outcome<()> {
        let Self { config, storage, memory: m, network, launcher, optimiser, .. } = self;
        let b = m.batch.actions.len();
        let (slots, weights, factor) = self.inbox.parts(b);
        let weights = is_weighted.then_some(&weights);
        let (loss, mean_q, errors) = self.outbox.parts();
        let branches = self.branches.as_ref();

        storage.gather(launcher, &slots, &m.batch)?;

        // What the networks say of what follows; what is not trained here sees running statistics.
        let (observations, next_observations) = (&m.batch.observations, &m.batch.next_observations);
        let [following, choosing] = match &self.following {
            Some([following, choosing]) => [following, choosing],
            None => [network, network],
        };
        let asked = Some(&drawn.target_fractions);
        following.infer(launcher, asked, passes.target, b, next_observations, &m.following)?;
        if let Backup::Munchausen(_) = config.backup {
            choosing.infer(launcher, None, passes.target, b, observations, &m.before)?;
        }
        if config.double {
            choosing.infer(launcher, None, passes.chooser, b, next_observations, &m.chooser)?;
        } else if config.distribution.is_implicit() {
            choosing.infer(launcher, None, passes.target, b, next_observations, &m.chooser)?;
        }

        // y = r + discount * Q_target(s', argmax ..), or the distribution of that.
        let (outputs, chooser, before) = (&m.following, &m.chooser, &m.before);
        let following = Following { outputs, chooser, before, means: &m.means };
        returns::write_targets(launcher, config, branches, &m.batch, following, &m.targets)?;

        // The loss and dL/doutputs in one pass, then dL/dparameters.
        let asked = Some(&drawn.fractions);
        network.forward(launcher, asked, passes.learned, b, observations, &m.outputs)?;
        let (outputs, actions) = (&m.outputs, &m.batch.actions);
        let results = returns::Results {
            d_outputs: &m.d_outputs,
            losses: &m.losses,
            errors: &errors,
            loss: &loss,
        };
        let asked = asked.filter(|_| config.distribution.is_implicit());
        returns::evaluate(
            launcher, config, branches, outputs, actions, asked, &m.targets, weights, results,
        )?;
        returns::mean_of_taken(launcher, config, branches, outputs, actions, &m.means[0], &mean_q)?;
        k::fill(launcher, &m.gradients, 0.0)?;
        network.backward(
            launcher,
            passes.learned,
            b,
            observations,
            &m.outputs,
            &m.d_outputs,
            &m.gradients,
        )?;
        self.follow_noise(drawn)?;

        if let Some((norm, _)) = self.clip() {
            k::clip_norm_measure(launcher, &m.gradients, norm)?;
        }
        let powers = optimiser.has_powers.then_some(&m.powers);
        k::prepare_step(launcher, powers, &m.step, &factor, optimiser.rates)
    }

    /// The same for a network of dense layers, in three launches, four with noise.
    fn gradients_at_once(
        &self,
        fused: &Fused,
        passes: Passes<'_>,
        drawn: &Drawn,
        is_weighted: bool,
    ) -> Outcome<()> {
        let Self { config, storage, memory: m, launcher, optimiser, .. } = self;
        let (slots, weights, factor) = self.inbox.parts(m.batch.actions.len());
        let (loss, mean_q, errors) = self.outbox.parts();
        let learned = k::Learned {
            slots: &slots,
            weights: is_weighted.then_some(&weights),
            target: passes.target,
            chooser: config.double.then_some(passes.chooser),
            parameters: passes.learned,
            loss: config.loss,
            munchausen: match config.backup {
                Backup::Munchausen(munchausen) => Some(munchausen),
                Backup::Largest => None,
            },
        };
        let sums = k::Sums {
            norm: self.clip().map(|(norm, _)| norm),
            loss: &loss,
            mean_q: &mean_q,
            powers: optimiser.has_powers.then_some(&m.powers),
            step: &m.step,
            factor: &factor,
            rates: optimiser.rates,
        };
        let own = m.gradients.part(0, self.spec.parameter_count());
        fused.gradients(launcher, storage, learned, &errors, &own)?;
        self.follow_noise(drawn)?;
        fused.sums(launcher, &errors, &m.gradients, sums)
    }

    /// The parameters that value what follows.
    fn target(&self) -> &Buffer<f32> {
        match self.config.target {
            TargetUpdate::None => &self.memory.parameters,
            TargetUpdate::Hard { .. } | TargetUpdate::Soft { .. } => &self.memory.target_parameters,
        }
    }

    /// Where the gradients' norm goes and the largest it may have, if they are clipped.
    fn clip(&self) -> Option<(&Buffer<f32>, f32)> {
        let maximum = self.config.clip_norm;
        maximum.is_finite().then_some((&self.memory.norm, maximum))
    }
}
