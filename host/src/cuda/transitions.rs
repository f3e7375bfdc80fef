//! Whole transitions on the card: core's `replay/storage.rs`, an array a field. Says nothing about which are drawn.
//!
//! A transition that is pushed is copied from memory that the card reads by itself, while the environment goes on.

use super::buffers::{Buffer, Pinned};
use super::device::Device;
use super::launch::Launcher;
use super::storage::Batch;
use crate::checkpoint::WholeContent;
use crate::failure::Outcome;
use embedded_rl_core::replay::Transition;
use std::rc::Rc;

/// Pushes on their way at the same time; one more waits for the card.
pub(super) const ON_THE_WAY: u64 = 16;

/// A ring of transitions.
#[derive(Debug)]
pub(super) struct Transitions {
    /// `[capacity][W]`
    pub(super) observations: Buffer<f32>,
    /// `[capacity]`
    pub(super) actions: Buffer<u32>,
    /// `[capacity]`
    pub(super) rewards: Buffer<f32>,
    /// `[capacity]`
    pub(super) discounts: Buffer<f32>,
    /// `[capacity][W]`
    pub(super) next_observations: Buffer<f32>,
    width: usize,
    pushed: u64,
    on_the_way: Vec<OnTheWay>,
}

/// A transition that is being copied.
#[derive(Debug)]
struct OnTheWay {
    /// Both observations, reward, discount: `[2 W + 2]`
    numbers: Pinned<f32>,
    /// `[1]`
    action: Pinned<u32>,
}

impl Transitions {
    /// An empty ring of so many slots for observations of `width` numbers.
    pub(super) fn new(device: &Rc<Device>, width: usize, capacity: usize) -> Outcome<Self> {
        let Batch { observations, actions, rewards, discounts, next_observations } =
            Batch::new(device, width, capacity, "the replay memory")?;
        let on_the_way = (0..ON_THE_WAY).map(|_| {
            let numbers = Pinned::zeros(device, 2 * width + 2)?;
            Ok(OnTheWay { numbers, action: Pinned::zeros(device, 1)? })
        });
        let on_the_way = on_the_way.collect::<Outcome<_>>()?;
        let pushed = 0;
        Ok(Self {
            observations,
            actions,
            rewards,
            discounts,
            next_observations,
            width,
            pushed,
            on_the_way,
        })
    }

    /// W
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// How many transitions fit.
    pub(super) fn capacity(&self) -> usize {
        self.actions.len()
    }

    /// How many transitions are held.
    pub(super) fn len(&self) -> usize {
        self.pushed.min(self.capacity() as u64) as usize
    }

    /// What is in it.
    pub(super) fn content(&self) -> Outcome<WholeContent<'static>> {
        let stored = self.len();
        let elements = stored * self.width;
        Ok(WholeContent {
            pushed: self.pushed,
            observations: self.observations.front(elements)?.into(),
            actions: self.actions.front(stored)?.into(),
            rewards: self.rewards.front(stored)?.into(),
            discounts: self.discounts.front(stored)?.into(),
            next_observations: self.next_observations.front(elements)?.into(),
        })
    }

    /// Puts it back. Whether it fits.
    pub(super) fn put_back(&mut self, saved: &WholeContent<'_>) -> Outcome<bool> {
        self.pushed = saved.pushed;
        let stored = self.len();
        let elements = stored * self.width;
        let of_elements = [saved.observations.len(), saved.next_observations.len()];
        let of_slots = [saved.actions.len(), saved.rewards.len(), saved.discounts.len()];
        if of_elements != [elements; 2] || of_slots != [stored; 3] {
            return Ok(false);
        }
        self.observations.write(&saved.observations)?;
        self.actions.write(&saved.actions)?;
        self.rewards.write(&saved.rewards)?;
        self.discounts.write(&saved.discounts)?;
        self.next_observations.write(&saved.next_observations)?;
        Ok(true)
    }

    /// The slot of the next push.
    pub(super) fn next_slot(&self) -> u32 {
        (self.pushed % self.capacity() as u64) as u32
    }

    /// Keeps a transition in the slot that [`Transitions::next_slot`] says.
    ///
    /// # Panics
    /// If an observation has another length than the ring's.
    pub(super) fn push(&mut self, launcher: &Launcher, transition: Transition<'_>) -> Outcome<()> {
        let (width, slot) = (self.width, self.next_slot() as usize);
        let place = &self.on_the_way[(self.pushed % ON_THE_WAY) as usize];
        let Transition { observation, action, reward, discount, next_observation } = transition;
        assert_eq!((observation.len(), next_observation.len()), (width, width), "observations");
        self.pushed += 1;
        place.numbers.write(0, observation)?;
        place.numbers.write(width, next_observation)?;
        place.numbers.write(2 * width, &[reward, discount])?;
        place.action.write(0, &[action])?;
        let (first, numbers) = (slot * width, &place.numbers);
        launcher.send(numbers, 0, width, &self.observations.from(first))?;
        launcher.send(numbers, width, width, &self.next_observations.from(first))?;
        launcher.send(numbers, 2 * width, 1, &self.rewards.from(slot))?;
        launcher.send(numbers, 2 * width + 1, 1, &self.discounts.from(slot))?;
        launcher.send(&place.action, 0, 1, &self.actions.from(slot))
    }
}
