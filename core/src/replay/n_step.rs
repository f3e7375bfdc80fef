//! From steps to transitions over n of them: rewards add, discounts multiply, and what learns knows no n.
//!
//! ```text
//! n = 3            s0 --r0--> s1 --r1--> s2 --r2--> s3 --r3--> s4 (ending)
//! after r2         s0, r0 + g r1 + g^2 r2, g^3, s3             the first that has three steps
//! after r3         s1, r1 + g r2 + g^2 r3, g^3, s4             the ending flushes what still waits:
//!                  s2, r2 + g r3,          g^2, s4             fewer steps, so fewer factors
//!                  s3, r3,                 g,   s4             all of them 0 where the task terminated
//! ```
//!
//! Sutton and Barto (2018), equation 7.1. A transition never reaches over an ending. The order of a sum is that of
//! time. Where transitions are kept is not known here.

use super::{Accumulator, Transition};
use crate::env::Step;

/// The last steps that are not transitions yet, at most `n - 1`, in the caller's memory.
#[derive(Debug)]
pub struct NStep<'a> {
    accumulator: Accumulator,
    /// `[n - 1][W]`, a ring.
    pub observations: &'a mut [f32],
    /// `[n - 1]`
    pub actions: &'a mut [u32],
    /// `[n - 1]`
    pub rewards: &'a mut [f32],
    /// Which of them wait. Invariant: at most as many as there are places.
    waiting: Waiting,
}

/// The part of the ring that waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Waiting {
    /// Where the oldest stands.
    pub first: u32,
    /// How many there are.
    pub count: u32,
}

impl<'a> NStep<'a> {
    /// Nothing waits yet; `n` is `actions.len() + 1`, and all three slices are empty for `n = 1`.
    ///
    /// # Panics
    /// If there is not one reward and one observation an action.
    pub fn new(
        accumulator: Accumulator,
        observations: &'a mut [f32],
        actions: &'a mut [u32],
        rewards: &'a mut [f32],
    ) -> Self {
        assert_eq!(rewards.len(), actions.len(), "a reward an action");
        let fits = match actions.len() {
            0 => observations.is_empty(),
            count => observations.len().is_multiple_of(count),
        };
        assert!(fits, "an observation an action");
        Self { accumulator, observations, actions, rewards, waiting: Waiting::default() }
    }

    /// Which places of the rings hold steps that wait.
    pub fn waiting(&self) -> Waiting {
        self.waiting
    }

    /// Takes the rings' present content as that of such steps: the other half of restoring saved ones. Whether there are
    /// such places.
    pub fn resume(&mut self, waiting: Waiting) -> bool {
        let places = self.actions.len();
        let fits = waiting.count as usize <= places
            && ((waiting.first as usize) < places || waiting == Waiting::default());
        if fits {
            self.waiting = waiting;
        }
        fits
    }

    /// Takes a step; `emit` gets each transition that it completes, the oldest first.
    ///
    /// # Panics
    /// If the observation has another length than the ring's.
    pub fn step(
        &mut self,
        observation: &[f32],
        action: u32,
        step: Step,
        next_observation: &[f32],
        mut emit: impl FnMut(Transition<'_>),
    ) {
        let newest = self.accumulator.transition(observation, action, step, next_observation);
        let capacity = self.actions.len();
        let due = if step.ending.is_some() {
            self.waiting.count as usize
        } else {
            usize::from(self.waiting.count as usize == capacity && capacity > 0)
        };
        for _ in 0..due {
            emit(self.oldest(newest));
            self.waiting.first = ((self.waiting.first as usize + 1) % capacity) as u32;
            self.waiting.count -= 1;
        }
        if step.ending.is_some() || capacity == 0 {
            emit(newest);
        } else {
            let place = self.place(self.waiting.count);
            self.observations[place * observation.len()..(place + 1) * observation.len()]
                .copy_from_slice(observation);
            self.actions[place] = action;
            self.rewards[place] = newest.reward;
            self.waiting.count += 1;
        }
    }

    /// The transition from the oldest step that waits to the observation after `newest`.
    fn oldest<'t>(&'t self, newest: Transition<'t>) -> Transition<'t> {
        let discount = self.accumulator.discount();
        let (mut sum, mut factor) = (0.0, 1.0);
        for index in 0..self.waiting.count {
            sum += factor * self.rewards[self.place(index)];
            factor *= discount;
        }
        let (place, width) = (self.place(0), newest.observation.len());
        Transition {
            observation: &self.observations[place * width..(place + 1) * width],
            action: self.actions[place],
            reward: sum + factor * newest.reward,
            discount: factor * newest.discount,
            next_observation: newest.next_observation,
        }
    }

    /// Where the index-th oldest stands.
    fn place(&self, index: u32) -> usize {
        (self.waiting.first as usize + index as usize) % self.actions.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Ending;

    type Seen = (f32, u32, f32, f32, f32);

    /// Steps 1, 2, .. with rewards 1, 2, 4, .. from the observation of the same number; the last one ends.
    fn transitions<const N: usize>(waiting: usize, ending: Ending) -> [Seen; N] {
        let (mut observations, mut actions, mut rewards) = ([9.0; 4], [9; 4], [9.0; 4]);
        let mut steps = NStep::new(
            Accumulator::new(0.5),
            &mut observations[..waiting],
            &mut actions[..waiting],
            &mut rewards[..waiting],
        );
        let (mut seen, mut count) = ([(0.0, 0, 0.0, 0.0, 0.0); N], 0);
        for number in 0..N as u32 {
            let step = Step {
                reward: f64::from(1 << number),
                ending: (number + 1 == N as u32).then_some(ending),
            };
            let (here, next) = ([number as f32], [number as f32 + 1.0]);
            steps.step(&here, number, step, &next, |t| {
                seen[count] =
                    (t.observation[0], t.action, t.reward, t.discount, t.next_observation[0]);
                count += 1;
            });
        }
        assert_eq!((count, steps.waiting.count), (N, 0), "each step becomes one transition");
        seen
    }

    #[test]
    fn one_step_passes_through() {
        let expected = [(0.0, 0, 1.0, 0.5, 1.0), (1.0, 1, 2.0, 0.0, 2.0)];
        assert_eq!(transitions(0, Ending::Terminated), expected);
    }

    #[test]
    fn a_truncation_flushes_every_prefix_with_the_value_of_the_last_observation() {
        let expected = [
            (0.0, 0, 3.0, 0.125, 3.0),
            (1.0, 1, 6.0, 0.125, 4.0),
            (2.0, 2, 8.0, 0.25, 4.0),
            (3.0, 3, 8.0, 0.5, 4.0),
        ];
        assert_eq!(transitions(2, Ending::Truncated), expected);
    }

    #[test]
    fn after_a_termination_nothing_counts() {
        let expected = [
            (0.0, 0, 3.0, 0.125, 3.0),
            (1.0, 1, 6.0, 0.0, 4.0),
            (2.0, 2, 8.0, 0.0, 4.0),
            (3.0, 3, 8.0, 0.0, 4.0),
        ];
        assert_eq!(transitions(2, Ending::Terminated), expected);
    }

    #[test]
    fn an_episode_shorter_than_n_is_only_flushed() {
        let expected = [(0.0, 0, 2.0, 0.25, 2.0), (1.0, 1, 2.0, 0.5, 2.0)];
        assert_eq!(transitions(4, Ending::Truncated), expected);
    }
}
