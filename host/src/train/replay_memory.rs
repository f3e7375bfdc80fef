//! Where a run's transitions are kept: in which form, how many bytes that takes, and these bytes.

use super::memory::zeros;
use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::task::Task;
use embedded_rl_core::env::Env;
use embedded_rl_core::replay::{
    FrameMemory, FrameStack, FrameStorage, StackedFrames, Storage, Transitions,
};

/// How transitions are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Form {
    /// With two observations of so many numbers each.
    Whole { width: usize },
    /// Between frames of bytes, for which there are so many places.
    Frames { shape: FrameStack, divisor: f32, places: usize },
}

impl Form {
    /// What the configuration asks for, if the environment can have it.
    pub(super) fn of(config: &Config, task: &Task) -> Outcome<Self> {
        let (places, space) = (config.replay.frames, task.observation_space());
        if places == 0 {
            return Ok(Self::Whole { width: space.len() });
        }
        let Some((shape, divisor)) = task.frames() else {
            return Err(Failure::wrong_use(format!(
                "replay.frames keeps bytes of images or planes, and {} observes {space}; set replay.frames to 0",
                config.environment
            )));
        };
        // The first of n steps and all that its stack shows.
        let least = config.agent.n_step as usize + shape.stack;
        if places < least {
            return Err(Failure::wrong_use(format!(
                "replay.frames must be at least {least} here, for {} frames an observation and {} steps a \
                 transition; there should be one a transition and one more an episode",
                shape.stack, config.agent.n_step
            )));
        }
        Ok(Self::Frames { shape, divisor, places })
    }

    /// Bytes for so many transitions.
    pub(super) const fn byte_count(&self, capacity: usize) -> usize {
        match *self {
            // Two observations; an action, a reward, a discount.
            Self::Whole { width } => capacity * (2 * width + 3) * size_of::<f32>(),
            Self::Frames { shape, places, .. } => FrameStorage::byte_count(shape, places, capacity),
        }
    }
}

/// The bytes.
#[derive(Debug)]
pub(super) struct ReplayMemory {
    form: Form,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    /// Of whole transitions.
    observations: [Vec<f32>; 2],
    /// Of frames, and how old they are.
    frames: [Vec<u8>; 2],
    /// The frames that transitions are between.
    places: [Vec<u32>; 2],
}

impl ReplayMemory {
    pub(super) fn new(form: Form, capacity: usize) -> Outcome<Self> {
        let (numbers, frames, links) = match form {
            Form::Whole { width } => (capacity * width, [0, 0], 0),
            Form::Frames { shape, places, .. } => (0, [places * shape.frame, places], capacity),
        };
        let [bytes, ages] = frames;
        Ok(Self {
            form,
            // The largest first, so that what is missing is said of them.
            observations: [zeros(numbers)?, zeros(numbers)?],
            frames: [zeros(bytes)?, zeros(ages)?],
            places: [zeros(links)?, zeros(links)?],
            actions: zeros(capacity)?,
            rewards: zeros(capacity)?,
            discounts: zeros(capacity)?,
        })
    }

    /// No transitions yet, in this memory.
    pub(super) fn transitions(&mut self) -> Transitions<'_> {
        let Self { actions, rewards, discounts, .. } = self;
        match self.form {
            Form::Whole { width } => {
                let [before, after] = &mut self.observations;
                Storage::new(width, before, actions, rewards, discounts, after).into()
            }
            Form::Frames { shape, divisor, .. } => {
                let ([frames, ages], [places, next_places]) = (&mut self.frames, &mut self.places);
                let memory =
                    FrameMemory { frames, ages, places, next_places, actions, rewards, discounts };
                StackedFrames::new(FrameStorage::new(shape, memory), divisor).into()
            }
        }
    }
}
