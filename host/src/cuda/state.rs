//! What a learner on a card has learned and remembers, copied to the host for a checkpoint, and back.

use super::buffers::Buffer;
use super::learner::CudaLearner;
use crate::checkpoint::{ReplayContent, WholeContent};
use crate::failure::Outcome;
use crate::train::LearnerState;
use bytemuck::Pod;
use embedded_rl_core::nn::OptimiserState;
use std::borrow::Cow;

impl CudaLearner {
    /// All of it.
    pub(crate) fn download(&mut self) -> Outcome<LearnerState<'_>> {
        let (storage, memory) = (&self.storage, &self.memory);
        let stored = storage.len();
        let elements = stored * storage.width();
        let mut powers = [0.0; 2];
        memory.powers.read(&mut powers)?;
        let [beta1_power, beta2_power] = powers;
        Ok(LearnerState {
            optimiser: OptimiserState { steps: self.steps, beta1_power, beta2_power },
            parameters: whole(&memory.parameters)?,
            target_parameters: whole(&memory.target_parameters)?,
            moments: whole(&memory.moments)?,
            replay: ReplayContent::Whole(WholeContent {
                pushed: storage.pushed(),
                observations: front(&storage.observations, elements)?,
                actions: front(&storage.actions, stored)?,
                rewards: front(&storage.rewards, stored)?,
                discounts: front(&storage.discounts, stored)?,
                next_observations: front(&storage.next_observations, elements)?,
            }),
        })
    }

    /// The other way. Whether its sizes fit.
    pub(crate) fn upload(&mut self, saved: &LearnerState<'_>) -> Outcome<bool> {
        let ReplayContent::Whole(replay) = &saved.replay else { return Ok(false) };
        let OptimiserState { steps, beta1_power, beta2_power } = saved.optimiser;
        self.steps = steps;
        self.storage.set_pushed(replay.pushed);
        let stored = self.storage.len();
        let elements = stored * self.storage.width();
        let (storage, memory) = (&self.storage, &self.memory);
        let fits = saved.parameters.len() == memory.parameters.len()
            && saved.target_parameters.len() == memory.target_parameters.len()
            && saved.moments.len() == memory.moments.len()
            && [replay.observations.len(), replay.next_observations.len()] == [elements; 2]
            && [replay.actions.len(), replay.rewards.len(), replay.discounts.len()] == [stored; 3];
        if !fits {
            return Ok(false);
        }
        memory.parameters.write(&saved.parameters)?;
        memory.target_parameters.write(&saved.target_parameters)?;
        memory.moments.write(&saved.moments)?;
        memory.powers.write(&[beta1_power, beta2_power])?;
        storage.observations.write(&replay.observations)?;
        storage.actions.write(&replay.actions)?;
        storage.rewards.write(&replay.rewards)?;
        storage.discounts.write(&replay.discounts)?;
        storage.next_observations.write(&replay.next_observations)?;
        self.forget_parameters();
        Ok(true)
    }
}

fn whole<'a, T: Pod>(buffer: &Buffer<T>) -> Outcome<Cow<'a, [T]>> {
    front(buffer, buffer.len())
}

fn front<'a, T: Pod>(buffer: &Buffer<T>, count: usize) -> Outcome<Cow<'a, [T]>> {
    let mut numbers = vec![T::zeroed(); count];
    buffer.read(&mut numbers)?;
    Ok(numbers.into())
}
