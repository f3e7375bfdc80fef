//! When a moving polygon first touches an edge of the ground within its sweep.
//!
//! Conservative advancement on a separating axis (Catto 2013): the axis that parts the two at the present time is
//! followed to the end of the sweep; if they meet on it, the time at which the deepest corner does is found by
//! bisection and secant in turn, and the next axis begins there. Bodies are not moved here.

use super::body::Sweep;
use super::distance::{Nearest, distance, support};
use super::shape::{Edge, Polygon};
use super::vector::{Transform, Vector};
use super::{LINEAR_SLOP, SKIN};

/// At this distance outlines count as touching: a little inside both skins, in m.
const TARGET: f32 = {
    let inside = (SKIN + SKIN) - 3.0 * LINEAR_SLOP;
    if LINEAR_SLOP > inside { LINEAR_SLOP } else { inside }
};
/// In m.
const TOLERANCE: f32 = 0.25 * LINEAR_SLOP;
/// Axes that are tried.
const MAXIMUM_AXES: usize = 20;
/// Deepest corners that are tried on one axis.
const MAXIMUM_CORNERS_TRIED: usize = 16;
/// Steps of one root finding.
const MAXIMUM_ROOT_STEPS: usize = 50;

/// The fraction of the sweep after which the two touch; none if they do not or if that cannot be told.
pub(super) fn time_of_impact(edge: &Edge, polygon: &Polygon, sweep: &Sweep) -> Option<f32> {
    let (ends, corners) = (&edge.ends, polygon.corners());
    let sweep = sweep.unwound();
    let mut time = 0.0;
    let mut nearest = Nearest::default();
    for _ in 0..MAXIMUM_AXES {
        let apart = distance(ends, corners, &sweep.transform_at(time), &mut nearest);
        if apart <= 0.0 {
            return None;
        }
        if apart < TARGET + TOLERANCE {
            return Some(time);
        }
        let axis = Axis::new(&nearest, ends, corners, &sweep, time);
        match axis.follow(time) {
            Followed::To(later) => time = later,
            Followed::Touching => return Some(time),
            Followed::Apart => return None,
        }
    }
    None
}

/// What following one axis brought.
enum Followed {
    /// On this axis they are apart until then.
    To(f32),
    /// They touch already.
    Touching,
    /// They stay apart to the end, or overlapped from the beginning.
    Apart,
}

/// What an axis is fixed to.
enum Frame {
    /// Two corners, one of each.
    Points,
    /// The edge.
    Ground,
    /// A side of the polygon.
    Body,
}

/// A direction on which separation is measured.
struct Axis<'a> {
    frame: Frame,
    /// In the frame's coordinates.
    direction: Vector,
    /// The middle of the side that the axis stands on.
    middle: Vector,
    ends: &'a [Vector; 2],
    corners: &'a [Vector],
    sweep: &'a Sweep,
}

impl<'a> Axis<'a> {
    fn new(
        nearest: &Nearest,
        ends: &'a [Vector; 2],
        corners: &'a [Vector],
        sweep: &'a Sweep,
        time: f32,
    ) -> Self {
        let transform = sweep.transform_at(time);
        let axis =
            |frame, direction, middle| Self { frame, direction, middle, ends, corners, sweep };
        let first = nearest.pairs()[0];
        let on_edge = ends[first.edge];
        let on_polygon = transform.apply(corners[first.polygon]);
        let Some(second) = nearest.pairs().get(1) else {
            let (direction, _) = (on_polygon - on_edge).normalised();
            return axis(Frame::Points, direction, Vector::ZERO);
        };
        if first.edge == second.edge {
            let [a, b] = [first.polygon, second.polygon].map(|index| corners[index]);
            let (direction, _) = (b - a).clockwise().normalised();
            let middle = 0.5 * (a + b);
            let normal = transform.rotation.turn(direction);
            let separation = (on_edge - transform.apply(middle)).dot(normal);
            return axis(Frame::Body, outward(direction, separation), middle);
        }
        let [a, b] = [first.edge, second.edge].map(|index| ends[index]);
        let (direction, _) = (b - a).clockwise().normalised();
        let middle = 0.5 * (a + b);
        let separation = (on_polygon - middle).dot(direction);
        axis(Frame::Ground, outward(direction, separation), middle)
    }

    /// Follows the axis from `start` to the end of the sweep, from one deepest corner to the next.
    fn follow(&self, start: f32) -> Followed {
        let mut end = 1.0;
        for _ in 0..MAXIMUM_CORNERS_TRIED {
            let (witnesses, at_end) = self.deepest(end);
            if at_end > TARGET + TOLERANCE {
                return Followed::Apart;
            }
            if at_end > TARGET - TOLERANCE {
                return Followed::To(end);
            }
            let at_start = self.separation(witnesses, &self.sweep.transform_at(start));
            if at_start < TARGET - TOLERANCE {
                return Followed::Apart;
            }
            if at_start <= TARGET + TOLERANCE {
                return Followed::Touching;
            }
            if let Some(root) = self.root(witnesses, (start, at_start), (end, at_end)) {
                end = root;
            }
        }
        Followed::To(start)
    }

    /// When these two corners are at the target's distance, between a time when they are farther apart and one when
    /// they are nearer.
    fn root(&self, witnesses: [usize; 2], start: (f32, f32), end: (f32, f32)) -> Option<f32> {
        let ((mut early, mut far), (mut late, mut near)) = (start, end);
        for step in 0..MAXIMUM_ROOT_STEPS {
            let time = if step % 2 == 1 {
                early + (TARGET - far) * (late - early) / (near - far)
            } else {
                0.5 * (early + late)
            };
            let separation = self.separation(witnesses, &self.sweep.transform_at(time));
            if (separation - TARGET).abs() < TOLERANCE {
                return Some(time);
            }
            if separation > TARGET {
                (early, far) = (time, separation);
            } else {
                (late, near) = (time, separation);
            }
        }
        None
    }

    /// The corners of edge and polygon that are deepest on this axis at a time, and their separation. The corner of
    /// the side that the axis stands on does not matter.
    fn deepest(&self, time: f32) -> ([usize; 2], f32) {
        let transform = self.sweep.transform_at(time);
        let rotation = transform.rotation;
        let witnesses = match self.frame {
            Frame::Points => [
                support(self.ends, self.direction),
                support(self.corners, rotation.turn_back(-self.direction)),
            ],
            Frame::Ground => [0, support(self.corners, rotation.turn_back(-self.direction))],
            Frame::Body => [support(self.ends, -rotation.turn(self.direction)), 0],
        };
        (witnesses, self.separation(witnesses, &transform))
    }

    fn separation(&self, [end, corner]: [usize; 2], transform: &Transform) -> f32 {
        match self.frame {
            Frame::Points => {
                (transform.apply(self.corners[corner]) - self.ends[end]).dot(self.direction)
            }
            Frame::Ground => {
                (transform.apply(self.corners[corner]) - self.middle).dot(self.direction)
            }
            Frame::Body => {
                let normal = transform.rotation.turn(self.direction);
                (self.ends[end] - transform.apply(self.middle)).dot(normal)
            }
        }
    }
}

/// The direction that points from the side to the other shape.
fn outward(direction: Vector, separation: f32) -> Vector {
    if separation < 0.0 { -direction } else { direction }
}

#[cfg(test)]
mod tests {
    use super::super::body::Place;
    use super::*;

    fn fall(from: f32, to: f32) -> Option<f32> {
        let edge = Edge::new([Vector::ZERO, Vector::new(10.0, 0.0)], 0.1);
        let place = |height| Place { centre: Vector::new(5.0, height), angle: 0.0 };
        let sweep = Sweep {
            local_centre: Vector::ZERO,
            start: place(from),
            end: place(to),
            start_time: 0.0,
        };
        time_of_impact(&edge, &Polygon::rectangle(0.5, 0.5), &sweep)
    }

    #[test]
    fn a_falling_box_touches_when_its_skin_does() {
        let time = fall(2.5, 0.0).expect("it falls through the ground");
        let height = 2.5 * (1.0 - time) - 0.5;
        assert!((height - TARGET).abs() < TOLERANCE, "touches at {height}");
    }

    #[test]
    fn what_stays_above_never_touches() {
        assert_eq!(fall(2.5, 0.6), None);
    }
}
