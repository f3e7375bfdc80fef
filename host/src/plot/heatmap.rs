//! Maps of what was learned: values as colours on the floor plan, with numbers, the greedy arrows and a path.
//!
//! All maps of a picture share one scale of colours, so that they can be compared. Draws what it is given.

mod cell;

use super::colours::{Colour, GREY, INK, amount};
use super::sheet::{Anchor, Lettering, Sheet, Stroke, text_width};
use crate::failure::Outcome;
use crate::floor_plan::{FloorPlan, Tile};
use crate::record::write_atomically;
use cell::CellPainter;
use std::path::Path;

/// One map.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueMap {
    /// Above the map.
    pub title: String,
    /// The floor.
    pub plan: FloorPlan,
    /// What the colours and numbers are.
    pub values: Values,
    /// The greedy action of each state, drawn as an arrow; may be empty.
    pub policy: Vec<u32>,
    /// The cells that someone went through, outlined; may be empty.
    pub path: Vec<u32>,
}

/// Values of states or of actions. What is not finite stays blank.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// `[states]`
    States(Vec<f64>),
    /// `[states][4]`, minus infinity where an action is impossible.
    Actions(Vec<f64>),
}

impl Values {
    fn of_cell(&self, cell: usize) -> &[f64] {
        match self {
            Self::States(values) => values.get(cell..cell + 1).unwrap_or_default(),
            Self::Actions(values) => values.get(4 * cell..4 * cell + 4).unwrap_or_default(),
        }
    }
}

/// Writes the maps as one SVG, side by side; wide ones below each other.
pub fn draw_maps(path: &Path, maps: &[ValueMap]) -> Outcome<()> {
    write_atomically(path, maps_svg(maps).as_bytes())
}

const MARGIN: f64 = 14.0;
const GAP: f64 = 26.0;
const TITLE_HEIGHT: f64 = 30.0;
const LEGEND_HEIGHT: f64 = 44.0;
/// A picture should not be wider, if it need not be [pixels].
const WIDEST: f64 = 1500.0;

/// The maps as the text of an SVG.
pub fn maps_svg(maps: &[ValueMap]) -> String {
    let scale = Scale::of(maps);
    let sides: Vec<f64> = maps.iter().map(cell_side).collect();
    let size = |map: &ValueMap, side: f64| {
        let width = (side * map.plan.columns as f64).max(text_width(&map.title, 15.0));
        (width, TITLE_HEIGHT + side * map.plan.rows as f64)
    };
    // Row by row, as words are set.
    let (mut x, mut y, mut row_height, mut width) = (MARGIN, MARGIN, 0.0f64, 240.0f64);
    let mut corners = Vec::new();
    for (map, &side) in maps.iter().zip(&sides) {
        let (map_width, map_height) = size(map, side);
        if x > MARGIN && x + map_width > WIDEST {
            (x, y, row_height) = (MARGIN, y + row_height + GAP, 0.0);
        }
        corners.push((x, y));
        width = width.max(x + map_width);
        x += map_width + GAP;
        row_height = row_height.max(map_height);
    }
    let below = y + row_height;
    let mut sheet = Sheet::new(width + MARGIN, below + LEGEND_HEIGHT + MARGIN);
    for ((map, &side), corner) in maps.iter().zip(&sides).zip(corners) {
        draw_map(&mut sheet, map, &scale, side, corner);
    }
    draw_legend(&mut sheet, &scale, (MARGIN, below + 18.0));
    sheet.into_svg()
}

/// Large enough for the numbers, small enough for the picture [pixels].
fn cell_side(map: &ValueMap) -> f64 {
    let longest = map.plan.columns.max(map.plan.rows) as f64;
    match map.values {
        Values::States(_) => (520.0 / longest).clamp(46.0, 84.0),
        Values::Actions(_) => (760.0 / longest).clamp(90.0, 116.0),
    }
    .round()
}

/// From values to colours.
struct Scale {
    low: f64,
    high: f64,
    /// Whether there are values below `low`.
    cut: bool,
}

impl Scale {
    /// From the lowest to the highest value. Where a tenth of the values would take more than two thirds of it, a fall
    /// over the cliff among steps of -1, they have the colour of the next ones.
    fn of(maps: &[ValueMap]) -> Self {
        let walked = |map: &ValueMap, cell: usize| map.plan.tiles[cell].is_walked();
        let mut values: Vec<f64> = maps
            .iter()
            .flat_map(|map| (0..map.plan.tiles.len()).map(move |cell| (map, cell)))
            .filter(|&(map, cell)| walked(map, cell))
            .flat_map(|(map, cell)| map.values.of_cell(cell))
            .copied()
            .filter(|value| value.is_finite())
            .collect();
        values.sort_by(f64::total_cmp);
        let (Some(&low), Some(&high)) = (values.first(), values.last()) else {
            return Self { low: 0.0, high: 0.0, cut: false };
        };
        let tenth = values[values.len() / 10];
        let cut = tenth - low > 2.0 * (high - tenth) && tenth < high;
        Self { low: if cut { tenth } else { low }, high, cut }
    }

    fn colour(&self, value: f64) -> Colour {
        let extent = self.high - self.low;
        amount(if extent > 0.0 { (value - self.low) / extent } else { 0.0 })
    }
}

/// A value in three digits.
fn written(value: f64) -> String {
    let decimals = match value.abs() {
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    let written = format!("{value:.decimals$}");
    let is_zero = written.trim_start_matches(['-', '0', '.']).is_empty();
    if is_zero { "0".to_owned() } else { written }
}

fn draw_map(sheet: &mut Sheet, map: &ValueMap, scale: &Scale, side: f64, (left, top): (f64, f64)) {
    let plan = &map.plan;
    let (width, top) = (side * plan.columns as f64, top + TITLE_HEIGHT);
    let title = Lettering::of(15.0).bold().anchor(Anchor::Start);
    sheet.text((left, top - 0.55 * TITLE_HEIGHT), title, &map.title);
    let corner = |cell: usize| {
        let (row, column) = (cell / plan.columns, cell % plan.columns);
        (left + side * column as f64, top + side * row as f64)
    };
    let mut painter = CellPainter { sheet, scale, side };
    for (cell, &tile) in plan.tiles.iter().enumerate() {
        let corner = corner(cell);
        if !tile.is_walked() {
            painter.paint_tile(corner, tile);
            continue;
        }
        let greedy = map.policy.get(cell).and_then(|&action| plan.direction(action));
        match (&map.values, map.values.of_cell(cell)) {
            (Values::States(_), &[value]) => painter.paint_state(corner, value, greedy),
            (Values::Actions(_), values) if values.len() == 4 => {
                painter.paint_actions(corner, values, &plan.directions, greedy);
            }
            _ => painter.paint_tile(corner, Tile::Floor),
        }
        if tile == Tile::Start {
            painter.mark_start(corner);
        }
    }
    for &cell in map.path.iter().filter(|&&cell| (cell as usize) < plan.tiles.len()) {
        painter.outline(corner(cell as usize));
    }
    let (right, bottom) = (left + width, top + side * plan.rows as f64);
    let frame = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    sheet.line(&frame, Stroke::of(INK, 1.5));
}

/// A bar from the lowest to the highest value.
fn draw_legend(sheet: &mut Sheet, scale: &Scale, (left, top): (f64, f64)) {
    const WIDTH: f64 = 180.0;
    const STEPS: u32 = 36;
    for step in 0..STEPS {
        let share = f64::from(step) / f64::from(STEPS - 1);
        let x = left + WIDTH * f64::from(step) / f64::from(STEPS);
        // A little wider than a step: viewers leave hair lines between rectangles that only touch.
        let step_width = (WIDTH / f64::from(STEPS) + 0.5).min(left + WIDTH - x);
        sheet.rectangle((x, top), (step_width, 12.0), amount(share));
    }
    let right = left + WIDTH;
    let frame = [(left, top), (right, top), (right, top + 12.0), (left, top + 12.0), (left, top)];
    sheet.line(&frame, Stroke::of(GREY, 0.8));
    let words = Lettering::of(12.0);
    let y = top + 23.0;
    let low = if scale.cut { "up to " } else { "" }.to_owned() + &written(scale.low);
    sheet.text((left, y), words.anchor(Anchor::Start), &low);
    sheet.text((right, y), words.anchor(Anchor::End), &written(scale.high));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(values: Values) -> ValueMap {
        let plan = FloorPlan::of("gridworld", &json!({"map": ["S.#", "..G"]}));
        let plan = plan.expect("a map").expect("cells");
        ValueMap { title: "a map".to_owned(), plan, values, policy: vec![], path: vec![] }
    }

    #[test]
    fn every_walked_cell_has_its_number_and_no_other() {
        let values = Values::States(vec![1.0, -2.5, 77.0, 0.25, f64::NEG_INFINITY, 55.0]);
        let svg = maps_svg(&[map(values)]);
        for number in [">1.00<", ">-2.50<", ">0.25<"] {
            assert!(svg.contains(number), "{number} is missing in {svg}");
        }
        for other in ["77", "55", "inf", "NaN"] {
            assert!(!svg.contains(&format!(">{other}")), "{other} is in {svg}");
        }
    }

    #[test]
    fn maps_of_one_picture_share_their_scale() {
        let (small, large) = (Values::States(vec![1.0; 6]), Values::States(vec![9.0; 6]));
        let svg = maps_svg(&[map(small), map(large)]);
        assert_eq!(svg.matches(&format!("{}", amount(0.0))).count(), 4 + 1, "{svg}");
        assert_eq!(svg.matches(&format!("{}", amount(1.0))).count(), 4 + 1);
    }

    #[test]
    fn impossible_actions_are_blank_and_the_best_one_is_bold() {
        let mut q = vec![0.5; 24];
        q[0..4].copy_from_slice(&[f64::NEG_INFINITY, 2.0, 1.0, f64::NEG_INFINITY]);
        let mut map = map(Values::Actions(q));
        map.policy = vec![1; 6];
        let svg = maps_svg(&[map]);
        assert_eq!(svg.matches(">0.50<").count(), 3 * 4 + 1, "three cells and the legend: {svg}");
        let best = svg.lines().find(|line| line.contains(">2.00<")).expect("the best value");
        assert!(best.contains("bold") && !svg.contains("inf"));
    }

    #[test]
    fn a_few_falls_do_not_take_all_the_colours() {
        let plan = FloorPlan::of("CliffWalking-v1", &json!({})).expect("a map").expect("cells");
        let mut q: Vec<f64> = (0..4 * 48).map(|index| -f64::from(index % 13)).collect();
        q[..8].fill(-113.0);
        let values = Values::Actions(q);
        let svg = maps_svg(&[ValueMap { plan, values, ..map(Values::States(vec![])) }]);
        assert!(svg.contains(">-113<") && svg.contains(">up to -12.0<"), "{svg}");
    }

    #[test]
    fn what_does_not_fit_together_is_still_a_picture() {
        let mut odd = map(Values::Actions(vec![1.0; 3]));
        (odd.policy, odd.path) = (vec![9; 2], vec![0, 700]);
        assert!(maps_svg(&[odd]).contains("</svg>"));
        assert!(maps_svg(&[]).contains("</svg>"));
    }
}
