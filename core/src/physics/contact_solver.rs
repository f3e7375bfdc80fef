//! Keeps a body out of the ground: impulses along the normal and by friction, and corrections of its place.
//!
//! Each contact is solved on its own, in turn, many times (sequential impulses, Catto 2005). Two points of one contact
//! are solved together by trying all cases (Murty 1988). The ground has no terms here: it takes any impulse.

use super::body::{Body, Place, Velocity};
use super::collide::{Manifold, Reference};
use super::contact::Contact;
use super::vector::{Transform, Vector, clamp, larger};
use super::{LINEAR_SLOP, MAXIMUM_LINEAR_CORRECTION, SKIN};

/// Two points whose impulses depend on each other more than this are taken for one.
const MAXIMUM_CONDITION: f32 = 1000.0;

/// What moves a body: kilograms and kilogram square metres, inverted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Inverses {
    pub(super) mass: f32,
    pub(super) inertia: f32,
}

impl Inverses {
    pub(super) const fn of(body: &Body) -> Self {
        Self { mass: body.inverse_mass, inertia: body.inverse_inertia }
    }
}

/// A point of a contact as the velocity sweeps see it.
#[derive(Clone, Copy, Debug, Default)]
struct Point {
    /// From the body's centre of mass.
    arm: Vector,
    normal_mass: f32,
    tangent_mass: f32,
    normal_impulse: f32,
    tangent_impulse: f32,
}

/// A contact as the velocity sweeps see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct VelocityConstraint {
    points: [Point; 2],
    count: usize,
    normal: Vector,
    friction: f32,
    inverses: Inverses,
    /// The symmetric matrix from impulses to velocities of two points: 11, 12, 22 ...
    coupling: [f32; 3],
    /// ... and its inverse.
    inverse_coupling: [f32; 3],
}

impl VelocityConstraint {
    /// Stands where there is no contact.
    pub(super) const NONE: Self = {
        let point = Point {
            arm: Vector::ZERO,
            normal_mass: 0.0,
            tangent_mass: 0.0,
            normal_impulse: 0.0,
            tangent_impulse: 0.0,
        };
        Self {
            points: [point; 2],
            count: 0,
            normal: Vector::ZERO,
            friction: 0.0,
            inverses: Inverses { mass: 0.0, inertia: 0.0 },
            coupling: [0.0; 3],
            inverse_coupling: [0.0; 3],
        }
    };

    /// The contact where its body is now. Its points begin with the impulses of the step before if `warm`.
    pub(super) fn new(
        contact: &Contact,
        inverses: Inverses,
        local_centre: Vector,
        place: Place,
        warm: bool,
    ) -> Self {
        let manifold = &contact.manifold;
        let Inverses { mass, inertia } = inverses;
        let transform = place.transform(local_centre);
        let (normal, at) = world_points(manifold, &transform);
        let mut points = [Point::default(); 2];
        for ((point, known), at) in points.iter_mut().zip(manifold.points()).zip(at) {
            let arm = at - place.centre;
            let across = arm.cross(normal);
            let along = arm.cross(normal.clockwise());
            *point = Point {
                arm,
                normal_mass: inverse(mass + inertia * across * across),
                tangent_mass: inverse(mass + inertia * along * along),
                normal_impulse: if warm { known.normal_impulse } else { 0.0 },
                tangent_impulse: if warm { known.tangent_impulse } else { 0.0 },
            };
        }
        let mut constraint = Self {
            points,
            count: manifold.points().len(),
            normal,
            friction: contact.friction,
            inverses,
            coupling: [0.0; 3],
            inverse_coupling: [0.0; 3],
        };
        if constraint.count == 2 {
            constraint.couple();
        }
        constraint
    }

    /// Prepares to solve two points together, or drops one if they are as good as one.
    fn couple(&mut self) {
        let Inverses { mass, inertia } = self.inverses;
        let [first, second] = self.points.map(|point| point.arm.cross(self.normal));
        let k11 = mass + inertia * first * first;
        let k22 = mass + inertia * second * second;
        let k12 = mass + inertia * first * second;
        if k11 * k11 < MAXIMUM_CONDITION * (k11 * k22 - k12 * k12) {
            let determinant = k11 * k22 - k12 * k12;
            let inverse = if determinant == 0.0 { determinant } else { 1.0 / determinant };
            self.coupling = [k11, k12, k22];
            self.inverse_coupling = [inverse * k22, -inverse * k12, inverse * k11];
        } else {
            self.count = 1;
        }
    }

    /// Applies the impulses that the points begin with.
    pub(super) fn warm_start(&self, velocity: &mut Velocity) {
        let tangent = self.normal.clockwise();
        for point in &self.points[..self.count] {
            let impulse = point.normal_impulse * self.normal + point.tangent_impulse * tangent;
            velocity.angular += self.inverses.inertia * point.arm.cross(impulse);
            velocity.linear += self.inverses.mass * impulse;
        }
    }

    /// One sweep: friction first, since not sinking matters more and so comes last.
    #[inline]
    pub(super) fn solve(&mut self, velocity: &mut Velocity) {
        let Inverses { mass, inertia } = self.inverses;
        let (mut linear, mut angular) = (velocity.linear, velocity.angular);
        let tangent = self.normal.clockwise();
        for point in &mut self.points[..self.count] {
            let speed = (linear + point.arm.turning(angular)).dot(tangent);
            let most = self.friction * point.normal_impulse;
            let old = point.tangent_impulse;
            point.tangent_impulse = clamp(old + point.tangent_mass * -speed, -most, most);
            let impulse = (point.tangent_impulse - old) * tangent;
            linear += mass * impulse;
            angular += inertia * point.arm.cross(impulse);
        }
        if self.count == 1 {
            let point = &mut self.points[0];
            let speed = (linear + point.arm.turning(angular)).dot(self.normal);
            let old = point.normal_impulse;
            point.normal_impulse = larger(old + -point.normal_mass * speed, 0.0);
            let impulse = (point.normal_impulse - old) * self.normal;
            linear += mass * impulse;
            angular += inertia * point.arm.cross(impulse);
        } else {
            let arms = self.points.map(|point| point.arm);
            let speeds = arms.map(|arm| (linear + arm.turning(angular)).dot(self.normal));
            let old = self.points.map(|point| point.normal_impulse);
            if let Some(new) = self.normal_impulses(old, speeds) {
                let first = (new[0] - old[0]) * self.normal;
                let second = (new[1] - old[1]) * self.normal;
                linear += mass * (first + second);
                angular += inertia * (arms[0].cross(first) + arms[1].cross(second));
                [self.points[0].normal_impulse, self.points[1].normal_impulse] = new;
            }
        }
        *velocity = Velocity { linear, angular };
    }

    /// Total impulses of two points such that each either holds its point still or is zero while the point leaves.
    /// Where no case fits, which rounding can bring about, nothing is done.
    #[inline]
    fn normal_impulses(&self, old: [f32; 2], speeds: [f32; 2]) -> Option<[f32; 2]> {
        let [k11, k12, k22] = self.coupling;
        let [i11, i12, i22] = self.inverse_coupling;
        let b =
            [speeds[0] - (k11 * old[0] + k12 * old[1]), speeds[1] - (k12 * old[0] + k22 * old[1])];
        let both = [-(i11 * b[0] + i12 * b[1]), -(i12 * b[0] + i22 * b[1])];
        if both[0] >= 0.0 && both[1] >= 0.0 {
            return Some(both);
        }
        let first = -self.points[0].normal_mass * b[0];
        if first >= 0.0 && k12 * first + b[1] >= 0.0 {
            return Some([first, 0.0]);
        }
        let second = -self.points[1].normal_mass * b[1];
        if second >= 0.0 && k12 * second + b[0] >= 0.0 {
            return Some([0.0, second]);
        }
        (b[0] >= 0.0 && b[1] >= 0.0).then_some([0.0, 0.0])
    }

    /// Leaves the impulses with the contact for the next step.
    pub(super) fn store(&self, contact: &mut Contact) {
        let points = &self.points[..self.count];
        for (known, point) in contact.manifold.points_mut().iter_mut().zip(points) {
            known.normal_impulse = point.normal_impulse;
            known.tangent_impulse = point.tangent_impulse;
        }
    }
}

fn inverse(x: f32) -> f32 {
    if x > 0.0 { 1.0 / x } else { 0.0 }
}

/// The normal away from the ground, and the points in the middle between the two skins.
fn world_points(manifold: &Manifold, transform: &Transform) -> (Vector, [Vector; 2]) {
    let (normal, plane) = match manifold.reference {
        Reference::Ground => (manifold.normal, manifold.plane_point),
        Reference::Body => {
            (transform.rotation.turn(manifold.normal), transform.apply(manifold.plane_point))
        }
    };
    let mut at = [Vector::ZERO; 2];
    for (at, point) in at.iter_mut().zip(manifold.points()) {
        let corner = match manifold.reference {
            Reference::Ground => transform.apply(point.point),
            Reference::Body => point.point,
        };
        let on_reference = corner + (SKIN - (corner - plane).dot(normal)) * normal;
        let on_other = corner - SKIN * normal;
        *at = 0.5 * (on_reference + on_other);
    }
    match manifold.reference {
        Reference::Ground => (normal, at),
        Reference::Body => (-normal, at),
    }
}

/// Moves a body out of the ground at each point of a contact in turn, by the part `correction` of the depth.
/// Returns the smallest separation met.
pub(super) fn correct(
    manifold: &Manifold,
    inverses: Inverses,
    local_centre: Vector,
    place: &mut Place,
    correction: f32,
) -> f32 {
    let mut smallest = 0.0;
    for point in manifold.points() {
        let transform = place.transform(local_centre);
        let (normal, corner, separation) = match manifold.reference {
            Reference::Ground => {
                let corner = transform.apply(point.point);
                let depth = (corner - manifold.plane_point).dot(manifold.normal);
                (manifold.normal, corner, depth)
            }
            Reference::Body => {
                let normal = transform.rotation.turn(manifold.normal);
                let plane = transform.apply(manifold.plane_point);
                (-normal, point.point, (point.point - plane).dot(normal))
            }
        };
        let separation = separation - SKIN - SKIN;
        smallest = if smallest < separation { smallest } else { separation };
        let depth = clamp(correction * (separation + LINEAR_SLOP), -MAXIMUM_LINEAR_CORRECTION, 0.0);
        let arm = corner - place.centre;
        let across = arm.cross(normal);
        let k = inverses.mass + inverses.inertia * across * across;
        let size = if k > 0.0 { -depth / k } else { 0.0 };
        let impulse = size * normal;
        place.centre += inverses.mass * impulse;
        place.angle += inverses.inertia * arm.cross(impulse);
    }
    smallest
}
