//! The gridworld as a picture: what a camera above the maze sees.
//!
//! | observation | values |
//! |---|---|
//! | pixels | channels x height x width of 0..=255, one channel ([`Colours::Grey`]) or three ([`Colours::Rgb`]) |
//!
//! | what | grey | red, green, blue |
//! |---|---|---|
//! | floor, the start included | 0 | 0, 0, 0 |
//! | wall | 85 | 128, 128, 128 |
//! | goal | 170 | 0, 255, 0 |
//! | agent, above all others | 255 | 0, 0, 255 |
//!
//! Actions, rewards, start and end are the [`Gridworld`]'s. Cells are squares of any size
//! ([`PixelGrid::with_tile`]), or the maze fills a picture of any size ([`PixelGrid::with_size`]): pixel `(y, x)` shows
//! cell `(y * rows / height, x * columns / width)`, rounded down.

use crate::env::{Env, Step};
use crate::envs::gridworld::Gridworld;
use crate::rng::Rng;
use crate::space::Space;

/// What a pixel is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Colours {
    /// One brightness.
    Grey,
    /// Red, green and blue, each in a plane of its own.
    Rgb,
}

/// Brightness in grey, then red, green and blue.
type Paint = [u8; 4];
const FLOOR: Paint = [0, 0, 0, 0];
const WALL: Paint = [85, 128, 128, 128];
const GOAL: Paint = [170, 0, 255, 0];
const AGENT: Paint = [255, 0, 0, 255];

/// A gridworld that is observed as an image.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PixelGrid<const CELLS: usize = 90> {
    /// The gridworld inside.
    pub grid: Gridworld<CELLS>,
    colours: Colours,
    height: u32,
    width: u32,
}

impl<const CELLS: usize> PixelGrid<CELLS> {
    /// The usual height and width: those of the images in Unity's GridWorld.
    pub const SIZE: [u32; 2] = [64, 84];

    /// Cells are squares of `tile` x `tile` pixels.
    ///
    /// # Panics
    /// If `tile` is zero, or an image has `2^32` pixels or more.
    pub fn with_tile(grid: Gridworld<CELLS>, colours: Colours, tile: u32) -> Self {
        let sides = [grid.map().rows(), grid.map().columns()].map(|cells| cells.checked_mul(tile));
        let [Some(height), Some(width)] = sides else { panic!("the image is too large") };
        Self::with_size(grid, colours, height, width)
    }

    /// The maze fills an image of this size.
    ///
    /// # Panics
    /// If a side is shorter than the maze has rows or columns, or an image has `2^32` pixels or more.
    pub fn with_size(grid: Gridworld<CELLS>, colours: Colours, height: u32, width: u32) -> Self {
        let (rows, columns) = (grid.map().rows(), grid.map().columns());
        assert!(height >= rows && width >= columns, "every cell has at least one pixel");
        assert!(
            height.checked_mul(width).and_then(|plane| plane.checked_mul(3)).is_some(),
            "the image is too large"
        );
        Self { grid, colours, height, width }
    }

    const fn channels(&self) -> usize {
        match self.colours {
            Colours::Grey => 1,
            Colours::Rgb => 3,
        }
    }

    fn observe(&self, observation: &mut [u8]) {
        let (length, given) = (self.observation_space().len(), observation.len());
        assert!(length == given, "the observation has {length} elements, not {given}");
        let map = self.grid.map();
        let (rows, columns) = (map.rows() as usize, map.columns() as usize);
        let (height, width) = (self.height as usize, self.width as usize);
        let first = match self.colours {
            Colours::Grey => 0,
            Colours::Rgb => 1,
        };
        for (plane, pixels) in observation.chunks_exact_mut(height * width).enumerate() {
            let mut painted = None;
            for y in 0..height {
                let row = y * rows / height;
                // All rows of pixels of one row of cells are the same.
                if painted == Some(row) {
                    pixels.copy_within((y - 1) * width..y * width, y * width);
                    continue;
                }
                painted = Some(row);
                for (x, pixel) in pixels[y * width..(y + 1) * width].iter_mut().enumerate() {
                    let cell = row * columns + x * columns / width;
                    *pixel = self.paint(cell as u32)[first + plane];
                }
            }
        }
    }

    fn paint(&self, cell: u32) -> Paint {
        match () {
            () if cell == self.grid.agent() => AGENT,
            () if cell == self.grid.goal() => GOAL,
            () if self.grid.map().tiles()[cell as usize] == b'#' => WALL,
            () => FLOOR,
        }
    }
}

impl<const CELLS: usize> Env for PixelGrid<CELLS> {
    type Action = u32;
    type Element = u8;

    fn action_space(&self) -> Space<'_> {
        self.grid.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Image {
            channels: self.channels(),
            height: self.height as usize,
            width: self.width as usize,
        }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u8]) {
        self.grid.reset(rng, &mut [0]);
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u8]) -> Step {
        let step = self.grid.step(action, rng, &mut [0]);
        self.observe(observation);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envs::gridworld::GridRewards;
    use crate::rng::{Generator, SeedableRng};

    fn small() -> Gridworld<6> {
        Gridworld::new("S.#\n#.G", GridRewards::default()).unwrap()
    }

    #[test]
    fn tiles_are_squares_of_one_colour() {
        let rng = &mut Generator::seed_from_u64(0);
        let mut env = PixelGrid::with_tile(small(), Colours::Grey, 2);
        let mut seen = [9; 24];
        env.reset(rng, &mut seen);
        env.step(1, rng, &mut seen);
        let (upper, lower) = ([0, 0, 255, 255, 85, 85], [85, 85, 0, 0, 170, 170]);
        assert_eq!(seen.as_chunks::<6>().0, [upper, upper, lower, lower]);
    }

    #[test]
    fn an_image_of_any_size_is_filled_and_its_colours_are_planes() {
        let rng = &mut Generator::seed_from_u64(0);
        let mut env = PixelGrid::with_size(small(), Colours::Rgb, 3, 4);
        let mut seen = [9; 36];
        env.reset(rng, &mut seen);
        let planes = [
            [[0, 0, 0, 128], [0, 0, 0, 128], [128, 128, 0, 0]],
            [[0, 0, 0, 128], [0, 0, 0, 128], [128, 128, 0, 255]],
            [[255, 255, 0, 128], [255, 255, 0, 128], [128, 128, 0, 0]],
        ];
        assert_eq!(seen.as_chunks::<4>().0, planes.as_flattened());
    }
}
