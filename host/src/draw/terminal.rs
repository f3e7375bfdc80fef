//! Frames as text for a terminal with 24-bit colours.

use super::canvas::{Canvas, Colour};
use core::fmt::Write;

/// The picture in `columns` letters a row, each the upper half of its cell in one colour and the lower half in
/// another. Lines end with the terminal's own colours.
///
/// # Panics
/// If `columns` is zero.
pub fn half_blocks(canvas: &Canvas, columns: usize) -> String {
    assert!(columns > 0, "a picture has columns");
    let columns = columns.min(canvas.width());
    // Half a letter is as high as it is wide.
    let halves = (canvas.height() * columns / canvas.width()).max(1);
    let mut text = String::new();
    for row in 0..halves.div_ceil(2) {
        let (mut upper, mut lower) = (None, None);
        for column in 0..columns {
            let at = |half: usize| mean(canvas, (column, columns), (half, halves));
            // A colour is only named where it changes.
            let colour = at(2 * row);
            if upper.replace(colour) != Some(colour) {
                let [red, green, blue] = colour;
                let _ = write!(text, "\x1b[38;2;{red};{green};{blue}m");
            }
            let below = (2 * row + 1 < halves).then(|| at(2 * row + 1));
            if let Some([red, green, blue]) = below
                && lower.replace([red, green, blue]) != below
            {
                let _ = write!(text, "\x1b[48;2;{red};{green};{blue}m");
            }
            text.push('▀');
        }
        text.push_str("\x1b[0m\n");
    }
    text
}

/// The mean colour of the `column`-th of `columns` and the `row`-th of `rows` equal parts.
fn mean(canvas: &Canvas, (column, columns): (usize, usize), (row, rows): (usize, usize)) -> Colour {
    let part = |index: usize, parts: usize, whole: usize| {
        let from = index * whole / parts;
        from..((index + 1) * whole / parts).max(from + 1)
    };
    let across = part(column, columns, canvas.width());
    let (mut sums, mut count) = ([0u32; 3], 0);
    for y in part(row, rows, canvas.height()) {
        for pixel in &canvas.pixels()[y * canvas.width()..][across.clone()] {
            for (sum, part) in sums.iter_mut().zip(pixel) {
                *sum += u32::from(*part);
            }
            count += 1;
        }
    }
    sums.map(|sum| (sum / count) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_rows_of_pixels_become_one_of_letters() {
        let mut canvas = Canvas::new(4, 4, [255; 3]);
        canvas.rectangle((0.0, 2.0), (4.0, 4.0), [10, 20, 30]);
        canvas.rectangle((2.0, 0.0), (4.0, 2.0), [0; 3]);
        assert_eq!(
            half_blocks(&canvas, 2),
            "\x1b[38;2;255;255;255m\x1b[48;2;10;20;30m▀\x1b[38;2;0;0;0m▀\x1b[0m\n"
        );
        assert_eq!(half_blocks(&canvas, 80).lines().count(), 2, "no more letters than pixels");
    }
}
