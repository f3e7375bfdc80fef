//! Animated GIFs: frames become the parts in which they differ, with up to 128 colours each.
//!
//! Colours are chosen by how many pixels have them; the rarest, on smooth edges, become the nearest of the others.

use super::canvas::{Canvas, Colour};
use crate::failure::{Failure, Outcome};
use crate::record::write_atomically;
use gif::{DisposalMethod, Encoder, EncodingError, Frame, Repeat};
use std::collections::HashMap;
use std::path::Path;

/// A film that grows in memory, by a few kilobytes a frame.
pub struct Gif {
    encoder: Encoder<Vec<u8>>,
    /// Of a frame [1/100 s]
    delay: u16,
    shown: Canvas,
    /// The last frame, not written yet: how long it stays is known when the next one comes.
    last: Frame<'static>,
    frames: u64,
}

/// How long the last frame stays before the film begins again [1/100 s].
const PAUSE: u16 = 120;
const COLOURS: usize = 128;

impl Gif {
    /// Begins with a frame; all others must have its size.
    ///
    /// # Errors
    /// If a side has more than 65,535 pixels.
    ///
    /// # Panics
    /// If there are no frames in a second.
    pub fn begin(first: Canvas, frames_per_second: u32) -> Outcome<Self> {
        assert!(frames_per_second > 0, "a film has frames");
        let side = |pixels: usize| {
            u16::try_from(pixels).map_err(|_| {
                Failure::failed(format!("a frame of {pixels} pixels is too large for a GIF"))
            })
        };
        let (width, height) = (side(first.width())?, side(first.height())?);
        let mut encoder = Encoder::new(Vec::new(), width, height, &[]).map_err(refused)?;
        encoder.set_repeat(Repeat::Infinite).map_err(refused)?;
        // Viewers take less than two hundredths for a mistake.
        let delay = (100 / frames_per_second).clamp(2, 1_000) as u16;
        let last = frame_of(&first, (0, 0), (first.width(), first.height()));
        Ok(Self { encoder, delay, shown: first, last, frames: 1 })
    }

    /// Adds a frame.
    ///
    /// # Panics
    /// If it has another size than the first.
    pub fn push(&mut self, frame: Canvas) -> Outcome<()> {
        let size = (frame.width(), frame.height());
        assert_eq!(size, (self.shown.width(), self.shown.height()), "frames have one size");
        let (corner, size) = changed(&self.shown, &frame);
        let mut last = core::mem::replace(&mut self.last, frame_of(&frame, corner, size));
        last.delay = self.delay;
        self.encoder.write_frame(&last).map_err(refused)?;
        self.shown = frame;
        self.frames += 1;
        Ok(())
    }

    /// Writes the file; says how many frames it has.
    pub fn write(mut self, path: &Path) -> Outcome<u64> {
        self.last.delay = PAUSE;
        self.encoder.write_frame(&self.last).map_err(refused)?;
        let bytes = self.encoder.into_inner().map_err(refused)?;
        write_atomically(path, &bytes)?;
        Ok(self.frames)
    }
}

fn refused(error: EncodingError) -> Failure {
    Failure::failed(format!("cannot make a GIF: {error}"))
}

/// Corner and size of the smallest rectangle outside of which both are the same; one pixel if they are so inside, too.
fn changed(before: &Canvas, after: &Canvas) -> ((usize, usize), (usize, usize)) {
    let width = after.width();
    let differing = || {
        let pairs = before.pixels().iter().zip(after.pixels()).enumerate();
        pairs.filter(|(_, (a, b))| a != b).map(|(index, _)| (index % width, index / width))
    };
    let Some(first) = differing().next() else { return ((0, 0), (1, 1)) };
    let (mut low, mut high) = (first, first);
    for (x, y) in differing() {
        low = (low.0.min(x), low.1.min(y));
        high = (high.0.max(x), high.1.max(y));
    }
    (low, (high.0 - low.0 + 1, high.1 - low.1 + 1))
}

/// A rectangle of a canvas as a frame with a palette of its own.
fn frame_of(canvas: &Canvas, corner: (usize, usize), size: (usize, usize)) -> Frame<'static> {
    let row = |y: usize| &canvas.pixels()[y * canvas.width() + corner.0..][..size.0];
    let pixels: Vec<Colour> =
        (corner.1..corner.1 + size.1).flat_map(|y| row(y).iter().copied()).collect();
    let (palette, numbers) = palette_of(&pixels);
    // The sizes fit: the whole canvas was seen to at the beginning.
    let short = |number: usize| number as u16;
    Frame {
        left: short(corner.0),
        top: short(corner.1),
        width: short(size.0),
        height: short(size.1),
        dispose: DisposalMethod::Keep,
        palette: Some(palette.concat()),
        buffer: pixels.iter().map(|pixel| numbers[pixel]).collect(),
        ..Frame::default()
    }
}

/// The colours of a frame, and the number of the nearest for every colour that occurs.
fn palette_of(pixels: &[Colour]) -> (Vec<Colour>, HashMap<Colour, u8>) {
    let mut counts: HashMap<Colour, u32> = HashMap::new();
    for pixel in pixels {
        *counts.entry(*pixel).or_default() += 1;
    }
    let mut palette: Vec<(Colour, u32)> = counts.into_iter().collect();
    // The colour itself parts those that are equally frequent: a map has no order.
    palette.sort_by_key(|&(colour, count)| (core::cmp::Reverse(count), colour));
    let all: Vec<Colour> = palette.into_iter().map(|(colour, _)| colour).collect();
    let kept = &all[..all.len().min(COLOURS)];
    let number = |colour: Colour| {
        let nearest = (0u8..).zip(kept).min_by_key(|(_, other)| distance(colour, **other));
        nearest.map_or(0, |(number, _)| number)
    };
    let numbers = all.iter().map(|&colour| (colour, number(colour))).collect();
    (kept.to_vec(), numbers)
}

fn distance(a: Colour, b: Colour) -> u32 {
    let part = |index: usize| u32::from(a[index].abs_diff(b[index]));
    part(0) * part(0) + part(1) * part(1) + part(2) * part(2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_written() {
        let before = Canvas::new(9, 5, [255; 3]);
        let mut after = before.clone();
        after.rectangle((2.0, 1.0), (5.0, 3.0), [9, 8, 7]);
        assert_eq!(changed(&before, &after), ((2, 1), (3, 2)));
        assert_eq!(changed(&after, &after), ((0, 0), (1, 1)));
        let frame = frame_of(&after, (1, 1), (3, 2));
        assert_eq!(frame.palette, Some(vec![9, 8, 7, 255, 255, 255]));
        assert_eq!(*frame.buffer, [1, 0, 0, 1, 0, 0]);
    }

    #[test]
    fn rare_colours_become_their_neighbours() {
        let shade = |value: u8| [value, value, 0];
        let mut pixels: Vec<Colour> =
            (0..128).flat_map(|index| [shade(2 * index), shade(2 * index)]).collect();
        pixels.push([101, 100, 0]);
        let (palette, numbers) = palette_of(&pixels);
        assert_eq!(palette.len(), 128);
        assert_eq!(numbers[&[101, 100, 0]], numbers[&shade(100)]);
        assert!((0..128).all(|i| palette[usize::from(numbers[&shade(2 * i)])] == shade(2 * i)));
    }
}
