//! LunarLander: bring a craft with two legs down on the pad, by its main engine and two side engines.
//!
//! | action of [`LunarLander`] | meaning |
//! |---|---|
//! | 0 | nothing |
//! | 1 | fire the left engine, which turns the lander clockwise and pushes it to the left |
//! | 2 | fire the main engine |
//! | 3 | fire the right engine |
//!
//! | action of [`LunarLanderContinuous`] | min | max | meaning |
//! |---|---|---|---|
//! | 0 | -1 | 1 | main engine: off up to 0, then from half to full power |
//! | 1 | -1 | 1 | side engines: left below -0.5, right above 0.5, from half to full power |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0 to the right of the pad | -2.5 | 2.5 | half widths of the picture (10 m) |
//! | 1 above the pad, standing | -2.5 | 2.5 | half heights of the picture (6.67 m) |
//! | 2, 3 velocity | -10 | 10 | 5 m/s, 7.5 m/s |
//! | 4 angle, counter-clockwise | -2 pi | 2 pi | rad |
//! | 5 angular velocity | -10 | 10 | 2.5 rad/s |
//! | 6, 7 the right and the left leg touch the ground | 0 | 1 | - |
//!
//! The bounds are declared and not kept to, as in the original. Those of version 2 are 1.5 for positions, 5 for
//! velocities, pi and 5; nothing else differs here. (The original's version 2 keeps one world for all episodes and
//! draws its wind from a global generator, so that an episode there depends on those before it; here none does.)
//!
//! Reward: the gain in `-100 distance - 100 speed - 100 |angle| + 10` for each leg on the ground, all as observed, less
//! 0.3 for the main engine's full power and 0.03 for a side engine's. On the last step it is -100 for a crash (the hull
//! touches the ground) or for leaving the picture to the side, and 100 for coming to rest, also after a crash.
//! Start: at the top in the middle, pushed by a random force; the ground is random too. End: crash, out of the
//! picture, or asleep, all of which terminate. `LunarLander-v3` is this task in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`LunarLander::STEPS`].
//!
//! Source: `LunarLander-v3` of Gymnasium 1.4 on Box2D 2.3, bit for bit from the seed on: observations, rewards, endings
//! and every body. Observation 6 is the leg that stands on the right, which the original draws first. A leg that
//! touches two pieces of the ground and leaves one counts as in the air, as there.

mod craft;
mod terrain;

use crate::env::{Ending, Env, Step};
use crate::math;
use crate::physics::vector::Vector;
use crate::physics::{BODIES, World};
use crate::rng::Rng;
use crate::space::Space;
use craft::{LEG_DOWN, SCALE, Throttles, Wind};
use terrain::{HEIGHT, PAD_HEIGHT, WIDTH};

/// Steps a second.
const FREQUENCY: f64 = 50.0;
const TURN: f32 = core::f32::consts::TAU;
const HALF_TURN: f32 = core::f32::consts::PI;

const HIGH: [[f32; 8]; 2] =
    [[1.5, 1.5, 5.0, 5.0, HALF_TURN, 5.0, 1.0, 1.0], [2.5, 2.5, 10.0, 10.0, TURN, 10.0, 1.0, 1.0]];
const LOW: [[f32; 8]; 2] = [
    [-1.5, -1.5, -5.0, -5.0, -HALF_TURN, -5.0, 0.0, 0.0],
    [-2.5, -2.5, -10.0, -10.0, -TURN, -10.0, 0.0, 0.0],
];

/// What may be chosen about the task.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LanderOptions {
    /// Downwards is negative; more than -12 and less than 0 [m/s^2]
    pub gravity: f64,
    /// Whether wind and turbulence blow while no leg is on the ground.
    pub wind: bool,
    /// The strongest wind; 0 to 20 is sensible [N]
    pub wind_power: f64,
    /// The strongest turbulence; 0 to 2 is sensible [N m]
    pub turbulence_power: f64,
    /// Which version's bounds of observations are declared.
    pub version: LanderVersion,
}

/// Gymnasium's version of the task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LanderVersion {
    /// The narrower bounds.
    V2,
    /// The present one.
    #[default]
    V3,
}

impl Default for LanderOptions {
    fn default() -> Self {
        Self {
            gravity: -10.0,
            wind: false,
            wind_power: 15.0,
            turbulence_power: 1.5,
            version: LanderVersion::V3,
        }
    }
}

/// Why a lander was not made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LanderError {
    /// Gravity is not between -12 and 0.
    Gravity(f64),
    /// The power of wind or turbulence is not a finite number.
    Wind(f64),
}

impl core::fmt::Display for LanderError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Gravity(gravity) => write!(f, "gravity is between -12 and 0, not {gravity}"),
            Self::Wind(power) => write!(f, "the power of wind is a finite number, not {power}"),
        }
    }
}

impl core::error::Error for LanderError {}

/// What lies behind the observations; everything that recordings hold is here.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Lander {
    options: LanderOptions,
    world: World,
    course: Option<Wind>,
    /// The potential whose gain is rewarded; none before the first step.
    shaping: Option<f64>,
}

impl Lander {
    fn new(options: LanderOptions) -> Result<Self, LanderError> {
        let LanderOptions { gravity, wind_power, turbulence_power, .. } = options;
        if !(gravity > -12.0 && gravity < 0.0) {
            return Err(LanderError::Gravity(gravity));
        }
        if let Some(power) = [wind_power, turbulence_power].into_iter().find(|x| !x.is_finite()) {
            return Err(LanderError::Wind(power));
        }
        // Something level to stand on until the first reset.
        let world = world(gravity, &mut crate::rng::NumpyGenerator::new(0));
        Ok(Self { options, world, course: None, shaping: None })
    }

    /// Bodies (hull, right leg, left leg) and ground.
    pub const fn world(&self) -> &World {
        &self.world
    }

    /// Whether the hull has touched the ground.
    pub const fn has_crashed(&self) -> bool {
        self.world.touched()[0]
    }

    /// Whether the right and the left leg stand on the ground, as observed.
    pub const fn legs_on_ground(&self) -> [bool; 2] {
        let [_, right, left] = self.world.on_ground();
        [right, left]
    }

    fn observation_space(&self) -> Space<'_> {
        let version = self.options.version as usize;
        Space::Box { low: &LOW[version], high: &HIGH[version] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        assert_eq!(observation.len(), 8, "an observation of LunarLander has 8 elements");
        self.world = world(self.options.gravity, rng);
        self.world.bodies[0].push(craft::first_gust(rng));
        self.course = self.options.wind.then(|| Wind::draw(rng));
        self.shaping = None;
        // The first observation comes after one step without engines.
        self.advance(Throttles { main: 0.0, side: 0.0, direction: 0.0 }, rng, observation);
    }

    fn advance<R: Rng + ?Sized>(
        &mut self,
        throttles: Throttles,
        rng: &mut R,
        observation: &mut [f32],
    ) -> Step {
        assert_eq!(observation.len(), 8, "an observation of LunarLander has 8 elements");
        if let Some(course) = &mut self.course
            && self.world.on_ground()[1..] == [false; BODIES - 1]
        {
            let LanderOptions { wind_power, turbulence_power, .. } = self.options;
            course.blow(&mut self.world.bodies[0], wind_power, turbulence_power);
        }
        craft::fire(&mut self.world.bodies[0], throttles, rng);
        self.world.step();
        self.judge(throttles, observation)
    }

    /// Observation, reward and ending of the step that was just taken.
    fn judge(&mut self, throttles: Throttles, observation: &mut [f32]) -> Step {
        let state = self.state();
        for (element, value) in observation.iter_mut().zip(state) {
            *element = value as f32;
        }
        let [x, y, vx, vy, angle, _, right, left] = state;
        let shaping = -100.0 * math::sqrt(x * x + y * y)
            - 100.0 * math::sqrt(vx * vx + vy * vy)
            - 100.0 * angle.abs()
            + 10.0 * right
            + 10.0 * left;
        let gain = self.shaping.map_or(0.0, |before| shaping - before);
        self.shaping = Some(shaping);
        let mut reward = gain - throttles.main * 0.30 - throttles.side * 0.03;

        let mut ending = None;
        if self.has_crashed() || x.abs() >= 1.0 {
            (reward, ending) = (-100.0, Some(Ending::Terminated));
        }
        if !self.world.bodies[0].awake {
            (reward, ending) = (100.0, Some(Ending::Terminated));
        }
        Step { reward, ending }
    }

    fn state(&self) -> [f64; 8] {
        let lander = &self.world.bodies[0];
        let Vector { x, y } = lander.transform.position;
        let Vector { x: vx, y: vy } = lander.velocity.linear;
        let touches = self.legs_on_ground().map(|touches| if touches { 1.0 } else { 0.0 });
        [
            (f64::from(x) - WIDTH / 2.0) / (WIDTH / 2.0),
            (f64::from(y) - (PAD_HEIGHT + LEG_DOWN / SCALE)) / (HEIGHT / 2.0),
            f64::from(vx) * (WIDTH / 2.0) / FREQUENCY,
            f64::from(vy) * (HEIGHT / 2.0) / FREQUENCY,
            f64::from(lander.sweep.end.angle),
            20.0 * f64::from(lander.velocity.angular) / FREQUENCY,
            touches[0],
            touches[1],
        ]
    }
}

fn world<R: Rng + ?Sized>(gravity: f64, rng: &mut R) -> World {
    let edges = terrain::edges(rng);
    let (bodies, joints) = craft::build();
    World::new(Vector::new(0.0, gravity as f32), edges, bodies, joints)
}

/// The lander with four actions.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LunarLander(Lander);

impl LunarLander {
    /// The step limit of `LunarLander-v2` and `-v3`.
    pub const STEPS: u32 = 1000;

    /// A lander that waits for its first reset.
    ///
    /// # Errors
    /// If gravity is not between -12 and 0 or the wind not finite.
    pub fn new(options: LanderOptions) -> Result<Self, LanderError> {
        Lander::new(options).map(Self)
    }

    /// What lies behind the observations.
    pub const fn lander(&self) -> &Lander {
        &self.0
    }
}

impl Env for LunarLander {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 4 }
    }

    fn observation_space(&self) -> Space<'_> {
        self.0.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.0.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        assert!(action < 4, "LunarLander has the actions 0, 1, 2 and 3, not {action}");
        let throttles = match action {
            2 => Throttles { main: 1.0, side: 0.0, direction: 0.0 },
            1 | 3 => Throttles { main: 0.0, side: 1.0, direction: f64::from(action) - 2.0 },
            _ => Throttles { main: 0.0, side: 0.0, direction: 0.0 },
        };
        self.0.advance(throttles, rng, observation)
    }
}

/// The lander with two throttles.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LunarLanderContinuous(Lander);

impl LunarLanderContinuous {
    /// A lander that waits for its first reset.
    ///
    /// # Errors
    /// If gravity is not between -12 and 0 or the wind not finite.
    pub fn new(options: LanderOptions) -> Result<Self, LanderError> {
        Lander::new(options).map(Self)
    }

    /// What lies behind the observations.
    pub const fn lander(&self) -> &Lander {
        &self.0
    }
}

impl Env for LunarLanderContinuous {
    type Action = [f32; 2];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Box { low: &[-1.0; 2], high: &[1.0; 2] }
    }

    fn observation_space(&self) -> Space<'_> {
        self.0.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.0.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: [f32; 2],
        rng: &mut R,
        observation: &mut [f32],
    ) -> Step {
        assert!(
            self.action_space().contains(&action),
            "LunarLander's throttles are actions from -1 to 1, not {action:?}"
        );
        let [main, side] = action.map(f64::from);
        let fires = side.abs() > 0.5;
        let throttles = Throttles {
            main: if main > 0.0 { (main + 1.0) * 0.5 } else { 0.0 },
            side: if fires { side.abs() } else { 0.0 },
            direction: if side < 0.0 { -1.0 } else { 1.0 },
        };
        self.0.advance(throttles, rng, observation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    /// `gymnasium.make("LunarLander-v3").reset(seed=42)`, Gymnasium 1.4.
    #[test]
    fn a_reset_is_gymnasiums() {
        let mut env = LunarLander::new(LanderOptions::default()).expect("usual options");
        let mut observation = [0.0; 8];
        env.reset(&mut NumpyGenerator::new(42), &mut observation);
        let expected = [
            0.002297020051628351,
            1.41813063621521,
            0.232647106051445,
            0.3204666078090668,
            -0.002654880052432418,
            -0.0526980459690094,
            0.0,
            0.0,
        ];
        assert_eq!(observation.map(f64::from), expected);
    }

    #[test]
    fn gravity_has_bounds() {
        for gravity in [0.0, -12.0, 1.0, f64::NAN] {
            let options = LanderOptions { gravity, ..LanderOptions::default() };
            assert!(matches!(LunarLander::new(options), Err(LanderError::Gravity(_))));
        }
    }
}
