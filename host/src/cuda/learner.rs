//! The learner on a graphics card: what is there, and how it is asked. What it does there to learn is in `update.rs`.
//!
//! The networks and the transitions stay on the card; an update's slots, weights, learning rate and draws go there in one
//! copy, its loss and errors come back in one, and the launches between are recorded as a graph the first time and replayed
//! from then on. So nothing in an update may depend on a number that changes: those are in the inbox.

use super::complaint::complaint;
use super::device::Device;
use super::draws::{Draws, noise_count};
use super::fused::Fused;
use super::kernels as k;
use super::launch::{Graph, Launcher};
use super::memory::{Acting, Inbox, Memory, Outbox};
use super::network::Network;
use super::noise::Noise;
use super::optimiser::Rule;
use super::storage::{Keeping, Storage};
use crate::failure::{Failure, Outcome};
use embedded_rl_core::dqn::{DqnConfig, Learner, TargetUpdate, Update};
use embedded_rl_core::env::Step;
use embedded_rl_core::nn::{Branches, NetworkSpec, noisy};
use embedded_rl_core::replay::Transition;
use embedded_rl_core::rng::Generator;
use std::rc::Rc;

/// A DQN learner on a card.
#[derive(Debug)]
pub struct CudaLearner<'a> {
    pub(super) spec: NetworkSpec,
    /// The branches whose choices are trained, where the policy values combinations of them.
    pub(super) branches: Option<Branches>,
    pub(super) config: DqnConfig,
    device: Rc<Device>,
    pub(super) launcher: Launcher,
    /// The transitions.
    pub(super) storage: Storage<'a>,
    pub(super) memory: Memory,
    /// The network that is trained, over a batch, and the one that acts, over one observation.
    pub(super) network: Network,
    policy: Network,
    /// The first as it says what follows, and as it chooses: of an implicit distribution at other numbers of fractions.
    pub(super) following: Option<[Network; 2]>,
    /// The same network as kernels see it that take it as a whole, if they can.
    pub(super) fused: Option<Fused>,
    /// Noise in the weights, if they have some, and what an update draws.
    pub(super) noise: Option<Noise>,
    pub(super) draws: Draws,
    pub(super) optimiser: Rule,
    pub(super) inbox: Inbox,
    pub(super) outbox: Outbox,
    acting: Acting,
    /// Without noise, and with.
    acting_graphs: Option<[Graph; 2]>,
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

/// The graph of updates, which are with weights or without.
#[derive(Debug)]
struct Recorded {
    is_weighted: bool,
    graph: Graph,
}

impl<'a> CudaLearner<'a> {
    /// A learner on the card with this number, whose two networks start from `parameters`. `policy` is the network as it
    /// acts. Everything that updates need is made ready, so that they cannot lack it later.
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
        if let Some(complaint) = complaint(&policy, &config, batch) {
            return Err(Failure::failed(complaint));
        }
        let device = Device::open(ordinal)?;
        let distribution = config.distribution;
        let spec = distribution.trained(&policy);
        // Frames are put together by a launch of their own, and branches have targets and a loss of theirs.
        let fused = match keeping {
            Keeping::Whole { .. } if policy.branches().is_none() => {
                Fused::new(&device, &spec, &config, batch)?
            }
            _ => None,
        };
        let noise = if config.is_noisy() { Some(Noise::new(&device, &spec)?) } else { None };
        let draws = Draws::new(&spec, &config, batch);
        let following = match distribution.is_implicit() {
            true => Some([
                Network::new(&device, &distribution.following(&policy), batch)?,
                Network::new(&device, &distribution.choosing(&policy), batch)?,
            ]),
            false => None,
        };
        let mut learner = Self {
            spec,
            branches: policy.branches(),
            config,
            launcher: Launcher::new(&device),
            storage: Storage::new(&device, spec.inputs(), keeping)?,
            memory: Memory::new(&device, [&policy, &spec], &config, batch, &parameters)?,
            network: Network::new(&device, &spec, batch)?,
            policy: Network::new(&device, &policy, 1)?,
            following,
            fused,
            optimiser: Rule::of(&config.optimiser),
            inbox: Inbox::new(&device, batch, draws.len())?,
            outbox: Outbox::new(&device, batch)?,
            acting: Acting::new(&device, &policy, noise_count(&spec, &config))?,
            acting_graphs: None,
            noise,
            draws,
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

    /// The values of one observation, from there to there; with noise in the weights if they are to have some.
    fn infer(&self, is_noisy: bool) -> Outcome<()> {
        let Self { launcher, acting: a, policy, memory: m, .. } = self;
        launcher.send(&a.observation, 0, a.observation.len(), &a.observation_on_device)?;
        let parameters = match &self.noise {
            Some(noise) if is_noisy => {
                launcher.send(&a.noise, 0, a.noise.len(), &a.noise_on_device)?;
                noise.disturb(launcher, 0, &m.parameters, &a.noise_on_device)?
            }
            _ => &m.parameters,
        };
        let (observation, values) = (&a.observation_on_device, &a.values_on_device);
        policy.infer(launcher, None, parameters, 1, observation, values)?;
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
        launcher.rehearse(|| self.infer(true))?;
        let record = |is_noisy| launcher.record(|| self.infer(is_noisy));
        self.acting_graphs = Some([record(false)?, record(true)?]);
        self.device.synchronise()
    }

    fn try_q_values(&mut self, observation: &[f32], noise: Option<&mut Generator>) -> Outcome<()> {
        let acting = &mut self.acting;
        acting.observation.write(0, observation)?;
        let graphs = self.acting_graphs.as_ref();
        let graph = match (noise, &self.noise) {
            (Some(rng), Some(_)) => {
                noisy::draw(&self.spec, rng, &mut acting.noise_here);
                acting.noise.write(0, &acting.noise_here)?;
                graphs.map(|[_, noisy]| noisy)
            }
            _ => graphs.map(|[plain, _]| plain),
        };
        if let Some(graph) = graph {
            graph.replay()?;
        }
        acting.values.read(&mut acting.values_here)
    }

    fn try_learn(
        &mut self,
        slots: &[u32],
        weights: Option<&[f32]>,
        rate: f32,
        rng: &mut Generator,
    ) -> Outcome<Update> {
        let (b, stored) = (self.memory.batch.actions.len(), self.storage.filled());
        assert_eq!(slots.len(), b, "one place a slot");
        assert!(slots.iter().all(|&slot| (slot as usize) < stored), "a slot is empty");
        self.is_current = false;
        self.steps += 1;
        self.inbox.write(slots, weights, rate, self.draws.draw(rng))?;

        let is_weighted = weights.is_some();
        if self.recorded.as_ref().is_none_or(|recorded| recorded.is_weighted != is_weighted) {
            let graph = self.launcher.record(|| self.update(is_weighted))?;
            self.recorded = Some(Recorded { is_weighted, graph });
        }
        if let Some(recorded) = &self.recorded {
            recorded.graph.replay()?;
        }
        let here = self.outbox.read()?;
        Ok(Update { loss: here[0], mean_q: here[1] })
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

    fn q_values(&mut self, observation: &[f32], noise: Option<&mut Generator>) -> &[f32] {
        self.attempt(|learner| learner.try_q_values(observation, noise));
        &self.acting.values_here
    }

    fn learn(
        &mut self,
        slots: &[u32],
        weights: Option<&[f32]>,
        rate: f32,
        noise: &mut Generator,
    ) -> Update {
        self.attempt(|learner| learner.try_learn(slots, weights, rate, noise)).unwrap_or_default()
    }

    fn errors(&mut self) -> &[f32] {
        self.outbox.errors()
    }

    fn synchronise_target(&mut self) {
        self.attempt(|learner| learner.copy_to_target());
    }

    fn parameters(&mut self) -> &[f32] {
        self.attempt(Self::try_parameters);
        &self.parameters[..self.spec.parameter_count()]
    }
}
