//! A sheet of SVG: shapes and words at places in pixels, x to the right, y down.
//!
//! Knows no axes and no values. Numbers are written to a tenth of a pixel, so that the same picture is the same text
//! everywhere.

use super::colours::{Colour, INK, WHITE};
use core::fmt::{self, Write};

/// A picture that grows.
pub(super) struct Sheet {
    width: f64,
    height: f64,
    body: String,
}

/// How a line looks.
#[derive(Clone, Copy)]
pub(super) struct Stroke {
    pub(super) colour: Colour,
    pub(super) width: f64,
    pub(super) dashed: bool,
}

impl Stroke {
    pub(super) const fn of(colour: Colour, width: f64) -> Self {
        Self { colour, width, dashed: false }
    }

    pub(super) const fn dashed(self) -> Self {
        Self { dashed: true, ..self }
    }
}

/// Where a text has the place that is given for it.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Lettering {
    pub(super) size: f64,
    pub(super) colour: Colour,
    pub(super) anchor: Anchor,
    pub(super) bold: bool,
    /// Read from below to above.
    pub(super) upwards: bool,
}

impl Lettering {
    /// Letters of this height in the colour of ink, in the middle of their place.
    pub(super) const fn of(size: f64) -> Self {
        Self { size, colour: INK, anchor: Anchor::Middle, bold: false, upwards: false }
    }

    pub(super) const fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(super) const fn colour(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(super) const fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }
}

/// How wide a text of this size is, near enough for a layout: the reader's font is not known.
pub(super) fn text_width(text: &str, size: f64) -> f64 {
    0.56 * size * text.chars().count() as f64
}

impl Sheet {
    pub(super) const fn new(width: f64, height: f64) -> Self {
        Self { width, height, body: String::new() }
    }

    pub(super) fn rectangle(
        &mut self,
        (x, y): (f64, f64),
        (width, height): (f64, f64),
        fill: Colour,
    ) {
        let (x, y, width, height) = (Tenths(x), Tenths(y), Tenths(width), Tenths(height));
        self.element(format_args!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>"#
        ));
    }

    /// A filled shape; `opacity` from 0, not to be seen, to 1.
    pub(super) fn polygon(&mut self, points: &[(f64, f64)], fill: Colour, opacity: f64) {
        self.element(format_args!(
            r#"<path d="{}z" fill="{fill}" fill-opacity="{opacity}"/>"#,
            Path(points)
        ));
    }

    pub(super) fn line(&mut self, points: &[(f64, f64)], stroke: Stroke) {
        let dashes = if stroke.dashed { r#" stroke-dasharray="5 4""# } else { "" };
        self.element(format_args!(
            r#"<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round"{dashes}/>"#,
            Path(points),
            stroke.colour,
            stroke.width
        ));
    }

    pub(super) fn circle(&mut self, (x, y): (f64, f64), radius: f64, fill: Colour) {
        let (x, y) = (Tenths(x), Tenths(y));
        self.element(format_args!(r#"<circle cx="{x}" cy="{y}" r="{radius}" fill="{fill}"/>"#));
    }

    /// Many circles of one kind in one element.
    pub(super) fn dots(&mut self, places: &[(f64, f64)], radius: f64, fill: Colour) {
        let mut path = String::new();
        for &(x, y) in places {
            // A line of no length with round ends is a dot.
            let _ = write!(path, "M{} {}h0", Tenths(x), Tenths(y));
        }
        let width = 2.0 * radius;
        self.element(format_args!(
            r#"<path d="{path}" fill="none" stroke="{fill}" stroke-width="{width}" stroke-linecap="round"/>"#
        ));
    }

    /// A text whose letters are centred on the height `y`.
    pub(super) fn text(&mut self, (x, y): (f64, f64), lettering: Lettering, text: &str) {
        let Lettering { size, colour, anchor, bold, upwards } = lettering;
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if bold { r#" font-weight="bold""# } else { "" };
        // Half the height of a digit: not every viewer centres by itself.
        let lower = 0.36 * size;
        let place = if upwards {
            let (x, y) = (Tenths(x + lower), Tenths(y));
            format!(r#"transform="translate({x} {y}) rotate(-90)""#)
        } else {
            format!(r#"x="{}" y="{}""#, Tenths(x), Tenths(y + lower))
        };
        self.element(format_args!(
            r#"<text {place} font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>{}</text>"#,
            Escaped(text)
        ));
    }

    fn element(&mut self, element: fmt::Arguments<'_>) {
        // Writing into a string cannot fail.
        let _ = writeln!(self.body, "{element}");
    }

    /// The whole file.
    pub(super) fn into_svg(self) -> String {
        let Self { width, height, body } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"Helvetica, Arial, sans-serif\">\n\
             <rect width=\"100%\" height=\"100%\" fill=\"{WHITE}\"/>\n{body}</svg>\n"
        )
    }
}

/// From one point to the next; steps from point to point are shorter to write than the points.
struct Path<'a>(&'a [(f64, f64)]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut from = (0, 0);
        for (index, &(x, y)) in self.0.iter().enumerate() {
            // Differences of rounded places: rounded differences would add up.
            let to = (tenths(x), tenths(y));
            let letter = match index {
                0 => "M",
                1 => "l",
                _ => " ",
            };
            write!(f, "{letter}{},{}", Decimal(to.0 - from.0), Decimal(to.1 - from.1))?;
            from = to;
        }
        Ok(())
    }
}

fn tenths(number: f64) -> i64 {
    (10.0 * number).round() as i64
}

/// A number to one decimal, none where it would be zero.
struct Tenths(f64);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Decimal(tenths(self.0)).fmt(f)
    }
}

/// So many tenths.
struct Decimal(i64);

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        match (self.0.abs() / 10, self.0.abs() % 10) {
            (whole, 0) => write!(f, "{sign}{whole}"),
            (0, tenth) => write!(f, "{sign}.{tenth}"),
            (whole, tenth) => write!(f, "{sign}{whole}.{tenth}"),
        }
    }
}

struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|letter| match letter {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            // Nothing else that a control character could be is allowed in XML.
            other if other.is_control() => f.write_char(' '),
            other => f.write_char(other),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_to_a_tenth() {
        let written = [12.04, 12.06, -0.04, -0.06, -3.0].map(|number| Tenths(number).to_string());
        assert_eq!(written, ["12", "12.1", "0", "-.1", "-3"]);
        let steps = Path(&[(1.0, 2.0), (1.26, 1.0), (1.54, 1.0)]).to_string();
        assert_eq!(steps, "M1,2l.3,-1 .2,0", "1 + .3 + .2 is 1.5, not 1.6");
    }

    #[test]
    fn words_cannot_break_the_file() {
        let mut sheet = Sheet::new(10.0, 10.0);
        sheet.text((0.0, 0.0), Lettering::of(10.0), "a < b & \u{7}c</text>");
        assert!(sheet.into_svg().contains(">a &lt; b &amp;  c&lt;/text&gt;</text>"));
    }
}
