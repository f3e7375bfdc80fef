//! Frames on the card, each once as bytes, and the transitions between them: the mirror of core's `replay/frames.rs`.
//!
//! Core keeps the frames on the host too and decides where they go and which transitions are forgotten for them; what it
//! writes is copied to the same place on the card. So both have the same slots, and a checkpoint is written from the host.

use super::buffers::{Buffer, Pinned};
use super::device::Device;
use super::launch::Launcher;
use super::transitions::ON_THE_WAY;
use crate::failure::{Failure, Outcome};
use embedded_rl_core::env::Step;
use embedded_rl_core::replay::{FrameStack, FrameStorage, Transitions as HostTransitions};
use std::rc::Rc;

/// Rings of frames and of transitions between them. Legend: F frame places, T slots.
#[derive(Debug)]
pub(super) struct Frames<'a> {
    /// What is mirrored.
    pub(super) host: HostTransitions<'a>,
    pub(super) shape: FrameStack,
    pub(super) divisor: f32,
    /// `[F][frame]`
    pub(super) frames: Buffer<u8>,
    /// `[F]`
    pub(super) ages: Buffer<u8>,
    /// `[T]`: of the last frame of the observation and of the next one.
    pub(super) places: [Buffer<u32>; 2],
    /// `[T]`
    pub(super) actions: Buffer<u32>,
    /// `[T]`
    pub(super) rewards: Buffer<f32>,
    /// `[T]`
    pub(super) discounts: Buffer<f32>,
    on_the_way: Vec<OnTheWay>,
}

/// A frame or a transition that is being copied.
#[derive(Debug)]
struct OnTheWay {
    /// A frame and its age.
    bytes: Pinned<u8>,
    /// Both places and the action.
    words: Pinned<u32>,
    /// Reward and discount.
    numbers: Pinned<f32>,
}

impl<'a> Frames<'a> {
    /// The mirror of `host`, which is empty.
    pub(super) fn new(
        device: &Rc<Device>,
        shape: FrameStack,
        divisor: f32,
        host: HostTransitions<'a>,
    ) -> Outcome<Self> {
        let purpose = "the replay memory";
        let storage = of(&host)?;
        let (bytes, places) = (storage.memory.frames.len(), storage.memory.ages.len());
        let slots = storage.capacity();
        let words = || Buffer::zeros(device, slots, purpose);
        let on_the_way = (0..ON_THE_WAY).map(|_| {
            let bytes = Pinned::zeros(device, shape.frame + 1)?;
            Ok(OnTheWay {
                bytes,
                words: Pinned::zeros(device, 3)?,
                numbers: Pinned::zeros(device, 2)?,
            })
        });
        Ok(Self {
            shape,
            divisor,
            frames: Buffer::zeros(device, bytes, purpose)?,
            ages: Buffer::zeros(device, places, purpose)?,
            places: [words()?, words()?],
            actions: words()?,
            rewards: Buffer::zeros(device, slots, purpose)?,
            discounts: Buffer::zeros(device, slots, purpose)?,
            on_the_way: on_the_way.collect::<Outcome<_>>()?,
            host,
        })
    }

    /// How many slots there are.
    pub(super) fn capacity(&self) -> usize {
        self.actions.len()
    }

    /// Sees a step on the host, and sends the frames that it brought.
    pub(super) fn see(
        &mut self,
        launcher: &Launcher,
        observation: &[f32],
        step: Step,
        next_observation: &[f32],
        forget: impl FnMut(u32),
    ) -> Outcome<()> {
        let before = of(&self.host)?.counters().frames;
        self.host.see(observation, step, next_observation, forget);
        let storage = of(&self.host)?;
        let (frame, memory) = (self.shape.frame, &storage.memory);
        for number in before..storage.counters().frames {
            let place = (number % memory.ages.len() as u64) as usize;
            let OnTheWay { bytes, .. } = &self.on_the_way[(number % ON_THE_WAY) as usize];
            bytes.write(0, &memory.frames[place * frame..][..frame])?;
            bytes.write(frame, &memory.ages[place..=place])?;
            launcher.send(bytes, 0, frame, &self.frames.from(place * frame))?;
            launcher.send(bytes, frame, 1, &self.ages.from(place))?;
        }
        Ok(())
    }

    /// Sends the transition in a slot, which the host has just got.
    pub(super) fn send_transition(&self, launcher: &Launcher, slot: u32) -> Outcome<()> {
        let storage = of(&self.host)?;
        let (memory, place) = (&storage.memory, slot as usize);
        let turn = storage.counters().pushed % ON_THE_WAY;
        let OnTheWay { words, numbers, .. } = &self.on_the_way[turn as usize];
        words
            .write(0, &[memory.places[place], memory.next_places[place], memory.actions[place]])?;
        numbers.write(0, &[memory.rewards[place], memory.discounts[place]])?;
        let [places, next_places] = &self.places;
        launcher.send(words, 0, 1, &places.from(place))?;
        launcher.send(words, 1, 1, &next_places.from(place))?;
        launcher.send(words, 2, 1, &self.actions.from(place))?;
        launcher.send(numbers, 0, 1, &self.rewards.from(place))?;
        launcher.send(numbers, 1, 1, &self.discounts.from(place))
    }

    /// Sends all that the host has, and waits for it.
    pub(super) fn send_all(&self) -> Outcome<()> {
        let memory = &of(&self.host)?.memory;
        let [places, next_places] = &self.places;
        self.frames.write(memory.frames)?;
        self.ages.write(memory.ages)?;
        places.write(memory.places)?;
        next_places.write(memory.next_places)?;
        self.actions.write(memory.actions)?;
        self.rewards.write(memory.rewards)?;
        self.discounts.write(memory.discounts)
    }
}

/// The frames of the host.
fn of<'h, 'a>(host: &'h HostTransitions<'a>) -> Outcome<&'h FrameStorage<'a>> {
    match host {
        HostTransitions::Frames(frames) => Ok(&frames.storage),
        HostTransitions::Whole(_) => {
            Err(Failure::failed("frames were to be kept, and whole transitions are"))
        }
    }
}
