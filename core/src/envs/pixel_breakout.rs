//! The small Breakout as a grey picture of 84 x 84 pixels: what an Atari agent sees after its preprocessing.
//!
//! | observation | values |
//! |---|---|
//! | pixels | 1 x 84 x 84 of 0..=255: darkness 0, bricks 120, paddle 180, ball 255 |
//!
//! Pixel `(y, x)` shows cell `(y * 10 / 84, x * 10 / 84)`, rounded down. The trail is not drawn, so one picture does not
//! say where the ball flies: that takes a [`FrameStack`](crate::preprocess::FrameStack). Everything else is
//! [`Breakout`]'s.

use super::breakout::{Breakout, Thing};
use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// A small Breakout that is observed as a picture.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PixelBreakout {
    /// The game inside.
    pub game: Breakout,
}

impl PixelBreakout {
    /// Height and width of a picture.
    pub const SIDE: usize = 84;
    /// Bytes of a picture.
    pub const BYTES: usize = Self::SIDE * Self::SIDE;

    fn observe(&self, observation: &mut [u8]) {
        let given = observation.len();
        assert!(given == Self::BYTES, "the observation has {} elements, not {given}", Self::BYTES);
        let [_, rows, columns] = Breakout::SHAPE;
        let mut painted = None;
        for y in 0..Self::SIDE {
            let row = y * rows / Self::SIDE;
            let start = y * Self::SIDE;
            // All rows of pixels of one row of cells are the same.
            if painted == Some(row) {
                observation.copy_within(start - Self::SIDE..start, start);
                continue;
            }
            painted = Some(row);
            for (x, pixel) in observation[start..start + Self::SIDE].iter_mut().enumerate() {
                *pixel = match self.game.thing(row, x * columns / Self::SIDE) {
                    Thing::Nothing | Thing::Trail => 0,
                    Thing::Brick => 120,
                    Thing::Paddle => 180,
                    Thing::Ball => 255,
                };
            }
        }
    }
}

impl Env for PixelBreakout {
    type Action = u32;
    type Element = u8;

    fn action_space(&self) -> Space<'_> {
        self.game.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Image { channels: 1, height: Self::SIDE, width: Self::SIDE }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u8]) {
        self.game.reset(rng, &mut [0; Breakout::LENGTH]);
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u8]) -> Step {
        let step = self.game.step(action, rng, &mut [0; Breakout::LENGTH]);
        self.observe(observation);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    #[test]
    fn every_thing_has_its_brightness_in_its_place() {
        let rng = &mut Generator::seed_from_u64(0);
        let mut env = PixelBreakout { game: Breakout::new(0.0) };
        let mut seen = [9; PixelBreakout::BYTES];
        env.reset(rng, &mut seen);
        // The middles of cells: 8.4 pixels are one.
        let at = |row: usize, column: usize| {
            let pixel = |cell: usize| (84 * cell + 42) / 10;
            seen[pixel(row) * PixelBreakout::SIDE + pixel(column)]
        };
        assert_eq!([at(1, 0), at(3, 5), at(9, 4), at(0, 0), at(5, 5)], [120, 120, 180, 0, 0]);
        assert_eq!(at(3, 0).max(at(3, 9)), 255, "the ball is at one of the borders");
    }
}
