//! One step of the craft as a whole: velocities, then places, then whether it may sleep.
//!
//! Joints bind all bodies together, so that either all of them are solved or none. Impacts within the step are not
//! seen here; [`super::continuous`] comes after.

use super::body::{Body, Place, Sweep, Velocity};
use super::contact_solver::{Inverses, VelocityConstraint, correct};
use super::joint_sweeps::{Motion, Sweeps};
use super::vector::{Vector, smaller};
use super::world::{Pair, World, body_of};
use super::{
    BODIES, CORRECTION, EDGES, JOINTS, LINEAR_SLOP, MAXIMUM_ROTATION, MAXIMUM_TRANSLATION,
    POSITION_SWEEPS, STILL_ANGULAR, STILL_LINEAR, TIME_STEP, TIME_TO_SLEEP, VELOCITY_SWEEPS,
};

/// In which order bodies and joints are solved.
#[derive(Clone, Copy, Debug)]
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

/// A craft in flight after its forces were applied and before its joints are solved: [`super::solve_flights`] solves many.
#[derive(Clone, Copy, Debug)]
pub struct Flight {
    walk: Walk,
    /// In the order of the walk.
    pub(super) sweeps: [Sweeps<f32>; JOINTS],
    pub(super) hull: Motion<f32>,
    /// In the order of the walk.
    pub(super) legs: [Motion<f32>; JOINTS],
}

impl Flight {
    /// Stands where there is none.
    pub const NONE: Self = {
        let rest = Motion { linear: [0.0; 2], angular: 0.0 };
        Self {
            walk: Walk { bodies: [0, 1, 2], joints: [1, 0] },
            sweeps: [Sweeps::NONE; JOINTS],
            hull: rest,
            legs: [rest; JOINTS],
        }
    };

    /// All velocity sweeps of this one craft.
    pub(super) fn solve(&mut self) {
        let Self { sweeps, hull, legs, .. } = self;
        let (mut moving_hull, mut moving_legs) = (*hull, *legs);
        for _ in 0..VELOCITY_SWEEPS {
            for (sweeps, leg) in sweeps.iter_mut().zip(&mut moving_legs) {
                sweeps.solve(&mut moving_hull, leg);
            }
        }
        (*hull, *legs) = (moving_hull, moving_legs);
    }
}

impl World {
    /// Begins to move the craft through the step as if the ground could only be met at its beginning. A craft that
    /// touches the ground, or sleeps, is done at once; one in flight waits for its joints to be solved.
    pub(super) fn begin_island(&mut self) -> Option<Flight> {
        let walk = Walk::from_awake(&self.bodies)?;
        for body in &mut self.bodies {
            body.wake();
            body.sweep.start = body.sweep.end;
        }
        let mut velocities = self.accelerated();
        let places = self.bodies.each_ref().map(|body| body.sweep.end);
        let (touching, count) = self.touching(&walk);
        if count == 0 {
            let sweeps = self.prepare_joints(&walk, &places, &mut velocities);
            let motions = velocities.map(motion);
            let legs = walk.joints.map(|joint| motions[joint + 1]);
            return Some(Flight { walk, sweeps, hull: motions[0], legs });
        }
        let touching = &touching[..count];
        self.solve_velocities(&walk, touching, &places, &mut velocities);
        self.move_bodies(&walk, touching, places, velocities);
        None
    }

    /// Moves a craft in flight whose joints have been solved.
    pub(super) fn finish_island(&mut self, flight: &Flight) {
        let walk = &flight.walk;
        self.store_joints(walk, &flight.sweeps);
        let mut velocities = [velocity(flight.hull); BODIES];
        for (&joint, &leg) in walk.joints.iter().zip(&flight.legs) {
            velocities[joint + 1] = velocity(leg);
        }
        let places = self.bodies.each_ref().map(|body| body.sweep.end);
        self.move_bodies(walk, &[], places, velocities);
    }

    /// The contacts to be solved, in order, and how many there are.
    fn touching(&self, walk: &Walk) -> ([Pair; BODIES * EDGES], usize) {
        let (mut touching, mut count) = ([0; BODIES * EDGES], 0);
        for body in walk.bodies {
            for pair in self.pairs_newest_first() {
                let contact = self.contact(pair);
                if body_of(pair) == body && contact.enabled && contact.touching {
                    touching[count] = pair;
                    count += 1;
                }
            }
        }
        (touching, count)
    }

    /// Moves all bodies by their velocities, then to where they belong together.
    fn move_bodies(
        &mut self,
        walk: &Walk,
        touching: &[Pair],
        mut places: [Place; BODIES],
        mut velocities: [Velocity; BODIES],
    ) {
        for (place, velocity) in places.iter_mut().zip(&mut velocities) {
            integrate(place, velocity, TIME_STEP);
        }
        let solved = self.solve_places(walk, touching, &mut places);
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

    /// All sweeps over the velocity constraints of a craft that touches the ground.
    fn solve_velocities(
        &mut self,
        walk: &Walk,
        touching: &[Pair],
        places: &[Place; BODIES],
        velocities: &mut [Velocity; BODIES],
    ) {
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
        let mut sweeps = self.prepare_joints(walk, places, velocities);
        let mut motions = velocities.map(motion);
        for _ in 0..VELOCITY_SWEEPS {
            for (sweeps, joint) in sweeps.iter_mut().zip(walk.joints) {
                let [hull, legs @ ..] = &mut motions;
                sweeps.solve(hull, &mut legs[joint]);
            }
            for (constraint, &pair) in constraints.iter_mut().zip(touching) {
                let mut moving = velocity(motions[body_of(pair)]);
                constraint.solve(&mut moving);
                motions[body_of(pair)] = motion(moving);
            }
        }
        *velocities = motions.map(velocity);
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
    ) -> [Sweeps<f32>; JOINTS] {
        walk.joints.map(|joint| {
            let [hull, legs @ ..] = &self.bodies;
            let [hull_velocity, leg_velocities @ ..] = &mut *velocities;
            self.joints[joint].prepare(
                [hull, &legs[joint]],
                [places[0], places[joint + 1]],
                hull_velocity,
                &mut leg_velocities[joint],
            )
        })
    }

    fn store_joints(&mut self, walk: &Walk, sweeps: &[Sweeps<f32>; JOINTS]) {
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

#[inline(always)]
const fn motion(Velocity { linear, angular }: Velocity) -> Motion<f32> {
    Motion { linear: [linear.x, linear.y], angular }
}

#[inline(always)]
const fn velocity(Motion { linear: [x, y], angular }: Motion<f32>) -> Velocity {
    Velocity { linear: Vector::new(x, y), angular }
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
