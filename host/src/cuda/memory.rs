//! What a learner has on the card, and the boxes through which numbers go there and come back.
//!
//! Legend: B transitions a batch, A actions, W numbers an action, P what is learned: a number a parameter, and with noise in the
//! weights its deviation; N and N' fractions of an implicit distribution, for the loss and for what follows.

use super::buffers::{Buffer, Pinned};
use super::device::Device;
use super::draws::learned_count;
use super::launch::Launcher;
use super::storage::Batch;
use crate::failure::Outcome;
use embedded_rl_core::dqn::{Backup, Distribution, DqnConfig, TargetUpdate};
use embedded_rl_core::nn::NetworkSpec;
use std::rc::Rc;

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
    pub(super) step: Buffer<f32>,
    /// `[P]`
    pub(super) gradients: Buffer<f32>,
    /// `[1]`
    pub(super) norm: Buffer<f32>,
    pub(super) batch: Batch,
    /// `[B][W]` or `[B][N']`
    pub(super) targets: Buffer<f32>,
    /// `[B][A][W]` or `[B][N][A]`
    pub(super) outputs: Buffer<f32>,
    /// `[B][A][W]` or `[B][N'][A]`: of the pass that says what follows. Where they are as many, the same memory.
    pub(super) following: Buffer<f32>,
    /// `[B][A][W]`, or of an implicit distribution its means `[B][A]`: of the pass that chooses. Where that is the one before,
    /// the same memory.
    pub(super) chooser: Buffer<f32>,
    /// The same of the pass on what was before, for a Munchausen backup.
    pub(super) before: Buffer<f32>,
    /// `[B][A][W]` or `[B][N][A]`
    pub(super) d_outputs: Buffer<f32>,
    /// `[B][A]`, of distributions: of what chooses and, for a Munchausen backup, of what was before.
    pub(super) means: [Buffer<f32>; 2],
    /// `[B][W]` or `[B][N]`, of distributions.
    pub(super) losses: Buffer<f32>,
}

impl Memory {
    /// For a network as it acts and as it is trained, whose first parameters are these.
    ///
    /// # Panics
    /// If they are another network's.
    pub(super) fn new(
        device: &Rc<Device>,
        [policy, spec]: [&NetworkSpec; 2],
        config: &DqnConfig,
        batch: usize,
        parameters: &[f32],
    ) -> Outcome<Self> {
        let count = learned_count(spec, config);
        assert_eq!(parameters.len(), count, "parameters of another network");
        let distribution = config.distribution;
        let zeros = |count, purpose| Buffer::zeros(device, count, purpose);
        let (networks, of_batch) = ("the networks", "the batch");
        let when = |is_needed: bool, count| if is_needed { count } else { 0 };
        let (outputs, values) = (batch * spec.outputs(), batch * policy.outputs());
        let is_munchausen = config.backup != Backup::Largest;
        let is_distribution = distribution != Distribution::Mean;
        let means = [
            zeros(when(is_distribution, values), of_batch)?,
            zeros(when(is_distribution && is_munchausen, values), of_batch)?,
        ];
        let of_loss = zeros(outputs, of_batch)?;
        let (following, chooser, before) = if distribution.is_implicit() {
            let count = batch * distribution.following(policy).outputs();
            (zeros(count, of_batch)?, means[0].clone(), means[1].clone())
        } else {
            let second = zeros(when(config.double || is_munchausen, outputs), of_batch)?;
            let chooser = if config.double { second.clone() } else { of_loss.clone() };
            (of_loss.clone(), chooser, second)
        };
        let of_target = when(config.target != TargetUpdate::None, count);
        let mut moments = vec![0.0; config.optimiser.moment_count(count)];
        let state = config.optimiser.start(&mut moments);
        let powers = [state.beta1_power, state.beta2_power];
        Ok(Self {
            parameters: Buffer::of(device, parameters, networks)?,
            target_parameters: Buffer::of(device, &parameters[..of_target], networks)?,
            moments: Buffer::of(device, &moments, networks)?,
            powers: Buffer::of(device, &powers, networks)?,
            step: zeros(5, networks)?,
            gradients: zeros(count, networks)?,
            norm: zeros(1, networks)?,
            batch: Batch::new(device, spec.inputs(), batch, of_batch)?,
            targets: zeros(batch * distribution.target_width(), of_batch)?,
            outputs: of_loss,
            following,
            chooser,
            before,
            d_outputs: zeros(outputs, of_batch)?,
            losses: zeros(when(is_distribution, outputs / policy.outputs()), of_batch)?,
            means,
        })
    }
}

/// What goes to the card for an update: slots `[B]`, and as bits weights `[B]`, the factor of the learning rate, and draws.
#[derive(Debug)]
pub(super) struct Inbox {
    words: Pinned<u32>,
    on_device: Buffer<u32>,
}

impl Inbox {
    /// With room for so many drawn numbers.
    pub(super) fn new(device: &Rc<Device>, batch: usize, drawn: usize) -> Outcome<Self> {
        let count = 2 * batch + 1 + drawn;
        let on_device = Buffer::zeros(device, count, "the batch")?;
        Ok(Self { words: Pinned::zeros(device, count)?, on_device })
    }

    pub(super) fn write(
        &self,
        slots: &[u32],
        weights: Option<&[f32]>,
        factor: f32,
        drawn: &[f32],
    ) -> Outcome<()> {
        self.words.write(0, slots)?;
        self.words.write(slots.len(), bytemuck::cast_slice(weights.unwrap_or_default()))?;
        self.words.write(2 * slots.len(), &[factor.to_bits()])?;
        self.words.write(2 * slots.len() + 1, bytemuck::cast_slice(drawn))
    }

    pub(super) fn send(&self, launcher: &Launcher) -> Outcome<()> {
        launcher.send(&self.words, 0, self.words.len(), &self.on_device)
    }

    /// Slots, weights and factor on the card.
    pub(super) fn parts(&self, batch: usize) -> (Buffer<u32>, Buffer<f32>, Buffer<f32>) {
        let words = &self.on_device;
        (words.part(0, batch), words.part(batch, batch).cast(), words.part(2 * batch, 1).cast())
    }

    /// What was drawn, on the card.
    pub(super) fn drawn(&self, batch: usize) -> Buffer<f32> {
        self.on_device.from(2 * batch + 1).cast()
    }
}

/// What comes back: loss, mean value, errors `[B]`.
#[derive(Debug)]
pub(super) struct Outbox {
    numbers: Pinned<f32>,
    on_device: Buffer<f32>,
    here: Vec<f32>,
}

impl Outbox {
    pub(super) fn new(device: &Rc<Device>, batch: usize) -> Outcome<Self> {
        let count = 2 + batch;
        let on_device = Buffer::zeros(device, count, "the batch")?;
        Ok(Self { numbers: Pinned::zeros(device, count)?, on_device, here: vec![0.0; count] })
    }

    /// Loss, mean value and errors on the card.
    pub(super) fn parts(&self) -> (Buffer<f32>, Buffer<f32>, Buffer<f32>) {
        let numbers = &self.on_device;
        (numbers.part(0, 1), numbers.part(1, 1), numbers.from(2))
    }

    pub(super) fn fetch(&self, launcher: &Launcher) -> Outcome<()> {
        launcher.fetch(&self.numbers, self.numbers.len(), &self.on_device)
    }

    /// Waits for it.
    pub(super) fn read(&mut self) -> Outcome<&[f32]> {
        self.numbers.read(&mut self.here)?;
        Ok(&self.here)
    }

    /// The errors that were read last.
    pub(super) fn errors(&self) -> &[f32] {
        &self.here[2..]
    }
}

/// An observation, and noise for weights, on their way to the card, and values on their way back.
#[derive(Debug)]
pub(super) struct Acting {
    pub(super) observation: Pinned<f32>,
    pub(super) observation_on_device: Buffer<f32>,
    pub(super) noise: Pinned<f32>,
    pub(super) noise_on_device: Buffer<f32>,
    pub(super) noise_here: Vec<f32>,
    pub(super) values: Pinned<f32>,
    pub(super) values_on_device: Buffer<f32>,
    pub(super) values_here: Vec<f32>,
}

impl Acting {
    /// With room for so many numbers of noise.
    pub(super) fn new(device: &Rc<Device>, policy: &NetworkSpec, noise: usize) -> Outcome<Self> {
        let (inputs, outputs) = (policy.inputs(), policy.outputs());
        Ok(Self {
            observation: Pinned::zeros(device, inputs)?,
            observation_on_device: Buffer::zeros(device, inputs, "acting")?,
            noise: Pinned::zeros(device, noise)?,
            noise_on_device: Buffer::zeros(device, noise, "acting")?,
            noise_here: vec![0.0; noise],
            values: Pinned::zeros(device, outputs)?,
            values_on_device: Buffer::zeros(device, outputs, "acting")?,
            values_here: vec![0.0; outputs],
        })
    }
}
