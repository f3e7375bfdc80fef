//! The sweeps over a joint's velocities: 180 of them a step, each waiting for the one before.
//!
//! Three rows are solved: the motor, then the point and the limit together (Catto 2009, as in Box2D 2.3). Written once
//! for [`Number`]s: one craft here, or many side by side in [`super::lockstep`].

use super::number::Number;

/// How many numbers [`Sweeps`] holds.
pub(super) const SWEEPS_NUMBERS: usize = 27;

/// A velocity, as numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Motion<F> {
    pub(super) linear: [F; 2],
    pub(super) angular: F,
}

/// A joint as the velocity sweeps see it: what stays through all of them, then what they find.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sweeps<F> {
    pub(super) hull_mass: F,
    pub(super) hull_inertia: F,
    pub(super) body_mass: F,
    pub(super) body_inertia: F,
    /// From each centre of mass to the joint.
    pub(super) hull_arm: [F; 2],
    pub(super) body_arm: [F; 2],
    /// The symmetric matrix from impulses (x, y, turn) to velocities: 11, 12, 13, 22, 23, 33.
    pub(super) columns: [F; 6],
    /// The outer product of its last two columns.
    pub(super) cofactors: [F; 3],
    /// One over its determinant.
    pub(super) inverse: F,
    /// One over the determinant of its first two rows and columns.
    pub(super) point_inverse: F,
    pub(super) minus_motor_mass: F,
    pub(super) motor_speed: F,
    pub(super) most_motor_impulse: F,
    /// The direction in which the limit pushes: 1 at the lower one, -1 at the upper one, 0 between them.
    pub(super) limit: F,
    pub(super) point_impulse: [F; 2],
    pub(super) limit_impulse: F,
    pub(super) motor_impulse: F,
}

impl Sweeps<f32> {
    /// Stands where there is no joint.
    pub(super) const NONE: Self = Self {
        hull_mass: 0.0,
        hull_inertia: 0.0,
        body_mass: 0.0,
        body_inertia: 0.0,
        hull_arm: [0.0; 2],
        body_arm: [0.0; 2],
        columns: [0.0; 6],
        cofactors: [0.0; 3],
        inverse: 0.0,
        point_inverse: 0.0,
        minus_motor_mass: 0.0,
        motor_speed: 0.0,
        most_motor_impulse: 0.0,
        limit: 0.0,
        point_impulse: [0.0; 2],
        limit_impulse: 0.0,
        motor_impulse: 0.0,
    };
}

impl<F: Number> Sweeps<F> {
    /// All numbers in a row.
    #[inline(always)]
    pub(super) fn numbers(&self) -> [F; SWEEPS_NUMBERS] {
        let [hull_x, hull_y] = self.hull_arm;
        let [body_x, body_y] = self.body_arm;
        let [k11, k12, k13, k22, k23, k33] = self.columns;
        let [c1, c2, c3] = self.cofactors;
        let [point_x, point_y] = self.point_impulse;
        [
            self.hull_mass,
            self.hull_inertia,
            self.body_mass,
            self.body_inertia,
            hull_x,
            hull_y,
            body_x,
            body_y,
            k11,
            k12,
            k13,
            k22,
            k23,
            k33,
            c1,
            c2,
            c3,
            self.inverse,
            self.point_inverse,
            self.minus_motor_mass,
            self.motor_speed,
            self.most_motor_impulse,
            self.limit,
            point_x,
            point_y,
            self.limit_impulse,
            self.motor_impulse,
        ]
    }

    /// The joint with these numbers.
    #[inline(always)]
    pub(super) fn from_numbers(numbers: [F; SWEEPS_NUMBERS]) -> Self {
        let [hull_mass, hull_inertia, body_mass, body_inertia, rest @ ..] = numbers;
        let [hull_x, hull_y, body_x, body_y, rest @ ..] = rest;
        let [k11, k12, k13, k22, k23, k33, c1, c2, c3, rest @ ..] = rest;
        let [inverse, point_inverse, minus_motor_mass, motor_speed, rest @ ..] = rest;
        let [most_motor_impulse, limit, point_x, point_y, limit_impulse, motor_impulse] = rest;
        Self {
            hull_mass,
            hull_inertia,
            body_mass,
            body_inertia,
            hull_arm: [hull_x, hull_y],
            body_arm: [body_x, body_y],
            columns: [k11, k12, k13, k22, k23, k33],
            cofactors: [c1, c2, c3],
            inverse,
            point_inverse,
            minus_motor_mass,
            motor_speed,
            most_motor_impulse,
            limit,
            point_impulse: [point_x, point_y],
            limit_impulse,
            motor_impulse,
        }
    }

    /// One sweep.
    #[inline(always)]
    pub(super) fn solve(&mut self, hull: &mut Motion<F>, body: &mut Motion<F>) {
        let speed = body.angular - hull.angular - self.motor_speed;
        let old = self.motor_impulse;
        let most = self.most_motor_impulse;
        self.motor_impulse = clamp(old + self.minus_motor_mass * speed, -most, most);
        let impulse = self.motor_impulse - old;
        hull.angular = hull.angular - self.hull_inertia * impulse;
        body.angular = body.angular + self.body_inertia * impulse;

        let at_body = turning(self.body_arm, body.angular);
        let at_hull = turning(self.hull_arm, hull.angular);
        let apart: [F; 2] = core::array::from_fn(|axis| {
            body.linear[axis] + at_body[axis] - hull.linear[axis] - at_hull[axis]
        });
        let zero = speed.zero();
        let at_limit = zero.less(self.limit * self.limit);
        let speed = body.angular - hull.angular;
        let [x, y, on_hull, on_body, limit_impulse] = F::choose(
            at_limit,
            || self.solve_limit(apart, speed),
            || {
                let [x, y] = self.solve_point(apart.map(F::neg));
                let (on_hull, on_body) =
                    (cross(self.hull_arm, [x, y]), cross(self.body_arm, [x, y]));
                [x, y, on_hull, on_body, self.limit_impulse]
            },
        );
        self.point_impulse = [self.point_impulse[0] + x, self.point_impulse[1] + y];
        self.limit_impulse = limit_impulse;
        for (axis, impulse) in [x, y].into_iter().enumerate() {
            hull.linear[axis] = hull.linear[axis] - self.hull_mass * impulse;
            body.linear[axis] = body.linear[axis] + self.body_mass * impulse;
        }
        hull.angular = hull.angular - self.hull_inertia * on_hull;
        body.angular = body.angular + self.body_inertia * on_body;
    }

    /// The impulse that makes the point move like this.
    #[inline(always)]
    fn solve_point(&self, [x, y]: [F; 2]) -> [F; 2] {
        let [k11, k12, _, k22, ..] = self.columns;
        [self.point_inverse * (k22 * x - k12 * y), self.point_inverse * (k11 * y - k12 * x)]
    }

    /// Point and limit together, and what they turn hull and body by; where the limit would pull, it lets go and the
    /// point is solved alone. The last number is the limit's new impulse.
    #[inline(always)]
    fn solve_limit(&self, apart: [F; 2], speed: F) -> [F; 5] {
        let [k11, k12, k13, k22, k23, k33] = self.columns;
        let (first, second, third) = ([k11, k12, k13], [k12, k22, k23], [k13, k23, k33]);
        let right = [apart[0], apart[1], speed];
        let x = -(self.inverse * inner(right, self.cofactors));
        let y = -(self.inverse * inner(first, outer(right, third)));
        let turn = -(self.inverse * inner(first, outer(second, right)));
        let old = self.limit_impulse;
        let total = old + turn;
        let pulls = (self.limit * total).less(speed.zero());
        let [x, y, turn, total] = F::choose(
            pulls,
            || {
                let [x, y] = self.solve_point([-apart[0] + old * k13, -apart[1] + old * k23]);
                [x, y, -old, speed.zero()]
            },
            || [x, y, turn, total],
        );
        let on_hull = cross(self.hull_arm, [x, y]) + turn;
        let on_body = cross(self.body_arm, [x, y]) + turn;
        [x, y, on_hull, on_body, total]
    }
}

/// One over a number that is not zero.
pub(super) fn inverse_or_zero(x: f32) -> f32 {
    if x == 0.0 { x } else { 1.0 / x }
}

/// `x`, but not below `low` and not above `high`, with the ties of [`super::vector::clamp`].
#[inline(always)]
fn clamp<F: Number>(x: F, low: F, high: F) -> F {
    let below = F::select(x.less(high), x, high);
    F::select(below.less(low), low, below)
}

/// The velocity of the end of `arm` when it turns about its start.
#[inline(always)]
fn turning<F: Number>([x, y]: [F; 2], speed: F) -> [F; 2] {
    [-speed * y, speed * x]
}

#[inline(always)]
fn cross<F: Number>(a: [F; 2], b: [F; 2]) -> F {
    a[0] * b[1] - a[1] * b[0]
}

#[inline(always)]
pub(super) fn inner<F: Number>(a: [F; 3], b: [F; 3]) -> F {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

#[inline(always)]
pub(super) fn outer<F: Number>(a: [F; 3], b: [F; 3]) -> [F; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}
