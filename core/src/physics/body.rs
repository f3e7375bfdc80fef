//! A moving body: one polygon, where it is, how it moves, and where it was when the step began.
//!
//! Forces and impulses are taken here; what joints and contacts do to a body is for the solvers.

use super::shape::{Bounds, Mass, Polygon};
use super::vector::{Rotation, Transform, Vector};
use super::{BOUNDS_MARGIN, BOUNDS_PREDICTION};
use crate::math;

/// Velocity of a centre of mass and about it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Velocity {
    /// [m/s]
    pub linear: Vector,
    /// Counter-clockwise [rad/s]
    pub angular: f32,
}

/// A centre of mass and the angle about it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Place {
    /// In m.
    pub centre: Vector,
    /// Counter-clockwise, never wrapped, in rad.
    pub angle: f32,
}

impl Place {
    /// Where the body's origin is, and how it is turned.
    #[inline]
    pub fn transform(self, local_centre: Vector) -> Transform {
        self.transform_turned(local_centre, Rotation::by(self.angle))
    }

    /// The same, where sine and cosine are known.
    #[inline(always)]
    pub fn transform_turned(self, local_centre: Vector, rotation: Rotation) -> Transform {
        Transform { position: self.centre - rotation.turn(local_centre), rotation }
    }

    /// The place a fraction of the way from here to `end`.
    #[inline(always)]
    fn towards(self, end: Self, fraction: f32) -> Self {
        Self {
            centre: (1.0 - fraction) * self.centre + fraction * end.centre,
            angle: (1.0 - fraction) * self.angle + fraction * end.angle,
        }
    }
}

/// The way of a body through a step, or through what is left of it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Sweep {
    /// The centre of mass in the body's coordinates.
    pub local_centre: Vector,
    /// Where it begins.
    pub start: Place,
    /// Where it ends.
    pub end: Place,
    /// The fraction of the step at which it begins.
    pub start_time: f32,
}

impl Sweep {
    /// Where the body is after a fraction of the sweep, not of the step.
    #[inline]
    pub fn transform_at(&self, fraction: f32) -> Transform {
        self.start.towards(self.end, fraction).transform(self.local_centre)
    }

    /// Lets the sweep begin later, at `time` of the step.
    pub fn advance(&mut self, time: f32) {
        let fraction = (time - self.start_time) / (1.0 - self.start_time);
        self.start = self.start.towards(self.end, fraction);
        self.start_time = time;
    }

    /// The same sweep with whole turns taken off both angles: large ones make root finding fail.
    pub fn unwound(&self) -> Self {
        const TURN: f32 = 2.0 * super::PI;
        let whole = TURN * math::floor_f32(self.start.angle / TURN);
        let mut sweep = *self;
        sweep.start.angle -= whole;
        sweep.end.angle -= whole;
        sweep
    }
}

/// One polygon that moves.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Body {
    /// Its shape.
    pub polygon: Polygon,
    /// Coefficient of friction.
    pub friction: f32,
    /// Where its shape is.
    pub transform: Transform,
    /// Its way through the last step.
    pub sweep: Sweep,
    /// How it moves.
    pub velocity: Velocity,
    /// What pushes it during the next step, in N.
    pub force: Vector,
    /// What turns it during the next step [N m]
    pub torque: f32,
    /// [1/kg]
    pub inverse_mass: f32,
    /// About the centre of mass [1/(kg m^2)]
    pub inverse_inertia: f32,
    /// How long it has been nearly still, in s.
    pub still_time: f32,
    /// Sleeping bodies are not computed.
    pub awake: bool,
    /// A box that holds the shape with room to move, so that it need not be looked at in every step.
    pub bounds: Bounds,
}

impl Body {
    /// A body at rest, with its origin at `position`.
    pub fn new(
        polygon: Polygon,
        density: f32,
        friction: f32,
        position: Vector,
        angle: f32,
    ) -> Self {
        let transform = Transform { position, rotation: Rotation::by(angle) };
        let Mass { mass, centre, inertia } = polygon.mass(density);
        let inverse_mass = 1.0 / mass;
        // The way of the sums: a centre of mass is a moment over a mass, also of one shape.
        let local_centre = inverse_mass * (mass * centre);
        let about_centre = inertia - mass * local_centre.length_squared();
        let place = Place { centre: transform.apply(local_centre), angle };
        Self {
            polygon,
            friction,
            transform,
            sweep: Sweep { local_centre, start: place, end: place, start_time: 0.0 },
            velocity: Velocity::default(),
            force: Vector::ZERO,
            torque: 0.0,
            inverse_mass,
            inverse_inertia: 1.0 / about_centre,
            still_time: 0.0,
            awake: true,
            bounds: polygon.bounds(&transform).widened(BOUNDS_MARGIN),
        }
    }

    /// Wakes it; one that is awake stays as still as it is.
    pub fn wake(&mut self) {
        if !self.awake {
            self.awake = true;
            self.still_time = 0.0;
        }
    }

    /// Stops it until something wakes it.
    pub fn fall_asleep(&mut self) {
        self.awake = false;
        self.still_time = 0.0;
        self.velocity = Velocity::default();
        self.force = Vector::ZERO;
        self.torque = 0.0;
    }

    /// Pushes it at its centre of mass during the next step, in N.
    pub fn push(&mut self, force: Vector) {
        self.wake();
        self.force += force;
    }

    /// Turns it during the next step [N m].
    pub fn twist(&mut self, torque: f32) {
        self.wake();
        self.torque += torque;
    }

    /// Kicks it at a point of the world; its velocity changes at once [N s].
    pub fn kick(&mut self, impulse: Vector, point: Vector) {
        self.wake();
        self.velocity.linear += self.inverse_mass * impulse;
        let arm = point - self.sweep.end.centre;
        self.velocity.angular += self.inverse_inertia * arm.cross(impulse);
    }

    /// Puts the shape where the sweep ends.
    pub fn place_shape(&mut self) {
        self.transform = self.sweep.end.transform(self.sweep.local_centre);
    }

    /// Moves the body to where it is at `time` of the step; the rest of the step is to be found anew.
    pub fn advance(&mut self, time: f32) {
        self.sweep.advance(time);
        self.sweep.end = self.sweep.start;
        self.place_shape();
    }

    /// Makes the box hold the shape from `before` to where it is now. True if it had to be moved.
    pub fn follow(&mut self, before: &Transform) -> bool {
        let swept = self.polygon.bounds(before).around(self.polygon.bounds(&self.transform));
        if self.bounds.contain(&swept) {
            return false;
        }
        let mut bounds = swept.widened(BOUNDS_MARGIN);
        let ahead = BOUNDS_PREDICTION * (self.transform.position - before.position);
        let side = |ahead: f32, lower: &mut f32, upper: &mut f32| {
            *(if ahead < 0.0 { lower } else { upper }) += ahead;
        };
        side(ahead.x, &mut bounds.lower.x, &mut bounds.upper.x);
        side(ahead.y, &mut bounds.lower.y, &mut bounds.upper.y);
        self.bounds = bounds;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit_square() -> Body {
        Body::new(Polygon::rectangle(0.5, 0.5), 2.0, 0.2, Vector::new(1.0, 1.0), 0.0)
    }

    #[test]
    fn a_kick_through_the_centre_does_not_turn() {
        let mut body = unit_square();
        body.kick(Vector::new(4.0, 0.0), Vector::new(0.0, 1.0));
        assert_eq!((body.velocity.linear, body.velocity.angular), (Vector::new(2.0, 0.0), 0.0));
        body.kick(Vector::new(1.0, 0.0), Vector::new(1.0, 2.0));
        assert!(body.velocity.angular < 0.0, "a push to the right at the top turns clockwise");
    }

    #[test]
    fn the_box_moves_only_when_the_shape_leaves_it() {
        let mut body = unit_square();
        let mut step = |by: f32| {
            let before = body.transform;
            body.sweep.end.centre.x += by;
            body.place_shape();
            body.follow(&before)
        };
        assert!(!step(0.05));
        assert!(step(0.2));
        assert!(!step(0.2), "the box was made larger in the direction of the motion");
    }

    #[test]
    fn sleep_forgets_motion_and_waking_does_not_bring_it_back() {
        let mut body = unit_square();
        body.push(Vector::new(1.0, 1.0));
        body.velocity.angular = 1.0;
        body.fall_asleep();
        assert_eq!(
            (body.velocity, body.force, body.awake),
            (Velocity::default(), Vector::ZERO, false)
        );
        body.twist(3.0);
        assert_eq!((body.awake, body.torque, body.still_time), (true, 3.0, 0.0));
    }
}
