//! The last few frames as one observation, so that what moves can be seen moving.
//!
//! Before the start of an episode its first frame stands again. What keeps stacks in a replay memory without keeping
//! every frame several times is [`replay::FrameStorage`](crate::replay::FrameStorage).

use super::Elements;
use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// Moves a stack on by a frame: the oldest one goes, the new one is last.
///
/// # Panics
/// If the stack is shorter than the frame.
pub fn shift_in<T: Copy>(stack: &mut [T], frame: &[T]) {
    let last = stack.len() - frame.len();
    stack.copy_within(frame.len().., 0);
    stack[last..].copy_from_slice(frame);
}

/// An environment whose observations are the last frames of the one inside, `[stack][channels][height][width]`, the
/// oldest first. `LENGTH` is how many elements these are together.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "E: serde::Serialize, T: serde::Serialize",
        deserialize = "E: serde::Deserialize<'de>, T: serde::Deserialize<'de> + Copy + Default"
    ))
)]
pub struct FrameStack<E, T, const LENGTH: usize> {
    /// The environment inside.
    pub env: E,
    stack: usize,
    elements: Elements<T, LENGTH>,
}

impl<E: Env, const LENGTH: usize> FrameStack<E, E::Element, LENGTH> {
    /// # Panics
    /// If `env` does not show images or planes, or `stack` of them are not `LENGTH` elements.
    pub fn new(env: E, stack: usize) -> Self {
        let space = env.observation_space();
        assert!(
            matches!(space, Space::Image { .. } | Space::Planes { .. }),
            "frames are images or planes, not {space}"
        );
        let frame = space.len();
        assert!(stack > 0 && frame * stack == LENGTH, "{stack} frames of {frame} are not {LENGTH}");
        Self { env, stack, elements: Elements::default() }
    }

    /// How many frames an observation has.
    pub const fn stack(&self) -> usize {
        self.stack
    }
}

impl<E: Env, const LENGTH: usize> Env for FrameStack<E, E::Element, LENGTH> {
    type Action = E::Action;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        match self.env.observation_space() {
            Space::Image { channels, height, width } => {
                Space::Image { channels: self.stack * channels, height, width }
            }
            Space::Planes { channels, height, width } => {
                Space::Planes { channels: self.stack * channels, height, width }
            }
            space => space,
        }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        let stack = &mut self.elements.0;
        let frame = LENGTH / self.stack;
        self.env.reset(rng, &mut stack[..frame]);
        for start in 1..self.stack {
            stack.copy_within(..frame, start * frame);
        }
        observation.copy_from_slice(stack);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let stack = &mut self.elements.0;
        let frame = LENGTH / self.stack;
        stack.copy_within(frame.., 0);
        let step = self.env.step(action, rng, &mut stack[LENGTH - frame..]);
        observation.copy_from_slice(stack);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::shift_in;

    #[test]
    fn the_oldest_frame_goes() {
        let mut stack = [1, 2, 3, 4, 5, 6];
        shift_in(&mut stack, &[7, 8]);
        assert_eq!(stack, [3, 4, 5, 6, 7, 8]);
    }
}
