//! A number as a vector of zeros with a one in its place: what a network needs that looks at numbered states.

use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// One at `index`, zero elsewhere.
///
/// # Panics
/// If there is no such place.
pub fn one_hot(index: u32, places: &mut [f32]) {
    places.fill(0.0);
    places[index as usize] = 1.0;
}

/// An environment whose numbered observations are spread out, the places of each component after those of the one
/// before.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OneHot<E> {
    /// The environment inside.
    pub env: E,
}

/// The most components that are spread out.
const MOST: usize = 16;

impl<E: Env<Element = u32>> OneHot<E> {
    /// # Panics
    /// If the observations of `env` are not 1 to 16 numbers of `0..n` each.
    pub fn new(env: E) -> Self {
        let space = env.observation_space();
        let counted = matches!(space, Space::Discrete { .. } | Space::MultiDiscrete { .. });
        assert!(counted && space.len() <= MOST, "{space} is not a few numbers to be spread out");
        Self { env }
    }

    /// How many places each component has.
    fn counts(&self) -> ([u32; MOST], usize) {
        let mut counts = [0; MOST];
        match self.env.observation_space() {
            Space::MultiDiscrete { counts: given } => counts[..given.len()].copy_from_slice(given),
            Space::Discrete { n } => counts[0] = n,
            _ => {}
        }
        (counts, self.env.observation_space().len())
    }

    fn spread(&self, numbers: &[u32], observation: &mut [f32]) {
        let (length, given) = (self.observation_space().len(), observation.len());
        assert!(length == given, "the observation has {length} elements, not {given}");
        let (counts, _) = self.counts();
        let mut rest = observation;
        for (&number, count) in numbers.iter().zip(counts) {
            let (places, others) = rest.split_at_mut(count as usize);
            one_hot(number, places);
            rest = others;
        }
    }
}

impl<E: Env<Element = u32>> Env for OneHot<E> {
    type Action = E::Action;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        let (counts, components) = self.counts();
        let width = counts[..components].iter().map(|&count| count as usize).sum();
        Space::Planes { channels: 1, height: 1, width }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        let mut numbers = [0; MOST];
        let numbers = &mut numbers[..self.env.observation_space().len()];
        self.env.reset(rng, numbers);
        self.spread(numbers, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [f32],
    ) -> Step {
        let mut numbers = [0; MOST];
        let numbers = &mut numbers[..self.env.observation_space().len()];
        let step = self.env.step(action, rng, numbers);
        self.spread(numbers, observation);
        step
    }
}
