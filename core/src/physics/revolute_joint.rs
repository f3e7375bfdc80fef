//! A joint that hangs a body on the hull: it may turn between two angles, and a motor turns it.
//!
//! Three rows are solved: the motor, and the point and the limit together (Catto 2009 and Box2D 2.3). The sweeps over
//! velocities are in [`Sweeps`], which holds what does not change between them.

use super::body::{Body, Place, Velocity};
use super::contact_solver::Inverses;
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
    /// The body's angle less the hull's where the joint is at zero [rad]
    pub reference_angle: f32,
    /// Smallest and largest angle of the joint [rad]
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
    ) -> Sweeps {
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

        let sweeps = Sweeps::new(self, of_hull, of_body, hull_arm, body_arm);
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
    pub(super) fn store(&mut self, sweeps: &Sweeps) {
        self.point_impulse = sweeps.point_impulse;
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

/// A joint as the velocity sweeps see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweeps {
    of_hull: Inverses,
    of_body: Inverses,
    hull_arm: Vector,
    body_arm: Vector,
    /// The symmetric matrix from impulses (x, y, turn) to velocities: columns 1, 2 and 3.
    columns: [[f32; 3]; 3],
    /// The outer product of the last two columns.
    cofactors: [f32; 3],
    /// One over the determinants of the whole matrix and of its first two rows and columns.
    inverse_determinants: [f32; 2],
    motor_mass: f32,
    motor_speed: f32,
    most_motor_impulse: f32,
    limit: Limit,
    point_impulse: Vector,
    limit_impulse: f32,
    motor_impulse: f32,
}

impl Sweeps {
    fn new(
        joint: &RevoluteJoint,
        of_hull: Inverses,
        of_body: Inverses,
        hull_arm: Vector,
        body_arm: Vector,
    ) -> Self {
        let (a, b) = (of_hull.inertia, of_body.inertia);
        let (p, q) = (hull_arm, body_arm);
        let mass = of_hull.mass + of_body.mass;
        let k11 = mass + p.y * p.y * a + q.y * q.y * b;
        let k12 = -p.y * p.x * a - q.y * q.x * b;
        let k13 = -p.y * a - q.y * b;
        let k22 = mass + p.x * p.x * a + q.x * q.x * b;
        let k23 = p.x * a + q.x * b;
        let k33 = a + b;
        let columns = [[k11, k12, k13], [k12, k22, k23], [k13, k23, k33]];
        let cofactors = outer(columns[1], columns[2]);
        Self {
            of_hull,
            of_body,
            hull_arm,
            body_arm,
            columns,
            cofactors,
            inverse_determinants: [
                inverse_or_zero(inner(columns[0], cofactors)),
                inverse_or_zero(k11 * k22 - k12 * k12),
            ],
            motor_mass: inverse_or_zero(k33),
            motor_speed: joint.motor_speed,
            most_motor_impulse: TIME_STEP * joint.motor_torque,
            limit: joint.limit,
            point_impulse: joint.point_impulse,
            limit_impulse: joint.limit_impulse,
            motor_impulse: joint.motor_impulse,
        }
    }

    /// One sweep.
    #[inline(always)]
    pub(super) fn solve(&mut self, hull: &mut Velocity, body: &mut Velocity) {
        let (of_hull, of_body) = (self.of_hull, self.of_body);
        let (mut hull_turn, mut body_turn) = (hull.angular, body.angular);

        let speed = body_turn - hull_turn - self.motor_speed;
        let old = self.motor_impulse;
        let most = self.most_motor_impulse;
        self.motor_impulse = clamp(old + -self.motor_mass * speed, -most, most);
        let impulse = self.motor_impulse - old;
        hull_turn -= of_hull.inertia * impulse;
        body_turn += of_body.inertia * impulse;

        let apart = body.linear + self.body_arm.turning(body_turn)
            - hull.linear
            - self.hull_arm.turning(hull_turn);
        let (point, turn) = if self.limit == Limit::Between {
            let point = self.solve_point(-apart);
            self.point_impulse += point;
            (point, None)
        } else {
            let (point, turn) = self.solve_limit(apart, body_turn - hull_turn);
            (point, Some(turn))
        };
        let (mut on_hull, mut on_body) = (self.hull_arm.cross(point), self.body_arm.cross(point));
        if let Some(turn) = turn {
            on_hull += turn;
            on_body += turn;
        }
        hull.linear -= of_hull.mass * point;
        hull.angular = hull_turn - of_hull.inertia * on_hull;
        body.linear += of_body.mass * point;
        body.angular = body_turn + of_body.inertia * on_body;
    }

    /// The impulse that makes the point move like this.
    #[inline(always)]
    fn solve_point(&self, velocity: Vector) -> Vector {
        let [[k11, k12, _], [_, k22, _], _] = self.columns;
        let inverse = self.inverse_determinants[1];
        Vector::new(
            inverse * (k22 * velocity.x - k12 * velocity.y),
            inverse * (k11 * velocity.y - k12 * velocity.x),
        )
    }

    /// Point and limit together; the limit only pushes.
    #[inline(always)]
    fn solve_limit(&mut self, apart: Vector, speed: f32) -> (Vector, f32) {
        let [first, second, third] = self.columns;
        let right = [apart.x, apart.y, speed];
        let inverse = self.inverse_determinants[0];
        let point = -Vector::new(
            inverse * inner(right, self.cofactors),
            inverse * inner(first, outer(right, third)),
        );
        let turn = -(inverse * inner(first, outer(second, right)));
        let total = self.limit_impulse + turn;
        let pulls = match self.limit {
            Limit::AtUpper => total > 0.0,
            _ => total < 0.0,
        };
        if pulls {
            let old = self.limit_impulse;
            let point = self.solve_point(-apart + old * Vector::new(third[0], third[1]));
            self.point_impulse += point;
            self.limit_impulse = 0.0;
            (point, -old)
        } else {
            self.point_impulse += point;
            self.limit_impulse = total;
            (point, turn)
        }
    }
}

fn inverse_or_zero(x: f32) -> f32 {
    if x == 0.0 { x } else { 1.0 / x }
}

#[inline(always)]
fn inner(a: [f32; 3], b: [f32; 3]) -> f32 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline(always)]
fn outer(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
