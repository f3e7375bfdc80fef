//! The one place where an ending becomes a discount. Nothing after it asks how an episode ended.

use super::{Rewards, Transition};
use crate::env::{Ending, Step};

/// Makes transitions of steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accumulator {
    discount: f32,
    rewards: Rewards,
}

impl Accumulator {
    /// `discount` is the factor between the values of two steps that follow each other, in `[0, 1]`.
    ///
    /// # Panics
    /// If `discount` is outside.
    pub const fn new(discount: f32) -> Self {
        assert!(discount >= 0.0 && discount <= 1.0, "a discount is between 0 and 1");
        Self { discount, rewards: Rewards::Unchanged }
    }

    /// The same, with a rule for rewards.
    pub const fn with_rewards(self, rewards: Rewards) -> Self {
        Self { rewards, ..self }
    }

    /// The factor between the values of two steps that follow each other.
    pub const fn discount(&self) -> f32 {
        self.discount
    }

    /// What the value of the observation after `step` is multiplied by. After a termination nothing follows and the
    /// discount is zero; a truncation only stops the watching, so the value of the last observation still counts.
    #[inline]
    pub const fn discount_after(&self, step: Step) -> f32 {
        match step.ending {
            Some(Ending::Terminated) => 0.0,
            Some(Ending::Truncated) | None => self.discount,
        }
    }

    /// The transition of one step.
    pub fn transition<'a>(
        &self,
        observation: &'a [f32],
        action: u32,
        step: Step,
        next_observation: &'a [f32],
    ) -> Transition<'a> {
        let (reward, discount) = (self.rewards.of(step), self.discount_after(step));
        Transition { observation, action, reward, discount, next_observation }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_termination_ends_the_value() {
        let accumulator = Accumulator::new(0.99);
        let discount = |ending| {
            accumulator.transition(&[0.0], 1, Step { reward: 2.5, ending }, &[1.0]).discount
        };
        assert_eq!(discount(None), 0.99);
        assert_eq!(discount(Some(Ending::Truncated)), 0.99);
        assert_eq!(discount(Some(Ending::Terminated)), 0.0);
    }
}
