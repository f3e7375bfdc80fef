//! Impacts within a step: nothing may tunnel through the ground.
//!
//! The earliest impact is taken, its body is moved there, pushed out and solved alone for the rest of the step, and
//! the search begins again. Joints are not looked at: they are put right in the next step.

use super::contact_solver::{Inverses, VelocityConstraint, correct};
use super::island::integrate;
use super::time_of_impact::time_of_impact;
use super::vector::smaller;
use super::world::{Pair, World, body_of, edge_of};
use super::{EDGES, IMPACT_CORRECTION, LINEAR_SLOP, TIME_STEP, VELOCITY_SWEEPS};

/// How many impacts of one contact are resolved in a step, after the first.
const MAXIMUM_IMPACTS: u8 = 8;
/// Most sweeps that push a body out of the ground.
const PLACE_SWEEPS: usize = 20;
/// An impact this late in the step is none.
const STEP_END: f32 = 1.0 - 10.0 * f32::EPSILON;

/// The contacts of one body that an impact brings together, and how many.
type Touching = ([Pair; EDGES], usize);

impl World {
    /// Finds and resolves all impacts of the step just solved.
    pub(super) fn solve_impacts(&mut self) {
        self.ground_time = 0.0;
        for body in &mut self.bodies {
            body.sweep.start_time = 0.0;
        }
        for index in 0..self.contact_count() {
            let contact = self.contact_mut(self.newest(index));
            contact.impact_time = None;
            contact.impacts = 0;
        }
        while let Some((pair, time)) = self.first_impact() {
            self.resolve(pair, time);
        }
    }

    /// The contact that is touched first in what is left of the step, and when.
    fn first_impact(&mut self) -> Option<(Pair, f32)> {
        let mut first = None;
        let mut earliest = 1.0;
        for index in 0..self.contact_count() {
            let pair = self.newest(index);
            if let Some(time) = self.impact_of(pair)
                && time < earliest
            {
                (first, earliest) = (Some(pair), time);
            }
        }
        first.map(|pair| (pair, earliest)).filter(|&(_, time)| time <= STEP_END)
    }

    /// When a contact is touched; none if it has been often enough.
    fn impact_of(&mut self, pair: Pair) -> Option<f32> {
        let contact = self.contact(pair);
        if !contact.enabled || contact.impacts > MAXIMUM_IMPACTS {
            return None;
        }
        if let Some(known) = contact.impact_time {
            return Some(known);
        }
        let body = &mut self.bodies[body_of(pair)];
        if !body.awake {
            return None;
        }
        // Ground and body begin at the same time: the later of the two.
        let time = if self.ground_time < body.sweep.start_time {
            body.sweep.start_time
        } else {
            self.ground_time
        };
        if body.sweep.start_time < time {
            body.sweep.advance(time);
        }
        self.ground_time = time;
        let fraction = time_of_impact(&self.edges[edge_of(pair)], &body.polygon, &body.sweep);
        let impact = fraction.map_or(1.0, |fraction| smaller(time + (1.0 - time) * fraction, 1.0));
        self.contact_mut(pair).impact_time = Some(impact);
        Some(impact)
    }

    fn resolve(&mut self, pair: Pair, time: f32) {
        let body = body_of(pair);
        let backup = (self.ground_time, self.bodies[body].sweep);
        self.ground_time = time;
        self.bodies[body].advance(time);
        self.look(pair);
        let contact = self.contact_mut(pair);
        contact.impact_time = None;
        contact.impacts += 1;
        if !contact.touching {
            contact.enabled = false;
            (self.ground_time, self.bodies[body].sweep) = backup;
            self.bodies[body].place_shape();
            return;
        }
        self.bodies[body].wake();

        let (touching, count) = self.all_touching(pair);
        self.solve_body(body, &touching[..count], (1.0 - time) * TIME_STEP);
        for contact in &mut self.contacts[body] {
            contact.impact_time = None;
        }
        self.find_new_contacts();
    }

    /// The contact of an impact and all others of its body, newest first, that touch where the body is now.
    fn all_touching(&mut self, pair: Pair) -> Touching {
        let (mut touching, mut count) = ([pair; EDGES], 1);
        for index in 0..self.contact_count() {
            let other = self.newest(index);
            if other == pair || body_of(other) != body_of(pair) {
                continue;
            }
            self.look(other);
            if self.contact(other).touching {
                touching[count] = other;
                count += 1;
            }
        }
        (touching, count)
    }

    /// Pushes one body out of the ground and moves it through the rest of the step.
    fn solve_body(&mut self, index: usize, touching: &[Pair], time: f32) {
        let body = &self.bodies[index];
        let (inverses, local_centre) = (Inverses::of(body), body.sweep.local_centre);
        let (mut place, mut velocity) = (body.sweep.end, body.velocity);
        for _ in 0..PLACE_SWEEPS {
            let mut smallest = 0.0;
            for &pair in touching {
                let manifold = &self.contact(pair).manifold;
                let separation =
                    correct(manifold, inverses, local_centre, &mut place, IMPACT_CORRECTION);
                smallest = smaller(smallest, separation);
            }
            if smallest >= -1.5 * LINEAR_SLOP {
                break;
            }
        }

        let start = place;
        let mut constraints = [VelocityConstraint::NONE; EDGES];
        let constraints = &mut constraints[..touching.len()];
        for (constraint, &pair) in constraints.iter_mut().zip(touching) {
            *constraint =
                VelocityConstraint::new(self.contact(pair), inverses, local_centre, start, false);
        }
        for _ in 0..VELOCITY_SWEEPS {
            for constraint in &mut *constraints {
                constraint.solve(&mut velocity);
            }
        }
        // These impulses may be large and are no start for the next step: they are not stored.
        integrate(&mut place, &mut velocity, time);

        let body = &mut self.bodies[index];
        body.sweep.start = start;
        body.sweep.end = place;
        body.velocity = velocity;
        body.place_shape();
        let before = start.transform(local_centre);
        if body.follow(&before) {
            self.moved[index] = true;
        }
    }
}
