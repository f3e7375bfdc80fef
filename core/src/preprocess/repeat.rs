//! One action for several steps, and the brighter of the last two frames: games of the 1970s draw some things in every
//! second frame only. Mnih et al. (2015), methods.

use super::Elements;
use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// An environment that does every action several times. Rewards are added; an ending cuts the repetition. `LENGTH` is
/// the length of an observation.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "E: serde::Serialize, T: serde::Serialize",
        deserialize = "E: serde::Deserialize<'de>, T: serde::Deserialize<'de> + Copy + Default"
    ))
)]
pub struct ActionRepeat<E, T, const LENGTH: usize> {
    /// The environment inside.
    pub env: E,
    times: u32,
    brightest: bool,
    before: Elements<T, LENGTH>,
}

impl<E: Env, const LENGTH: usize> ActionRepeat<E, E::Element, LENGTH> {
    /// Does every action `times` times and shows the last frame, or of each element the larger one of the last two.
    ///
    /// # Panics
    /// If `times` is zero or an observation has not `LENGTH` elements.
    pub fn new(env: E, times: u32, brightest: bool) -> Self {
        assert!(times > 0, "an action is done once at least");
        assert_eq!(env.observation_space().len(), LENGTH, "observations of another length");
        Self { env, times, brightest, before: Elements::default() }
    }
}

impl<E: Env<Element: PartialOrd>, const LENGTH: usize> Env for ActionRepeat<E, E::Element, LENGTH> {
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
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let mut all = self.env.step(action, rng, observation);
        let mut done = 1;
        while done < self.times && all.ending.is_none() {
            self.before.0.copy_from_slice(observation);
            let Step { reward, ending } = self.env.step(action, rng, observation);
            all = Step { reward: all.reward + reward, ending };
            done += 1;
        }
        if self.brightest && done > 1 {
            for (now, &before) in observation.iter_mut().zip(&self.before.0) {
                if before > *now {
                    *now = before;
                }
            }
        }
        all
    }
}
