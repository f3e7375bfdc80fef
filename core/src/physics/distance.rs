//! How far a polygon is from an edge of the ground, and which corners are nearest.
//!
//! Gilbert, Johnson and Keerthi (1988), with the regions of Ericson (2004): among the differences of their corners
//! a simplex is moved towards the origin until no corner is nearer. Skins are not counted here.

use super::vector::{Transform, Vector};

/// The most corners that are looked for.
const MAXIMUM_ITERATIONS: usize = 20;

/// A corner of the edge and a corner of the polygon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) edge: usize,
    pub(super) polygon: usize,
}

/// The corners that were nearest, where the next search begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Nearest {
    pairs: [Pair; 3],
    count: usize,
    /// Length or double area of the simplex, by which a change of places shows.
    metric: f32,
}

impl Nearest {
    #[inline(always)]
    pub(super) fn pairs(&self) -> &[Pair] {
        &self.pairs[..self.count]
    }
}

/// The corner that lies farthest in a direction; the first among equals.
#[inline(always)]
pub(super) fn support(corners: &[Vector], direction: Vector) -> usize {
    let mut best = (0, corners[0].dot(direction));
    for (index, corner) in corners.iter().enumerate().skip(1) {
        let value = corner.dot(direction);
        if value > best.1 {
            best = (index, value);
        }
    }
    best.0
}

/// The distance between the outlines; `nearest` says where to begin and is told where it ended.
pub(super) fn distance(
    ends: &[Vector; 2],
    corners: &[Vector],
    transform: &Transform,
    nearest: &mut Nearest,
) -> f32 {
    let vertex = |pair: Pair| {
        let on_edge = ends[pair.edge];
        let on_polygon = transform.apply(corners[pair.polygon]);
        Vertex { on_edge, on_polygon, difference: on_polygon - on_edge, weight: 0.0, pair }
    };
    let mut simplex = Simplex { vertices: [vertex(Pair::default()); 3], count: nearest.count };
    for (known, &pair) in simplex.vertices.iter_mut().zip(nearest.pairs()) {
        *known = vertex(pair);
    }
    if simplex.count > 1 {
        let (before, now) = (nearest.metric, simplex.metric());
        if now < 0.5 * before || 2.0 * before < now || now < f32::EPSILON {
            simplex.count = 0;
        }
    }
    if simplex.count == 0 {
        simplex.vertices[0] = vertex(Pair::default());
        simplex.count = 1;
    }

    for _ in 0..MAXIMUM_ITERATIONS {
        let before = simplex;
        match simplex.count {
            2 => simplex.solve_segment(),
            3 => simplex.solve_triangle(),
            _ => {}
        }
        if simplex.count == 3 {
            break;
        }
        let direction = simplex.towards_origin();
        if direction.length_squared() < f32::EPSILON * f32::EPSILON {
            // The origin is on the simplex, or as good as: the outlines overlap.
            break;
        }
        let pair = Pair {
            edge: support(ends, -direction),
            polygon: support(corners, transform.rotation.turn_back(direction)),
        };
        // Nothing is nearer than what was there already.
        let known = before.vertices[..before.count].iter().any(|known| known.pair == pair);
        simplex.vertices[simplex.count] = vertex(pair);
        if known {
            break;
        }
        simplex.count += 1;
    }

    let (on_edge, on_polygon) = simplex.witnesses();
    nearest.metric = simplex.metric();
    nearest.count = simplex.count;
    nearest.pairs = simplex.vertices.map(|vertex| vertex.pair);
    (on_edge - on_polygon).length()
}

/// A difference of two corners.
#[derive(Clone, Copy)]
struct Vertex {
    on_edge: Vector,
    on_polygon: Vector,
    difference: Vector,
    /// Its part in the point nearest to the origin.
    weight: f32,
    pair: Pair,
}

/// One to three differences.
#[derive(Clone, Copy)]
struct Simplex {
    vertices: [Vertex; 3],
    count: usize,
}

impl Simplex {
    fn metric(&self) -> f32 {
        let [a, b, c] = self.vertices.map(|vertex| vertex.difference);
        match self.count {
            1 => 0.0,
            2 => (a - b).length(),
            _ => (b - a).cross(c - a),
        }
    }

    /// From the nearest point, or across the segment, to the origin.
    fn towards_origin(&self) -> Vector {
        let [a, b, _] = self.vertices.map(|vertex| vertex.difference);
        if self.count == 1 {
            return -a;
        }
        let along = b - a;
        if along.cross(-a) > 0.0 { along.turning(1.0) } else { along.clockwise() }
    }

    /// The points of the two outlines that are nearest to each other.
    fn witnesses(&self) -> (Vector, Vector) {
        let [a, b, c] = &self.vertices;
        match self.count {
            1 => (a.on_edge, a.on_polygon),
            2 => (
                a.weight * a.on_edge + b.weight * b.on_edge,
                a.weight * a.on_polygon + b.weight * b.on_polygon,
            ),
            _ => {
                let both = a.weight * a.on_edge + b.weight * b.on_edge + c.weight * c.on_edge;
                (both, both)
            }
        }
    }

    /// Leaves one vertex: all of the nearest point.
    fn keep(&mut self, index: usize) {
        self.vertices[0] = self.vertices[index];
        self.vertices[0].weight = 1.0;
        self.count = 1;
    }

    /// Leaves two vertices, whose weights are in this relation.
    fn keep_two(&mut self, [first, second]: [usize; 2], [first_part, second_part]: [f32; 2]) {
        let inverse = 1.0 / (first_part + second_part);
        let (mut one, mut other) = (self.vertices[first], self.vertices[second]);
        one.weight = first_part * inverse;
        other.weight = second_part * inverse;
        (self.vertices[0], self.vertices[1]) = (one, other);
        self.count = 2;
    }

    fn solve_segment(&mut self) {
        let [a, b, _] = self.vertices.map(|vertex| vertex.difference);
        let along = b - a;
        let part_b = -a.dot(along);
        if part_b <= 0.0 {
            return self.keep(0);
        }
        let part_a = b.dot(along);
        if part_a <= 0.0 {
            return self.keep(1);
        }
        self.keep_two([0, 1], [part_a, part_b]);
    }

    fn solve_triangle(&mut self) {
        let [a, b, c] = self.vertices.map(|vertex| vertex.difference);
        let (ab, ac, bc) = (b - a, c - a, c - b);
        let (ab_a, ab_b) = (b.dot(ab), -a.dot(ab));
        let (ac_a, ac_c) = (c.dot(ac), -a.dot(ac));
        let (bc_b, bc_c) = (c.dot(bc), -b.dot(bc));
        let area = ab.cross(ac);
        let (abc_a, abc_b, abc_c) = (area * b.cross(c), area * c.cross(a), area * a.cross(b));

        if ab_b <= 0.0 && ac_c <= 0.0 {
            self.keep(0);
        } else if ab_a > 0.0 && ab_b > 0.0 && abc_c <= 0.0 {
            self.keep_two([0, 1], [ab_a, ab_b]);
        } else if ac_a > 0.0 && ac_c > 0.0 && abc_b <= 0.0 {
            self.keep_two([0, 2], [ac_a, ac_c]);
        } else if ab_a <= 0.0 && bc_c <= 0.0 {
            self.keep(1);
        } else if ac_a <= 0.0 && bc_b <= 0.0 {
            self.keep(2);
        } else if bc_b > 0.0 && bc_c > 0.0 && abc_a <= 0.0 {
            self.keep_third_and_second(bc_b, bc_c);
        } else {
            let inverse = 1.0 / (abc_a + abc_b + abc_c);
            for (vertex, part) in self.vertices.iter_mut().zip([abc_a, abc_b, abc_c]) {
                vertex.weight = part * inverse;
            }
            self.count = 3;
        }
    }

    /// The last of three regions: the third vertex takes the first one's place, so that the order is turned.
    fn keep_third_and_second(&mut self, part_second: f32, part_third: f32) {
        let inverse = 1.0 / (part_second + part_third);
        self.vertices[1].weight = part_second * inverse;
        self.vertices[2].weight = part_third * inverse;
        self.vertices[0] = self.vertices[2];
        self.count = 2;
    }
}

#[cfg(test)]
mod tests {
    use super::super::vector::Rotation;
    use super::*;

    fn square() -> [Vector; 4] {
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)].map(|(x, y)| Vector::new(x, y))
    }

    fn from_ground(x: f32, y: f32) -> f32 {
        let ends = [Vector::ZERO, Vector::new(10.0, 0.0)];
        let transform = Transform { position: Vector::new(x, y), rotation: Rotation::NONE };
        distance(&ends, &square(), &transform, &mut Nearest::default())
    }

    #[test]
    fn a_square_above_an_edge_is_its_lowest_side_away() {
        assert_eq!(from_ground(5.0, 4.0), 3.0);
    }

    #[test]
    fn beyond_the_end_corners_count() {
        assert_eq!(from_ground(14.0, 5.0), 5.0);
    }

    #[test]
    fn what_overlaps_has_no_distance() {
        assert_eq!(from_ground(5.0, 0.5), 0.0);
    }

    #[test]
    fn support_takes_the_first_of_equals() {
        assert_eq!(support(&square(), Vector::new(1.0, 0.0)), 1);
        assert_eq!(support(&square(), Vector::new(0.0, 1.0)), 2);
    }
}
