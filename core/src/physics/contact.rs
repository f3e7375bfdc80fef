//! What a body and an edge of the ground remember of each other while their boxes overlap.
//!
//! Touching or not, the points of touch and their impulses, and when they would meet within the step. Whether a
//! contact exists at all is for [`super::world`].

use super::body::Body;
use super::collide::{Manifold, collide};
use super::shape::Edge;
use crate::math;

/// A body near an edge.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Contact {
    pub(super) manifold: Manifold,
    /// Coefficient of friction of the pair.
    pub(super) friction: f32,
    pub(super) touching: bool,
    /// Cleared by an impact that turned out to be none; the next look sets it again.
    pub(super) enabled: bool,
    /// When the two touch within the step, as far as it is known.
    pub(super) impact_time: Option<f32>,
    /// How often an impact was resolved in this step.
    pub(super) impacts: u8,
}

/// What a new look at a contact found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Began,
    Ended,
}

impl Contact {
    /// Stands where there is no contact.
    pub(super) const NONE: Self = Self {
        manifold: Manifold::EMPTY,
        friction: 0.0,
        touching: false,
        enabled: true,
        impact_time: None,
        impacts: 0,
    };

    /// The pair as it meets.
    pub(super) fn new(edge: &Edge, body: &Body) -> Self {
        Self { friction: math::sqrt_f32(edge.friction * body.friction), ..Self::NONE }
    }

    /// Finds the points anew where the body is now. A point that was there before keeps its impulses.
    pub(super) fn look(&mut self, edge: &Edge, body: &Body) -> Option<Change> {
        let old =
            core::mem::replace(&mut self.manifold, collide(edge, &body.polygon, &body.transform));
        for point in self.manifold.points_mut() {
            let before = old.points().iter().find(|before| before.feature == point.feature);
            if let Some(before) = before {
                point.normal_impulse = before.normal_impulse;
                point.tangent_impulse = before.tangent_impulse;
            }
        }
        self.enabled = true;
        let was_touching = self.touching;
        self.touching = !self.manifold.points().is_empty();
        match (was_touching, self.touching) {
            (false, true) => Some(Change::Began),
            (true, false) => Some(Change::Ended),
            _ => None,
        }
    }
}
