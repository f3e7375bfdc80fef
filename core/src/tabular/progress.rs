//! What the tabular agents share: their settings, how far they are, and a step as they learn from it.

use super::ActionValues;
use crate::env::Step;
use crate::policy::{Schedule, Ties, epsilon_greedy_among_possible};
use crate::replay::Accumulator;
use crate::rng::Rng;

/// The settings that every tabular agent has.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct TabularConfig {
    /// Factor between the values of two steps that follow each other, in `[0, 1]`.
    pub discount: f32,
    /// How far a value moves toward its target, in `(0, 1]`, over steps or episodes.
    pub step_size: Schedule,
    /// Epsilon of the behaviour: 0 is greedy, 1 takes every possible action as likely.
    pub exploration: Schedule,
    /// Which of several best actions is taken.
    #[cfg_attr(feature = "serde", serde(default))]
    pub ties: Ties,
}

impl TabularConfig {
    /// A step size and an epsilon that never change, and the first of several best actions.
    pub const fn constant(discount: f32, step_size: f64, epsilon: f64) -> Self {
        Self {
            discount,
            step_size: Schedule::constant(step_size),
            exploration: Schedule::constant(epsilon),
            ties: Ties::First,
        }
    }

    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let share = |x: f64| (0.0..=1.0).contains(&x);
        let (first, last) = self.exploration.range();
        let (first_size, last_size) = self.step_size.range();
        if !share(f64::from(self.discount)) {
            Some("discount must be between 0 and 1")
        } else if !share(first_size) || !share(last_size) || first_size == 0.0 {
            Some("step_size must begin above 0 and stay between 0 and 1")
        } else if !share(first) || !share(last) {
            Some("exploration must stay between 0 and 1")
        } else {
            None
        }
    }

    /// # Panics
    /// If there is a complaint.
    pub(super) fn assert_sound(&self) {
        if let Some(complaint) = self.complaint() {
            panic!("{complaint}");
        }
    }

    /// Epsilon of the next action.
    #[inline]
    pub fn epsilon(&self, progress: &Progress) -> f64 {
        self.exploration.value(progress.steps, progress.episodes)
    }

    /// Step size of the next update.
    #[inline]
    pub fn step_size(&self, progress: &Progress) -> f32 {
        self.step_size.value(progress.steps, progress.episodes) as f32
    }

    /// Chooses an action in `state` and remembers both.
    #[inline]
    pub(super) fn act<R: Rng + ?Sized>(
        &self,
        progress: &mut Progress,
        state: u32,
        values: &ActionValues<'_>,
        rng: &mut R,
    ) -> u32 {
        let row = values.of(state);
        let value = |action: u32| row[action as usize];
        let epsilon = self.epsilon(progress);
        let action =
            epsilon_greedy_among_possible(rng, epsilon, self.ties, row.len() as u32, value);
        progress.remember(state, action);
        action
    }

    /// The step from what was remembered to `next_state`.
    #[inline]
    pub(super) fn transition(
        &self,
        progress: &Progress,
        step: Step,
        next_state: u32,
    ) -> Transition {
        let &Progress { state, action, .. } = progress;
        Transition::new(self.discount, state, action, step, next_state)
    }
}

/// How far an agent is, and the last thing it did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Progress {
    /// Steps of the environment learned from.
    pub steps: u64,
    /// Episodes finished.
    pub episodes: u64,
    /// The last state in which an action was chosen.
    pub state: u32,
    /// That action.
    pub action: u32,
}

impl Progress {
    #[inline]
    pub(super) fn remember(&mut self, state: u32, action: u32) {
        (self.state, self.action) = (state, action);
    }

    /// Counts the episode if `step` was its last one, and says whether it was.
    #[inline]
    pub(super) fn ends_with(&mut self, step: Step) -> bool {
        let ended = step.ending.is_some();
        // Not `+= u64::from(ended)`: where the caller then branches on the answer, rustc 1.95 with optimisation drops
        // the comparison that the addition still reads (MIR pass SimplifyComparisonIntegral), and nothing is counted.
        if ended {
            self.episodes += 1;
        }
        ended
    }
}

/// A step between numbered states. How it ended is in `discount` alone: zero if nothing follows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transition {
    /// The state before the action.
    pub state: u32,
    /// The action taken.
    pub action: u32,
    /// What it brought.
    pub reward: f32,
    /// What the value of `next_state` is multiplied by.
    pub discount: f32,
    /// The state after the action, on the last step of an episode too.
    pub next_state: u32,
}

impl Transition {
    /// The transition of one step; `discount` is that of the task.
    ///
    /// # Panics
    /// If `discount` is not between 0 and 1.
    #[inline]
    pub fn new(discount: f32, state: u32, action: u32, step: Step, next_state: u32) -> Self {
        let discount = Accumulator::new(discount).discount_after(step);
        Self { state, action, reward: step.reward as f32, discount, next_state }
    }
}

/// The state that an observation of one index is.
///
/// # Panics
/// If the observation is something else.
#[inline]
pub(super) fn state_of(observation: &[u32]) -> u32 {
    let &[state] = observation else {
        panic!("a table's observation is one index, not {} numbers", observation.len())
    };
    state
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Ending;

    #[test]
    fn an_ending_is_counted_and_only_a_termination_ends_the_value() {
        let mut progress = Progress { state: 3, action: 1, ..Progress::default() };
        let config = TabularConfig::constant(0.5, 0.1, 0.0);
        for (ending, discount, episodes) in
            [(None, 0.5, 0), (Some(Ending::Truncated), 0.5, 1), (Some(Ending::Terminated), 0.0, 2)]
        {
            let step = Step { reward: 2.0, ending };
            let expected = Transition { state: 3, action: 1, reward: 2.0, discount, next_state: 4 };
            assert_eq!(config.transition(&progress, step, 4), expected);
            assert_eq!(progress.ends_with(step), ending.is_some());
            assert_eq!(progress.episodes, episodes);
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_in_words() {
        let sound = TabularConfig {
            discount: 0.9,
            step_size: Schedule::Inverse {
                from: 0.05,
                to: 0.0,
                decay: 0.005,
                per: crate::policy::Per::Step,
            },
            exploration: Schedule::constant(1.0),
            ties: Ties::First,
        };
        assert_eq!(sound.complaint(), None);
        let about = |config: TabularConfig, word| {
            config.complaint().is_some_and(|words| words.contains(word))
        };
        assert!(about(TabularConfig { discount: 1.1, ..sound }, "discount"));
        let never = Schedule::constant(0.0);
        assert!(about(TabularConfig { step_size: never, ..sound }, "step_size"));
        let too_much = Schedule::constant(1.01);
        assert!(about(TabularConfig { exploration: too_much, ..sound }, "exploration"));
    }
}
