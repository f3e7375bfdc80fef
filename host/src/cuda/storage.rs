//! WHERE transitions are kept on the card, in one of core's two ways: whole, or as the frames they are between; and the batch
//! that is gathered out of them.

use super::buffers::Buffer;
use super::device::Device;
use super::frames::Frames;
use super::kernels as k;
use super::launch::Launcher;
use super::transitions::Transitions;
use crate::checkpoint::ReplayContent;
use crate::failure::Outcome;
use embedded_rl_core::replay::{FrameStack, Transition, Transitions as HostTransitions};
use std::rc::Rc;

/// What is to be kept, and in which way.
#[derive(Debug)]
pub enum Keeping<'a> {
    /// So many transitions with two observations each.
    Whole {
        /// How many.
        capacity: usize,
    },
    /// Frames of this shape, which are divided by a number.
    Frames {
        /// How long a frame is, and how many an observation has.
        shape: FrameStack,
        /// What bytes are divided by.
        divisor: f32,
        /// Frames and transitions as core keeps them on the host.
        host: HostTransitions<'a>,
    },
}

/// Transitions on the card.
#[derive(Debug)]
pub(super) enum Storage<'a> {
    Whole(Transitions),
    Frames(Box<Frames<'a>>),
}

/// The transitions of one update.
#[derive(Debug)]
pub(super) struct Batch {
    /// `[B][W]`
    pub(super) observations: Buffer<f32>,
    /// `[B]`
    pub(super) actions: Buffer<u32>,
    /// `[B]`
    pub(super) rewards: Buffer<f32>,
    /// `[B]`
    pub(super) discounts: Buffer<f32>,
    /// `[B][W]`
    pub(super) next_observations: Buffer<f32>,
}

impl<'a> Storage<'a> {
    /// An empty one, for observations of `width` numbers.
    pub(super) fn new(device: &Rc<Device>, width: usize, keeping: Keeping<'a>) -> Outcome<Self> {
        match keeping {
            Keeping::Whole { capacity } => {
                Transitions::new(device, width, capacity).map(Self::Whole)
            }
            Keeping::Frames { shape, divisor, host } => {
                Frames::new(device, shape, divisor, host).map(Box::new).map(Self::Frames)
            }
        }
    }

    /// How many transitions are held.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Whole(whole) => whole.len(),
            Self::Frames(frames) => frames.host.len(),
        }
    }

    /// How many slots, from the first on, were ever filled.
    pub(super) fn filled(&self) -> usize {
        match self {
            Self::Whole(whole) => whole.len(),
            Self::Frames(frames) => frames.host.filled(),
        }
    }

    /// The n-th slot in use.
    pub(super) fn slot(&self, nth: u32) -> u32 {
        match self {
            Self::Whole(_) => nth,
            Self::Frames(frames) => frames.host.slot(nth),
        }
    }

    /// Keeps a transition. Its slot, and whether it is on its way to the card.
    pub(super) fn push(
        &mut self,
        launcher: &Launcher,
        transition: Transition<'_>,
    ) -> (u32, Outcome<()>) {
        match self {
            Self::Whole(whole) => (whole.next_slot(), whole.push(launcher, transition)),
            Self::Frames(frames) => {
                let slot = frames.host.push(transition);
                (slot, frames.send_transition(launcher, slot))
            }
        }
    }

    /// The transitions in `slots`, in that order.
    pub(super) fn gather(
        &self,
        launcher: &Launcher,
        slots: &Buffer<u32>,
        batch: &Batch,
    ) -> Outcome<()> {
        match self {
            Self::Whole(whole) => k::gather(launcher, whole, slots, batch),
            Self::Frames(frames) => k::gather_frames(launcher, frames, slots, batch),
        }
    }

    /// What is in it.
    pub(super) fn content(&self) -> Outcome<ReplayContent<'_>> {
        match self {
            Self::Whole(whole) => whole.content().map(ReplayContent::Whole),
            Self::Frames(frames) => Ok(ReplayContent::of(&frames.host)),
        }
    }

    /// Puts it back. Whether it fits.
    pub(super) fn put_back(&mut self, saved: &ReplayContent<'_>) -> Outcome<bool> {
        match (self, saved) {
            (Self::Whole(whole), ReplayContent::Whole(saved)) => whole.put_back(saved),
            (Self::Frames(frames), saved) => {
                if !saved.put_back(&mut frames.host) {
                    return Ok(false);
                }
                frames.send_all().map(|()| true)
            }
            _ => Ok(false),
        }
    }
}

impl Batch {
    pub(super) fn new(
        device: &Rc<Device>,
        width: usize,
        count: usize,
        purpose: &str,
    ) -> Outcome<Self> {
        Ok(Self {
            observations: Buffer::zeros(device, count * width, purpose)?,
            actions: Buffer::zeros(device, count, purpose)?,
            rewards: Buffer::zeros(device, count, purpose)?,
            discounts: Buffer::zeros(device, count, purpose)?,
            next_observations: Buffer::zeros(device, count * width, purpose)?,
        })
    }
}
