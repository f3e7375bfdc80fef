//! Imitation: a policy network learns to act as somebody else would have, from what was observed.
//!
//! ```text
//! L = 1/B sum over b of -ln p(demonstrated[b] | observation[b])       binary or categorical cross-entropy
//! ```
//!
//! Who demonstrates, and who acts in the meantime, is the caller's choice: where the learner acts and the teacher only says
//! what it would have done, the learner sees the situations that it gets itself into (Ross, Gordon and Bagnell, 2011).

use crate::in_parts;
use crate::nn::{Lanes, NetworkSpec, Optimiser, OptimiserState, Simd, WithSimd, network};
use crate::policy::{action_count, greedy_of_logits, sample_logits, surprise};
use crate::rng::Rng;

/// A network that imitates, over the caller's memory.
#[derive(Debug)]
pub struct Imitation<'a> {
    spec: NetworkSpec,
    lanes: Lanes,
    optimiser: Optimiser,
    parameters: &'a mut [f32],
    gradients: &'a mut [f32],
    moments: &'a mut [f32],
    state: OptimiserState,
    scratch: &'a mut [f32],
    inference: &'a mut [f32],
}

impl<'a> Imitation<'a> {
    /// How many floats [`Imitation::new`] takes.
    pub const fn float_count(spec: &NetworkSpec, optimiser: &Optimiser) -> usize {
        let parameters = spec.parameter_count();
        2 * parameters
            + optimiser.moment_count(parameters)
            + in_parts::scratch_count(spec)
            + spec.scratch_count()
    }

    /// A learner that starts from the parameters in `start`. The network's outputs are logits (see
    /// [`surprise`]): one for two actions, or one an action.
    ///
    /// # Panics
    /// If a length does not follow from the spec and the optimiser, or the network has batch normalisation.
    pub fn new(
        spec: NetworkSpec,
        lanes: Lanes,
        optimiser: Optimiser,
        start: &[f32],
        floats: &'a mut [f32],
    ) -> Self {
        assert!(in_parts::is_row_by_row(&spec), "no batch normalisation here");
        assert_eq!(floats.len(), Self::float_count(&spec, &optimiser), "memory of another network");
        let mut rest = floats;
        let mut cut = |length| rest.split_off_mut(..length).unwrap_or_default();
        let parameters: &mut [f32] = cut(spec.parameter_count());
        parameters.copy_from_slice(start);
        let gradients = cut(spec.parameter_count());
        let moments = cut(optimiser.moment_count(spec.parameter_count()));
        let state = optimiser.start(moments);
        let scratch = cut(in_parts::scratch_count(&spec));
        let inference = cut(spec.scratch_count());
        Self { spec, lanes, optimiser, parameters, gradients, moments, state, scratch, inference }
    }

    /// The network's parameters.
    pub fn parameters(&self) -> &[f32] {
        self.parameters
    }

    /// One update from `observations` `[B][inputs]` and what was, or would have been, done there `[B]`; returns the mean
    /// surprise at that before the update.
    ///
    /// # Panics
    /// If a length does not fit, there is nothing to learn from, or an action has no probability.
    pub fn learn(&mut self, observations: &[f32], demonstrated: &[u32]) -> f32 {
        assert!(!demonstrated.is_empty(), "nothing was demonstrated");
        let expected = demonstrated.len() * self.spec.inputs();
        assert_eq!(observations.len(), expected, "an observation an action");
        assert!(
            demonstrated.iter().all(|&action| action < action_count(self.spec.outputs())),
            "an action that the network does not have"
        );
        let lanes = self.lanes;
        lanes.dispatch(Learn { learner: self, observations, demonstrated })
    }

    /// An action as likely as the network thinks; one draw.
    pub fn sample<R: Rng + ?Sized>(&mut self, observation: &[f32], rng: &mut R) -> u32 {
        sample_logits(rng, self.logits(observation))
    }

    /// The action that the network thinks likeliest.
    pub fn greedy(&mut self, observation: &[f32]) -> u32 {
        greedy_of_logits(self.logits(observation))
    }

    fn logits(&mut self, observation: &[f32]) -> &[f32] {
        network::infer(self.lanes, &self.spec, self.parameters, observation, self.inference)
    }
}

/// `learn` as an operation that the chosen lanes run.
struct Learn<'l, 'a> {
    learner: &'l mut Imitation<'a>,
    observations: &'l [f32],
    demonstrated: &'l [u32],
}

impl WithSimd for Learn<'_, '_> {
    type Output = f32;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f32 {
        let Imitation { spec, optimiser, parameters, gradients, moments, state, scratch, .. } =
            self.learner;
        let share = 1.0 / self.demonstrated.len() as f32;
        let mut total = 0.0;
        gradients.fill(0.0);
        in_parts::gradient(
            simd,
            spec,
            parameters,
            self.observations,
            scratch,
            gradients,
            |row, logits, d_logits| {
                total += surprise(logits, self.demonstrated[row], share, d_logits);
            },
        );
        optimiser.step(simd, state, parameters, gradients, moments);
        total * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Logits of zero are surprised by ln 2 on average, with gradients of a half: the weight's are opposite and add up.
    #[test]
    fn the_first_update_is_the_one_by_hand() {
        const NET: NetworkSpec = NetworkSpec::input(1).dense(1);
        const SGD: Optimiser = Optimiser::Sgd { learning_rate: 1.0, momentum: 0.0 };
        let mut floats = [0.0; Imitation::float_count(&NET, &SGD)];
        let mut learner = Imitation::new(NET, Lanes::scalar(), SGD, &[0.0, 0.0], &mut floats);
        let loss = learner.learn(&[2.0, -2.0], &[1, 0]);
        assert!((loss - 2f32.ln()).abs() < 1e-6);
        assert_eq!(learner.parameters(), [1.0, 0.0]);
        assert_eq!((learner.greedy(&[0.5]), learner.greedy(&[-0.5])), (1, 0));
        assert!(learner.learn(&[2.0, -2.0], &[1, 0]) < 0.2);
    }
}
