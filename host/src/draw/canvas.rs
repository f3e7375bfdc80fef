//! A raster picture: filled shapes with smooth edges.
//!
//! Edges are smoothed with sums in one written order, so that a frame has the same pixels everywhere. No text, no
//! transparency.

use core::f64::consts::TAU;
use core::ops::Range;
use embedded_rl_core::math;

/// Red, green, blue.
pub type Colour = [u8; 3];

/// A point or a size in pixels.
pub type Place = (f64, f64);

/// Rows of pixels. Places are in pixels from a corner: the upper left one, or the lower left one for worlds whose
/// heights go up.
#[derive(Clone, Debug, PartialEq)]
pub struct Canvas {
    width: usize,
    height: usize,
    /// `[height][width]`, from the uppermost row.
    pixels: Vec<Colour>,
    upwards: bool,
}

/// Lines across each row of pixels at which edges are looked at.
const LINES: usize = 4;
/// Steps from nothing of a pixel to all of it: more would not be seen, and fewer colours make smaller films.
const SHADES: f64 = 16.0;
/// Corners of what is drawn for a circle.
const CORNERS: u32 = 48;

impl Canvas {
    /// An empty picture whose heights go down.
    pub fn new(width: usize, height: usize, ground: Colour) -> Self {
        Self { width, height, pixels: vec![ground; width * height], upwards: false }
    }

    /// An empty picture whose heights go up.
    pub fn upwards(width: usize, height: usize, ground: Colour) -> Self {
        Self { upwards: true, ..Self::new(width, height, ground) }
    }

    /// Pixels in a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Rows of pixels.
    pub const fn height(&self) -> usize {
        self.height
    }

    /// `[height][width]`, from the upper left corner.
    pub fn pixels(&self) -> &[Colour] {
        &self.pixels
    }

    /// Fills a shape; where its outline crosses itself, what is inside an odd number of times.
    pub fn polygon(&mut self, corners: &[Place], colour: Colour) {
        let height = self.height as f64;
        let downwards = |&(x, y): &Place| (x, if self.upwards { height - y } else { y });
        let corners: Vec<Place> = corners.iter().map(downwards).collect();
        let across = extent(corners.iter().map(|corner| corner.0), self.width);
        let down = extent(corners.iter().map(|corner| corner.1), self.height);
        let mut covered = vec![0.0; across.len()];
        for row in down {
            covered.fill(0.0);
            for line in 0..LINES {
                let y = row as f64 + (line as f64 + 0.5) / LINES as f64;
                for ends in crossings(&corners, y).chunks_exact(2) {
                    let from = across.start as f64;
                    cover(&mut covered, ends[0] - from, ends[1] - from);
                }
            }
            let pixels = &mut self.pixels[row * self.width..][across.clone()];
            for (pixel, share) in pixels.iter_mut().zip(&covered) {
                if *share > 0.0 {
                    *pixel = mixed(*pixel, colour, *share);
                }
            }
        }
    }

    /// Fills a rectangle given by two opposite corners.
    pub fn rectangle(&mut self, (x0, y0): Place, (x1, y1): Place, colour: Colour) {
        self.polygon(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)], colour);
    }

    /// Fills a circle.
    pub fn circle(&mut self, (x, y): Place, radius: f64, colour: Colour) {
        let corner = |index| {
            let angle = TAU * f64::from(index) / f64::from(CORNERS);
            (x + radius * math::cos(angle), y + radius * math::sin(angle))
        };
        self.polygon(&(0..CORNERS).map(corner).collect::<Vec<_>>(), colour);
    }

    /// Draws a line from point to point, with round corners.
    pub fn line(&mut self, points: &[Place], width: f64, colour: Colour) {
        for pair in points.windows(2) {
            let [(x0, y0), (x1, y1)] = [pair[0], pair[1]];
            let (x, y) = (x1 - x0, y1 - y0);
            let length = math::sqrt(x * x + y * y);
            if length > 0.0 {
                let (aside, up) = (-0.5 * width * y / length, 0.5 * width * x / length);
                let corners = [
                    (x0 + aside, y0 + up),
                    (x1 + aside, y1 + up),
                    (x1 - aside, y1 - up),
                    (x0 - aside, y0 - up),
                ];
                self.polygon(&corners, colour);
            }
        }
        if width > 2.0 && points.len() > 2 {
            for &corner in &points[1..points.len() - 1] {
                self.circle(corner, 0.5 * width, colour);
            }
        }
    }
}

/// Corners turned by an angle [rad] around the origin and then moved to `to`. Counterclockwise where heights go up.
pub(super) fn turned<const N: usize>(corners: [Place; N], angle: f64, to: Place) -> [Place; N] {
    let (cosine, sine) = (math::cos(angle), math::sin(angle));
    corners.map(|(x, y)| (to.0 + cosine * x - sine * y, to.1 + sine * x + cosine * y))
}

/// The pixels, of so many, that numbers from the smallest to the largest of these touch.
fn extent(places: impl Iterator<Item = f64>, pixels: usize) -> Range<usize> {
    let (low, high) =
        places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    // Neither is below zero, and a conversion ends at the largest there is.
    let from = low.floor().max(0.0) as usize;
    from.min(pixels)..(high.ceil().max(0.0) as usize).clamp(from.min(pixels), pixels)
}

/// Where the outline crosses a height, from left to right.
fn crossings(corners: &[Place], height: f64) -> Vec<f64> {
    let mut crossings = Vec::new();
    for (index, &(x0, y0)) in corners.iter().enumerate() {
        let (x1, y1) = corners[(index + 1) % corners.len()];
        // One end belongs to a side and the other does not, so that a corner is crossed once.
        if (y0 <= height) != (y1 <= height) {
            crossings.push(x0 + (height - y0) / (y1 - y0) * (x1 - x0));
        }
    }
    crossings.sort_by(f64::total_cmp);
    crossings
}

/// Adds what one line from `left` to `right` covers of each pixel of a row.
fn cover(covered: &mut [f64], left: f64, right: f64) {
    let (left, right) = (left.max(0.0), right.min(covered.len() as f64));
    let mut x = left.floor();
    while x < right {
        let share = (x + 1.0).min(right) - x.max(left);
        covered[x as usize] += share / LINES as f64;
        x += 1.0;
    }
}

fn mixed(under: Colour, over: Colour, share: f64) -> Colour {
    let share = (SHADES * share).round().min(SHADES) / SHADES;
    core::array::from_fn(|part| {
        let (under, over) = (f64::from(under[part]), f64::from(over[part]));
        (under + share * (over - under)).round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLACK: Colour = [0; 3];
    const WHITE: Colour = [255; 3];

    fn grey(canvas: &Canvas) -> Vec<u8> {
        canvas.pixels().iter().map(|pixel| pixel[0]).collect()
    }

    #[test]
    fn a_pixel_is_as_dark_as_it_is_covered() {
        let mut canvas = Canvas::new(3, 2, WHITE);
        canvas.rectangle((0.5, 0.0), (2.0, 1.5), BLACK);
        // Half and whole pixels above, half of both below.
        assert_eq!(grey(&canvas), [128, 0, 255, 191, 128, 255]);
    }

    #[test]
    fn heights_can_go_up() {
        let mut canvas = Canvas::upwards(1, 3, WHITE);
        canvas.rectangle((0.0, 0.0), (1.0, 1.0), BLACK);
        assert_eq!(grey(&canvas), [255, 255, 0]);
    }

    #[test]
    fn what_is_outside_is_cut_off() {
        let mut canvas = Canvas::new(2, 2, WHITE);
        canvas.circle((1.0, 1.0), 50.0, BLACK);
        assert_eq!(grey(&canvas), [0; 4]);
        canvas.line(&[(-9.0, 30.0), (70.0, 30.0), (f64::NAN, 0.0)], 3.0, WHITE);
        canvas.polygon(&[], WHITE);
        assert_eq!(grey(&canvas), [0; 4]);
    }

    #[test]
    fn a_circle_covers_its_area() {
        let mut canvas = Canvas::new(40, 40, WHITE);
        canvas.circle((20.3, 19.6), 15.0, BLACK);
        let dark: f64 = canvas.pixels().iter().map(|p| 1.0 - f64::from(p[0]) / 255.0).sum();
        assert!((dark / 225.0 - core::f64::consts::PI).abs() < 0.02, "{dark}");
    }
}
