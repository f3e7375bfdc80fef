//! The learner on a graphics card: the lines of core's `dqn/cpu_learner.rs`, as launches.
//!
//! Put the two side by side: [`CudaLearner::update`] there is `Learn::with_simd`. What differs is where things are. The
//! networks and the transitions stay on the card; an update's slots, weights and learning rate go there in one copy, its loss and
//! errors come back in one, and the launches between are recorded as a graph the first time and replayed from then on. So
//! nothing in [`CudaLearner::update`] may depend on a number that changes: those are in the inbox.
//!
//! Kernels are compiled so that every number has core's bits. Legend: B transitions a batch, A actions, W numbers an
//! action, P parameters.

use super::buffers::{Buffer, Pinned};
use super::device::Device;
use super::fused::Fused;
use super::kernels as k;
use super::launch::{Graph, Launcher};
use super::network::Network;
use super::optimiser::Rule;
use super::returns::{self, Following};
use super::storage::{Batch, Keeping, Storage};
use crate::failure::{Failure, Outcome};
use embedded_rl_core::dqn::{Backup, Distribution, DqnConfig, Learner, TargetUpdate, Update};
use embedded_rl_core::env::Step;
use embedded_rl_core::nn::NetworkSpec;
use embedded_rl_core::replay::Transition;
use embedded_rl_core::rng::Generator;
use std::rc::Rc;

/// A DQN learner on a card.
#[derive(Debug)]
pub struct CudaLearner<'a> {
    spec: NetworkSpec,
    config: DqnConfig,
    device: Rc<Device>,
    launcher: Launcher,
    /// The transitions.
    pub(super) storage: Storage<'a>,
    pub(super) memory: Memory,
    /// The network that is trained, over a batch, and the one that acts, over one observation.
    network: Network,
    policy: Network,
    /// The same network as kernels see it that take it as a whole, if they can.
    fused: Option<Fused>,
    optimiser: Rule,
    inbox: Inbox,
    outbox: Outbox,
    acting: Acting,
    recorded: Option<Recorded>,
    /// How many steps the optimiser has made; the rest of its state is in the memory.
    pub(super) steps: u64,
    /// The online network's parameters as they were when they were last asked for, and whether they still are.
    parameters: Vec<f32>,
    is_current: bool,
    /// The first thing that went wrong: nothing is asked of the card after it.
    failure: Option<Failure>,
    is_failed: bool,
}

/// The networks and all that learning needs, on the card.
#[derive(Debug)]
pub(super) struct Memory {
    /// `[P]`
    pub(super) parameters: Buffer<f32>,
    /// `[P]`, or empty without a target network.
    pub(super) target_parameters: Buffer<f32>,
    pub(super) moments: Buffer<f32>,
    /// Of Adam: beta1 and beta2, each to the power of the steps made.
    pub(super) powers: Buffer<f64>,
    /// The numbers of one step of the optimiser.
    step: Buffer<f32>,
    /// `[P]`
    gradients: Buffer<f32>,
    /// `[1]`
    norm: Buffer<f32>,
    batch: Batch,
    /// `[B][W]`
    targets: Buffer<f32>,
    /// `[B][A][W]`
    outputs: Buffer<f32>,
    /// `[B][A][W]`: those of a second pass, with double Q-learning.
    second_outputs: Buffer<f32>,
    /// `[B][A][W]`
    d_outputs: Buffer<f32>,
    /// `[B][A]`, of distributions.
    means: Buffer<f32>,
    /// `[B][W]`, of distributions.
    losses: Buffer<f32>,
}

/// What goes to the card for an update: slots `[B]`, weights `[B]` as bits, the factor of the learning rate as bits.
#[derive(Debug)]
struct Inbox {
    words: Pinned<u32>,
    on_device: Buffer<u32>,
}

/// What comes back: loss, mean value, errors `[B]`.
#[derive(Debug)]
struct Outbox {
    numbers: Pinned<f32>,
    on_device: Buffer<f32>,
    here: Vec<f32>,
}

/// An observation on its way to the card, and values on their way back.
#[derive(Debug)]
struct Acting {
    observation: Pinned<f32>,
    observation_on_device: Buffer<f32>,
    values: Pinned<f32>,
    values_on_device: Buffer<f32>,
    values_here: Vec<f32>,
    graph: Option<Graph>,
}

/// The graph of updates, which are with weights or without.
#[derive(Debug)]
struct Recorded {
    is_weighted: bool,
    graph: Graph,
}

impl<'a> CudaLearner<'a> {
    /// A learner on the card with this number, whose two networks start from
    /// `parameters`. `policy` is the network as it acts. Everything that updates need is made ready, so that they cannot
    /// lack it later.
    ///
    /// # Panics
    /// If the parameters are not the network's.
    pub(crate) fn open(
        ordinal: u32,
        policy: NetworkSpec,
        config: DqnConfig,
        keeping: Keeping<'a>,
        batch: usize,
        parameters: Vec<f32>,
    ) -> Outcome<Self> {
        if let Some(complaint) = Self::complaint(&policy, &config, batch) {
            return Err(Failure::failed(complaint));
        }
        let device = Device::open(ordinal)?;
        let spec = match config.distribution {
            Distribution::Mean => policy,
            _ => policy.without_last(),
        };
        assert_eq!(parameters.len(), spec.parameter_count(), "parameters of another network");
        let (count, outputs, width) =
            (parameters.len(), batch * spec.outputs(), config.distribution.width());
        let zeros = |count, purpose| Buffer::zeros(&device, count, purpose);
        let when = |is_needed: bool, count| if is_needed { count } else { 0 };
        let is_second = config.double || config.backup != Backup::Largest;
        let is_distribution = config.distribution != Distribution::Mean;
        let mut moments = vec![0.0; config.optimiser.moment_count(count)];
        let state = config.optimiser.start(&mut moments);
        let powers = [state.beta1_power, state.beta2_power];
        let (online, purpose) = ("the networks", "the batch");
        let of_target = when(config.target != TargetUpdate::None, count);
        let memory = Memory {
            parameters: Buffer::of(&device, &parameters, online)?,
            target_parameters: Buffer::of(&device, &parameters[..of_target], online)?,
            moments: Buffer::of(&device, &moments, online)?,
            gradients: zeros(count, online)?,
            powers: Buffer::of(&device, &powers, online)?,
            step: zeros(5, online)?,
            norm: zeros(1, online)?,
            batch: Batch::new(&device, spec.inputs(), batch, purpose)?,
            targets: zeros(batch * width, purpose)?,
            outputs: zeros(outputs, purpose)?,
            second_outputs: zeros(when(is_second, outputs), purpose)?,
            d_outputs: zeros(outputs, purpose)?,
            means: zeros(when(is_distribution, batch * policy.outputs()), purpose)?,
            losses: zeros(when(is_distribution, batch * width), purpose)?,
        };
        let words = 2 * batch + 1;
        // Frames are put together by a launch of their own.
        let fused = match keeping {
            Keeping::Whole { .. } => Fused::new(&device, &spec, &config, batch)?,
            Keeping::Frames { .. } => None,
        };
        let acting = Acting {
            observation: Pinned::zeros(&device, spec.inputs())?,
            observation_on_device: zeros(spec.inputs(), purpose)?,
            values: Pinned::zeros(&device, policy.outputs())?,
            values_on_device: zeros(policy.outputs(), purpose)?,
            values_here: vec![0.0; policy.outputs()],
            graph: None,
        };
        let mut learner = Self {
            spec,
            config,
            launcher: Launcher::new(&device),
            storage: Storage::new(&device, spec.inputs(), keeping)?,
            fused,
            optimiser: Rule::of(&config.optimiser),
            memory,
            network: Network::new(&device, &spec, batch)?,
            policy: Network::new(&device, &policy, 1)?,
            inbox: Inbox {
                words: Pinned::zeros(&device, words)?,
                on_device: Buffer::zeros(&device, words, purpose)?,
            },
            outbox: Outbox {
                numbers: Pinned::zeros(&device, 2 + batch)?,
                on_device: zeros(2 + batch, purpose)?,
                here: vec![0.0; 2 + batch],
            },
            acting,
            recorded: None,
            steps: 0,
            parameters,
            is_current: true,
            failure: None,
            is_failed: false,
            device,
        };
        learner.make_ready()?;
        Ok(learner)
    }

    /// What a card cannot do yet, with the setting's name; `None` if nothing stands in the way.
    pub(crate) fn complaint(
        policy: &NetworkSpec,
        config: &DqnConfig,
        batch: usize,
    ) -> Option<String> {
        let setting = match config {
            DqnConfig {
                distribution: Distribution::Mean | Distribution::Quantiles { .. }, ..
            } => {
                let is_soft = config.backup != Backup::Largest;
                if is_soft && config.distribution != Distribution::Mean {
                    Some("agent.backup: Munchausen targets of a distribution")
                } else if config.is_noisy() {
                    Some("agent.weight_noise: networks with noise in their weights")
                } else if config.clip_value.is_finite() {
                    Some("agent.clip_value: gradients cut number by number")
                } else {
                    None
                }
            }
            _ => Some("agent.distribution: this distribution"),
        };
        let setting = setting.map(|setting| format!("{setting} cannot be trained on a device yet"));
        setting.or_else(|| Network::complaint(policy, batch))
    }

    /// One update, from the inbox to the outbox. The column of `cpu_learner.rs`, a launch or a few a line; of dense networks
    /// in one piece as far as the gradients.
    fn update(&self, is_weighted: bool) -> Outcome<()> {
        let Self { config, memory: m, network, launcher, optimiser, .. } = self;
        let (b, outbox) = (m.batch.actions.len(), &self.outbox.on_device);
        launcher.send(&self.inbox.words, 0, self.inbox.words.len(), &self.inbox.on_device)?;
        match &self.fused {
            Some(fused) => self.gradients_at_once(fused, is_weighted)?,
            None => self.gradients_by_layers(is_weighted)?,
        }

        // The optimiser clips, and takes the target network along unless statistics follow in between.
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
        launcher.fetch(&self.outbox.numbers, self.outbox.numbers.len(), outbox)
    }

    /// From slots to gradients, the loss, and the numbers of the optimiser's step.
    fn gradients_by_layers(&self, is_weighted: bool) -> Outcome<()> {
        let Self { config, storage, memory: m, network, launcher, optimiser, .. } = self;
        let b = m.batch.actions.len();
        let (slots, weights, factor) = self.inbox.parts(b);
        let weights = is_weighted.then_some(&weights);
        let (loss, mean_q, errors) = self.outbox.parts();

        storage.gather(launcher, &slots, &m.batch)?;

        // What the networks say of what follows; what is not trained here sees running statistics.
        let (observations, next_observations) = (&m.batch.observations, &m.batch.next_observations);
        let target = self.target();
        network.infer(launcher, target, b, next_observations, &m.outputs)?;
        if let Backup::Munchausen(_) = config.backup {
            network.infer(launcher, target, b, observations, &m.second_outputs)?;
        }
        if config.double {
            network.infer(launcher, &m.parameters, b, next_observations, &m.second_outputs)?;
        }

        // y = r + discount * Q_target(s', argmax ..), or the distribution of that.
        let chooser = if config.double { &m.second_outputs } else { &m.outputs };
        let before = &m.second_outputs;
        let following = Following { outputs: &m.outputs, chooser, before, means: &m.means };
        returns::write_targets(launcher, config, &m.batch, following, &m.targets)?;

        // The loss and dL/doutputs in one pass, then dL/dparameters.
        network.forward(launcher, &m.parameters, b, observations, &m.outputs)?;
        let (outputs, actions) = (&m.outputs, &m.batch.actions);
        let results = returns::Results {
            d_outputs: &m.d_outputs,
            losses: &m.losses,
            errors: &errors,
            loss: &loss,
        };
        returns::evaluate(launcher, config, outputs, actions, &m.targets, weights, results)?;
        returns::mean_of_taken(launcher, config, outputs, actions, &m.means, &mean_q)?;
        k::fill(launcher, &m.gradients, 0.0)?;
        network.backward(
            launcher,
            &m.parameters,
            b,
            observations,
            &m.outputs,
            &m.d_outputs,
            &m.gradients,
        )?;

        if let Some((norm, _)) = self.clip() {
            k::clip_norm_measure(launcher, &m.gradients, norm)?;
        }
        let powers = optimiser.has_powers.then_some(&m.powers);
        k::prepare_step(launcher, powers, &m.step, &factor, optimiser.rates)
    }

    /// The same for a network of dense layers, in three launches.
    fn gradients_at_once(&self, fused: &Fused, is_weighted: bool) -> Outcome<()> {
        let Self { config, storage, memory: m, launcher, optimiser, .. } = self;
        let (slots, weights, factor) = self.inbox.parts(m.batch.actions.len());
        let (loss, mean_q, errors) = self.outbox.parts();
        let learned = k::Learned {
            slots: &slots,
            weights: is_weighted.then_some(&weights),
            target: self.target(),
            chooser: config.double.then_some(&m.parameters),
            parameters: &m.parameters,
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
        fused.gradients(launcher, storage, learned, &errors, &m.gradients, sums)
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

    /// The values of one observation, from there to there.
    fn infer(&self) -> Outcome<()> {
        let Self { launcher, acting: a, policy, memory: m, .. } = self;
        launcher.send(&a.observation, 0, a.observation.len(), &a.observation_on_device)?;
        policy.infer(launcher, &m.parameters, 1, &a.observation_on_device, &a.values_on_device)?;
        launcher.fetch(&a.values, a.values.len(), &a.values_on_device)
    }

    fn copy_to_target(&self) -> Outcome<()> {
        match self.config.target {
            TargetUpdate::None => Ok(()),
            _ => {
                let m = &self.memory;
                k::hard_copy(&self.launcher, &m.parameters, &m.target_parameters)
            }
        }
    }

    /// Compiles and loads every kernel that there will be, and records what acting takes.
    fn make_ready(&mut self) -> Outcome<()> {
        let launcher = &self.launcher;
        launcher.rehearse(|| self.update(false))?;
        launcher.rehearse(|| self.copy_to_target())?;
        launcher.rehearse(|| self.infer())?;
        self.acting.graph = Some(launcher.record(|| self.infer())?);
        self.device.synchronise()
    }

    fn try_q_values(&mut self, observation: &[f32]) -> Outcome<()> {
        let acting = &mut self.acting;
        acting.observation.write(0, observation)?;
        if let Some(graph) = &acting.graph {
            graph.replay()?;
        }
        acting.values.read(&mut acting.values_here)
    }

    fn try_learn(&mut self, slots: &[u32], weights: Option<&[f32]>, rate: f32) -> Outcome<Update> {
        let (b, stored) = (self.memory.batch.actions.len(), self.storage.filled());
        assert_eq!(slots.len(), b, "one place a slot");
        assert!(slots.iter().all(|&slot| (slot as usize) < stored), "a slot is empty");
        self.is_current = false;
        self.steps += 1;
        self.inbox.write(slots, weights, rate)?;

        let is_weighted = weights.is_some();
        if self.recorded.as_ref().is_none_or(|recorded| recorded.is_weighted != is_weighted) {
            let graph = self.launcher.record(|| self.update(is_weighted))?;
            self.recorded = Some(Recorded { is_weighted, graph });
        }
        if let Some(recorded) = &self.recorded {
            recorded.graph.replay()?;
        }
        let outbox = &mut self.outbox;
        outbox.numbers.read(&mut outbox.here)?;
        Ok(Update { loss: outbox.here[0], mean_q: outbox.here[1] })
    }

    fn try_parameters(&mut self) -> Outcome<()> {
        if !self.is_current {
            self.memory.parameters.read(&mut self.parameters)?;
            self.is_current = true;
        }
        Ok(())
    }

    /// Does something unless something went wrong before, and remembers if it goes wrong.
    fn attempt<T>(&mut self, what: impl FnOnce(&mut Self) -> Outcome<T>) -> Option<T> {
        if self.is_failed {
            return None;
        }
        match what(self) {
            Ok(done) => Some(done),
            Err(failure) => {
                (self.failure, self.is_failed) = (Some(failure), true);
                None
            }
        }
    }

    /// How many slots, from the first on, were ever filled.
    pub(crate) fn slots_filled(&self) -> usize {
        self.storage.filled()
    }

    /// The online network was changed from outside.
    pub(super) fn forget_parameters(&mut self) {
        self.is_current = false;
    }

    /// The first thing that went wrong since this was last asked. What the learner says after that means nothing.
    pub(crate) fn take_failure(&mut self) -> Outcome<()> {
        self.failure.take().map_or(Ok(()), Err)
    }

    /// `NVIDIA H100 (cuda:0, ..), 12 MiB in use`
    pub(crate) fn description(&self) -> String {
        let used = self.device.used_memory().div_ceil(1 << 20);
        format!("{}, {used} MiB for this run", self.device.description())
    }
}

impl Learner for CudaLearner<'_> {
    fn see(
        &mut self,
        observation: &[f32],
        step: Step,
        next_observation: &[f32],
        forget: impl FnMut(u32),
    ) {
        if let Storage::Frames(frames) = &mut self.storage {
            let sent = frames.see(&self.launcher, observation, step, next_observation, forget);
            self.attempt(|_| sent);
        }
    }

    fn store(&mut self, transition: Transition<'_>) -> u32 {
        assert!((transition.action as usize) < self.acting.values_here.len(), "an action");
        let (slot, sent) = self.storage.push(&self.launcher, transition);
        self.attempt(|_| sent);
        slot
    }

    fn slot(&self, nth: u32) -> u32 {
        self.storage.slot(nth)
    }

    fn stored(&self) -> usize {
        self.storage.len()
    }

    fn q_values(&mut self, observation: &[f32], _noise: Option<&mut Generator>) -> &[f32] {
        self.attempt(|learner| learner.try_q_values(observation));
        &self.acting.values_here
    }

    fn learn(
        &mut self,
        slots: &[u32],
        weights: Option<&[f32]>,
        rate: f32,
        _noise: &mut Generator,
    ) -> Update {
        self.attempt(|learner| learner.try_learn(slots, weights, rate)).unwrap_or_default()
    }

    fn errors(&mut self) -> &[f32] {
        &self.outbox.here[2..]
    }

    fn synchronise_target(&mut self) {
        self.attempt(|learner| learner.copy_to_target());
    }

    fn parameters(&mut self) -> &[f32] {
        self.attempt(Self::try_parameters);
        &self.parameters[..self.spec.parameter_count()]
    }
}

impl Outbox {
    /// Loss, mean value and errors on the card.
    fn parts(&self) -> (Buffer<f32>, Buffer<f32>, Buffer<f32>) {
        let numbers = &self.on_device;
        (numbers.part(0, 1), numbers.part(1, 1), numbers.from(2))
    }
}

impl Inbox {
    /// Slots, weights and factor on the card.
    fn parts(&self, batch: usize) -> (Buffer<u32>, Buffer<f32>, Buffer<f32>) {
        let words = &self.on_device;
        (words.part(0, batch), words.part(batch, batch).cast(), words.from(2 * batch).cast())
    }

    fn write(&self, slots: &[u32], weights: Option<&[f32]>, factor: f32) -> Outcome<()> {
        self.words.write(0, slots)?;
        self.words.write(slots.len(), bytemuck::cast_slice(weights.unwrap_or_default()))?;
        self.words.write(2 * slots.len(), &[factor.to_bits()])
    }
}
