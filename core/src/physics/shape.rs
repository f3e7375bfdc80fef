//! What bodies and the ground are made of: convex polygons and edges, and the boxes around them.
//!
//! Shapes are rigid and know no position; a [`Transform`] places them. Nothing here moves or collides.

use super::vector::{Transform, Vector};
use super::{BOUNDS_MARGIN, SKIN};

/// The most corners that a polygon has.
pub const MAXIMUM_CORNERS: usize = 6;

/// A convex polygon, corners counter-clockwise, in its body's coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Polygon {
    corners: [Vector; MAXIMUM_CORNERS],
    normals: [Vector; MAXIMUM_CORNERS],
    count: usize,
    centroid: Vector,
}

/// What a body weighs and how it resists turning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mass {
    /// In kg.
    pub mass: f32,
    /// The centre of mass, in the body's coordinates.
    pub centre: Vector,
    /// About the body's origin [kg m^2]
    pub inertia: f32,
}

impl Polygon {
    /// A box about the origin, with half its width and half its height.
    pub fn rectangle(half_width: f32, half_height: f32) -> Self {
        let (w, h) = (half_width, half_height);
        let mut corners = [Vector::ZERO; MAXIMUM_CORNERS];
        let mut normals = corners;
        for (corner, (x, y)) in corners.iter_mut().zip([(-w, -h), (w, -h), (w, h), (-w, h)]) {
            *corner = Vector::new(x, y);
        }
        for (normal, (x, y)) in
            normals.iter_mut().zip([(0.0, -1.0), (1.0, 0.0), (0.0, 1.0), (-1.0, 0.0)])
        {
            *normal = Vector::new(x, y);
        }
        Self { corners, normals, count: 4, centroid: Vector::ZERO }
    }

    /// The hull of some points. The corners come in the order in which a string finds them that is wrapped around
    /// the points, from the rightmost (of these the lowest) on; sums over the corners depend on it.
    ///
    /// # Panics
    /// If there are fewer than 3 points or more than [`MAXIMUM_CORNERS`], or if they are on one line.
    pub fn hull(points: &[Vector]) -> Self {
        assert!(
            (3..=MAXIMUM_CORNERS).contains(&points.len()),
            "a polygon has 3 to {MAXIMUM_CORNERS} corners, not {}",
            points.len()
        );
        let first = (1..points.len()).fold(0, |best, index| {
            let (point, rightmost) = (points[index], points[best]);
            let lower = point.x == rightmost.x && point.y < rightmost.y;
            if point.x > rightmost.x || lower { index } else { best }
        });
        let mut corners = [Vector::ZERO; MAXIMUM_CORNERS];
        let (mut count, mut here) = (0, first);
        loop {
            corners[count] = points[here];
            count += 1;
            here = next_on_hull(points, here);
            if here == first || count == points.len() {
                break;
            }
        }
        assert!(count > 2, "the corners of a polygon are not on one line");
        let mut normals = [Vector::ZERO; MAXIMUM_CORNERS];
        for index in 0..count {
            let edge = corners[(index + 1) % count] - corners[index];
            normals[index] = edge.clockwise().normalised().0;
        }
        Self { corners, normals, count, centroid: centroid(&corners[..count]) }
    }

    /// The corners, counter-clockwise.
    #[inline(always)]
    pub fn corners(&self) -> &[Vector] {
        &self.corners[..self.count]
    }

    /// The outward normal of the edge after each corner.
    #[inline(always)]
    pub fn normals(&self) -> &[Vector] {
        &self.normals[..self.count]
    }

    /// The middle of the area, as collisions see it.
    pub const fn centroid(&self) -> Vector {
        self.centroid
    }

    /// Mass, centre and inertia at this density [kg/m^2]: integrals over triangles about the mean corner.
    pub fn mass(&self, density: f32) -> Mass {
        const THIRD: f32 = 1.0 / 3.0;
        let corners = self.corners();
        let mut mean = Vector::ZERO;
        for &corner in corners {
            mean += corner;
        }
        mean = 1.0 / self.count as f32 * mean;

        let (mut centre, mut area, mut inertia) = (Vector::ZERO, 0.0, 0.0);
        for index in 0..self.count {
            let a = corners[index] - mean;
            let b = corners[(index + 1) % self.count] - mean;
            let double_area = a.cross(b);
            let triangle = 0.5 * double_area;
            area += triangle;
            centre += (triangle * THIRD) * (a + b);
            let square_x = a.x * a.x + b.x * a.x + b.x * b.x;
            let square_y = a.y * a.y + b.y * a.y + b.y * b.y;
            inertia += (0.25 * THIRD * double_area) * (square_x + square_y);
        }
        let mass = density * area;
        centre = 1.0 / area * centre;
        let from_origin = centre + mean;
        let shift = from_origin.length_squared() - centre.length_squared();
        Mass { mass, centre: from_origin, inertia: density * inertia + mass * shift }
    }

    /// The box around the polygon and its skin.
    #[inline]
    pub fn bounds(&self, transform: &Transform) -> Bounds {
        let mut lower = transform.apply(self.corners[0]);
        let mut upper = lower;
        for &corner in &self.corners()[1..] {
            let corner = transform.apply(corner);
            lower = lower.smaller(corner);
            upper = upper.larger(corner);
        }
        Bounds { lower, upper }.widened(SKIN)
    }
}

/// The point that has no other on its right when seen from the point `here`.
fn next_on_hull(points: &[Vector], here: usize) -> usize {
    let mut next = 0;
    for index in 1..points.len() {
        if next == here {
            next = index;
            continue;
        }
        let best = points[next] - points[here];
        let other = points[index] - points[here];
        let turn = best.cross(other);
        if turn < 0.0 || (turn == 0.0 && other.length_squared() > best.length_squared()) {
            next = index;
        }
    }
    next
}

fn centroid(corners: &[Vector]) -> Vector {
    const THIRD: f32 = 1.0 / 3.0;
    let (mut sum, mut area) = (Vector::ZERO, 0.0);
    for (index, &corner) in corners.iter().enumerate() {
        let next = corners[(index + 1) % corners.len()];
        let triangle = 0.5 * corner.cross(next);
        area += triangle;
        sum += (triangle * THIRD) * (corner + next);
    }
    1.0 / area * sum
}

/// One straight piece of the ground, in the world's coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Edge {
    /// The two ends.
    pub ends: [Vector; 2],
    /// To the right of the way from the first end to the second, of length one.
    pub normal: Vector,
    /// Coefficient of friction.
    pub friction: f32,
    /// The box around it that is compared with the boxes of bodies.
    pub bounds: Bounds,
}

impl Edge {
    /// The edge from one end to the other.
    pub fn new(ends: [Vector; 2], friction: f32) -> Self {
        let [start, end] = ends;
        let bounds = Bounds { lower: start.smaller(end), upper: start.larger(end) };
        Self {
            ends,
            normal: (end - start).normalised().0.clockwise(),
            friction,
            bounds: bounds.widened(SKIN).widened(BOUNDS_MARGIN),
        }
    }
}

/// A box with sides along the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Bounds {
    /// The corner at the lower left.
    pub lower: Vector,
    /// The corner at the upper right.
    pub upper: Vector,
}

impl Bounds {
    /// The box with `margin` more on every side.
    #[inline(always)]
    pub fn widened(self, margin: f32) -> Self {
        let margin = Vector::new(margin, margin);
        Self { lower: self.lower - margin, upper: self.upper + margin }
    }

    /// The smallest box that holds both.
    #[inline(always)]
    pub fn around(self, other: Self) -> Self {
        Self { lower: self.lower.smaller(other.lower), upper: self.upper.larger(other.upper) }
    }

    /// Whether `other` is inside; touching sides are.
    #[inline(always)]
    pub fn contain(&self, other: &Self) -> bool {
        self.lower.x <= other.lower.x
            && self.lower.y <= other.lower.y
            && other.upper.x <= self.upper.x
            && other.upper.y <= self.upper.y
    }

    /// Whether the two have a point in common.
    #[inline(always)]
    pub fn overlap(&self, other: &Self) -> bool {
        let (after, before) = (other.lower - self.upper, self.lower - other.upper);
        !(after.x > 0.0 || after.y > 0.0 || before.x > 0.0 || before.y > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hull_begins_at_the_right_and_drops_inner_points() {
        let points = [(0.0, 0.0), (2.0, 2.0), (1.0, 1.5), (2.0, 0.0), (0.0, 2.0)];
        let hull = Polygon::hull(&points.map(|(x, y)| Vector::new(x, y)));
        let expected = [(2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)];
        assert_eq!(hull.corners(), expected.map(|(x, y)| Vector::new(x, y)));
        assert_eq!(hull.normals()[0], Vector::new(1.0, 0.0));
        assert_eq!(hull.centroid(), Vector::new(1.0, 1.0));
    }

    /// A rectangle of 2 m by 4 m and 1 kg/m^2: 8 kg and 8 (2^2 + 4^2) / 12 kg m^2.
    #[test]
    fn a_rectangle_weighs_what_the_books_say() {
        let Mass { mass, centre, inertia } = Polygon::rectangle(1.0, 2.0).mass(1.0);
        assert_eq!((mass, centre), (8.0, Vector::ZERO));
        assert!((inertia - 40.0 / 3.0).abs() < 1e-5);
    }

    #[test]
    fn boxes_that_touch_overlap() {
        let unit = Bounds { lower: Vector::ZERO, upper: Vector::new(1.0, 1.0) };
        let next = Bounds { lower: Vector::new(1.0, 0.0), upper: Vector::new(2.0, 1.0) };
        assert!(unit.overlap(&next) && !unit.contain(&next) && unit.contain(&unit));
        let far = Bounds { lower: Vector::new(1.5, 0.0), upper: Vector::new(2.0, 1.0) };
        assert!(!unit.overlap(&far));
        assert_eq!(unit.around(next).upper, Vector::new(2.0, 1.0));
    }
}
