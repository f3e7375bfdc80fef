//! CartPole: keep a pole upright on a cart by pushing the cart left or right.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | push the cart to the left with 10 N |
//! | 1 | push the cart to the right with 10 N |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0 cart position | -4.8 | 4.8 | m |
//! | 1 cart velocity | -inf | inf | m/s |
//! | 2 pole angle | -0.418879 (24 degrees) | 0.418879 | rad |
//! | 3 pole angular velocity | -inf | inf | rad/s |
//!
//! Reward: 1 each step, the last one included. Start: the four states uniform in [-0.05, 0.05).
//! End: position beyond 2.4 m or angle beyond 12 degrees terminates. `CartPole-v0` and `CartPole-v1` are this
//! task in a [`TimeLimit`](crate::env::TimeLimit) of [`CartPole::V0_STEPS`] and [`CartPole::V1_STEPS`].
//!
//! Source: Barto, Sutton and Anderson (1983) as in Gymnasium 1.4, whose order of operations and `f64` state this
//! file keeps: from one state both give the same next state, up to the last bit of the sine and cosine.
//! Difference: stepping on past a termination gives reward 1 where Gymnasium warns and gives 0.

use crate::env::{Ending, Env, Step};
use crate::math;
use crate::rng::{Rng, uniform};
use crate::space::Space;

/// [m/s^2]
const GRAVITY: f64 = 9.8;
/// [kg]
const POLE_MASS: f64 = 0.1;
/// Cart and pole [kg]
const TOTAL_MASS: f64 = POLE_MASS + 1.0;
/// Half the pole's length [m]
const HALF_LENGTH: f64 = 0.5;
/// [kg m]
const POLE_MASS_LENGTH: f64 = POLE_MASS * HALF_LENGTH;
/// [N]
const FORCE: f64 = 10.0;
/// Time between two steps [s]
const TIME_STEP: f64 = 0.02;
/// [m]
const POSITION_LIMIT: f64 = 2.4;
/// 12 degrees [rad]
const ANGLE_LIMIT: f64 = 12.0 * 2.0 * core::f64::consts::PI / 360.0;

const HIGH: [f32; 4] =
    [(POSITION_LIMIT * 2.0) as f32, f32::INFINITY, (ANGLE_LIMIT * 2.0) as f32, f32::INFINITY];
const LOW: [f32; 4] = [-HIGH[0], -HIGH[1], -HIGH[2], -HIGH[3]];

/// The cart and its pole.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CartPole {
    /// Position in m, velocity in m/s, angle in rad, angular velocity in rad/s.
    pub state: [f64; 4],
}

impl CartPole {
    /// The step limit of `CartPole-v0`.
    pub const V0_STEPS: u32 = 200;
    /// The step limit of `CartPole-v1`.
    pub const V1_STEPS: u32 = 500;

    /// A cart at rest in the middle, its pole upright; an episode begins with `reset`.
    pub const fn new() -> Self {
        Self { state: [0.0; 4] }
    }

    fn observe(&self, observation: &mut [f32]) {
        observation.copy_from_slice(&self.state.map(|x| x as f32));
    }
}

impl Env for CartPole {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 2 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &LOW, high: &HIGH }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        for x in &mut self.state {
            *x = uniform(rng, -0.05, 0.05);
        }
        self.observe(observation);
    }

    #[inline]
    fn step<R: Rng + ?Sized>(&mut self, action: u32, _: &mut R, observation: &mut [f32]) -> Step {
        assert!(action < 2, "CartPole has the actions 0 and 1, not {action}");
        let [x, x_dot, theta, theta_dot] = self.state;
        let force = if action == 1 { FORCE } else { -FORCE };
        let (sine, cosine) = (math::sin(theta), math::cos(theta));

        // Gymnasium's expressions, operation by operation.
        let thrust = (force + POLE_MASS_LENGTH * (theta_dot * theta_dot) * sine) / TOTAL_MASS;
        let theta_acceleration = (GRAVITY * sine - cosine * thrust)
            / (HALF_LENGTH * (4.0 / 3.0 - POLE_MASS * (cosine * cosine) / TOTAL_MASS));
        let x_acceleration = thrust - POLE_MASS_LENGTH * theta_acceleration * cosine / TOTAL_MASS;
        // Explicit Euler: positions move by the old velocities.
        self.state = [
            x + TIME_STEP * x_dot,
            x_dot + TIME_STEP * x_acceleration,
            theta + TIME_STEP * theta_dot,
            theta_dot + TIME_STEP * theta_acceleration,
        ];

        let [x, _, theta, _] = self.state;
        let inside = (-POSITION_LIMIT..=POSITION_LIMIT).contains(&x)
            && (-ANGLE_LIMIT..=ANGLE_LIMIT).contains(&theta);
        self.observe(observation);
        Step { reward: 1.0, ending: (!inside).then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    /// At rest and upright only the force acts: thrust 10/1.1, angular acceleration -thrust / (0.5 (4/3 - 1/11)).
    #[test]
    fn a_push_from_rest_accelerates_cart_and_pole_as_by_hand() {
        let mut env = CartPole::new();
        let mut observation = [0.0; 4];
        let step = env.step(1, &mut NumpyGenerator::new(0), &mut observation);
        assert_eq!((step.reward, step.ending), (1.0, None));
        let [x, x_dot, theta, theta_dot] = env.state;
        assert_eq!((x, theta), (0.0, 0.0));
        let thrust = 10.0 / 1.1;
        let angular = -thrust / (0.5 * (4.0 / 3.0 - 0.1 / 1.1));
        assert!((theta_dot - 0.02 * angular).abs() < 1e-15);
        assert!((x_dot - 0.02 * (thrust - 0.05 * angular / 1.1)).abs() < 1e-15);
    }

    #[test]
    fn the_bounds_are_strict_and_the_last_step_is_rewarded() {
        let mut env = CartPole { state: [2.4, 0.0, 0.0, 0.0] };
        let rng = &mut NumpyGenerator::new(0);
        assert_eq!(env.step(0, rng, &mut [0.0; 4]).ending, None, "exactly 2.4 m is still inside");
        env.state = [2.4, 0.1, 0.0, 0.0];
        let step = env.step(0, rng, &mut [0.0; 4]);
        assert_eq!((step.reward, step.ending), (1.0, Some(Ending::Terminated)));
    }
}
