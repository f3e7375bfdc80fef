//! Curves: panels side by side, each with its axes, series with bands around them and dashed levels, and one legend.
//!
//! Draws what it is given. Means, bands and moving windows are computed elsewhere.

use super::axis::Axis;
use super::colours::{Colour, FAINT, GREY, distinct};
use super::sheet::{Anchor, Lettering, Sheet, Stroke, text_width};
use super::thinning::{Place, thinned_band, thinned_dots, thinned_line};
use crate::failure::Outcome;
use crate::record::write_atomically;
use std::path::Path;

/// One pair of axes and what is between them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Panel {
    /// Above the panel.
    pub title: String,
    /// Below the horizontal axis.
    pub x_label: String,
    /// Beside the vertical axis.
    pub y_label: String,
    /// Whether equal distances along the horizontal axis are equal factors. Points at zero or less are then left out.
    pub log_x: bool,
    /// In the order in which they are drawn and named in the legend.
    pub series: Vec<Series>,
    /// Dashed levels, a planned value or a threshold, each with the words beside it.
    pub lines: Vec<(String, f64)>,
}

/// Points that belong together. Series of one name have one colour, in all panels of a picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// In the legend.
    pub name: String,
    /// With `x` from left to right. What is not finite is left out.
    pub points: Vec<Point>,
    /// How they are drawn.
    pub marks: Marks,
}

impl Series {
    /// Points that a line joins.
    pub fn line(name: impl Into<String>, points: Vec<Point>) -> Self {
        Self { name: name.into(), points, marks: Marks::Line }
    }

    /// Points that stay apart.
    pub fn dots(name: impl Into<String>, points: Vec<Point>) -> Self {
        Self { name: name.into(), points, marks: Marks::Dots }
    }
}

/// How the points of a series are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// Joined by a line, with the band around it.
    Line,
    /// Each on its own, behind the lines.
    Dots,
}

/// A value, and the band it is certain to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where along the horizontal axis.
    pub x: f64,
    /// The value itself.
    pub mean: f64,
    /// Lower end of the band; there is one only where this is below `high`.
    pub low: f64,
    /// Upper end of the band.
    pub high: f64,
}

impl Point {
    /// A value without a band.
    pub const fn exact(x: f64, mean: f64) -> Self {
        Self { x, mean, low: mean, high: mean }
    }

    const fn has_band(&self) -> bool {
        self.low < self.high
    }
}

/// Writes the panels as one SVG, at most three in a row.
pub fn draw_panels(path: &Path, panels: &[Panel]) -> Outcome<()> {
    write_atomically(path, panels_svg(panels).as_bytes())
}

/// Of labels and of everything else that is written [pixels].
const SIZE: f64 = 13.0;
const TITLE_SIZE: f64 = 15.0;
const TITLE_HEIGHT: f64 = 34.0;
const BELOW_AXIS: f64 = 50.0;
const LEGEND_ROW: f64 = 22.0;
const MARGIN: f64 = 14.0;
/// Lines of fewer points show each of them.
const FEW: usize = 30;

/// The panels as the text of an SVG.
pub fn panels_svg(panels: &[Panel]) -> String {
    let across = match panels.len() {
        0 | 1 => 1,
        2 | 4 => 2,
        _ => 3,
    };
    let (width, height) = if panels.len() < 2 { (860.0, 440.0) } else { (520.0, 380.0) };
    let names = names(panels);
    let sheet_width = across as f64 * width + 2.0 * MARGIN;
    let legend = legend_places(&names, sheet_width);
    let legend_rows = legend.last().map_or(0.0, |&(_, row)| row + 1.0);
    let panel_rows = panels.len().div_ceil(across) as f64;
    let below_panels = MARGIN + panel_rows * height;
    let mut sheet = Sheet::new(sheet_width, below_panels + legend_rows * LEGEND_ROW + MARGIN);
    for (index, panel) in panels.iter().enumerate() {
        let (row, column) = (index / across, index % across);
        let corner = (MARGIN + column as f64 * width, MARGIN + row as f64 * height);
        draw_panel(&mut sheet, panel, &names, corner, (width, height));
    }
    for (index, ((name, marks), (x, row))) in names.iter().zip(legend).enumerate() {
        let y = below_panels + (row + 0.5) * LEGEND_ROW;
        match marks {
            Marks::Line => {
                sheet.line(&[(x, y), (x + 22.0, y)], Stroke::of(distinct(index), 3.0));
            }
            Marks::Dots => sheet.circle((x + 11.0, y), 3.0, paler(distinct(index))),
        }
        sheet.text((x + 29.0, y), Lettering::of(SIZE).anchor(Anchor::Start), name);
    }
    sheet.into_svg()
}

/// The names of all series, each once; the place among them is the colour.
fn names(panels: &[Panel]) -> Vec<(&str, Marks)> {
    let mut names: Vec<(&str, Marks)> = Vec::new();
    for series in panels.iter().flat_map(|panel| &panel.series) {
        if names.iter().all(|(name, _)| *name != series.name) {
            names.push((&series.name, series.marks));
        }
    }
    names
}

/// For each name its place from the left and its row, from 0.
fn legend_places(names: &[(&str, Marks)], width: f64) -> Vec<(f64, f64)> {
    let first = MARGIN + 50.0;
    let (mut x, mut row) = (first, 0.0);
    let place = |(name, _): &(&str, Marks)| {
        let entry = 29.0 + text_width(name, SIZE) + 24.0;
        if x > first && x + entry > width {
            (x, row) = (first, row + 1.0);
        }
        let place = (x, row);
        x += entry;
        place
    };
    names.iter().map(place).collect()
}

fn paler(colour: Colour) -> Colour {
    let mix = |part: u8| 255 - (255 - part) / 2;
    Colour(mix(colour.0), mix(colour.1), mix(colour.2))
}

fn draw_panel(
    sheet: &mut Sheet,
    panel: &Panel,
    names: &[(&str, Marks)],
    (left, top): (f64, f64),
    (width, height): (f64, f64),
) {
    let (x_axis, y_axis) = axes(panel);
    let title_height = if panel.title.is_empty() { SIZE } else { TITLE_HEIGHT };
    let words = |(words, _): &(String, f64)| text_width(words, SIZE) + 8.0;
    let beside = panel.lines.iter().map(words).fold(16.0, f64::max).min(0.4 * width);
    let (x_from, x_to) =
        (left + 42.0 + text_width(y_axis.longest_label(), SIZE), left + width - beside);
    let (y_from, y_to) = (top + height - BELOW_AXIS, top + title_height);
    let x_at = |x: f64| x_from + x_axis.place(x) * (x_to - x_from);
    let y_at = |y: f64| y_from + y_axis.place(y) * (y_to - y_from);

    sheet.text(
        (0.5 * (x_from + x_to), top + 0.45 * title_height),
        Lettering::of(TITLE_SIZE).bold(),
        &panel.title,
    );
    let grid = Stroke::of(FAINT, 1.0);
    for (place, label) in &x_axis.labels {
        let x = x_from + place * (x_to - x_from);
        sheet.line(&[(x, y_from), (x, y_to)], grid);
        sheet.text((x, y_from + 14.0), Lettering::of(SIZE), label);
    }
    for (place, label) in &y_axis.labels {
        let y = y_from + place * (y_to - y_from);
        sheet.line(&[(x_from, y), (x_to, y)], grid);
        sheet.text((x_from - 7.0, y), Lettering::of(SIZE).anchor(Anchor::End), label);
    }
    let middle = (0.5 * (x_from + x_to), 0.5 * (y_from + y_to));
    sheet.text((middle.0, y_from + 36.0), Lettering::of(SIZE), &panel.x_label);
    sheet.text((left + 10.0, middle.1), Lettering::of(SIZE).upwards(), &panel.y_label);
    sheet.line(&[(x_from, y_to), (x_from, y_from), (x_to, y_from)], Stroke::of(GREY, 1.0));

    for (_, level) in &panel.lines {
        let y = y_at(*level);
        sheet.line(&[(x_from, y), (x_to, y)], Stroke::of(GREY, 1.2).dashed());
    }
    let heights: Vec<f64> = panel.lines.iter().map(|(_, level)| y_at(*level)).collect();
    for ((words, _), y) in panel.lines.iter().zip(apart(&heights)) {
        let lettering = Lettering::of(SIZE).anchor(Anchor::Start).colour(GREY);
        sheet.text((x_to + 6.0, y), lettering, words);
    }

    let seen = |point: &&Point| x_axis.place(point.x).is_finite() && point.mean.is_finite();
    let colour_of = |series: &Series| {
        distinct(names.iter().position(|(name, _)| *name == series.name).unwrap_or(0))
    };
    let places_of = |series: &Series| -> Vec<Place> {
        series.points.iter().filter(seen).map(|p| (x_at(p.x), y_at(p.mean))).collect()
    };
    let of = |marks| panel.series.iter().filter(move |series| series.marks == marks);
    // From what may be covered to what must not.
    for series in of(Marks::Dots) {
        sheet.dots(&thinned_dots(&places_of(series)), 2.0, paler(colour_of(series)));
    }
    for series in of(Marks::Line) {
        let points: Vec<Point> = series.points.iter().filter(seen).copied().collect();
        for band in points.chunk_by(|a, b| a.has_band() && b.has_band()) {
            let band: Vec<_> =
                band.iter().map(|p| (x_at(p.x), y_at(p.high), y_at(p.low))).collect();
            if band.len() > 1 {
                sheet.polygon(&thinned_band(&band), colour_of(series), 0.2);
            }
        }
    }
    for series in of(Marks::Line) {
        let places = thinned_line(&places_of(series));
        sheet.line(&places, Stroke::of(colour_of(series), 2.0));
        if places.len() < FEW {
            sheet.dots(&places, 3.0, colour_of(series));
        }
    }
}

/// The axes that everything in a panel fits between.
fn axes(panel: &Panel) -> (Axis, Axis) {
    let points = || panel.series.iter().flat_map(|series| &series.points);
    let along = points().map(|point| point.x);
    let x_axis = if panel.log_x { Axis::logarithmic(along) } else { Axis::along(along) };
    let levels = panel.lines.iter().map(|(_, level)| *level);
    let seen = |point: &&Point| point.mean.is_finite();
    let values = points().filter(seen).flat_map(|point| [point.mean, point.low, point.high]);
    (x_axis, Axis::linear(values.chain(levels), 0.05))
}

/// Heights at which lines of text stand that should be at `heights`, without covering each other.
fn apart(heights: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..heights.len()).collect();
    order.sort_by(|&a, &b| heights[a].total_cmp(&heights[b]));
    let mut places = heights.to_vec();
    // Words that come too close become a group around the mean of where its lines should be.
    let mut groups: Vec<(f64, Vec<usize>)> = Vec::new();
    for index in order {
        groups.push((heights[index], vec![index]));
        while let [.., (above, upper), (below, lower)] = &groups[..] {
            let room = 0.5 * (upper.len() + lower.len()) as f64 * (SIZE + 2.0);
            if below - above >= room {
                break;
            }
            let members: Vec<usize> = upper.iter().chain(lower).copied().collect();
            let sum: f64 = members.iter().map(|&member| heights[member]).sum();
            groups.truncate(groups.len() - 2);
            groups.push((sum / members.len() as f64, members));
        }
    }
    for (middle, members) in groups {
        let first = middle - 0.5 * (members.len() - 1) as f64 * (SIZE + 2.0);
        for (line, member) in members.into_iter().enumerate() {
            places[member] = first + line as f64 * (SIZE + 2.0);
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(series: Vec<Series>) -> Panel {
        Panel { title: "a & b".to_owned(), series, ..Panel::default() }
    }

    fn line(count: u32) -> Vec<Point> {
        (1..=count).map(|x| Point::exact(f64::from(x), f64::from(x % 7))).collect()
    }

    #[test]
    fn a_band_is_drawn_only_where_it_has_a_width() {
        let svg = panels_svg(&[panel(vec![Series::line("exact", line(9))])]);
        assert!(
            !svg.contains("fill-opacity") && svg.contains(">exact<") && svg.contains("a &amp; b")
        );
        let mut points = line(9);
        for point in &mut points[3..6] {
            (point.low, point.high) = (point.mean - 1.0, point.mean + 1.0);
        }
        let svg = panels_svg(&[panel(vec![Series::line("wide", points)])]);
        let bands: Vec<_> = svg.lines().filter(|line| line.contains("fill-opacity")).collect();
        assert_eq!(bands.len(), 1);
        assert_eq!(bands[0].matches(',').count(), 6, "three points each side: {}", bands[0]);
    }

    #[test]
    fn a_hundred_thousand_points_make_a_small_file() {
        let svg = panels_svg(&[panel(vec![Series::line("long", line(100_000))])]);
        assert!(svg.len() < 40_000, "{} bytes", svg.len());
        assert_eq!(svg, panels_svg(&[panel(vec![Series::line("long", line(100_000))])]));
    }

    #[test]
    fn one_name_has_one_colour_in_every_panel() {
        let (a, b) = (Series::line("a", line(40)), Series::line("b", line(50)));
        let svg = panels_svg(&[panel(vec![a.clone(), b.clone()]), panel(vec![b, a])]);
        let colours: Vec<_> = svg
            .lines()
            .filter(|line| line.contains(r#"stroke-width="2""#))
            .map(|line| line.split("stroke=\"").nth(1).map(|rest| &rest[..7]))
            .collect();
        assert_eq!(colours.len(), 4);
        assert_eq!((colours[0], colours[1]), (colours[3], colours[2]));
        assert_ne!(colours[0], colours[1]);
    }

    #[test]
    fn what_is_not_finite_or_has_no_logarithm_is_left_out() {
        let points = vec![
            Point::exact(0.0, 1.0),
            Point::exact(1.0, f64::NEG_INFINITY),
            Point::exact(f64::NAN, 2.0),
            Point::exact(10.0, 3.0),
            Point::exact(100.0, 4.0),
        ];
        let mut logarithmic = panel(vec![Series::line("odd", points)]);
        logarithmic.log_x = true;
        let svg = panels_svg(&[logarithmic]);
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        let curve = svg.lines().find(|line| line.contains(r#"stroke-width="2""#)).expect("a line");
        assert_eq!(curve.matches(',').count(), 2, "two points are left: {curve}");
        assert!(panels_svg(&[]).contains("</svg>") && panels_svg(&[panel(vec![])]).contains("0.4"));
    }

    #[test]
    fn words_beside_lines_keep_apart() {
        let places = apart(&[100.0, 200.0, 101.0, 102.0]);
        assert_eq!(places, [86.0, 200.0, 101.0, 116.0]);
    }
}
