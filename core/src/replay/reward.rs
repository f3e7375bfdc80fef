//! What learning makes of a reward, before it is remembered. Returns that are reported stay the environment's own.

use crate::env::{Ending, Step};

/// A rule from an environment's reward to the one that is learned from.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum Rewards {
    /// As it is.
    #[default]
    Unchanged,
    /// Not below `low` and not above `high`: with -1 and 1 the clipping of Mnih et al. (2015).
    Clipped {
        /// Smallest reward.
        low: f32,
        /// Largest reward.
        high: f32,
    },
    /// -1, 0 or 1.
    Sign,
    /// As it is, but the step that ends the task brings `failure`: where every step brings 1, as on CartPole, the fall
    /// is then seen at once. A time limit is no failure.
    Failure {
        /// Reward of a step that terminates.
        failure: f32,
    },
}

impl Rewards {
    /// The reward that is learned from.
    #[inline]
    pub fn of(self, step: Step) -> f32 {
        let reward = step.reward as f32;
        match self {
            Rewards::Unchanged => reward,
            // Not `clamp`: its message would bring the printing of floats into firmware, 25 KB.
            Rewards::Clipped { low, high } => reward.max(low).min(high),
            Rewards::Sign if reward > 0.0 => 1.0,
            Rewards::Sign if reward < 0.0 => -1.0,
            Rewards::Sign => 0.0,
            Rewards::Failure { failure } if step.ending == Some(Ending::Terminated) => failure,
            Rewards::Failure { .. } => reward,
        }
    }

    /// What is wrong with the rule, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        match *self {
            Rewards::Clipped { low, high }
                if !(low.is_finite() && high.is_finite() && low <= high) =>
            {
                Some("rewards.low and rewards.high must be numbers, low not above high")
            }
            Rewards::Failure { failure } if !failure.is_finite() => {
                Some("rewards.failure must be a number")
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_makes_of_a_reward_what_its_name_says() {
        let step = |reward| Step { reward, ending: None };
        let fall = Step { reward: 1.0, ending: Some(Ending::Terminated) };
        let limit = Step { reward: 1.0, ending: Some(Ending::Truncated) };
        assert_eq!([2.5, -7.0].map(|r| Rewards::Unchanged.of(step(r))), [2.5, -7.0]);
        let clipped = Rewards::Clipped { low: -1.0, high: 1.0 };
        assert_eq!([2.5, 0.5, -7.0].map(|r| clipped.of(step(r))), [1.0, 0.5, -1.0]);
        assert_eq!([2.5, 0.0, -7.0].map(|r| Rewards::Sign.of(step(r))), [1.0, 0.0, -1.0]);
        let failure = Rewards::Failure { failure: -10.0 };
        assert_eq!([step(1.0), limit, fall].map(|step| failure.of(step)), [1.0, 1.0, -10.0]);
    }
}
