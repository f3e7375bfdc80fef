//! Pendulum: swing a rod up by a torque at its joint and keep it there.
//!
//! | action | min | max | unit |
//! |---|---|---|---|
//! | 0 torque, counterclockwise | -2 | 2 | N m |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0, 1 cosine and sine of the angle, 0 is upright | -1 | 1 | - |
//! | 2 angular velocity | -8 | 8 | rad/s |
//!
//! Reward: `-(angle^2 + 0.1 velocity^2 + 0.001 torque^2)` of the state before the step, the angle in [-pi, pi).
//! Start: angle uniform in [-pi, pi), velocity in [-1, 1). End: none. `Pendulum-v1` is this task in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`Pendulum::STEPS`].
//!
//! Source: Gymnasium 1.4, whose order of operations and `f64` state this file keeps; the torque is in single precision
//! there, and so is what is computed from it alone. From one state both give the same next state, up to the last bit
//! of the sine. Difference: rewards may differ in the last bit, for Gymnasium's squares come from the C library, which
//! rounds one in a thousand otherwise, and another one on processors with a fused multiply-add. A torque outside of the
//! bounds is refused and not clipped.

use crate::env::{Env, Step};
use crate::math;
use crate::rng::{Rng, uniform};
use crate::space::Space;
use core::f64::consts::{PI, TAU};

/// Time between two steps [s]
const TIME_STEP: f64 = 0.05;
/// [rad/s]
const SPEED_LIMIT: f64 = 8.0;
/// [N m]
const TORQUE_LIMIT: f32 = 2.0;

const HIGH: [f32; 3] = [1.0, 1.0, SPEED_LIMIT as f32];
const LOW: [f32; 3] = [-1.0, -1.0, -SPEED_LIMIT as f32];

/// The rod, of 1 m and 1 kg.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Pendulum {
    /// Angle in rad, which grows without bounds turn by turn, and angular velocity in rad/s.
    pub state: [f64; 2],
    gravity: f64,
    torque: f32,
}

impl Pendulum {
    /// The step limit of `Pendulum-v1`.
    pub const STEPS: u32 = 200;

    /// A rod at rest and upright; an episode begins with `reset`.
    pub const fn new() -> Self {
        Self::with_gravity(10.0)
    }

    /// The same under another gravity [m/s^2].
    pub const fn with_gravity(gravity: f64) -> Self {
        Self { state: [0.0; 2], gravity, torque: 0.0 }
    }

    /// The torque of the last step [N m]; 0 before the first. It is no part of the state, but seen in pictures.
    pub const fn torque(&self) -> f32 {
        self.torque
    }

    fn observe(&self, observation: &mut [f32]) {
        let [angle, velocity] = self.state;
        let values = [math::cos(angle), math::sin(angle), velocity];
        observation.copy_from_slice(&values.map(|x| x as f32));
    }
}

impl Default for Pendulum {
    fn default() -> Self {
        Self::new()
    }
}

impl Env for Pendulum {
    type Action = [f32; 1];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Box { low: &[-TORQUE_LIMIT], high: &[TORQUE_LIMIT] }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &LOW, high: &HIGH }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.state = [uniform(rng, -PI, PI), uniform(rng, -1.0, 1.0)];
        self.torque = 0.0;
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        [torque]: [f32; 1],
        _: &mut R,
        observation: &mut [f32],
    ) -> Step {
        assert!(
            (-TORQUE_LIMIT..=TORQUE_LIMIT).contains(&torque),
            "Pendulum's torque is an action from -2 to 2, not {torque}"
        );
        let [angle, velocity] = self.state;
        self.torque = torque;
        // Gymnasium's expressions, operation by operation.
        let pull = 3.0 * self.gravity / 2.0 * math::sin(angle) + f64::from(3.0 * torque);
        let moved = (velocity + pull * TIME_STEP).clamp(-SPEED_LIMIT, SPEED_LIMIT);
        self.state = [angle + moved * TIME_STEP, moved];

        let bent = from_upright(angle);
        let effort = 0.001 * math::glibc_square_f32(torque);
        let cost = bent * bent + 0.1 * (velocity * velocity) + f64::from(effort);
        self.observe(observation);
        Step { reward: -cost, ending: None }
    }
}

/// The same angle in [-pi, pi), by whole turns.
fn from_upright(angle: f64) -> f64 {
    let turned = (angle + PI) % TAU;
    (if turned < 0.0 { turned + TAU } else { turned }) - PI
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    /// Level, only gravity acts: 3 g / (2 l) = 15 rad/s^2 for 0.05 s; the torque adds 3 / (m l^2) = 3 a newton metre.
    #[test]
    fn a_level_rod_falls_and_a_torque_turns_it_as_by_hand() {
        let rng = &mut NumpyGenerator::new(0);
        let mut env = Pendulum::new();
        env.state = [core::f64::consts::FRAC_PI_2, 0.0];
        let step = env.step([0.0], rng, &mut [0.0; 3]);
        assert_eq!((step.reward, step.ending), (-PI / 2.0 * (PI / 2.0), None));
        assert!((env.state[1] - 0.75).abs() < 1e-15, "{:?}", env.state);
        env.state = [0.0, 1.0];
        let step = env.step([-2.0], rng, &mut [0.0; 3]);
        assert!((env.state[1] - 0.7).abs() < 1e-15 && (env.state[0] - 0.035).abs() < 1e-15);
        assert!((step.reward + 0.104).abs() < 1e-9 && env.torque() == -2.0);
    }

    #[test]
    fn the_speed_has_a_limit_and_angles_count_from_upright() {
        let mut env = Pendulum::with_gravity(1e9);
        env.state = [1.0, 0.0];
        env.step([0.0], &mut NumpyGenerator::new(0), &mut [0.0; 3]);
        assert_eq!(env.state[1], 8.0);
        assert_eq!((from_upright(0.0), from_upright(PI)), (0.0, -PI));
        assert!((from_upright(-7.0) - (TAU - 7.0)).abs() < 1e-15);
    }

    #[test]
    fn a_reset_is_gymnasiums() {
        let mut env = Pendulum::new();
        let mut observation = [0.0; 3];
        env.reset(&mut NumpyGenerator::new(42), &mut observation);
        assert_eq!(observation, [-0.14995256, 0.9886932, -0.12224312]);
    }
}
