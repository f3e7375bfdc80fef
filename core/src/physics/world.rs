//! The ground and the craft, and one step of both.
//!
//! Keeps the list of contacts: which pairs there are, and in which order they came, for every solver walks them in
//! that order. The solving itself is in [`super::island`] and [`super::continuous`].

use super::body::Body;
use super::contact::{Change, Contact};
use super::island::Flight;
use super::revolute_joint::RevoluteJoint;
use super::shape::Edge;
use super::vector::Vector;
use super::{BODIES, EDGES, JOINTS};

/// A body and an edge, by the place of their contact.
pub(super) type Pair = usize;

pub(super) const fn body_of(pair: Pair) -> usize {
    pair / EDGES
}

pub(super) const fn edge_of(pair: Pair) -> usize {
    pair % EDGES
}

/// A ground of edges and one craft: body 0 and the bodies that hang on it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct World {
    gravity: Vector,
    pub(super) edges: [Edge; EDGES],
    /// The hull, then the body of each joint.
    pub bodies: [Body; BODIES],
    pub(super) joints: [RevoluteJoint; JOINTS],
    pub(super) contacts: [[Contact; EDGES]; BODIES],
    /// The pairs whose boxes overlap, oldest first: the first `contact_count` of all, read as one list.
    pairs: [[u8; EDGES]; BODIES],
    contact_count: usize,
    /// Bodies whose box was moved and may have met new edges.
    pub(super) moved: [bool; BODIES],
    /// From when on, within the step, the ground is known to be where it is: sweeps of a pair begin together.
    pub(super) ground_time: f32,
    on_ground: [bool; BODIES],
    touched: [bool; BODIES],
}

impl World {
    /// A world in which nothing has happened yet. `joints[j]` hangs `bodies[j + 1]` on `bodies[0]`.
    pub const fn new(
        gravity: Vector,
        edges: [Edge; EDGES],
        bodies: [Body; BODIES],
        joints: [RevoluteJoint; JOINTS],
    ) -> Self {
        Self {
            gravity,
            edges,
            bodies,
            joints,
            contacts: [[Contact::NONE; EDGES]; BODIES],
            pairs: [[0; EDGES]; BODIES],
            contact_count: 0,
            moved: [true; BODIES],
            ground_time: 0.0,
            on_ground: [false; BODIES],
            touched: [false; BODIES],
        }
    }

    /// What the last beginning (true) or end (false) of a touch of each body with any edge was. A body that leaves
    /// one edge while it stands on another is not on the ground by this: it is a flag and no count.
    pub const fn on_ground(&self) -> [bool; BODIES] {
        self.on_ground
    }

    /// Whether each body has touched the ground at all.
    pub const fn touched(&self) -> [bool; BODIES] {
        self.touched
    }

    /// The edges of the ground.
    pub const fn edges(&self) -> &[Edge; EDGES] {
        &self.edges
    }

    pub(super) const fn gravity(&self) -> Vector {
        self.gravity
    }

    /// Lets [`super::TIME_STEP`] seconds pass.
    pub fn step(&mut self) {
        if let Some(mut flight) = self.begin_step() {
            flight.solve();
            self.finish_step(&flight);
        }
    }

    /// The first part of [`World::step`]. A craft that touches the ground, or sleeps, is through with the step; one in
    /// flight is to be finished by [`World::finish_step`] when [`super::solve_flights`] has solved its joints.
    #[must_use]
    pub fn begin_step(&mut self) -> Option<Flight> {
        self.find_new_contacts();
        self.update_contacts();
        let flight = self.begin_island();
        if flight.is_none() {
            self.end_step();
        }
        flight
    }

    /// The rest of [`World::step`] of a craft in flight.
    pub fn finish_step(&mut self, flight: &Flight) {
        self.finish_island(flight);
        self.end_step();
    }

    fn end_step(&mut self) {
        self.solve_impacts();
        for body in &mut self.bodies {
            body.force = Vector::ZERO;
            body.torque = 0.0;
        }
    }

    /// Every pair there is, newest first.
    #[inline(always)]
    pub(super) fn pairs_newest_first(&self) -> impl Iterator<Item = Pair> + '_ {
        self.pairs.as_flattened()[..self.contact_count].iter().rev().map(|&pair| usize::from(pair))
    }

    /// How many pairs there are.
    pub(super) const fn contact_count(&self) -> usize {
        self.contact_count
    }

    /// The pair that is the newest but `index`.
    pub(super) fn newest(&self, index: usize) -> Pair {
        usize::from(self.pairs.as_flattened()[self.contact_count - 1 - index])
    }

    #[inline(always)]
    pub(super) const fn contact(&self, pair: Pair) -> &Contact {
        &self.contacts[body_of(pair)][edge_of(pair)]
    }

    #[inline(always)]
    pub(super) const fn contact_mut(&mut self, pair: Pair) -> &mut Contact {
        &mut self.contacts[body_of(pair)][edge_of(pair)]
    }

    /// Begins a contact for every edge that the box of a moved body has met: in the order of the edges, and for one
    /// edge in that of the bodies.
    pub(super) fn find_new_contacts(&mut self) {
        if self.moved == [false; BODIES] {
            return;
        }
        for edge in 0..EDGES {
            for body in 0..BODIES {
                let pair = (body * EDGES + edge) as u8;
                if self.moved[body]
                    && self.edges[edge].bounds.overlap(&self.bodies[body].bounds)
                    && !self.pairs.as_flattened()[..self.contact_count].contains(&pair)
                {
                    self.contacts[body][edge] = Contact::new(&self.edges[edge], &self.bodies[body]);
                    self.pairs.as_flattened_mut()[self.contact_count] = pair;
                    self.contact_count += 1;
                    self.bodies[body].wake();
                }
            }
        }
        self.moved = [false; BODIES];
    }

    /// Ends the contacts whose boxes have parted, and looks at the others again.
    fn update_contacts(&mut self) {
        for index in (0..self.contact_count).rev() {
            let pair = usize::from(self.pairs.as_flattened()[index]);
            let body = &self.bodies[body_of(pair)];
            if !body.awake {
                continue;
            }
            if self.edges[edge_of(pair)].bounds.overlap(&body.bounds) {
                self.look(pair);
            } else {
                if self.contact(pair).touching {
                    self.note(pair, Change::Ended);
                }
                let count = self.contact_count;
                self.pairs.as_flattened_mut()[index..count].rotate_left(1);
                self.contact_count -= 1;
            }
        }
    }

    /// Looks at a contact again, and wakes the body if it has begun or ceased to touch.
    pub(super) fn look(&mut self, pair: Pair) {
        let (body, edge) = (body_of(pair), edge_of(pair));
        let change = self.contacts[body][edge].look(&self.edges[edge], &self.bodies[body]);
        if let Some(change) = change {
            self.bodies[body].wake();
            self.note(pair, change);
        }
    }

    fn note(&mut self, pair: Pair, change: Change) {
        let body = body_of(pair);
        match change {
            Change::Began => {
                self.on_ground[body] = true;
                self.touched[body] = true;
            }
            Change::Ended => self.on_ground[body] = false,
        }
    }
}
