//! Pictures made smaller: grey, cut out, and shrunk so that every pixel is the mean of the area it stands for.
//!
//! Bytes in, bytes out, to the bit those of OpenCV's `cvtColor(.., COLOR_RGB2GRAY)` and `resize(.., INTER_AREA)` where
//! a picture gets smaller. Images are `[channels][height][width]` as everywhere here. Division by 255 is not done
//! here: bytes stay bytes until a network looks at them.

use super::Elements;
use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// The brightness of a colour: `.299 red + .587 green + .114 blue`, in whole numbers of 2^-15.
#[inline]
pub const fn brightness(red: u8, green: u8, blue: u8) -> u8 {
    ((9_798 * red as u32 + 19_235 * green as u32 + 3_735 * blue as u32 + (1 << 14)) >> 15) as u8
}

/// The brightness of every pixel of an image of three planes.
///
/// # Panics
/// If `image` is not three times as long as `grey`.
pub fn grey(image: &[u8], grey: &mut [u8]) {
    assert_eq!(image.len(), 3 * grey.len(), "three planes become one");
    let (red, others) = image.split_at(grey.len());
    let (green, blue) = others.split_at(grey.len());
    for (pixel, ((&red, &green), &blue)) in grey.iter_mut().zip(red.iter().zip(green).zip(blue)) {
        *pixel = brightness(red, green, blue);
    }
}

/// The same where the three colours of a pixel stand together, as emulators give them.
///
/// # Panics
/// If `image` is not three times as long as `grey`.
pub fn grey_of_interleaved(image: &[u8], grey: &mut [u8]) {
    assert_eq!(image.len(), 3 * grey.len(), "three colours become one");
    for (pixel, &[red, green, blue]) in grey.iter_mut().zip(image.as_chunks::<3>().0) {
        *pixel = brightness(red, green, blue);
    }
}

/// Height and width.
pub type Size = [usize; 2];

/// Copies the part of a plane whose upper left corner is at row and column `from`.
///
/// # Panics
/// If the part is not inside, or a length is not that of its size.
pub fn crop(plane: &[u8], [height, width]: Size, from: Size, part: &mut [u8], size: Size) {
    assert!(plane.len() == height * width && part.len() == size[0] * size[1], "planes as long");
    assert!(from[0] + size[0] <= height && from[1] + size[1] <= width, "the part is inside");
    for (row, pixels) in part.chunks_exact_mut(size[1].max(1)).enumerate() {
        let start = (from[0] + row) * width + from[1];
        pixels.copy_from_slice(&plane[start..start + size[1]]);
    }
}

/// Shrinks a plane: every pixel is the mean of the area that it covers of the original, weighted by how much of each
/// pixel is inside, rounded to the next whole number (halves to even; up where both sides are halved).
///
/// # Panics
/// If a side gets longer or is zero, or a length is not that of its size.
pub fn shrink(plane: &[u8], [height, width]: Size, small: &mut [u8], size: Size) {
    assert!(plane.len() == height * width && small.len() == size[0] * size[1], "planes as long");
    assert!(size[0] > 0 && size[1] > 0, "an image has at least one pixel");
    assert!(size[0] <= height && size[1] <= width, "an area is at least a pixel");
    if size == [height, width] {
        small.copy_from_slice(plane);
        return;
    }
    let whole = height.is_multiple_of(size[0]) && width.is_multiple_of(size[1]);
    let area = [height / size[0], width / size[1]];
    for (y, pixels) in small.chunks_exact_mut(size[1]).enumerate() {
        let rows = Area::of(y, height, size[0]);
        for (x, pixel) in pixels.iter_mut().enumerate() {
            let columns = Area::of(x, width, size[1]);
            *pixel = if whole {
                mean(plane, width, [y * area[0], x * area[1]], area)
            } else {
                weighted_mean(plane, width, [&rows, &columns])
            };
        }
    }
}

/// What one pixel covers of a row or a column: some whole pixels, and a share of the ones before and behind.
struct Area {
    first: usize,
    end: usize,
    /// Weights of the pixel before, of each whole one, and of the one behind; zero where there is none.
    before: f32,
    each: f32,
    behind: f32,
}

impl Area {
    fn of(pixel: usize, length: usize, pixels: usize) -> Self {
        // Less than this of a pixel does not count.
        const NOTHING: f64 = 1e-3;
        let scale = length as f64 / pixels as f64;
        let start = pixel as f64 * scale;
        let stop = start + scale;
        let covered = scale.min(length as f64 - start);
        let (rounded_down, end) = (start as usize, (stop as usize).min(length - 1));
        let first = rounded_down + if start > rounded_down as f64 { 1 } else { 0 };
        let first = first.min(end);
        let (lead, tail) = (first as f64 - start, stop - end as f64);
        Self {
            first,
            end,
            before: if lead > NOTHING { (lead / covered) as f32 } else { 0.0 },
            each: (1.0 / covered) as f32,
            behind: if tail > NOTHING {
                (tail.min(1.0).min(covered) / covered) as f32
            } else {
                0.0
            },
        }
    }

    /// Pixels with their weights, in order.
    fn weights(&self) -> impl Iterator<Item = (usize, f32)> {
        let before = (self.before > 0.0).then(|| (self.first - 1, self.before));
        let behind = (self.behind > 0.0).then_some((self.end, self.behind));
        let each = self.each;
        before
            .into_iter()
            .chain((self.first..self.end).map(move |pixel| (pixel, each)))
            .chain(behind)
    }
}

fn weighted_mean(plane: &[u8], width: usize, [rows, columns]: [&Area; 2]) -> u8 {
    let mut sum = 0.0f32;
    for (row, weight) in rows.weights() {
        let mut line = 0.0f32;
        for (column, share) in columns.weights() {
            line += f32::from(plane[row * width + column]) * share;
        }
        sum += weight * line;
    }
    rounded(sum)
}

/// Where areas are whole pixels, these are added up as whole numbers.
fn mean(plane: &[u8], width: usize, [top, left]: Size, area: Size) -> u8 {
    let rows = plane[top * width..].chunks(width).take(area[0]);
    let pixels = rows.flat_map(|row| &row[left..left + area[1]]);
    let sum: u32 = pixels.map(|&pixel| u32::from(pixel)).sum();
    match area {
        [2, 2] => ((sum + 2) >> 2) as u8,
        [rows, columns] => rounded(sum as f32 * (1.0 / (rows * columns) as f32)),
    }
}

/// To the nearest whole number, halves to even. The argument is not negative.
fn rounded(x: f32) -> u8 {
    let whole = x as u32;
    let rest = x - whole as f32;
    let up = rest > 0.5 || (rest == 0.5 && whole % 2 == 1);
    (if up { whole + 1 } else { whole }).min(255) as u8
}

/// An environment whose colour images are grey and smaller. `BYTES` is the length of its own images.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GreyImage<E, const BYTES: usize> {
    /// The environment inside.
    pub env: E,
    size: Size,
    /// Its image, and a plane for the grey one.
    image: Elements<u8, BYTES>,
    from: Size,
    part: Size,
}

impl<E: Env<Element = u8>, const BYTES: usize> GreyImage<E, BYTES> {
    /// Shows all of it, of this size.
    ///
    /// # Panics
    /// If `env` does not show images of one or three channels and `BYTES` bytes, or a side gets longer.
    pub fn new(env: E, size: Size) -> Self {
        let Space::Image { height, width, .. } = env.observation_space() else {
            panic!("images become smaller, not {}", env.observation_space());
        };
        Self::cropped(env, [0, 0], [height, width], size)
    }

    /// Cuts out a part first, whose upper left corner is at row and column `from`.
    ///
    /// # Panics
    /// As [`GreyImage::new`], and if the part is not inside.
    pub fn cropped(env: E, from: Size, part: Size, size: Size) -> Self {
        let space = env.observation_space();
        let Space::Image { channels: 1 | 3, height, width } = space else {
            panic!("images of one or three channels become grey, not {space}");
        };
        assert_eq!(space.len(), BYTES, "images of another length");
        assert!(from[0] + part[0] <= height && from[1] + part[1] <= width, "the part is inside");
        assert!(size[0] > 0 && size[1] > 0, "an image has at least one pixel");
        assert!(size[0] <= part[0] && size[1] <= part[1], "an area is at least a pixel");
        Self { env, size, image: Elements::default(), from, part }
    }

    fn show(&mut self, observation: &mut [u8]) {
        let (length, given) = (self.size[0] * self.size[1], observation.len());
        assert!(length == given, "the observation has {length} elements, not {given}");
        let Space::Image { channels, height, width } = self.env.observation_space() else { return };
        let image = &mut self.image.0;
        let plane = height * width;
        if channels == 3 {
            // In place: a pixel's colours are read before anything is written over them.
            for pixel in 0..plane {
                image[pixel] =
                    brightness(image[pixel], image[plane + pixel], image[2 * plane + pixel]);
            }
        }
        // Likewise: rows only move to the front.
        let ([top, left], [rows, columns]) = (self.from, self.part);
        for row in 0..rows {
            let start = (top + row) * width + left;
            image.copy_within(start..start + columns, row * columns);
        }
        shrink(&image[..rows * columns], self.part, observation, self.size);
    }
}

impl<E: Env<Element = u8>, const BYTES: usize> Env for GreyImage<E, BYTES> {
    type Action = E::Action;
    type Element = u8;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Image { channels: 1, height: self.size[0], width: self.size[1] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u8]) {
        self.env.reset(rng, &mut self.image.0);
        self.show(observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [u8],
    ) -> Step {
        let step = self.env.step(action, rng, &mut self.image.0);
        self.show(observation);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_the_mean_of_its_area() {
        let plane = [0, 100, 200, 50, 60, 70];
        let mut small = [0; 2];
        // One and a half pixels each: (0 + 100 / 2) / 1.5 and (100 / 2 + 200) / 1.5, over two rows.
        shrink(&plane, [2, 3], &mut small, [1, 2]);
        assert_eq!(small, [43, 117]);
        let mut quarter = [0; 1];
        shrink(&[0, 1, 1, 0], [2, 2], &mut quarter, [1, 1]);
        assert_eq!(quarter, [1], "half a step up where both sides are halved");
    }

    #[test]
    fn parts_are_cut_out_whole() {
        let plane: [u8; 12] = core::array::from_fn(|pixel| pixel as u8);
        let mut part = [0; 4];
        crop(&plane, [3, 4], [1, 2], &mut part, [2, 2]);
        assert_eq!(part, [6, 7, 10, 11]);
    }
}
