//! The lander and its legs, and what pushes them: the first gust, three engines, wind.
//!
//! Engines and wind are computed in double precision and rounded as they reach the physics.

use super::terrain::{HEIGHT, WIDTH};
use crate::math;
use crate::physics::body::Body;
use crate::physics::revolute_joint::RevoluteJoint;
use crate::physics::shape::Polygon;
use crate::physics::vector::Vector;
use crate::physics::{BODIES, JOINTS};
use crate::rng::{Rng, integers, uniform};

/// Pixels of the original's picture in a metre; lengths below are in pixels.
pub(super) const SCALE: f64 = 30.0;
const OUTLINE: [(f64, f64); 6] =
    [(-14.0, 17.0), (-17.0, 0.0), (-17.0, -10.0), (17.0, -10.0), (17.0, 0.0), (14.0, 17.0)];
/// [kg/m^2]
const LANDER_DENSITY: f32 = 5.0;
const LANDER_FRICTION: f32 = 0.1;
const LEG_AWAY: f64 = 20.0;
pub(super) const LEG_DOWN: f64 = 18.0;
const LEG_HALF_WIDTH: f64 = 2.0;
const LEG_HALF_HEIGHT: f64 = 8.0;
/// [kg/m^2]
const LEG_DENSITY: f32 = 1.0;
const LEG_FRICTION: f32 = 0.2;
/// [N m]
const LEG_SPRING_TORQUE: f32 = 40.0;
/// [N]
const FIRST_GUST: f64 = 1000.0;
/// Of the impulse per metre between engine and centre.
const MAIN_ENGINE_POWER: f64 = 13.0;
const SIDE_ENGINE_POWER: f64 = 0.6;
const MAIN_ENGINE_DOWN: f64 = 4.0;
const SIDE_ENGINE_UP: f64 = 14.0;
const SIDE_ENGINE_AWAY: f64 = 12.0;
/// The original writes a number where it seems to mean [`SIDE_ENGINE_UP`], so that side engines turn the lander
/// differently when it is tilted.
const SIDE_ENGINE_ACROSS: f64 = 17.0;

const fn vector(x: f64, y: f64) -> Vector {
    Vector::new(x as f32, y as f32)
}

/// The lander, then the leg that hangs on its right and the one on its left, and their joints.
pub(super) fn build() -> ([Body; BODIES], [RevoluteJoint; JOINTS]) {
    let (x, y) = (WIDTH / 2.0, HEIGHT);
    let outline = OUTLINE.map(|(x, y)| vector(x / SCALE, y / SCALE));
    let hull = Polygon::hull(&outline);
    let leg = Polygon::rectangle((LEG_HALF_WIDTH / SCALE) as f32, (LEG_HALF_HEIGHT / SCALE) as f32);
    let leg_body = |side: f64| {
        let position = vector(x - side * LEG_AWAY / SCALE, y);
        Body::new(leg, LEG_DENSITY, LEG_FRICTION, position, (side * 0.05) as f32)
    };
    let joint = |side: f64, limits: [f64; 2]| {
        let anchors = [Vector::ZERO, vector(side * LEG_AWAY / SCALE, LEG_DOWN / SCALE)];
        RevoluteJoint::new(
            anchors,
            (side * 0.05) as f32,
            limits.map(|limit| limit as f32),
            LEG_SPRING_TORQUE,
            (0.3 * side) as f32,
        )
    };
    let bodies = [
        Body::new(hull, LANDER_DENSITY, LANDER_FRICTION, vector(x, y), 0.0),
        leg_body(-1.0),
        leg_body(1.0),
    ];
    (bodies, [joint(-1.0, [0.9 - 0.5, 0.9]), joint(1.0, [-0.9, -0.9 + 0.5])])
}

/// The random force of the first step.
pub(super) fn first_gust<R: Rng + ?Sized>(rng: &mut R) -> Vector {
    let x = uniform(rng, -FIRST_GUST, FIRST_GUST);
    vector(x, uniform(rng, -FIRST_GUST, FIRST_GUST))
}

/// What the engines are told: parts of their full power.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Throttles {
    /// 0, or 0.5 to 1.
    pub(super) main: f64,
    /// 0, or 0.5 to 1.
    pub(super) side: f64,
    /// -1 fires the left engine, 1 the right one.
    pub(super) direction: f64,
}

/// Fires the engines for one step. They shake a little, also when they are off: two draws.
pub(super) fn fire<R: Rng + ?Sized>(lander: &mut Body, throttles: Throttles, rng: &mut R) {
    let angle = f64::from(lander.sweep.end.angle);
    let tip = [math::sin(angle), math::cos(angle)];
    let side = [-tip[1], tip[0]];
    let shake = [uniform(rng, -1.0, 1.0) / SCALE, uniform(rng, -1.0, 1.0) / SCALE];
    let Vector { x, y } = lander.transform.position;
    let (x, y) = (f64::from(x), f64::from(y));

    let Throttles { main, side: power, direction } = throttles;
    if main > 0.0 {
        let down = MAIN_ENGINE_DOWN / SCALE + 2.0 * shake[0];
        let ox = tip[0] * down + side[0] * shake[1];
        let oy = -tip[1] * down - side[1] * shake[1];
        let impulse = vector(-ox * MAIN_ENGINE_POWER * main, -oy * MAIN_ENGINE_POWER * main);
        lander.kick(impulse, vector(x + ox, y + oy));
    }
    if power > 0.0 {
        let away = 3.0 * shake[1] + direction * SIDE_ENGINE_AWAY / SCALE;
        let ox = tip[0] * shake[0] + side[0] * away;
        let oy = -tip[1] * shake[0] - side[1] * away;
        let impulse = vector(-ox * SIDE_ENGINE_POWER * power, -oy * SIDE_ENGINE_POWER * power);
        let point = vector(
            x + ox - tip[0] * SIDE_ENGINE_ACROSS / SCALE,
            y + oy + tip[1] * SIDE_ENGINE_UP / SCALE,
        );
        lander.kick(impulse, point);
    }
}

/// Where wind and turbulence are in their courses, which never repeat.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Wind {
    wind: i64,
    torque: i64,
}

impl Wind {
    /// Anywhere in the courses.
    pub(super) fn draw<R: Rng + ?Sized>(rng: &mut R) -> Self {
        Self { wind: integers(rng, -9999, 9999), torque: integers(rng, -9999, 9999) }
    }

    /// Pushes and turns the lander for one step, at most so much [N, N m].
    pub(super) fn blow(&mut self, lander: &mut Body, power: f64, turbulence: f64) {
        lander.push(vector(course(self.wind) * power, 0.0));
        self.wind += 1;
        lander.twist((course(self.torque) * turbulence) as f32);
        self.torque += 1;
    }
}

/// From -1 to 1: tanh(sin(2 k i) + sin(pi k i)) with k = 0.01.
fn course(index: i64) -> f64 {
    let index = index as f64;
    let slow = math::sin(0.02 * index);
    math::tanh(slow + math::sin(core::f64::consts::PI * 0.01 * index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    /// What the original prints of its bodies.
    #[test]
    fn lander_and_legs_weigh_what_the_originals_do() {
        let ([lander, leg, _], _) = build();
        let mass = |body: &Body| 1.0 / body.inverse_mass;
        assert!((mass(&lander) - 4.816_666_6).abs() < 1e-6);
        assert!((mass(&leg) - 0.071_111_1).abs() < 1e-7);
        assert!((lander.sweep.local_centre.y - 0.101_307).abs() < 1e-6);
        let about_origin = 1.0 / lander.inverse_inertia + mass(&lander) * 0.101_307 * 0.101_307;
        assert!((about_origin - 0.833_314_9).abs() < 1e-5);
        let first = lander.polygon.corners()[0];
        assert_eq!(first, vector(17.0 / 30.0, -10.0 / 30.0));
    }

    #[test]
    fn the_main_engine_lifts_and_a_side_engine_pushes_away() {
        let rng = &mut NumpyGenerator::new(1);
        let fired = |main: f64, direction: f64, rng: &mut NumpyGenerator| {
            let ([mut lander, ..], _) = build();
            fire(&mut lander, Throttles { main, side: direction.abs(), direction }, rng);
            lander.velocity.linear
        };
        assert!(fired(1.0, 0.0, rng).y > 0.1);
        assert!(fired(0.0, -1.0, rng).x < 0.0 && fired(0.0, 1.0, rng).x > 0.0);
        assert_eq!(fired(0.0, 0.0, rng), Vector::ZERO);
    }

    #[test]
    fn wind_is_a_gust_between_its_bounds() {
        for index in -50..50 {
            assert!(course(index * 199).abs() <= 1.0);
        }
        assert_eq!(course(0), 0.0);
    }
}
