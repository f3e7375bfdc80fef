//! How an edge of the ground and a polygon touch: the axis that parts them best, and the points where they meet.
//!
//! Everything is in the world's coordinates, which are the ground's. Impulses are not known here; the points carry
//! names by which [`super::contact`] finds them again in the next step.

use super::SKIN;
use super::shape::{Edge, MAXIMUM_CORNERS, Polygon};
use super::vector::{Transform, Vector};

/// A polygon is preferred to the edge as the reference only if its axis parts the two clearly better: who touches
/// whom should not change at every step.
const RELATIVE_PREFERENCE: f32 = 0.98;
const ABSOLUTE_PREFERENCE: f32 = 0.001;
/// Up to this distance outlines count as touching, in m.
const REACH: f32 = 2.0 * SKIN;

/// Whose side is the reference of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) enum Reference {
    /// The edge; the points are the body's.
    Ground,
    /// A side of the polygon; the points are the ground's.
    Body,
}

/// Which corner or side of the edge and of the polygon made a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Feature {
    edge_index: u8,
    polygon_index: u8,
    /// Whether the edge's part in it is a side and not a corner.
    edge_side: bool,
    /// Whether the polygon's is.
    polygon_side: bool,
}

/// A point where the two meet, with what it took to keep them apart there.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct ManifoldPoint {
    /// In the coordinates of the one that is not the reference.
    pub(super) point: Vector,
    /// [N s]
    pub(super) normal_impulse: f32,
    /// [N s]
    pub(super) tangent_impulse: f32,
    pub(super) feature: Feature,
}

/// One or two points and the side they are measured from.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Manifold {
    pub(super) reference: Reference,
    /// Outward normal of the reference side, in the reference's coordinates.
    pub(super) normal: Vector,
    /// A point of that side.
    pub(super) plane_point: Vector,
    points: [ManifoldPoint; 2],
    count: u8,
}

impl Manifold {
    /// No points.
    pub(super) const EMPTY: Self = {
        let feature =
            Feature { edge_index: 0, polygon_index: 0, edge_side: false, polygon_side: false };
        let point = ManifoldPoint {
            point: Vector::ZERO,
            normal_impulse: 0.0,
            tangent_impulse: 0.0,
            feature,
        };
        Self {
            reference: Reference::Ground,
            normal: Vector::ZERO,
            plane_point: Vector::ZERO,
            points: [point; 2],
            count: 0,
        }
    };

    #[inline(always)]
    pub(super) fn points(&self) -> &[ManifoldPoint] {
        &self.points[..usize::from(self.count)]
    }

    #[inline(always)]
    pub(super) fn points_mut(&mut self) -> &mut [ManifoldPoint] {
        &mut self.points[..usize::from(self.count)]
    }
}

/// A corner that may become a point.
#[derive(Clone, Copy)]
struct Corner {
    at: Vector,
    feature: Feature,
}

/// The side that the other's side is cut down to.
struct ReferenceSide {
    indices: [u8; 2],
    ends: [Vector; 2],
    normal: Vector,
}

/// The points where `edge` and `polygon` meet; none if they do not.
pub(super) fn collide(edge: &Edge, polygon: &Polygon, transform: &Transform) -> Manifold {
    let [start, end] = edge.ends;
    let centroid = transform.apply(polygon.centroid());
    let front = edge.normal.dot(centroid - start) >= 0.0;
    let normal = if front { edge.normal } else { -edge.normal };
    let count = polygon.corners().len();
    let mut corners = [Vector::ZERO; MAXIMUM_CORNERS];
    let mut normals = [Vector::ZERO; MAXIMUM_CORNERS];
    for index in 0..count {
        corners[index] = transform.apply(polygon.corners()[index]);
        normals[index] = transform.rotation.turn(polygon.normals()[index]);
    }
    let (corners, normals) = (&corners[..count], &normals[..count]);

    let mut edge_separation = f32::MAX;
    for &corner in corners {
        let separation = normal.dot(corner - start);
        if separation < edge_separation {
            edge_separation = separation;
        }
    }
    if edge_separation > REACH {
        return Manifold::EMPTY;
    }
    let Some((side, polygon_separation)) = best_side(corners, normals, edge.ends) else {
        return Manifold::EMPTY;
    };

    let by_polygon =
        polygon_separation > RELATIVE_PREFERENCE * edge_separation + ABSOLUTE_PREFERENCE;
    let (incident, reference) = if by_polygon {
        let feature = Feature {
            edge_index: 0,
            polygon_index: side as u8,
            edge_side: false,
            polygon_side: true,
        };
        let next = (side + 1) % count;
        let reference = ReferenceSide {
            indices: [side as u8, next as u8],
            ends: [corners[side], corners[next]],
            normal: normals[side],
        };
        ([Corner { at: start, feature }, Corner { at: end, feature }], reference)
    } else {
        let first = most_opposite(normals, normal);
        let incident = [first, (first + 1) % count].map(|index| Corner {
            at: corners[index],
            feature: Feature {
                edge_index: 0,
                polygon_index: index as u8,
                edge_side: true,
                polygon_side: false,
            },
        });
        let reference = if front {
            ReferenceSide { indices: [0, 1], ends: [start, end], normal }
        } else {
            ReferenceSide { indices: [1, 0], ends: [end, start], normal }
        };
        (incident, reference)
    };

    let along = reference.normal.clockwise();
    let [first, last] = reference.indices;
    let Some(incident) = clip(incident, along, along.dot(reference.ends[0]), first) else {
        return Manifold::EMPTY;
    };
    let Some(incident) = clip(incident, -along, (-along).dot(reference.ends[1]), last) else {
        return Manifold::EMPTY;
    };

    let mut manifold = Manifold::EMPTY;
    if by_polygon {
        manifold.reference = Reference::Body;
        manifold.normal = polygon.normals()[side];
        manifold.plane_point = polygon.corners()[side];
    } else {
        manifold.normal = reference.normal;
        manifold.plane_point = reference.ends[0];
    }
    for corner in incident {
        if reference.normal.dot(corner.at - reference.ends[0]) <= REACH {
            let point = &mut manifold.points[usize::from(manifold.count)];
            let Feature { edge_index, polygon_index, edge_side, polygon_side } = corner.feature;
            if by_polygon {
                point.point = corner.at;
                point.feature = Feature {
                    edge_index: polygon_index,
                    polygon_index: edge_index,
                    edge_side: polygon_side,
                    polygon_side: edge_side,
                };
            } else {
                point.point = transform.apply_back(corner.at);
                point.feature = corner.feature;
            }
            manifold.count += 1;
        }
    }
    manifold
}

/// The side of the polygon that the edge is farthest in front of, and how far; none if it is out of reach.
///
/// The original also skips sides whose normal is outside a range that neighbouring edges would narrow; without
/// neighbours that range is everything.
fn best_side(corners: &[Vector], normals: &[Vector], ends: [Vector; 2]) -> Option<(usize, f32)> {
    let mut best = (0, -f32::MAX);
    for (index, (&corner, &normal)) in corners.iter().zip(normals).enumerate() {
        let [to_start, to_end] = ends.map(|end| (-normal).dot(corner - end));
        let separation = if to_start < to_end { to_start } else { to_end };
        if separation > REACH {
            return None;
        }
        if separation > best.1 {
            best = (index, separation);
        }
    }
    Some(best)
}

/// The side of the polygon that faces the edge most.
fn most_opposite(normals: &[Vector], normal: Vector) -> usize {
    let mut best = (0, normal.dot(normals[0]));
    for (index, &other) in normals.iter().enumerate().skip(1) {
        let value = normal.dot(other);
        if value < best.1 {
            best = (index, value);
        }
    }
    best.0
}

/// The part of a segment behind a line (Sutherland and Hodgman 1974); none if it is not a segment any more.
fn clip(segment: [Corner; 2], normal: Vector, offset: f32, index: u8) -> Option<[Corner; 2]> {
    let distances = segment.map(|corner| normal.dot(corner.at) - offset);
    let cut = |(): ()| {
        let fraction = distances[0] / (distances[0] - distances[1]);
        let feature = Feature {
            edge_index: index,
            polygon_index: segment[0].feature.polygon_index,
            edge_side: false,
            polygon_side: true,
        };
        Corner { at: segment[0].at + fraction * (segment[1].at - segment[0].at), feature }
    };
    let opposite = distances[0] * distances[1] < 0.0;
    match [distances[0] <= 0.0, distances[1] <= 0.0] {
        [true, true] => Some(segment),
        [true, false] if opposite => Some([segment[0], cut(())]),
        [false, true] if opposite => Some([segment[1], cut(())]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::vector::Rotation;
    use super::*;

    fn ground() -> Edge {
        Edge::new([Vector::new(0.0, 0.0), Vector::new(10.0, 0.0)], 0.1)
    }

    fn at(x: f32, y: f32) -> Transform {
        Transform { position: Vector::new(x, y), rotation: Rotation::NONE }
    }

    #[test]
    fn a_box_on_the_ground_stands_on_its_two_lower_corners() {
        let manifold = collide(&ground(), &Polygon::rectangle(0.5, 0.5), &at(5.0, 0.5));
        assert_eq!(
            (manifold.reference, manifold.normal),
            (Reference::Ground, Vector::new(-0.0, 1.0))
        );
        let mut points: [Vector; 2] = core::array::from_fn(|index| manifold.points()[index].point);
        points.sort_by(|a, b| a.x.total_cmp(&b.x));
        assert_eq!(points, [Vector::new(-0.5, -0.5), Vector::new(0.5, -0.5)]);
    }

    #[test]
    fn a_box_over_the_end_of_an_edge_is_cut_there() {
        let manifold = collide(&ground(), &Polygon::rectangle(0.5, 0.5), &at(10.0, 0.5));
        let reaches: f32 = manifold.points().iter().map(|point| point.point.x).fold(-1.0, f32::max);
        assert_eq!((manifold.points().len(), reaches), (2, 0.0));
    }

    #[test]
    fn what_is_farther_than_two_skins_does_not_touch() {
        for (height, points) in [(0.515, 2), (0.525, 0)] {
            let manifold = collide(&ground(), &Polygon::rectangle(0.5, 0.5), &at(5.0, height));
            assert_eq!(manifold.points().len(), points, "at {height}");
        }
        assert!(
            collide(&ground(), &Polygon::rectangle(0.5, 0.5), &at(10.6, 0.5)).points().is_empty()
        );
    }
}
