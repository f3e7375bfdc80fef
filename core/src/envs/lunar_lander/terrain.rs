//! The ground: ten straight pieces between random heights, the middle two of them a level pad, and a floor below.

use crate::physics::EDGES;
use crate::physics::shape::Edge;
use crate::physics::vector::Vector;
use crate::rng::{Rng, uniform};

/// Width and height of what is seen [m]
pub(super) const WIDTH: f64 = 600.0 / 30.0;
pub(super) const HEIGHT: f64 = 400.0 / 30.0;
/// Height of the pad [m]
pub(super) const PAD_HEIGHT: f64 = HEIGHT / 4.0;

/// Corners of the terrain.
const CORNERS: usize = 11;
/// The floor has the friction that shapes have by default, the terrain its own.
const FLOOR_FRICTION: f32 = 0.2;
const TERRAIN_FRICTION: f32 = 0.1;

/// Draws the heights of the ground, one more than it has corners.
pub(super) fn edges<R: Rng + ?Sized>(rng: &mut R) -> [Edge; EDGES] {
    let mut heights = [0.0; CORNERS + 1];
    for height in &mut heights {
        *height = uniform(rng, 0.0, HEIGHT / 2.0);
    }
    heights[CORNERS / 2 - 2..=CORNERS / 2 + 2].fill(PAD_HEIGHT);
    let corner = |index: usize| {
        // The height before the first is the last one, which has no corner of its own.
        let before = heights[(index + CORNERS) % (CORNERS + 1)];
        let smooth = 0.33 * (before + heights[index] + heights[index + 1]);
        Vector::new((WIDTH / 10.0 * index as f64) as f32, smooth as f32)
    };
    core::array::from_fn(|index| match index {
        0 => Edge::new([Vector::ZERO, Vector::new(WIDTH as f32, 0.0)], FLOOR_FRICTION),
        _ => Edge::new([corner(index - 1), corner(index)], TERRAIN_FRICTION),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    #[test]
    fn the_pad_is_level_and_pieces_join() {
        let edges = edges(&mut NumpyGenerator::new(5));
        for [left, right] in
            [1, 2, 3, 4, 5, 6, 7, 8, 9].map(|index| [edges[index], edges[index + 1]])
        {
            assert_eq!(left.ends[1], right.ends[0]);
        }
        // The mean of three heights of the pad, or nearly: a third is 0.33 here.
        let level = (0.33 * (PAD_HEIGHT + PAD_HEIGHT + PAD_HEIGHT)) as f32;
        for edge in &edges[5..=6] {
            assert_eq!(edge.ends.map(|end| end.y), [level; 2]);
        }
        assert_eq!(edges[0].ends[1], Vector::new(20.0, 0.0));
    }
}
