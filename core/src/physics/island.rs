//! One step of the craft as a whole: velocities, then places, then whether it may sleep.
//!
//! Joints bind all bodies together, so that either all of them are solved or none. Impacts within the step are not
//! seen here; [`super::continuous`] comes after.

use super::body::{Body, Place, Sweep, Velocity};
use super::contact_solver::{Inverses, VelocityConstraint, correct};
use super::revolute_joint::Sweeps;
use super::vector::smaller;
use super::world::{Pair, World, body_of};
use super::{
    BODIES, CORRECTION, EDGES, JOINTS, LINEAR_SLOP, MAXIMUM_ROTATION, MAXIMUM_TRANSLATION,
    POSITION_SWEEPS, STILL_ANGULAR, STILL_LINEAR, TIME_STEP, TIME_TO_SLEEP, VELOCITY_SWEEPS,
};

/// In which order bodies and joints are solved.
struct Walk {
    bodies: [usize; BODIES],
    joints: [usize; JOINTS],
}

impl Walk {
    /// From the newest body that is awake along the newest joints first. None if all sleep.
    ///
    /// Bodies sleep together, but a touch or a push may wake one alone; it then wakes the others here.
    fn from_awake(bodies: &[Body; BODIES]) -> Option<Self> {
        match bodies.iter().rposition(|body| body.awake)? {
            2 => Some(Self { bodies: [2, 0, 1], joints: [1, 0] }),
            1 => Some(Self { bodies: [1, 0, 2], joints: [0, 1] }),
            // Both legs are found from the hull, and the one found last is the first to be looked at.
            _ => Some(Self { bodies: [0, 1, 2], joints: [1, 0] }),
        }
    }
}

impl World {
    /// Moves the craft through the step as if the ground could only be met at its beginning.
    pub(super) fn solve_island(&mut self) {
        let Some(walk) = Walk::from_awake(&self.bodies) else { return };
        for body in &mut self.bodies {
            body.wake();
        }
        let mut touching = [0; BODIES * EDGES];
        let mut count = 0;
        for body in walk.bodies {
            for pair in self.pairs_newest_first() {
                let contact = self.contact(pair);
                if body_of(pair) == body && contact.enabled && contact.touching {
                    touching[count] = pair;
                    count += 1;
                }
            }
        }
        let touching = &touching[..count];

        let mut velocities = self.accelerated();
        let mut places = self.bodies.each_ref().map(|body| body.sweep.end);
        for (body, place) in self.bodies.iter_mut().zip(places) {
            body.sweep.start = place;
        }
        self.solve_velocities(&walk, touching, &places, &mut velocities);
        for (place, velocity) in places.iter_mut().zip(&mut velocities) {
            integrate(place, velocity, TIME_STEP);
        }
        let solved = self.solve_places(&walk, touching, &mut places);

        for (index, body) in self.bodies.iter_mut().enumerate() {
            let Sweep { local_centre, start, .. } = body.sweep;
            let before = start.transform_turned(local_centre, body.transform.rotation);
            body.sweep.end = places[index];
            body.velocity = velocities[index];
            body.place_shape();
            if body.follow(&before) {
                self.moved[index] = true;
            }
        }
        self.rest(solved);
        self.find_new_contacts();
    }

    /// All sweeps over the velocity constraints.
    fn solve_velocities(
        &mut self,
        walk: &Walk,
        touching: &[Pair],
        places: &[Place; BODIES],
        velocities: &mut [Velocity; BODIES],
    ) {
        if touching.is_empty() {
            let (mut sweeps, [first, second]) = self.prepare_joints(walk, places, velocities);
            let (mut hull, mut legs) =
                (velocities[0], [velocities[first + 1], velocities[second + 1]]);
            for _ in 0..VELOCITY_SWEEPS {
                for (sweeps, leg) in sweeps.iter_mut().zip(&mut legs) {
                    sweeps.solve(&mut hull, leg);
                }
            }
            velocities[0] = hull;
            [velocities[first + 1], velocities[second + 1]] = legs;
            return self.store_joints(walk, &sweeps);
        }

        let mut constraints = [VelocityConstraint::NONE; BODIES * EDGES];
        let constraints = &mut constraints[..touching.len()];
        for (constraint, &pair) in constraints.iter_mut().zip(touching) {
            let body = body_of(pair);
            *constraint = VelocityConstraint::new(
                self.contact(pair),
                Inverses::of(&self.bodies[body]),
                self.bodies[body].sweep.local_centre,
                places[body],
                true,
            );
        }
        for (constraint, &pair) in constraints.iter().zip(touching) {
            constraint.warm_start(&mut velocities[body_of(pair)]);
        }
        let (mut sweeps, joints) = self.prepare_joints(walk, places, velocities);
        for _ in 0..VELOCITY_SWEEPS {
            for (sweeps, joint) in sweeps.iter_mut().zip(joints) {
                let [hull, legs @ ..] = &mut *velocities;
                sweeps.solve(hull, &mut legs[joint]);
            }
            for (constraint, &pair) in constraints.iter_mut().zip(touching) {
                constraint.solve(&mut velocities[body_of(pair)]);
            }
        }
        self.store_joints(walk, &sweeps);
        for (constraint, &pair) in constraints.iter().zip(touching) {
            constraint.store(self.contact_mut(pair));
        }
    }

    fn prepare_joints(
        &mut self,
        walk: &Walk,
        places: &[Place; BODIES],
        velocities: &mut [Velocity; BODIES],
    ) -> ([Sweeps; JOINTS], [usize; JOINTS]) {
        let sweeps = walk.joints.map(|joint| {
            let [hull, legs @ ..] = &self.bodies;
            let [hull_velocity, leg_velocities @ ..] = &mut *velocities;
            self.joints[joint].prepare(
                [hull, &legs[joint]],
                [places[0], places[joint + 1]],
                hull_velocity,
                &mut leg_velocities[joint],
            )
        });
        (sweeps, walk.joints)
    }

    fn store_joints(&mut self, walk: &Walk, sweeps: &[Sweeps; JOINTS]) {
        for (&joint, sweeps) in walk.joints.iter().zip(sweeps) {
            self.joints[joint].store(sweeps);
        }
    }

    /// Sweeps over the places until little is wrong with them. False if something still is at the end.
    fn solve_places(&self, walk: &Walk, touching: &[Pair], places: &mut [Place; BODIES]) -> bool {
        (0..POSITION_SWEEPS).any(|_| {
            let mut smallest = 0.0;
            for &pair in touching {
                let body = &self.bodies[body_of(pair)];
                let separation = correct(
                    &self.contact(pair).manifold,
                    Inverses::of(body),
                    body.sweep.local_centre,
                    &mut places[body_of(pair)],
                    CORRECTION,
                );
                smallest = smaller(smallest, separation);
            }
            let mut solved = smallest >= -3.0 * LINEAR_SLOP;
            for joint in walk.joints {
                let [hull, legs @ ..] = &self.bodies;
                let [hull_place, leg_places @ ..] = &mut *places;
                let legs = [hull, &legs[joint]];
                solved &= self.joints[joint].correct(legs, hull_place, &mut leg_places[joint]);
            }
            solved
        })
    }

    /// Lets the craft sleep when all of it has been nearly still for long enough, in places that need no correction.
    fn rest(&mut self, solved: bool) {
        let mut shortest = f32::MAX;
        for body in &mut self.bodies {
            let Velocity { linear, angular } = body.velocity;
            let moves = angular * angular > STILL_ANGULAR * STILL_ANGULAR
                || linear.length_squared() > STILL_LINEAR * STILL_LINEAR;
            body.still_time = if moves { 0.0 } else { body.still_time + TIME_STEP };
            shortest = smaller(shortest, body.still_time);
        }
        if shortest >= TIME_TO_SLEEP && solved {
            self.bodies.iter_mut().for_each(Body::fall_asleep);
        }
    }

    /// Velocities with gravity and forces applied.
    fn accelerated(&self) -> [Velocity; BODIES] {
        self.bodies.each_ref().map(|body| {
            let acceleration = self.gravity() + body.inverse_mass * body.force;
            Velocity {
                linear: body.velocity.linear + TIME_STEP * acceleration,
                angular: body.velocity.angular + TIME_STEP * body.inverse_inertia * body.torque,
            }
        })
    }
}

/// Moves a place by a velocity, neither farther nor round more than a step may.
pub(super) fn integrate(place: &mut Place, velocity: &mut Velocity, time: f32) {
    let way = time * velocity.linear;
    if way.length_squared() > MAXIMUM_TRANSLATION * MAXIMUM_TRANSLATION {
        velocity.linear = MAXIMUM_TRANSLATION / way.length() * velocity.linear;
    }
    let turn = time * velocity.angular;
    if turn * turn > MAXIMUM_ROTATION * MAXIMUM_ROTATION {
        velocity.angular *= MAXIMUM_ROTATION / turn.abs();
    }
    place.centre += time * velocity.linear;
    place.angle += time * velocity.angular;
}
