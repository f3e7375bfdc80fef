//! MountainCarContinuous: get a car that is too weak for the hill over it with little fuel.
//!
//! | action | min | max | meaning |
//! |---|---|---|---|
//! | 0 | -1 | 1 | accelerate, to the right above 0 |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0 position | -1.2 | 0.6 | - |
//! | 1 velocity | -0.07 | 0.07 | per step |
//!
//! Reward: `-0.1 action^2`, and 100 more on the step that terminates. Start: position uniform in [-0.6, -0.4), at rest.
//! End: the position 0.45 with at least the goal velocity (0 if not set) terminates. `MountainCarContinuous-v0` is this
//! task in a [`TimeLimit`](crate::env::TimeLimit) of [`MountainCarContinuous::STEPS`].
//!
//! Source: Moore (1990) as in Gymnasium 1.4, whose order of operations this file keeps. There the start is in double
//! precision and every state after it in single precision, and so is most of the arithmetic; rounding to single
//! precision is written out here. Difference: a force outside of the bounds is refused and not clipped.

use crate::env::{Ending, Env, Step};
use crate::math;
use crate::rng::{Rng, uniform};
use crate::space::Space;

/// Velocity that the engine adds in a step at full power.
const POWER: f32 = 0.0015;
/// Velocity that the steepest slope adds in a step.
const GRAVITY: f64 = 0.0025;
const POSITIONS: [f64; 2] = [-1.2, 0.6];
const SPEED_LIMIT: f64 = 0.07;
const GOAL_POSITION: f64 = 0.45;

const LOW: [f32; 2] = [POSITIONS[0] as f32, -SPEED_LIMIT as f32];
const HIGH: [f32; 2] = [POSITIONS[1] as f32, SPEED_LIMIT as f32];

/// The car.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct MountainCarContinuous {
    /// Position and velocity; numbers of single precision after the first step.
    pub state: [f64; 2],
    goal_velocity: f64,
    /// Whether a step was taken since the reset.
    moved: bool,
}

impl MountainCarContinuous {
    /// The step limit of `MountainCarContinuous-v0`.
    pub const STEPS: u32 = 999;

    /// A car that only has to get to the goal; an episode begins with `reset`.
    pub const fn new() -> Self {
        Self::with_goal_velocity(0.0)
    }

    /// A car that has to get to the goal at least this fast.
    pub const fn with_goal_velocity(goal_velocity: f64) -> Self {
        Self { state: [0.0; 2], goal_velocity, moved: false }
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.copy_from_slice(&self.state.map(|x| x as f32));
    }
}

impl Env for MountainCarContinuous {
    type Action = [f32; 1];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Box { low: &[-1.0], high: &[1.0] }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &LOW, high: &HIGH }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.state = [uniform(rng, -0.6, -0.4), 0.0];
        self.moved = false;
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        [force]: [f32; 1],
        _: &mut R,
        observation: &mut [f32],
    ) -> Step {
        assert!(
            (-1.0..=1.0).contains(&force),
            "MountainCarContinuous has actions from -1 to 1, not {force}"
        );
        let [position, velocity] = self.state;
        let single = |x: f64| f64::from(x as f32);
        // The first step computes with the start as it was drawn. Rounding a sum or product of two numbers of single
        // precision once more is the same as computing it there.
        let kept = |x: f64| if self.moved { single(x) } else { x };
        // Gymnasium's expressions, operation by operation.
        let slope = GRAVITY * math::cos(kept(3.0 * position));
        let push = force * POWER - slope as f32;
        let limit = kept(SPEED_LIMIT);
        let mut velocity = kept(velocity + f64::from(push)).clamp(-limit, limit);
        let [left_end, right_end] = POSITIONS.map(kept);
        let position = kept(position + velocity).clamp(left_end, right_end);
        // The wall at the left end stops the car.
        if position == left_end && velocity < 0.0 {
            velocity = 0.0;
        }
        let reached = position >= kept(GOAL_POSITION) && velocity >= kept(self.goal_velocity);
        self.state = [single(position), single(velocity)];
        self.moved = true;

        let fuel = f64::from(force) * f64::from(force) * 0.1;
        self.observe(observation);
        Step {
            reward: if reached { 100.0 } else { 0.0 } - fuel,
            ending: reached.then_some(Ending::Terminated),
        }
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
        let mut env = MountainCarContinuous::new();
        env.state = [bottom, 0.0];
        let step = env.step([0.5], &mut NumpyGenerator::new(0), &mut [0.0; 2]);
        assert_eq!((step.reward, step.ending), (-0.025, None));
        let [position, velocity] = env.state;
        assert!((velocity - 0.00075).abs() < 1e-9 && (position - bottom - 0.00075).abs() < 1e-7);
        assert_eq!(env.state, env.state.map(|x| f64::from(x as f32)), "single precision now");
    }

    #[test]
    fn the_wall_stops_and_the_goal_pays() {
        let rng = &mut NumpyGenerator::new(0);
        let mut env = MountainCarContinuous { moved: true, ..MountainCarContinuous::new() };
        env.state = [-1.19, -0.07];
        assert_eq!(env.step([-1.0], rng, &mut [0.0; 2]).ending, None);
        assert_eq!(env.state, [f64::from(-1.2f32), 0.0]);
        env.state = [0.4, 0.07];
        let step = env.step([1.0], rng, &mut [0.0; 2]);
        assert_eq!((step.reward, step.ending), (99.9, Some(Ending::Terminated)));
        let mut env = MountainCarContinuous::with_goal_velocity(0.07);
        env.state = [0.4, 0.06];
        assert_eq!(env.step([1.0], rng, &mut [0.0; 2]).ending, None, "too slow");
    }
}
