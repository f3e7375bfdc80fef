//! Tile coding: several grids over the same space, each shifted against the others. An observation is in one tile of
//! each grid; observations near each other share many tiles, and so what is learned about one holds for the other.
//!
//! ```text
//! +---+---+---+---+        two tilings of 3 x 3 tiles; the space is the inner square, and each tiling has one more
//! | +-|-+-|-+-|-+ |        tile a dimension than fit in it, because of its shift
//! +-|-+-|-+-|-+ | |
//! | +---+---+---+-+
//! +-|-+-|-+-|-+ | |
//! | +---+---+---+-+
//! ```
//!
//! Tilings are shifted by odd numbers: tiling t by t of its tile's n-th parts in the first dimension, by 3 t in the
//! second, 5 t in the third, where n is the number of tilings (Miller and Glanz 1996). The tiles are those of Sutton's
//! software `tiles3`; their numbers are not given out as tiles are met but computed, so that they need no memory and
//! never collide.

/// Tilings of a box with `D` dimensions.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TileCoder<const D: usize> {
    tilings: u32,
    tiles: u32,
    low: [f32; D],
    high: [f32; D],
}

impl<const D: usize> TileCoder<D> {
    /// So many tilings, each with `tiles` tiles a dimension between `low` and `high`. A power of two of at least `4 D`
    /// tilings spreads their shifts evenly.
    ///
    /// # Panics
    /// If there are no tilings, tiles or dimensions, or more tiles than 2^31, or a `low` is not below its `high`.
    pub const fn new(tilings: u32, tiles: u32, low: [f32; D], high: [f32; D]) -> Self {
        assert!(tilings > 0 && tiles > 0 && D > 0, "there is at least one tile");
        let mut dimension = 0;
        let mut count = tilings as u64;
        while dimension < D {
            let range = high[dimension] - low[dimension];
            assert!(range > 0.0 && range < f32::INFINITY, "low is below high, and both are finite");
            count *= tiles as u64 + 1;
            assert!(count < 1 << 31, "fewer than 2^31 tiles");
            dimension += 1;
        }
        Self { tilings, tiles, low, high }
    }

    /// How many tiles an observation is in.
    pub const fn tilings(&self) -> usize {
        self.tilings as usize
    }

    /// How many tiles there are in all.
    pub const fn tile_count(&self) -> usize {
        self.tilings as usize * (self.tiles as usize + 1).pow(D as u32)
    }

    /// Writes the numbers of the tiles that `observation` is in, one a tiling. What lies outside the box counts as
    /// lying on its edge.
    ///
    /// # Panics
    /// If `observation` has not `D` numbers or `active` not one a tiling.
    pub fn encode(&self, observation: &[f32], active: &mut [u32]) {
        assert_eq!(observation.len(), D, "an observation has {D} numbers");
        assert_eq!(active.len(), self.tilings(), "an active tile for every tiling");
        // The place in each dimension, in n-th parts of a tile.
        let parts = self.tiles * self.tilings;
        let mut places = [0; D];
        for (dimension, place) in places.iter_mut().enumerate() {
            let (low, high) = (self.low[dimension], self.high[dimension]);
            let share = (observation[dimension] - low) / (high - low);
            // The cast rounds down and saturates.
            *place = ((share * parts as f32) as u32).min(parts);
        }
        for (tiling, tile) in (0u32..).zip(active) {
            *tile = tiling;
            let mut shift = tiling;
            for place in places {
                *tile = *tile * (self.tiles + 1) + (place + shift % self.tilings) / self.tilings;
                shift += 2 * tiling;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TileCoder;

    /// Four tilings of two tiles over 0..=1: boundaries are at 1/2, shifted to the left by 0, 1/8, 2/8 and 3/8.
    #[test]
    fn tiles_in_one_dimension_are_those_by_hand() {
        let coder = TileCoder::new(4, 2, [0.0], [1.0]);
        assert_eq!((coder.tilings(), coder.tile_count()), (4, 12));
        let mut active = [0; 4];
        for (x, expected) in [
            (0.0, [0, 3, 6, 9]),
            (0.13, [0, 3, 6, 10]),
            (0.26, [0, 3, 7, 10]),
            (0.49, [0, 4, 7, 10]),
            (0.51, [1, 4, 7, 10]),
            (1.0, [2, 5, 8, 11]),
            (7.0, [2, 5, 8, 11]),
            (-7.0, [0, 3, 6, 9]),
        ] {
            coder.encode(&[x], &mut active);
            assert_eq!(active, expected, "{x}");
        }
    }

    /// A step of one n-th part of a tile in one dimension changes exactly one of n tiles.
    #[test]
    fn neighbours_share_all_tiles_but_one() {
        let coder = TileCoder::new(8, 8, [-1.0, 0.0], [1.0, 4.0]);
        let place = |row: u32, column: u32| {
            let mut active = [0; 8];
            let at = |index: u32| (index as f32 + 0.5) / 64.0;
            coder.encode(&[2.0 * at(row) - 1.0, 4.0 * at(column)], &mut active);
            assert!(active.iter().all(|&tile| tile < coder.tile_count() as u32));
            active
        };
        let shared = |a: [u32; 8], b: [u32; 8]| a.iter().zip(b).filter(|(a, b)| **a == *b).count();
        for row in 0..63 {
            for column in 0..63 {
                let here = place(row, column);
                assert_eq!(shared(here, place(row + 1, column)), 7);
                assert_eq!(shared(here, place(row, column + 1)), 7);
            }
        }
        assert_eq!(shared(place(0, 0), place(8, 0)), 0);
    }
}
