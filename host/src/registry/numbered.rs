//! A registered environment for code that knows numbered actions only.

use super::{RecordedAction, Registered};
use embedded_rl_core::env::{Env, Step};
use embedded_rl_core::rng::Rng;
use embedded_rl_core::space::Space;

/// The environment inside, whose actions are numbers.
#[derive(Clone, Debug)]
pub struct Numbered<E>(E);

impl<E: Registered> Numbered<E> {
    /// `None` if the environment's actions are no numbers.
    pub fn new(env: E) -> Option<Self> {
        E::Action::numbered(0).map(|_| Self(env))
    }

    /// The environment itself.
    pub const fn inner(&self) -> &E {
        &self.0
    }
}

impl<E: Registered> Env for Numbered<E> {
    type Action = u32;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        self.0.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        self.0.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.0.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: u32,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let Some(action) = E::Action::numbered(action) else {
            unreachable!("`new` takes environments with numbered actions only")
        };
        self.0.step(action, rng, observation)
    }
}
