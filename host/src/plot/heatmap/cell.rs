//! One cell of a map: its colours, its numbers, its arrow.

use super::{Scale, written};
use crate::floor_plan::Tile;
use crate::plot::colours::{Colour, FAINT, GREY, INK, WHITE, readable_on};
use crate::plot::sheet::{Lettering, Sheet, Stroke, text_width};
use embedded_rl_core::envs::tile_map::Direction;

/// Draws cells of one size with one scale.
pub(super) struct CellPainter<'a> {
    pub(super) sheet: &'a mut Sheet,
    pub(super) scale: &'a Scale,
    /// Of a cell [pixels]
    pub(super) side: f64,
}

const WALL: Colour = Colour(45, 45, 48);
const GOAL: Colour = Colour(230, 159, 0);
/// Of the cells on a path.
const PATH: Colour = Colour(213, 94, 0);
const DANGER: Colour = Colour(150, 150, 155);

type Place = (f64, f64);

impl CellPainter<'_> {
    fn at(&self, (left, top): Place, (x, y): Place) -> Place {
        (left + x * self.side, top + y * self.side)
    }

    fn fill(&mut self, corner: Place, colour: Colour) {
        self.sheet.rectangle(corner, (self.side, self.side), colour);
    }

    /// The rim of a cell, `inset` of its side inside it.
    fn rim(&self, corner: Place, inset: f64) -> [Place; 5] {
        let (near, far) = (inset, 1.0 - inset);
        [(near, near), (far, near), (far, far), (near, far), (near, near)]
            .map(|place| self.at(corner, place))
    }

    fn border(&mut self, corner: Place) {
        let rim = self.rim(corner, 0.0);
        self.sheet.line(&rim, Stroke::of(WHITE, 1.0));
    }

    /// Says that someone went here.
    pub(super) fn outline(&mut self, corner: Place) {
        let rim = self.rim(corner, 2.0 / self.side);
        self.sheet.line(&rim, Stroke::of(PATH, 3.0));
    }

    /// A number that is no wider than `share` of the cell.
    fn number(&mut self, place: Place, share: f64, value: f64, lettering: Lettering) {
        let number = written(value);
        let widest = text_width(&number, if lettering.bold { 1.1 } else { 1.0 });
        let size = lettering.size.min(share * self.side / widest);
        self.sheet.text(place, Lettering { size: size.floor(), ..lettering }, &number);
    }

    /// A cell without values.
    pub(super) fn paint_tile(&mut self, corner: Place, tile: Tile) {
        let (colour, letter) = match tile {
            Tile::Wall => (WALL, ""),
            Tile::Goal => (GOAL, "G"),
            Tile::Hole => (DANGER, "H"),
            Tile::Cliff => (DANGER, "C"),
            Tile::Floor | Tile::Start => (WHITE, ""),
        };
        self.fill(corner, colour);
        if tile != Tile::Wall {
            self.border(corner);
        }
        if !letter.is_empty() {
            let lettering = Lettering::of((0.34 * self.side).round()).bold();
            let lettering = lettering.colour(readable_on(colour));
            self.sheet.text(self.at(corner, (0.5, 0.5)), lettering, letter);
        }
    }

    /// An `S` in the upper left corner.
    pub(super) fn mark_start(&mut self, corner: Place) {
        let place = (corner.0 + 8.0, corner.1 + 9.0);
        self.sheet.circle(place, 7.0, WHITE);
        self.sheet.text(place, Lettering::of(11.0).bold(), "S");
    }

    /// The whole cell in the colour of its value.
    pub(super) fn paint_state(&mut self, corner: Place, value: f64, greedy: Option<Direction>) {
        let ground = if value.is_finite() { self.scale.colour(value) } else { WHITE };
        self.fill(corner, ground);
        self.border(corner);
        let ink = readable_on(ground);
        if let Some(direction) = greedy {
            self.arrow(self.at(corner, (0.5, 0.38)), 0.2 * self.side, direction, ink);
        }
        if value.is_finite() {
            let height = if greedy.is_some() { 0.79 } else { 0.5 };
            let lettering = Lettering::of(number_size(self.side)).colour(ink);
            let place = self.at(corner, (0.5, height));
            self.number(place, 0.9, value, lettering);
        }
    }

    /// Four triangles, each in the colour of the action that leads its way; the greedy one's number is bold, and the
    /// arrow points to it.
    pub(super) fn paint_actions(
        &mut self,
        corner: Place,
        values: &[f64],
        directions: &[Direction; 4],
        greedy: Option<Direction>,
    ) {
        self.fill(corner, WHITE);
        let middle = self.at(corner, (0.5, 0.5));
        for (&value, &direction) in values.iter().zip(directions) {
            let ground = if value.is_finite() { self.scale.colour(value) } else { WHITE };
            let [from, to] = outer_side(direction).map(|place| self.at(corner, place));
            self.sheet.polygon(&[from, to, middle], ground, 1.0);
            let ink = readable_on(ground);
            if value.is_finite() {
                let (x, y) = forward(direction);
                let place = self.at(corner, (0.5 + 0.31 * x, 0.5 + 0.37 * y));
                // Sideways there is only what is left between the arrow and the rim.
                let share = if y == 0.0 { 0.31 } else { 0.5 };
                let lettering = Lettering::of(number_size(0.6 * self.side)).colour(ink);
                let best = greedy == Some(direction);
                let lettering = if best { lettering.bold() } else { lettering };
                self.number(place, share, value, lettering);
            }
        }
        for ends in [[(0.0, 0.0), (1.0, 1.0)], [(1.0, 0.0), (0.0, 1.0)]] {
            let ends = ends.map(|place| self.at(corner, place));
            self.sheet.line(&ends, Stroke::of(FAINT, 0.7));
        }
        let rim = self.rim(corner, 0.0);
        self.sheet.line(&rim, Stroke::of(GREY, 1.0));
        if let Some(direction) = greedy {
            self.sheet.circle(middle, (0.13 * self.side).round(), WHITE);
            self.arrow(middle, 0.1 * self.side, direction, INK);
        }
    }

    /// An arrow of `2 * reach` in length around `middle`.
    fn arrow(&mut self, middle: Place, reach: f64, direction: Direction, colour: Colour) {
        let (x, y) = forward(direction);
        // Forward and to the right of it, in units of the reach.
        let place = |ahead: f64, aside: f64| {
            (middle.0 + reach * (ahead * x - aside * y), middle.1 + reach * (ahead * y + aside * x))
        };
        let shaft = [place(-1.0, 0.0), place(0.3, 0.0)];
        self.sheet.line(&shaft, Stroke::of(colour, (0.28 * reach).max(1.2)));
        self.sheet.polygon(&[place(1.0, 0.0), place(0.1, 0.62), place(0.1, -0.62)], colour, 1.0);
    }
}

fn number_size(side: f64) -> f64 {
    (0.235 * side).clamp(9.0, 15.0).round()
}

/// The two ends of a cell's side, in units of it.
const fn outer_side(direction: Direction) -> [Place; 2] {
    match direction {
        Direction::Up => [(0.0, 0.0), (1.0, 0.0)],
        Direction::Right => [(1.0, 0.0), (1.0, 1.0)],
        Direction::Down => [(1.0, 1.0), (0.0, 1.0)],
        Direction::Left => [(0.0, 1.0), (0.0, 0.0)],
    }
}

/// One step, x to the right and y down.
const fn forward(direction: Direction) -> Place {
    match direction {
        Direction::Up => (0.0, -1.0),
        Direction::Right => (1.0, 0.0),
        Direction::Down => (0.0, 1.0),
        Direction::Left => (-1.0, 0.0),
    }
}
