//! An episode on a floor plan: where everything is, where the agent is, and the way it went.

use super::Drawn;
use super::canvas::{Canvas, Colour};
use crate::floor_plan::{FloorPlan, OnFloor, Tile};
use std::collections::BTreeSet;

const LINES: Colour = [214, 214, 208];
const FLOOR: Colour = [250, 250, 246];
const START: Colour = [222, 235, 247];
const WALL: Colour = [58, 60, 66];
const WATER: Colour = [43, 92, 140];
const ABYSS: Colour = [92, 70, 58];
const GOAL: Colour = [214, 238, 208];
const POLE: Colour = [70, 70, 70];
const FLAG: Colour = [0, 140, 90];
const TRAIL: Colour = [240, 178, 122];
const AGENT: Colour = [213, 94, 0];
const EYE: Colour = [255, 255, 255];

/// A step is to be seen, not only to be over.
const FRAMES_PER_SECOND: u32 = 5;

impl<E: OnFloor> Drawn for E {
    fn frame(&self, trail: &[u32]) -> Canvas {
        grid_frame(&self.floor_plan(), OnFloor::cell(self), trail)
    }

    fn frames_per_second(&self) -> u32 {
        FRAMES_PER_SECOND
    }

    fn cell(&self) -> Option<u32> {
        Some(OnFloor::cell(self))
    }
}

/// The floor plan with the agent in a cell that it came to through the cells of `trail`, the oldest first. Cells that
/// do not exist are not drawn.
pub fn grid_frame(plan: &FloorPlan, agent: u32, trail: &[u32]) -> Canvas {
    let side = (480 / plan.rows.max(plan.columns)).clamp(12, 72);
    // One more pixel for the line at the far ends.
    let (width, height) = (side * plan.columns + 1, side * plan.rows + 1);
    let mut canvas = Canvas::new(width, height, LINES);
    let side = side as f64;
    let corner =
        |cell: usize| (side * (cell % plan.columns) as f64, side * (cell / plan.columns) as f64);
    for (cell, &tile) in plan.tiles.iter().enumerate() {
        draw_tile(&mut canvas, tile, corner(cell), side);
    }
    let middle = |cell: u32| {
        let (x, y) = corner(cell as usize);
        (x + 0.5 * side + 0.5, y + 0.5 * side + 0.5)
    };
    let known = |cell: &u32| (*cell as usize) < plan.tiles.len();
    let way: Vec<u32> = trail.iter().copied().chain([agent]).filter(known).collect();
    for cell in BTreeSet::from_iter(&way) {
        canvas.circle(middle(*cell), 0.09 * side, TRAIL);
    }
    // Each step once, however often it was gone. A fall leads back over the whole map without a line.
    let steps = way.windows(2).map(|step| (step[0].min(step[1]), step[0].max(step[1])));
    for (from, to) in BTreeSet::from_iter(steps) {
        if are_neighbours(plan, from, to) {
            canvas.line(&[middle(from), middle(to)], 0.12 * side, TRAIL);
        }
    }
    if known(&agent) {
        let (x, y) = middle(agent);
        canvas.circle((x, y), 0.31 * side, AGENT);
        for eye in [-0.11, 0.11] {
            canvas.circle((x + eye * side, y - 0.07 * side), 0.06 * side, EYE);
        }
    }
    canvas
}

fn draw_tile(canvas: &mut Canvas, tile: Tile, (left, top): (f64, f64), side: f64) {
    let ground = match tile {
        Tile::Floor => FLOOR,
        Tile::Hole => FLOOR,
        Tile::Start => START,
        Tile::Wall => WALL,
        Tile::Cliff => ABYSS,
        Tile::Goal => GOAL,
    };
    // Walls and abysses are one, so that no line parts them.
    let far = if matches!(tile, Tile::Wall | Tile::Cliff) { 1.0 } else { 0.0 };
    let near = 1.0 - far;
    canvas.rectangle((left + near, top + near), (left + side + far, top + side + far), ground);
    let at = |x: f64, y: f64| (left + x * side, top + y * side);
    match tile {
        Tile::Hole => canvas.circle(at(0.5, 0.5), 0.38 * side, WATER),
        Tile::Goal => {
            canvas.line(&[at(0.3, 0.14), at(0.3, 0.88)], 0.06 * side, POLE);
            canvas.polygon(&[at(0.33, 0.14), at(0.84, 0.32), at(0.33, 0.5)], FLAG);
        }
        _ => {}
    }
}

fn are_neighbours(plan: &FloorPlan, from: u32, to: u32) -> bool {
    let columns = plan.columns as u32;
    let (rows, aside) =
        ((from / columns).abs_diff(to / columns), (from % columns).abs_diff(to % columns));
    rows + aside <= 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plan() -> FloorPlan {
        let plan = FloorPlan::of("gridworld", &json!({"map": ["S.#", "..G"]}));
        plan.expect("a map").expect("cells")
    }

    /// Cells are 72 pixels wide; the pixel is in the upper left part of one, where nothing else is drawn.
    fn ground(frame: &Canvas, cell: usize) -> Colour {
        frame.pixels()[(cell / 3 * 72 + 6) * frame.width() + cell % 3 * 72 + 6]
    }

    #[test]
    fn every_tile_is_in_its_place() {
        let frame = grid_frame(&plan(), 0, &[]);
        assert_eq!((frame.width(), frame.height()), (217, 145));
        let expected = [START, FLOOR, WALL, FLOOR, FLOOR, GOAL];
        assert_eq!([0, 1, 2, 3, 4, 5].map(|cell| ground(&frame, cell)), expected);
    }

    #[test]
    fn the_agent_leaves_a_trail_and_jumps_without_one() {
        let middle = |frame: &Canvas, cell: usize| {
            frame.pixels()[(cell / 3 * 72 + 40) * frame.width() + cell % 3 * 72 + 36]
        };
        let frame = grid_frame(&plan(), 4, &[0, 1]);
        assert_eq!([1, 3, 4].map(|cell| middle(&frame, cell)), [TRAIL, FLOOR, AGENT]);
        let between = 36 * frame.width() + 72;
        assert_eq!(frame.pixels()[between], TRAIL);
        let frame = grid_frame(&plan(), 0, &[5, 900]);
        assert_ne!(frame.pixels()[72 * frame.width() + 100], TRAIL, "no line from 5 to 0");
    }
}
