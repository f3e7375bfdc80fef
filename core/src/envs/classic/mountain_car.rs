//! MountainCar: rock a car that is too weak for the hill until it gets over it.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | accelerate to the left |
//! | 1 | coast |
//! | 2 | accelerate to the right |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0 position | -1.2 | 0.6 | - |
//! | 1 velocity | -0.07 | 0.07 | per step |
//!
//! Reward: -1 each step, the last one included. Start: position uniform in [-0.6, -0.4), at rest. End: the
//! position 0.5 with at least the goal velocity (0 if not set) terminates. `MountainCar-v0` is this task in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`MountainCar::STEPS`].
//!
//! Source: Moore (1990) as in Gymnasium 1.4, whose order of operations and `f64` state this file keeps: from one
//! state both give the same next state, up to the last bit of the cosine.

use crate::env::{Ending, Env, Step};
use crate::math;
use crate::rng::{Rng, uniform};
use crate::space::Space;

/// Velocity that the engine adds in a step.
const FORCE: f64 = 0.001;
/// Velocity that the steepest slope adds in a step.
const GRAVITY: f64 = 0.0025;
const POSITION: core::ops::RangeInclusive<f64> = -1.2..=0.6;
const SPEED_LIMIT: f64 = 0.07;
const GOAL_POSITION: f64 = 0.5;

const LOW: [f32; 2] = [*POSITION.start() as f32, -SPEED_LIMIT as f32];
const HIGH: [f32; 2] = [*POSITION.end() as f32, SPEED_LIMIT as f32];

/// The car.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MountainCar {
    /// Position and velocity.
    pub state: [f64; 2],
    goal_velocity: f64,
}

impl MountainCar {
    /// The step limit of `MountainCar-v0`.
    pub const STEPS: u32 = 200;

    /// A car that only has to get to the goal; an episode begins with `reset`.
    pub const fn new() -> Self {
        Self::with_goal_velocity(0.0)
    }

    /// A car that has to get to the goal at least this fast.
    pub const fn with_goal_velocity(goal_velocity: f64) -> Self {
        Self { state: [0.0; 2], goal_velocity }
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.copy_from_slice(&self.state.map(|x| x as f32));
    }
}

impl Env for MountainCar {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 3 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &LOW, high: &HIGH }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.state = [uniform(rng, -0.6, -0.4), 0.0];
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, _: &mut R, observation: &mut [f32]) -> Step {
        assert!(action < 3, "MountainCar has the actions 0, 1 and 2, not {action}");
        let [position, velocity] = self.state;
        // Gymnasium's expressions, operation by operation.
        let push = (f64::from(action) - 1.0) * FORCE + math::cos(3.0 * position) * -GRAVITY;
        let mut velocity = (velocity + push).clamp(-SPEED_LIMIT, SPEED_LIMIT);
        let position = (position + velocity).clamp(*POSITION.start(), *POSITION.end());
        // The wall at the left end stops the car.
        if position == *POSITION.start() && velocity < 0.0 {
            velocity = 0.0;
        }
        self.state = [position, velocity];

        let reached = position >= GOAL_POSITION && velocity >= self.goal_velocity;
        self.observe(observation);
        Step { reward: -1.0, ending: reached.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    /// At the bottom (3 x = -pi / 2) the slope pulls nowhere, so that only the engine moves the car.
    #[test]
    fn the_engine_alone_moves_the_car_at_the_bottom() {
        let bottom = -core::f64::consts::FRAC_PI_6;
        let mut env = MountainCar { state: [bottom, 0.0], goal_velocity: 0.0 };
        let step = env.step(2, &mut NumpyGenerator::new(0), &mut [0.0; 2]);
        assert_eq!((step.reward, step.ending), (-1.0, None));
        let [position, velocity] = env.state;
        assert!((velocity - 0.001).abs() < 1e-15 && (position - bottom - 0.001).abs() < 1e-15);
    }

    #[test]
    fn the_wall_stops_and_the_goal_terminates() {
        let rng = &mut NumpyGenerator::new(0);
        let mut env = MountainCar { state: [-1.19, -0.07], goal_velocity: 0.0 };
        assert_eq!(env.step(0, rng, &mut [0.0; 2]).ending, None);
        assert_eq!(env.state, [-1.2, 0.0]);
        env.state = [0.45, 0.07];
        let step = env.step(2, rng, &mut [0.0; 2]);
        assert_eq!((step.reward, step.ending), (-1.0, Some(Ending::Terminated)));
        let mut env = MountainCar { state: [0.45, 0.06], goal_velocity: 0.07 };
        assert_eq!(env.step(2, rng, &mut [0.0; 2]).ending, None, "too slow");
    }
}
