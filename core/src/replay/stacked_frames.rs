//! Observations that are stacks of frames, as an agent has them (numbers), kept as the bytes they were made from.
//!
//! Every number is a byte divided by `divisor`, so nothing is lost: the bytes divided again have the same bits. Frames
//! come with the steps, transitions between them later, where several steps make one. How frames are stored is
//! [`FrameStorage`]'s business.

use super::{Batch, FrameStorage, Transition};
use crate::env::Step;

/// A [`FrameStorage`] behind observations of numbers.
#[derive(Debug)]
pub struct StackedFrames<'a> {
    /// The bytes.
    pub storage: FrameStorage<'a>,
    divisor: f32,
    /// Whether the episode of the newest frame goes on, so that the next step is from there.
    pub goes_on: bool,
}

impl<'a> StackedFrames<'a> {
    /// Keeps numbers that are bytes divided by `divisor`: 255 for pixels, 1 for zeros and ones.
    ///
    /// # Panics
    /// If `divisor` is not a whole number of 1 to 255.
    pub fn new(storage: FrameStorage<'a>, divisor: f32) -> Self {
        // Of these the test below has tried every byte.
        let whole = (1.0..=255.0).contains(&divisor) && f32::from(divisor as u8) == divisor;
        assert!(whole, "bytes are divided by a whole number of 1 to 255");
        Self { storage, divisor, goes_on: false }
    }

    /// Keeps the frames that a step shows for the first time; `forget` gets the slots whose transitions lose one for it.
    /// Comes before the transitions that the step completes.
    ///
    /// # Panics
    /// If an observation is no stack of such frames, or a number in its last frame no byte divided by the divisor.
    pub fn see(
        &mut self,
        observation: &[f32],
        step: Step,
        next_observation: &[f32],
        mut forget: impl FnMut(u32),
    ) {
        let before = self.storage.counters().forgotten;
        if !self.goes_on {
            write_last_frame(observation, self.divisor, self.storage.place_of_first());
        }
        write_last_frame(next_observation, self.divisor, self.storage.place_of_next());
        self.goes_on = step.ending.is_none();
        let capacity = self.storage.capacity() as u64;
        for number in before..self.storage.counters().forgotten {
            forget((number % capacity) as u32);
        }
    }

    /// Keeps the next transition of the episode, which must be to the newest frame, and says in which slot.
    ///
    /// # Panics
    /// As [`FrameStorage::complete`].
    pub fn push(&mut self, transition: Transition<'_>) -> u32 {
        let Transition { action, reward, discount, .. } = transition;
        let slot = self.storage.complete(action, reward, discount);
        debug_assert!(self.holds(slot, &transition), "an observation is its episode's last frames");
        slot
    }

    fn holds(&self, slot: u32, transition: &Transition<'_>) -> bool {
        let stacks = self.storage.stacks(slot).map(|stack| stack.flatten());
        let observations = [transition.observation, transition.next_observation];
        stacks.into_iter().zip(observations).all(|(bytes, observation)| {
            bytes.map(|&byte| f32::from(byte) / self.divisor).eq(observation.iter().copied())
        })
    }

    /// As [`FrameStorage::gather`].
    ///
    /// # Panics
    /// As that.
    pub fn gather(&self, slots: &[u32], batch: &mut Batch<'_>) {
        self.storage.gather(slots, self.divisor, batch);
    }
}

/// Writes the bytes that the last numbers of an observation were made from.
fn write_last_frame(observation: &[f32], divisor: f32, frame: &mut [u8]) {
    assert!(observation.len() >= frame.len(), "an observation is at least one frame");
    let numbers = &observation[observation.len() - frame.len()..];
    for (byte, number) in frame.iter_mut().zip(numbers) {
        *byte = (number * divisor + 0.5) as u8;
    }
    // Zero with a sign is another number, too.
    let same =
        |(&byte, number): (&u8, &f32)| (f32::from(byte) / divisor).to_bits() == number.to_bits();
    // Which one is not said: that would bring the printing of floats into firmware, 25 KB.
    assert!(frame.iter().zip(numbers).all(same), "a number is not a byte divided by the divisor");
}

#[cfg(test)]
mod tests {
    use super::write_last_frame;

    #[test]
    fn every_byte_survives_every_divisor() {
        for divisor in 1..=255u8 {
            let divisor = f32::from(divisor);
            let bytes: [u8; 256] = core::array::from_fn(|byte| byte as u8);
            let mut back = [1; 256];
            write_last_frame(&bytes.map(|byte| f32::from(byte) / divisor), divisor, &mut back);
            assert_eq!(back, bytes);
        }
    }

    #[test]
    fn only_the_last_frame_is_written() {
        let mut frame = [9; 2];
        write_last_frame(&[0.3, 0.3, 0.4, 1.0], 5.0, &mut frame);
        assert_eq!(frame, [2, 5]);
    }

    #[test]
    #[should_panic(expected = "is not a byte divided by the divisor")]
    fn what_is_between_two_bytes_is_refused() {
        write_last_frame(&[0.5], 255.0, &mut [0]);
    }
}
