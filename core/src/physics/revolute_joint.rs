//! A joint that hangs a body on the hull: it may turn between two angles, and a motor turns it.
//!
//! What it remembers from step to step, and how places are corrected. The sweeps over velocities, where nearly all of
//! the time goes, are in `joint_sweeps.rs`.

use super::body::{Body, Place, Velocity};
use super::contact_solver::Inverses;
use super::joint_sweeps::{Sweeps, inner, inverse_or_zero, outer};
use super::vector::{Rotation, Vector, clamp};
use super::{ANGULAR_SLOP, LINEAR_SLOP, MAXIMUM_ANGULAR_CORRECTION, TIME_STEP};

/// A hinge between the hull and a body that hangs on it.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RevoluteJoint {
    /// In the hull's coordinates.
    pub hull_anchor: Vector,
    /// In the body's coordinates.
    pub body_anchor: Vector,
    /// The body's angle less the hull's where the joint is at zero, in rad.
    pub reference_angle: f32,
    /// Smallest and largest angle of the joint, in rad.
    pub limits: [f32; 2],
    /// What the motor can do [N m]
    pub motor_torque: f32,
    /// What the motor would like [rad/s]
    pub motor_speed: f32,
    /// What the point took in the last step [N s]
    point_impulse: Vector,
    /// What the limit took in the last step [N m s]
    limit_impulse: f32,
    /// What the motor gave in the last step [N m s]
    motor_impulse: f32,
    limit: Limit,
}

/// Where a joint is between its limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Limit {
    Between,
    AtLower,
    AtUpper,
}

impl RevoluteJoint {
    /// A joint that nothing has moved yet.
    pub const fn new(
        [hull_anchor, body_anchor]: [Vector; 2],
        reference_angle: f32,
        limits: [f32; 2],
        motor_torque: f32,
        motor_speed: f32,
    ) -> Self {
        Self {
            hull_anchor,
            body_anchor,
            reference_angle,
            limits,
            motor_torque,
            motor_speed,
            point_impulse: Vector::ZERO,
            limit_impulse: 0.0,
            motor_impulse: 0.0,
            limit: Limit::Between,
        }
    }

    /// Prepares the sweeps where hull and body are now. What the last step took is applied at once.
    pub(super) fn prepare(
        &mut self,
        [hull, body]: [&Body; 2],
        [hull_place, body_place]: [Place; 2],
        hull_velocity: &mut Velocity,
        body_velocity: &mut Velocity,
    ) -> Sweeps<f32> {
        let (of_hull, of_body) = (Inverses::of(hull), Inverses::of(body));
        let hull_arm = hull.transform.rotation.turn(self.hull_anchor - hull.sweep.local_centre);
        let body_arm = body.transform.rotation.turn(self.body_anchor - body.sweep.local_centre);

        let angle = body_place.angle - hull_place.angle - self.reference_angle;
        let [lower, upper] = self.limits;
        let limit = if angle <= lower {
            Limit::AtLower
        } else if angle >= upper {
            Limit::AtUpper
        } else {
            Limit::Between
        };
        if limit != self.limit || limit == Limit::Between {
            self.limit_impulse = 0.0;
        }
        self.limit = limit;

        let (a, b) = (of_hull.inertia, of_body.inertia);
        let (p, q) = (hull_arm, body_arm);
        let mass = of_hull.mass + of_body.mass;
        let k11 = mass + p.y * p.y * a + q.y * q.y * b;
        let k12 = -p.y * p.x * a - q.y * q.x * b;
        let k13 = -p.y * a - q.y * b;
        let k22 = mass + p.x * p.x * a + q.x * q.x * b;
        let k23 = p.x * a + q.x * b;
        let k33 = a + b;
        let cofactors = outer([k12, k22, k23], [k13, k23, k33]);
        let sweeps = Sweeps {
            hull_mass: of_hull.mass,
            hull_inertia: a,
            body_mass: of_body.mass,
            body_inertia: b,
            hull_arm: [p.x, p.y],
            body_arm: [q.x, q.y],
            columns: [k11, k12, k13, k22, k23, k33],
            cofactors,
            inverse: inverse_or_zero(inner([k11, k12, k13], cofactors)),
            point_inverse: inverse_or_zero(k11 * k22 - k12 * k12),
            minus_motor_mass: -inverse_or_zero(k33),
            motor_speed: self.motor_speed,
            most_motor_impulse: TIME_STEP * self.motor_torque,
            limit: match limit {
                Limit::Between => 0.0,
                Limit::AtLower => 1.0,
                Limit::AtUpper => -1.0,
            },
            point_impulse: [self.point_impulse.x, self.point_impulse.y],
            limit_impulse: self.limit_impulse,
            motor_impulse: self.motor_impulse,
        };
        let (point, turn) = (self.point_impulse, self.motor_impulse);
        hull_velocity.linear -= of_hull.mass * point;
        hull_velocity.angular -=
            of_hull.inertia * (hull_arm.cross(point) + turn + self.limit_impulse);
        body_velocity.linear += of_body.mass * point;
        body_velocity.angular +=
            of_body.inertia * (body_arm.cross(point) + turn + self.limit_impulse);
        sweeps
    }

    /// Keeps what the sweeps found for the next step.
    pub(super) fn store(&mut self, sweeps: &Sweeps<f32>) {
        let [x, y] = sweeps.point_impulse;
        self.point_impulse = Vector::new(x, y);
        self.limit_impulse = sweeps.limit_impulse;
        self.motor_impulse = sweeps.motor_impulse;
    }

    /// Moves hull and body together where they have come apart. True if there was little to do.
    pub(super) fn correct(
        &self,
        [hull, body]: [&Body; 2],
        hull_place: &mut Place,
        body_place: &mut Place,
    ) -> bool {
        let (of_hull, of_body) = (Inverses::of(hull), Inverses::of(body));
        let mut angular_error = 0.0;
        if self.limit != Limit::Between {
            let angle = body_place.angle - hull_place.angle - self.reference_angle;
            let correction = match self.limit {
                Limit::AtUpper => {
                    let beyond = angle - self.limits[1];
                    angular_error = beyond;
                    clamp(beyond - ANGULAR_SLOP, 0.0, MAXIMUM_ANGULAR_CORRECTION)
                }
                _ => {
                    let beyond = angle - self.limits[0];
                    angular_error = -beyond;
                    clamp(beyond + ANGULAR_SLOP, -MAXIMUM_ANGULAR_CORRECTION, 0.0)
                }
            };
            let impulse = -inverse_or_zero(of_hull.inertia + of_body.inertia) * correction;
            hull_place.angle -= of_hull.inertia * impulse;
            body_place.angle += of_body.inertia * impulse;
        }

        let hull_arm =
            Rotation::by(hull_place.angle).turn(self.hull_anchor - hull.sweep.local_centre);
        let body_arm =
            Rotation::by(body_place.angle).turn(self.body_anchor - body.sweep.local_centre);
        let apart = body_place.centre + body_arm - hull_place.centre - hull_arm;
        let error = apart.length();

        let mass = of_hull.mass + of_body.mass;
        let (a, b) = (of_hull.inertia, of_body.inertia);
        let k11 = mass + a * hull_arm.y * hull_arm.y + b * body_arm.y * body_arm.y;
        let k12 = -a * hull_arm.x * hull_arm.y - b * body_arm.x * body_arm.y;
        let k22 = mass + a * hull_arm.x * hull_arm.x + b * body_arm.x * body_arm.x;
        let determinant = inverse_or_zero(k11 * k22 - k12 * k12);
        let impulse = -Vector::new(
            determinant * (k22 * apart.x - k12 * apart.y),
            determinant * (k11 * apart.y - k12 * apart.x),
        );
        hull_place.centre -= of_hull.mass * impulse;
        hull_place.angle -= a * hull_arm.cross(impulse);
        body_place.centre += of_body.mass * impulse;
        body_place.angle += b * body_arm.cross(impulse);
        error <= LINEAR_SLOP && angular_error <= ANGULAR_SLOP
    }
}
