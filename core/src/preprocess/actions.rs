//! Actions of another kind than the environment's: components from one number, and real ones from numbered ones.
//!
//! A branch of Q-values for each component is for [`branches`](crate::branches).

use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// The number of an action with components of `0..counts[i]`: row by row, the last component changes fastest.
///
/// # Panics
/// If the lengths differ or a component is too large.
pub fn number_of(counts: &[u32], action: &[u32]) -> u32 {
    assert_eq!(counts.len(), action.len(), "one component a count");
    counts.iter().zip(action).fold(0, |number, (&count, &component)| {
        assert!(component < count, "a component is one of {count}, not {component}");
        number * count + component
    })
}

/// The components of the action with this number.
///
/// # Panics
/// If the lengths differ or there are not so many actions.
pub fn action_of(counts: &[u32], number: u32, action: &mut [u32]) {
    assert_eq!(counts.len(), action.len(), "one component a count");
    let mut rest = number;
    for (component, &count) in action.iter_mut().zip(counts).rev() {
        *component = rest % count;
        rest /= count;
    }
    assert!(rest == 0, "there is no action {number}");
}

/// An environment whose actions have `N` counted components, with one number for every combination of them: see
/// [`number_of`].
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Flattened<E, const N: usize> {
    /// The environment inside.
    pub env: E,
}

impl<E: Env<Action = [u32; N]>, const N: usize> Flattened<E, N> {
    /// # Panics
    /// If the actions of `env` are not of `N` counted components, or have more combinations than a `u32` counts.
    pub fn new(env: E) -> Self {
        let counted = combinations(counts_of(&env)).is_some();
        assert!(counted, "too many combinations of {}", env.action_space());
        Self { env }
    }

    /// How many choices each component has.
    pub fn counts(&self) -> &[u32] {
        counts_of(&self.env)
    }
}

fn counts_of<E: Env<Action = [u32; N]>, const N: usize>(env: &E) -> &[u32] {
    match env.action_space() {
        Space::MultiDiscrete { counts } if counts.len() == N => counts,
        space => panic!("actions have {N} counted components, unlike those of {space}"),
    }
}

fn combinations(counts: &[u32]) -> Option<u32> {
    counts.iter().try_fold(1, |product: u32, &count| product.checked_mul(count))
}

impl<E: Env<Action = [u32; N]>, const N: usize> Env for Flattened<E, N> {
    type Action = u32;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.counts().iter().product() }
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.env.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: u32,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let mut components = [0; N];
        action_of(self.counts(), action, &mut components);
        self.env.step(components, rng, observation)
    }
}

/// An environment with `N` real components whose actions are numbered: each component is the middle of one of `bins`
/// equal parts of its range.
#[derive(Clone, Debug, PartialEq)]
pub struct Discretised<E, const N: usize> {
    /// The environment inside.
    pub env: E,
    bins: [u32; N],
    low: [f32; N],
    high: [f32; N],
}

impl<E: Env<Action = [f32; N]>, const N: usize> Discretised<E, N> {
    /// # Panics
    /// If the actions of `env` have no finite bounds, or a component has no part.
    pub fn new(env: E, bins: [u32; N]) -> Self {
        let (low, high) = bounds(&env);
        assert!(low.iter().chain(&high).all(|bound| bound.is_finite()), "every action has bounds");
        assert!(bins.iter().all(|&bins| bins > 0), "every component has at least one part");
        Self { env, bins, low, high }
    }

    /// The components of the action with this number.
    ///
    /// # Panics
    /// If there are not so many actions.
    pub fn components(&self, number: u32) -> [f32; N] {
        let mut parts = [0; N];
        action_of(&self.bins, number, &mut parts);
        core::array::from_fn(|i| {
            // Both ends of the part, in the arithmetic of numpy's `linspace`.
            let (low, high) = (self.low[i], self.high[i]);
            let width = (high - low) / self.bins[i] as f32;
            let end = |part: u32| {
                if part == self.bins[i] { high } else { part as f32 * width + low }
            };
            0.5 * (end(parts[i]) + end(parts[i] + 1))
        })
    }
}

impl<E: Env<Action = [f32; N]>, const N: usize> Env for Discretised<E, N> {
    type Action = u32;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.bins.iter().product() }
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.env.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: u32,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        self.env.step(self.components(action), rng, observation)
    }
}

/// An environment that takes components outside of its bounds for the bounds.
#[derive(Clone, Debug, PartialEq)]
pub struct Clipped<E, const N: usize> {
    /// The environment inside.
    pub env: E,
    low: [f32; N],
    high: [f32; N],
    everything: [[f32; N]; 2],
}

impl<E: Env<Action = [f32; N]>, const N: usize> Clipped<E, N> {
    /// # Panics
    /// If the actions of `env` have no bounds.
    pub fn new(env: E) -> Self {
        let (low, high) = bounds(&env);
        Self { env, low, high, everything: [[f32::NEG_INFINITY; N], [f32::INFINITY; N]] }
    }
}

impl<E: Env<Action = [f32; N]>, const N: usize> Env for Clipped<E, N> {
    type Action = [f32; N];
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        Space::Box { low: &self.everything[0], high: &self.everything[1] }
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.env.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: [f32; N],
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let inside = core::array::from_fn(|i| action[i].clamp(self.low[i], self.high[i]));
        self.env.step(inside, rng, observation)
    }
}

fn bounds<E: Env<Action = [f32; N]>, const N: usize>(env: &E) -> ([f32; N], [f32; N]) {
    let Space::Box { low, high } = env.action_space() else {
        panic!("actions have bounds, unlike those of {}", env.action_space());
    };
    assert!(low.len() == N && high.len() == N, "one bound a component");
    (core::array::from_fn(|i| low[i]), core::array::from_fn(|i| high[i]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envs::docking::Docking;
    use crate::rng::{Generator, SeedableRng};

    #[test]
    fn a_number_of_a_flattened_action_is_its_components() {
        let rng = &mut Generator::seed_from_u64(1);
        for number in 0..9 {
            let mut seen = [[0.0; 4]; 2];
            let mut plain = Docking::new();
            plain.reset(rng, &mut seen[0]);
            let mut flat = Flattened::<_, 2>::new(plain.clone());
            assert_eq!(flat.action_space(), Space::Discrete { n: 9 });
            let expected = plain.step([number / 3, number % 3], rng, &mut seen[0]);
            assert_eq!(flat.step(number, rng, &mut seen[1]), expected);
            assert_eq!((seen[0], flat.env), (seen[1], plain));
        }
    }

    #[test]
    fn more_combinations_than_are_counted_are_none() {
        assert_eq!(combinations(&[65_536, 65_535]), Some(4_294_901_760));
        assert_eq!(combinations(&[65_536, 65_536]), None);
    }

    #[test]
    fn numbers_count_through_all_actions() {
        let counts = [2, 3, 2];
        let mut action = [9; 3];
        let all = [[0, 0, 0], [0, 0, 1], [0, 1, 0], [0, 1, 1], [0, 2, 0], [0, 2, 1], [1, 0, 0]];
        for (number, expected) in (0..).zip(all) {
            action_of(&counts, number, &mut action);
            assert_eq!((action, number_of(&counts, &action)), (expected, number));
        }
        action_of(&[2; 4], 13, &mut [0; 4]);
        assert_eq!(number_of(&[2; 4], &[1, 1, 0, 1]), 13);
    }
}
