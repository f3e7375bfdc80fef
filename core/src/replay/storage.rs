//! WHERE transitions are kept: a ring with one array a field. Says nothing about which are drawn.
//!
//! ```text
//! slot              0   1   2   3   4        capacity 5, 7 pushed
//! observations    | 5 | 6 | 2 | 3 | 4 |      W elements a slot
//! actions         | 5 | 6 | 2 | 3 | 4 |      likewise rewards, discounts,
//! next_observations                          and next_observations
//!                           ^ next to be overwritten
//! ```
//!
//! [`Storage`] works on the caller's slices; [`StorageArrays`] is such memory with a capacity known at compile time,
//! `CAPACITY * (8 * WIDTH + 12)` bytes.

use super::{Batch, Transition};

/// A ring of transitions over the caller's memory.
#[derive(Debug)]
pub struct Storage<'a> {
    /// `[capacity][W]`
    pub observations: &'a mut [f32],
    /// `[capacity]`
    pub actions: &'a mut [u32],
    /// `[capacity]`
    pub rewards: &'a mut [f32],
    /// `[capacity]`
    pub discounts: &'a mut [f32],
    /// `[capacity][W]`
    pub next_observations: &'a mut [f32],
    width: usize,
    /// How many were ever pushed. Invariant: the next one goes to slot `pushed % capacity`.
    pushed: u64,
}

impl<'a> Storage<'a> {
    /// An empty ring; `actions.len()` is its capacity and `width` the length of an observation.
    ///
    /// # Panics
    /// If the capacity is zero or not below `2^32`, `width` is zero, or a slice's length does not fit them.
    pub fn new(
        width: usize,
        observations: &'a mut [f32],
        actions: &'a mut [u32],
        rewards: &'a mut [f32],
        discounts: &'a mut [f32],
        next_observations: &'a mut [f32],
    ) -> Self {
        let capacity = actions.len();
        assert!(
            capacity > 0 && u32::try_from(capacity).is_ok(),
            "a storage holds 1 to 2^32 - 1 transitions"
        );
        assert!(width > 0, "an observation has at least one element");
        assert!(
            rewards.len() == capacity && discounts.len() == capacity,
            "one reward and discount a slot"
        );
        assert_eq!(observations.len(), capacity * width, "one observation a slot");
        assert_eq!(next_observations.len(), capacity * width, "one next observation a slot");
        Self { observations, actions, rewards, discounts, next_observations, width, pushed: 0 }
    }

    /// How many transitions fit.
    pub fn capacity(&self) -> usize {
        self.actions.len()
    }

    /// How many transitions are held.
    pub fn len(&self) -> usize {
        self.pushed.min(self.capacity() as u64) as usize
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.pushed == 0
    }

    /// How many transitions were ever pushed.
    pub fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Takes the fields' present content as that of a ring into which so many were pushed: the other half of
    /// restoring a saved one.
    pub fn set_pushed(&mut self, pushed: u64) {
        self.pushed = pushed;
    }

    /// Keeps a transition, in place of the oldest one if the ring is full, and says in which slot.
    ///
    /// # Panics
    /// If an observation has another length than the storage's.
    pub fn push(&mut self, transition: Transition<'_>) -> u32 {
        let slot = (self.pushed % self.capacity() as u64) as usize;
        let elements = slot * self.width..(slot + 1) * self.width;
        self.observations[elements.clone()].copy_from_slice(transition.observation);
        self.actions[slot] = transition.action;
        self.rewards[slot] = transition.reward;
        self.discounts[slot] = transition.discount;
        self.next_observations[elements].copy_from_slice(transition.next_observation);
        self.pushed += 1;
        slot as u32
    }

    /// The transition in a slot.
    ///
    /// # Panics
    /// If nothing was stored there yet.
    pub fn get(&self, slot: u32) -> Transition<'_> {
        let slot = slot as usize;
        assert!(slot < self.len(), "slot {slot} of {} is empty", self.len());
        let elements = slot * self.width..(slot + 1) * self.width;
        Transition {
            observation: &self.observations[elements.clone()],
            action: self.actions[slot],
            reward: self.rewards[slot],
            discount: self.discounts[slot],
            next_observation: &self.next_observations[elements],
        }
    }

    /// Copies the transitions in `slots` into `batch`, in that order.
    ///
    /// # Panics
    /// If a slot is empty, or the batch is not as long as `slots`.
    pub fn gather(&self, slots: &[u32], batch: &mut Batch<'_>) {
        assert_eq!(batch.actions.len(), slots.len(), "one place a slot");
        let observations = batch.observations.chunks_exact_mut(self.width);
        let next_observations = batch.next_observations.chunks_exact_mut(self.width);
        assert_eq!((observations.len(), next_observations.len()), (slots.len(), slots.len()));
        for (b, ((&slot, observation), next_observation)) in
            slots.iter().zip(observations).zip(next_observations).enumerate()
        {
            let transition = self.get(slot);
            observation.copy_from_slice(transition.observation);
            next_observation.copy_from_slice(transition.next_observation);
            batch.actions[b] = transition.action;
            batch.rewards[b] = transition.reward;
            batch.discounts[b] = transition.discount;
        }
    }
}

/// Memory of a [`Storage`] whose capacity is known at compile time.
///
/// ```
/// use embedded_rl_core::replay::{StorageArrays, Transition};
///
/// let mut memory = StorageArrays::<2, 1>::new();
/// let mut storage = memory.storage();
/// for action in 0..3 {
///     let observation = [action as f32];
///     storage.push(Transition {
///         observation: &observation,
///         action,
///         reward: 1.0,
///         discount: 0.9,
///         next_observation: &observation,
///     });
/// }
/// assert_eq!(storage.len(), 2);
/// assert_eq!(storage.get(0).action, 2, "the oldest made room");
/// ```
#[derive(Debug)]
pub struct StorageArrays<const CAPACITY: usize, const WIDTH: usize> {
    observations: [[f32; WIDTH]; CAPACITY],
    actions: [u32; CAPACITY],
    rewards: [f32; CAPACITY],
    discounts: [f32; CAPACITY],
    next_observations: [[f32; WIDTH]; CAPACITY],
}

impl<const CAPACITY: usize, const WIDTH: usize> StorageArrays<CAPACITY, WIDTH> {
    /// Memory for `CAPACITY` transitions of `WIDTH` elements; usable as the value of a `static`.
    #[expect(clippy::new_without_default, reason = "a large value is best made where it stays")]
    pub const fn new() -> Self {
        const { assert!(CAPACITY > 0, "a storage holds at least one transition") };
        const { assert!(WIDTH > 0, "an observation has at least one element") };
        Self {
            observations: [[0.0; WIDTH]; CAPACITY],
            actions: [0; CAPACITY],
            rewards: [0.0; CAPACITY],
            discounts: [0.0; CAPACITY],
            next_observations: [[0.0; WIDTH]; CAPACITY],
        }
    }

    /// An empty ring over this memory.
    pub fn storage(&mut self) -> Storage<'_> {
        Storage::new(
            WIDTH,
            self.observations.as_flattened_mut(),
            &mut self.actions,
            &mut self.rewards,
            &mut self.discounts,
            self.next_observations.as_flattened_mut(),
        )
    }
}
