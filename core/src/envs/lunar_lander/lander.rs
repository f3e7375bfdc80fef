//! The task behind both kinds of actions: an episode's world, its first observation, and what a step is worth.

use super::craft::{self, LEG_DOWN, SCALE, Throttles, Wind};
use super::options::{LanderError, LanderOptions};
use super::terrain::{self, HEIGHT, PAD_HEIGHT, WIDTH};
use crate::env::{Ending, Step};
use crate::math;
use crate::physics::vector::Vector;
use crate::physics::{BODIES, World};
use crate::rng::{NumpyGenerator, Rng};

/// Steps a second.
const FREQUENCY: f64 = 50.0;
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
    pub(super) fn new(options: LanderOptions) -> Result<Self, LanderError> {
        let options = options.checked()?;
        // Something to stand on until the first reset.
        let world = world(options.gravity, &mut NumpyGenerator::new(0));
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

    pub(super) const fn options(&self) -> &LanderOptions {
        &self.options
    }

    pub(super) const fn world_mut(&mut self) -> &mut World {
        &mut self.world
    }

    pub(super) fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        assert_eq!(observation.len(), 8, "an observation of LunarLander has 8 elements");
        self.world = world(self.options.gravity, rng);
        self.world.bodies[0].push(craft::first_gust(rng));
        self.course = self.options.wind.then(|| Wind::draw(rng));
        self.shaping = None;
        // The first observation comes after one step without engines.
        self.advance(Throttles { main: 0.0, side: 0.0, direction: 0.0 }, rng, observation);
    }

    pub(super) fn advance<R: Rng + ?Sized>(
        &mut self,
        throttles: Throttles,
        rng: &mut R,
        observation: &mut [f32],
    ) -> Step {
        assert_eq!(observation.len(), 8, "an observation of LunarLander has 8 elements");
        self.drive(throttles, rng);
        self.world.step();
        self.judge(throttles, observation)
    }

    /// Wind and engines.
    pub(super) fn drive<R: Rng + ?Sized>(&mut self, throttles: Throttles, rng: &mut R) {
        if let Some(course) = &mut self.course
            && self.world.on_ground()[1..] == [false; BODIES - 1]
        {
            let LanderOptions { wind_power, turbulence_power, .. } = self.options;
            course.blow(&mut self.world.bodies[0], wind_power, turbulence_power);
        }
        craft::fire(&mut self.world.bodies[0], throttles, rng);
    }

    /// Observation, reward and ending of the step that was just taken.
    pub(super) fn judge(&mut self, throttles: Throttles, observation: &mut [f32]) -> Step {
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
