//! What a learner on a card has learned and remembers, copied to the host for a checkpoint, and back.

use super::learner::CudaLearner;
use crate::failure::Outcome;
use crate::train::LearnerState;
use embedded_rl_core::nn::OptimiserState;

impl CudaLearner<'_> {
    /// All of it.
    pub(crate) fn download(&mut self) -> Outcome<LearnerState<'_>> {
        let memory = &self.memory;
        let mut powers = [0.0; 2];
        memory.powers.read(&mut powers)?;
        let [beta1_power, beta2_power] = powers;
        let [parameters, target_parameters, moments] =
            [&memory.parameters, &memory.target_parameters, &memory.moments]
                .map(|buffer| buffer.front(buffer.len()));
        Ok(LearnerState {
            optimiser: OptimiserState { steps: self.steps, beta1_power, beta2_power },
            parameters: parameters?.into(),
            target_parameters: target_parameters?.into(),
            moments: moments?.into(),
            replay: self.storage.content()?,
        })
    }

    /// The other way. Whether its sizes fit.
    pub(crate) fn upload(&mut self, saved: &LearnerState<'_>) -> Outcome<bool> {
        let OptimiserState { steps, beta1_power, beta2_power } = saved.optimiser;
        let memory = &self.memory;
        let fits = saved.parameters.len() == memory.parameters.len()
            && saved.target_parameters.len() == memory.target_parameters.len()
            && saved.moments.len() == memory.moments.len();
        if !fits {
            return Ok(false);
        }
        memory.parameters.write(&saved.parameters)?;
        memory.target_parameters.write(&saved.target_parameters)?;
        memory.moments.write(&saved.moments)?;
        memory.powers.write(&[beta1_power, beta2_power])?;
        self.steps = steps;
        self.forget_parameters();
        self.storage.put_back(&saved.replay)
    }
}
