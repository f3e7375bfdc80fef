//! The filled part of a replay memory, as a checkpoint has it: what was never written is not saved, and frames are
//! there once, as bytes.

use super::bytes;
use embedded_rl_core::replay::{FrameCounters, StackedFrames, Storage, Transitions};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The content of [`Transitions`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ReplayContent<'a> {
    /// Of a ring of whole transitions.
    Whole(WholeContent<'a>),
    /// Of rings of frames and of transitions between them.
    Frames(FrameContent<'a>),
}

/// Transitions with two observations each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WholeContent<'a> {
    /// How many transitions were ever pushed.
    pub pushed: u64,
    /// `[stored][W]`
    pub observations: Cow<'a, [f32]>,
    /// `[stored]`
    pub actions: Cow<'a, [u32]>,
    /// `[stored]`
    pub rewards: Cow<'a, [f32]>,
    /// `[stored]`
    pub discounts: Cow<'a, [f32]>,
    /// `[stored][W]`
    pub next_observations: Cow<'a, [f32]>,
}

/// Every frame once, and transitions between them. Legend: F frame places in use, T slots in use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FrameContent<'a> {
    /// Where the rings stand.
    pub counters: FrameCounters,
    /// Whether the newest frame's episode goes on.
    pub goes_on: bool,
    /// `[F][frame]`
    #[serde(with = "bytes")]
    pub frames: Cow<'a, [u8]>,
    /// `[F]`
    #[serde(with = "bytes")]
    pub ages: Cow<'a, [u8]>,
    /// `[T]`
    pub places: Cow<'a, [u32]>,
    /// `[T]`
    pub next_places: Cow<'a, [u32]>,
    /// `[T]`
    pub actions: Cow<'a, [u32]>,
    /// `[T]`
    pub rewards: Cow<'a, [f32]>,
    /// `[T]`
    pub discounts: Cow<'a, [f32]>,
}

impl<'a> ReplayContent<'a> {
    /// What is in a replay memory.
    pub fn of(transitions: &'a Transitions<'_>) -> Self {
        match transitions {
            Transitions::Whole(storage) => Self::Whole(of_whole(storage)),
            Transitions::Frames(frames) => Self::Frames(of_frames(frames)),
        }
    }

    /// Puts it back into a replay memory of the same kind and sizes. Whether it fits.
    pub fn put_back(&self, transitions: &mut Transitions<'_>) -> bool {
        match (self, transitions) {
            (Self::Whole(saved), Transitions::Whole(storage)) => {
                storage.set_pushed(saved.pushed);
                take_front(storage.observations, &saved.observations)
                    && take_front(storage.actions, &saved.actions)
                    && take_front(storage.rewards, &saved.rewards)
                    && take_front(storage.discounts, &saved.discounts)
                    && take_front(storage.next_observations, &saved.next_observations)
                    && saved.actions.len() == storage.len()
            }
            (Self::Frames(saved), Transitions::Frames(frames)) => {
                frames.goes_on = saved.goes_on;
                let memory = &mut frames.storage.memory;
                take_front(memory.frames, &saved.frames)
                    && take_front(memory.ages, &saved.ages)
                    && take_front(memory.places, &saved.places)
                    && take_front(memory.next_places, &saved.next_places)
                    && take_front(memory.actions, &saved.actions)
                    && take_front(memory.rewards, &saved.rewards)
                    && take_front(memory.discounts, &saved.discounts)
                    && frames.storage.resume(saved.counters)
                    && frames.storage.filled() == [saved.ages.len(), saved.actions.len()]
            }
            _ => false,
        }
    }
}

fn of_whole<'a>(storage: &'a Storage<'_>) -> WholeContent<'a> {
    let stored = storage.len();
    let elements = storage.observations.len() / storage.capacity() * stored;
    WholeContent {
        pushed: storage.pushed(),
        observations: storage.observations[..elements].into(),
        actions: storage.actions[..stored].into(),
        rewards: storage.rewards[..stored].into(),
        discounts: storage.discounts[..stored].into(),
        next_observations: storage.next_observations[..elements].into(),
    }
}

fn of_frames<'a>(frames: &'a StackedFrames<'_>) -> FrameContent<'a> {
    let StackedFrames { storage, goes_on, .. } = frames;
    let (memory, [places, slots]) = (&storage.memory, storage.filled());
    let bytes = memory.frames.len() / memory.ages.len() * places;
    FrameContent {
        counters: storage.counters(),
        goes_on: *goes_on,
        frames: memory.frames[..bytes].into(),
        ages: memory.ages[..places].into(),
        places: memory.places[..slots].into(),
        next_places: memory.next_places[..slots].into(),
        actions: memory.actions[..slots].into(),
        rewards: memory.rewards[..slots].into(),
        discounts: memory.discounts[..slots].into(),
    }
}

/// Copies `from` over the front of `into`, if it fits.
fn take_front<T: Copy>(into: &mut [T], from: &[T]) -> bool {
    into.get_mut(..from.len()).map(|front| front.copy_from_slice(from)).is_some()
}
