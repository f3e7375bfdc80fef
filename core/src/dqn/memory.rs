//! The memory of an agent, apart from its learner's: slots of a batch, steps that wait for a return, priorities.

use super::{DqnConfig, Sampling};
use crate::replay::{Accumulator, NStep, Prioritised};

/// What an agent works with, cut out of one slice of floats and one of words. A plain agent needs no floats, and a word
/// a transition of a batch.
#[derive(Debug)]
pub struct AgentMemory<'a> {
    /// `[B]`: slots of one batch.
    pub(super) slots: &'a mut [u32],
    /// `[B]` where transitions are weighted, else empty.
    pub(super) weights: &'a mut [f32],
    /// The steps that are not transitions yet.
    pub(super) steps: NStep<'a>,
    /// Priorities of the learner's slots, if they are drawn by them.
    pub(super) priorities: Option<Prioritised<'a>>,
}

impl<'a> AgentMemory<'a> {
    /// How many floats [`AgentMemory::new`] takes for a configuration, observations of `width` numbers, and a learner
    /// with `capacity` slots.
    pub const fn float_count(
        config: &DqnConfig,
        width: usize,
        capacity: usize,
        batch: usize,
    ) -> usize {
        let window = Self::window(config) * (width + 1);
        match config.sampling {
            Sampling::Uniform => window,
            Sampling::Prioritised { .. } => window + 2 * capacity + batch,
        }
    }

    /// How many words it takes.
    pub const fn word_count(config: &DqnConfig, batch: usize) -> usize {
        Self::window(config) + batch
    }

    /// Steps that wait at most.
    const fn window(config: &DqnConfig) -> usize {
        (config.n_step as usize).saturating_sub(1)
    }

    /// Cuts `floats` and `words` into parts.
    ///
    /// # Panics
    /// If their lengths are not those of [`AgentMemory::float_count`] and [`AgentMemory::word_count`], or a batch has
    /// no transition.
    pub fn new(
        config: &DqnConfig,
        width: usize,
        capacity: usize,
        floats: &'a mut [f32],
        words: &'a mut [u32],
    ) -> Self {
        let window = Self::window(config);
        assert!(words.len() > window, "a batch has at least one transition");
        let (actions, slots) = words.split_at_mut(window);
        assert_eq!(
            floats.len(),
            Self::float_count(config, width, capacity, slots.len()),
            "memory of another agent"
        );
        let (observations, rest) = floats.split_at_mut(window * width);
        let (rewards, rest) = rest.split_at_mut(window);
        let accumulator = Accumulator::new(config.discount).with_rewards(config.rewards);
        let steps = NStep::new(accumulator, observations, actions, rewards);
        let (weights, priorities) = match config.sampling {
            Sampling::Uniform => (rest, None),
            Sampling::Prioritised { alpha, epsilon, .. } => {
                let (weights, nodes) = rest.split_at_mut(slots.len());
                (weights, Some(Prioritised::new(alpha, epsilon, nodes)))
            }
        };
        Self { slots, weights, steps, priorities }
    }
}
