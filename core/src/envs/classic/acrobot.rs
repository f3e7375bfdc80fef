//! Acrobot: swing a two-link pendulum up by a torque at the joint between the links.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | torque -1 N m |
//! | 1 | no torque |
//! | 2 | torque 1 N m |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0, 1 cosine and sine of the first link's angle, 0 hangs down | -1 | 1 | - |
//! | 2, 3 cosine and sine of the second link's angle to the first | -1 | 1 | - |
//! | 4 first angular velocity | -12.57 (4 pi) | 12.57 | rad/s |
//! | 5 second angular velocity | -28.27 (9 pi) | 28.27 | rad/s |
//!
//! Reward: -1 each step, 0 on the one that terminates. Start: the four states uniform in [-0.1, 0.1). End: the
//! free end more than one link's length above the base, -cos(first) - cos(first + second) > 1, terminates.
//! `Acrobot-v1` is this task in a [`TimeLimit`](crate::env::TimeLimit) of [`Acrobot::STEPS`].
//!
//! Source: Sutton (1996) with the equations of Sutton and Barto (2018), as in Gymnasium 1.4: one Runge-Kutta step
//! of 0.2 s, in its order of operations. From one state both give the same next state but for rounding errors of
//! their sines, cosines and squares.

use crate::env::{Ending, Env, Step};
use crate::math;
use crate::rng::{Rng, uniform};
use crate::space::Space;
use core::f64::consts::{FRAC_PI_2, PI, TAU};

/// Time between two steps [s]
const TIME_STEP: f64 = 0.2;
/// [m/s^2]
const GRAVITY: f64 = 9.8;
/// Of each link [kg]
const MASS: f64 = 1.0;
/// Of the first link [m]
const LENGTH: f64 = 1.0;
/// From each link's joint to its centre of mass [m]
const CENTRE: f64 = 0.5;
/// Of each link [kg m^2]
const INERTIA: f64 = 1.0;
/// First and second angular velocity [rad/s]
const SPEED_LIMITS: [f64; 2] = [4.0 * PI, 9.0 * PI];

const HIGH: [f32; 6] = [1.0, 1.0, 1.0, 1.0, SPEED_LIMITS[0] as f32, SPEED_LIMITS[1] as f32];
const LOW: [f32; 6] = [-1.0, -1.0, -1.0, -1.0, -HIGH[4], -HIGH[5]];

/// The two links.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Acrobot {
    /// First and second angle in rad, first and second angular velocity in rad/s.
    pub state: [f64; 4],
}

impl Acrobot {
    /// The step limit of `Acrobot-v1`.
    pub const STEPS: u32 = 500;

    /// Links that hang down at rest; an episode begins with `reset`.
    pub const fn new() -> Self {
        Self { state: [0.0; 4] }
    }

    fn observe(&self, observation: &mut [f32]) {
        let [first, second, first_speed, second_speed] = self.state;
        let (cosine, sine) = (math::cos, math::sin);
        let values =
            [cosine(first), sine(first), cosine(second), sine(second), first_speed, second_speed];
        observation.copy_from_slice(&values.map(|x| x as f32));
    }
}

impl Env for Acrobot {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 3 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &LOW, high: &HIGH }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        for x in &mut self.state {
            *x = f64::from(uniform(rng, -0.1, 0.1) as f32);
        }
        // Gymnasium keeps the start, and so its sines and cosines, in single precision.
        let [first, second, first_speed, second_speed] = self.state.map(|x| x as f32);
        let (cosine, sine) = (math::numpy_cos_f32, math::numpy_sin_f32);
        observation.copy_from_slice(&[
            cosine(first),
            sine(first),
            cosine(second),
            sine(second),
            first_speed,
            second_speed,
        ]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, _: &mut R, observation: &mut [f32]) -> Step {
        assert!(action < 3, "Acrobot has the actions 0, 1 and 2, not {action}");
        let torque = f64::from(action) - 1.0;
        let [first, second, first_speed, second_speed] = runge_kutta(self.state, torque);
        let [first_limit, second_limit] = SPEED_LIMITS;
        self.state = [
            wrapped(first),
            wrapped(second),
            first_speed.clamp(-first_limit, first_limit),
            second_speed.clamp(-second_limit, second_limit),
        ];

        let [first, second, ..] = self.state;
        let up = -math::cos(first) - math::cos(second + first) > 1.0;
        self.observe(observation);
        Step { reward: if up { 0.0 } else { -1.0 }, ending: up.then_some(Ending::Terminated) }
    }
}

/// One step of the classical fourth-order method; the torque stays the same all through it.
fn runge_kutta(state: [f64; 4], torque: f64) -> [f64; 4] {
    let ahead = |time: f64, rate: [f64; 4]| -> [f64; 4] {
        core::array::from_fn(|i| state[i] + time * rate[i])
    };
    let k1 = rates(state, torque);
    let k2 = rates(ahead(TIME_STEP / 2.0, k1), torque);
    let k3 = rates(ahead(TIME_STEP / 2.0, k2), torque);
    let k4 = rates(ahead(TIME_STEP, k3), torque);
    ahead(TIME_STEP / 6.0, core::array::from_fn(|i| k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]))
}

/// How fast each part of the state changes (Sutton and Barto 1998, section 11.3).
fn rates([first, second, first_speed, second_speed]: [f64; 4], torque: f64) -> [f64; 4] {
    let (sine, cosine) = (math::sin(second), math::cos(second));
    let d1 = MASS * (CENTRE * CENTRE)
        + MASS * (LENGTH * LENGTH + CENTRE * CENTRE + 2.0 * LENGTH * CENTRE * cosine)
        + INERTIA
        + INERTIA;
    let d2 = MASS * (CENTRE * CENTRE + LENGTH * CENTRE * cosine) + INERTIA;
    let phi2 = MASS * CENTRE * GRAVITY * math::cos(first + second - FRAC_PI_2);
    let phi1 = -MASS * LENGTH * CENTRE * (second_speed * second_speed) * sine
        - 2.0 * MASS * LENGTH * CENTRE * second_speed * first_speed * sine
        + (MASS * CENTRE + MASS * LENGTH) * GRAVITY * math::cos(first - FRAC_PI_2)
        + phi2;
    let second_acceleration = (torque + d2 / d1 * phi1
        - MASS * LENGTH * CENTRE * (first_speed * first_speed) * sine
        - phi2)
        / (MASS * (CENTRE * CENTRE) + INERTIA - d2 * d2 / d1);
    let first_acceleration = -(d2 * second_acceleration + phi1) / d1;
    [first_speed, second_speed, first_acceleration, second_acceleration]
}

/// The same angle in [-pi, pi], by whole turns.
fn wrapped(angle: f64) -> f64 {
    // A step turns a link once or twice. What is far beyond comes from a state that no episode reaches, and is
    // brought near first so that the turns end.
    let mut angle = if angle.abs() > 100.0 { angle % TAU } else { angle };
    while angle > PI {
        angle -= TAU;
    }
    while angle < -PI {
        angle += TAU;
    }
    angle
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    #[test]
    fn hanging_links_stay_and_a_torque_bends_them_by_the_equations() {
        let rng = &mut NumpyGenerator::new(0);
        let mut env = Acrobot::new();
        assert_eq!(env.step(1, rng, &mut [0.0; 6]).reward, -1.0);
        assert!(env.state.iter().all(|x| x.abs() < 1e-15), "{:?}", env.state);
        // Straight down d1 = 4.5 and d2 = 1.75, so that the second link feels 1 / (1.25 - d2 d2 / d1).
        let [.., first, second] = rates([0.0; 4], 1.0);
        let by_hand = 1.0 / (1.25 - 1.75 * 1.75 / 4.5);
        assert!((second - by_hand).abs() < 1e-14);
        assert!((first + 1.75 * by_hand / 4.5).abs() < 1e-14);
    }

    #[test]
    fn upright_links_terminate_without_a_penalty() {
        let mut env = Acrobot { state: [PI, 0.0, 0.0, 0.0] };
        let step = env.step(1, &mut NumpyGenerator::new(0), &mut [0.0; 6]);
        assert_eq!((step.reward, step.ending), (0.0, Some(Ending::Terminated)));
    }

    #[test]
    fn angles_wrap_by_whole_turns_and_always_end() {
        assert_eq!(wrapped(4.0), 4.0 - TAU);
        assert_eq!(wrapped(-10.0), -10.0 + TAU + TAU);
        assert!(wrapped(1e300).abs() <= PI && wrapped(f64::INFINITY).is_nan());
    }
}
