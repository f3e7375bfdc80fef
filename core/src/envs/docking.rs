//! A craft on a plane with an engine for each axis: the small task whose actions have two components.
//!
//! | component of the action | 0 | 1 | 2 |
//! |---|---|---|---|
//! | 0 along x | push back | let float | push forward |
//! | 1 along y | push back | let float | push forward |
//!
//! | observation | unit | min | max |
//! |---|---|---|---|
//! | 0 x, 1 y | m | -1 | 1 |
//! | 2 velocity along x, 3 along y | m/s | -1 | 1 |
//!
//! A step is 0.1 s and a push 1 m/s^2. First the velocity changes, by no more than its limits allow, then the position by
//! the new velocity; a wall at each end of each axis stops the craft along that axis.
//!
//! Reward: `-(|x| + |y|) / 2` after the step. Start: x and y uniform in [-1, 1), at rest. End: terminated when docked, which
//! is within 0.1 m of the origin and slower than 0.15 m/s, along both axes; the environment `docking` is this task in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`Docking::STEPS`]. Two draws a start, none a step.
//!
//! Source: this project. Only the end binds the axes together: otherwise each component has a best choice of its own.

use crate::env::{Ending, Env, Step};
use crate::rng::{Rng, uniform};
use crate::space::Space;

/// Length of a step [s].
const STEP: f64 = 0.1;
/// What an engine does [m/s^2].
const PUSH: f64 = 1.0;
/// Largest speed along an axis at which it does [m/s]: between two multiples of what a push adds, so that rounding does not
/// decide.
const SLOW: f64 = 0.15;

/// Where the craft is and how fast.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Docking {
    /// Along each axis, in m.
    pub position: [f64; 2],
    /// Along each axis, in m/s.
    pub velocity: [f64; 2],
}

impl Docking {
    /// Largest distance on an axis at which the craft docks, in m.
    pub const NEAR: f64 = 0.1;
    /// The usual time limit.
    pub const STEPS: u32 = 100;

    /// A craft that is docked; [`Env::reset`] lets it float somewhere.
    pub const fn new() -> Self {
        Self { position: [0.0; 2], velocity: [0.0; 2] }
    }

    fn is_docked(&self) -> bool {
        let near = self.position.iter().all(|x| x.abs() <= Self::NEAR);
        near && self.velocity.iter().all(|v| v.abs() <= SLOW)
    }

    fn observe(&self, observation: &mut [f32]) {
        let length = observation.len();
        assert!(length == 4, "the observation has 4 elements, not {length}");
        for (seen, x) in observation.iter_mut().zip(self.position.iter().chain(&self.velocity)) {
            *seen = *x as f32;
        }
    }
}

impl Env for Docking {
    type Action = [u32; 2];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::MultiDiscrete { counts: &[3, 3] }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &[-1.0; 4], high: &[1.0; 4] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.position = core::array::from_fn(|_| uniform(rng, -1.0, 1.0));
        self.velocity = [0.0; 2];
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: [u32; 2],
        _: &mut R,
        observation: &mut [f32],
    ) -> Step {
        for (axis, engine) in action.into_iter().enumerate() {
            assert!(engine < 3, "an action of an engine is one of 3, not {engine}");
            let push = PUSH * (f64::from(engine) - 1.0);
            let velocity = (self.velocity[axis] + STEP * push).clamp(-1.0, 1.0);
            let position = self.position[axis] + STEP * velocity;
            self.position[axis] = position.clamp(-1.0, 1.0);
            self.velocity[axis] = if position.abs() > 1.0 { 0.0 } else { velocity };
        }

        let [x, y] = self.position;
        let reward = -(x.abs() + y.abs()) / 2.0;

        self.observe(observation);
        Step { reward, ending: self.is_docked().then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    #[test]
    fn each_component_pushes_along_its_own_axis() {
        let rng = &mut Generator::seed_from_u64(1);
        let mut craft = Docking { position: [0.5, -0.5], velocity: [0.0, 0.25] };
        let mut seen = [7.0; 4];
        let step = craft.step([0, 1], rng, &mut seen);
        assert!(seen.iter().zip([0.49, -0.475, -0.1, 0.25]).all(|(x, y)| (x - y).abs() < 1e-6));
        assert!((step.reward + (0.49 + 0.475) / 2.0).abs() < 1e-12 && step.ending.is_none());
    }

    #[test]
    fn a_wall_stops_the_craft_on_its_axis_and_slowness_docks_it() {
        let rng = &mut Generator::seed_from_u64(1);
        let mut seen = [7.0; 4];
        let mut craft = Docking { position: [0.95, 0.0], velocity: [0.9, 0.5] };
        craft.step([2, 1], rng, &mut seen);
        assert_eq!((seen[0], seen[2], seen[3]), (1.0, 0.0, 0.5));
        let mut craft = Docking { position: [0.05, 0.0], velocity: [0.2, 0.0] };
        assert_eq!(craft.step([1, 1], rng, &mut seen).ending, None, "too fast");
        assert_eq!(craft.step([0, 1], rng, &mut seen).ending, Some(Ending::Terminated));
    }
}
