//! The two ways to keep transitions, of which a learner has one: whole, or as the frames they are between.
//!
//! Whatever is drawn from one has the bits of what is drawn from the other, as long as frames do not run short.

use super::{Batch, StackedFrames, Storage, Transition};
use crate::env::Step;

/// Where transitions are kept.
#[derive(Debug)]
pub enum Transitions<'a> {
    /// Two observations of numbers each.
    Whole(Storage<'a>),
    /// Every frame once, as bytes.
    Frames(StackedFrames<'a>),
}

impl<'a> From<Storage<'a>> for Transitions<'a> {
    fn from(storage: Storage<'a>) -> Self {
        Self::Whole(storage)
    }
}

impl<'a> From<StackedFrames<'a>> for Transitions<'a> {
    fn from(frames: StackedFrames<'a>) -> Self {
        Self::Frames(frames)
    }
}

impl<'a> Transitions<'a> {
    /// How many transitions fit.
    pub fn capacity(&self) -> usize {
        match self {
            Self::Whole(storage) => storage.capacity(),
            Self::Frames(frames) => frames.storage.capacity(),
        }
    }

    /// How many transitions are held.
    pub fn len(&self) -> usize {
        match self {
            Self::Whole(storage) => storage.len(),
            Self::Frames(frames) => frames.storage.len(),
        }
    }

    /// Whether none is held.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many slots, from the first on, were ever filled.
    pub fn filled(&self) -> usize {
        match self {
            Self::Whole(storage) => storage.len(),
            Self::Frames(frames) => frames.storage.filled()[1],
        }
    }

    /// The ring of whole transitions, if it is one.
    pub fn as_whole(&self) -> Option<&Storage<'a>> {
        match self {
            Self::Whole(storage) => Some(storage),
            Self::Frames(_) => None,
        }
    }

    /// The n-th slot in use, in the order of slots.
    ///
    /// # Panics
    /// If frames are kept and there are not so many.
    pub fn slot(&self, nth: u32) -> u32 {
        match self {
            Self::Whole(_) => nth,
            Self::Frames(frames) => frames.storage.slot(nth as usize),
        }
    }

    /// Sees a step before the transitions that it completes come; `forget` gets the slots whose transitions go for it.
    ///
    /// # Panics
    /// As [`StackedFrames::see`].
    pub fn see(
        &mut self,
        observation: &[f32],
        step: Step,
        next_observation: &[f32],
        forget: impl FnMut(u32),
    ) {
        match self {
            Self::Whole(_) => {}
            Self::Frames(frames) => frames.see(observation, step, next_observation, forget),
        }
    }

    /// Keeps a transition, in place of the oldest one if there is no slot left, and says in which slot.
    ///
    /// # Panics
    /// As [`Storage::push`] or [`StackedFrames::push`].
    pub fn push(&mut self, transition: Transition<'_>) -> u32 {
        match self {
            Self::Whole(storage) => storage.push(transition),
            Self::Frames(frames) => frames.push(transition),
        }
    }

    /// Copies the transitions in `slots` into `batch`, in that order.
    ///
    /// # Panics
    /// As [`Storage::gather`] or [`FrameStorage::gather`](super::FrameStorage::gather).
    pub fn gather(&self, slots: &[u32], batch: &mut Batch<'_>) {
        match self {
            Self::Whole(storage) => storage.gather(slots, batch),
            Self::Frames(frames) => frames.gather(slots, batch),
        }
    }
}
