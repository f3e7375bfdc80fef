//! Where an episode begins and ends for the one who learns, beside the environment's own word: starts after a few
//! steps of doing nothing, and endings with a lost life. Mnih et al. (2015), methods.

use crate::env::{Ending, Env, Step};
use crate::rng::{Rng, integers};
use crate::space::Space;

/// An environment whose episodes begin after 1 to `most` steps of one action, drawn at each reset, so that not every
/// game is the same one. An episode that ends meanwhile is begun again.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NoOpStarts<E, A> {
    /// The environment inside.
    pub env: E,
    nothing: A,
    most: u32,
}

impl<E: Env> NoOpStarts<E, E::Action> {
    /// `nothing` is the action that is done; 30 times at most is usual.
    ///
    /// # Panics
    /// If `most` is zero.
    pub const fn new(env: E, nothing: E::Action, most: u32) -> Self {
        assert!(most > 0, "at least one step is made");
        Self { env, nothing, most }
    }
}

impl<E: Env> Env for NoOpStarts<E, E::Action> {
    type Action = E::Action;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.env.reset(rng, observation);
        for _ in 0..integers(rng, 1, i64::from(self.most) + 1) {
            if self.env.step(self.nothing, rng, observation).ending.is_some() {
                self.env.reset(rng, observation);
            }
        }
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        self.env.step(action, rng, observation)
    }
}

/// An environment in which a lost life is the end. A reset after one begins a whole new game, as Gymnasium's
/// `AtariPreprocessing` does.
#[derive(Clone, Debug)]
pub struct LifeLoss<E> {
    /// The environment inside.
    pub env: E,
    count: fn(&E) -> u32,
    lives: u32,
}

impl<E> LifeLoss<E> {
    /// `count` says how many lives are left.
    pub const fn new(env: E, count: fn(&E) -> u32) -> Self {
        Self { env, count, lives: 0 }
    }
}

impl<E: Env> Env for LifeLoss<E> {
    type Action = E::Action;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.env.reset(rng, observation);
        self.lives = (self.count)(&self.env);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let mut step = self.env.step(action, rng, observation);
        let left = (self.count)(&self.env);
        if left < self.lives {
            step.ending = Some(Ending::Terminated);
        }
        self.lives = left;
        step
    }
}
