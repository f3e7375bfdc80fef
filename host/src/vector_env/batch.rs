//! What one step of all copies brought, in the layout that networks read.

use embedded_rl_core::env::Ending;

/// Results of a step, a row a copy. Whoever needs what was before a step keeps two batches and takes turns.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T> {
    width: usize,
    /// `[copies][width]`: what to act on next; the first observation of a new episode where one ended.
    pub observations: Vec<T>,
    /// `[copies][width]`: the last observation of the episode that ended. Rows of copies that go on keep what was there.
    pub final_observations: Vec<T>,
    /// `[copies]`: of the step.
    pub rewards: Vec<f64>,
    /// `[copies]`: how the step ended an episode, if it did.
    pub endings: Vec<Option<Ending>>,
}

impl<T: Copy + Default> Batch<T> {
    pub(super) fn new(copies: usize, width: usize) -> Self {
        Self {
            width,
            observations: vec![T::default(); copies * width],
            final_observations: vec![T::default(); copies * width],
            rewards: vec![0.0; copies],
            endings: vec![None; copies],
        }
    }

    /// Elements of an observation.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// What copy `copy` is to act on.
    ///
    /// # Panics
    /// If there is no such copy.
    pub fn observation(&self, copy: usize) -> &[T] {
        &self.observations[copy * self.width..][..self.width]
    }

    /// What the step of copy `copy` led to: the end of its transition, whether an episode ended there or not.
    ///
    /// # Panics
    /// If there is no such copy.
    pub fn led_to(&self, copy: usize) -> &[T] {
        match self.endings[copy] {
            Some(_) => &self.final_observations[copy * self.width..][..self.width],
            None => self.observation(copy),
        }
    }
}
