//! The one seam between processors: core decides WHICH transitions and WHEN, the learner holds them and learns.

use crate::env::Step;
use crate::replay::Transition;
use crate::rng::Generator;

/// What an update measured.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Update {
    /// Mean loss over the batch, before the step.
    pub loss: f32,
    /// Mean value of the batch's actions, before the step.
    pub mean_q: f32,
}

/// Where the networks and the transitions live and the arithmetic of an update happens.
pub trait Learner {
    /// Sees a step before the transitions that it completes are stored; `forget` gets the slots whose transitions go for
    /// it. Nothing, unless frames are kept apart from the transitions between them.
    fn see(
        &mut self,
        _observation: &[f32],
        _step: Step,
        _next_observation: &[f32],
        _forget: impl FnMut(u32),
    ) {
    }

    /// Keeps a transition, in place of the oldest one if there is no room, and says in which slot.
    fn store(&mut self, transition: Transition<'_>) -> u32;

    /// How many transitions are kept.
    fn stored(&self) -> usize;

    /// The n-th slot in use: n itself, unless some before it are empty again.
    fn slot(&self, nth: u32) -> u32 {
        nth
    }

    /// The online network's mean value of every action: with new noise in its weights where they are noisy and draws are
    /// given, else as the exported policy has it.
    fn q_values(&mut self, observation: &[f32], noise: Option<&mut Generator>) -> &[f32];

    /// One update of the online network from the transitions in these slots, each counting as much as its weight (all
    /// the same if there are none); `rate` multiplies the learning rate. `noise` is only drawn from by noisy networks and
    /// implicit distributions.
    fn learn(
        &mut self,
        slots: &[u32],
        weights: Option<&[f32]>,
        rate: f32,
        noise: &mut Generator,
    ) -> Update;

    /// How wrong the network was about each transition of the last update, before it, in their order; signs may be
    /// either. What priorities are made of.
    fn errors(&mut self) -> &[f32];

    /// Copies the online network to the target network.
    fn synchronise_target(&mut self);

    /// The online network's flat parameter slice; of noisy weights the means.
    fn parameters(&mut self) -> &[f32];
}
