//! What a run asks of its learner besides learning: its state for a checkpoint and back, and whether it still works.
//!
//! A checkpoint says nothing about where it was written: what one learner saved, the other takes up.

use crate::checkpoint::ReplayContent;
use crate::cuda::CudaLearner;
use crate::failure::Outcome;
use embedded_rl_core::dqn::{CpuLearner, Learner};
use embedded_rl_core::nn::OptimiserState;
use std::borrow::Cow;

/// All that a learner has learned and remembers.
#[derive(Debug)]
pub(crate) struct LearnerState<'a> {
    pub(crate) optimiser: OptimiserState,
    pub(crate) parameters: Cow<'a, [f32]>,
    pub(crate) target_parameters: Cow<'a, [f32]>,
    pub(crate) moments: Cow<'a, [f32]>,
    pub(crate) replay: ReplayContent<'a>,
}

/// A learner that a run can be saved and continued with.
pub(super) trait Resumable: Learner {
    /// The first thing that went wrong since this was last asked; what the learner said after that means nothing.
    fn check(&mut self) -> Outcome<()>;

    /// How many slots, from the first on, were ever filled.
    fn filled(&self) -> usize;

    /// What to save.
    fn state(&mut self) -> Outcome<LearnerState<'_>>;

    /// Takes up what was saved. Whether its sizes fit.
    fn restore(&mut self, saved: &LearnerState<'_>) -> Outcome<bool>;
}

impl Resumable for CpuLearner<'_> {
    fn check(&mut self) -> Outcome<()> {
        Ok(())
    }

    fn filled(&self) -> usize {
        self.storage.filled()
    }

    fn state(&mut self) -> Outcome<LearnerState<'_>> {
        let memory = &self.memory;
        Ok(LearnerState {
            optimiser: self.optimiser_state,
            parameters: (&*memory.parameters).into(),
            target_parameters: (&*memory.target_parameters).into(),
            moments: (&*memory.moments).into(),
            replay: ReplayContent::of(&self.storage),
        })
    }

    fn restore(&mut self, saved: &LearnerState<'_>) -> Outcome<bool> {
        let memory = &mut self.memory;
        self.optimiser_state = saved.optimiser;
        Ok(take(memory.parameters, &saved.parameters)
            && take(memory.target_parameters, &saved.target_parameters)
            && take(memory.moments, &saved.moments)
            && saved.replay.put_back(&mut self.storage))
    }
}

impl Resumable for CudaLearner<'_> {
    fn check(&mut self) -> Outcome<()> {
        self.take_failure()
    }

    fn filled(&self) -> usize {
        self.slots_filled()
    }

    fn state(&mut self) -> Outcome<LearnerState<'_>> {
        self.take_failure()?;
        self.download()
    }

    fn restore(&mut self, saved: &LearnerState<'_>) -> Outcome<bool> {
        self.upload(saved)
    }
}

/// Copies `from` over `into`, if it is as long.
pub(super) fn take<T: Copy>(into: &mut [T], from: &[T]) -> bool {
    let fits = into.len() == from.len();
    if fits {
        into.copy_from_slice(from);
    }
    fits
}
