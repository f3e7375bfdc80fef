//! The small Breakout: 10 x 10 cells of 24 pixels, one colour a kind of thing.

use super::Drawn;
use super::canvas::{Canvas, Colour};
use embedded_rl_core::envs::breakout::{Breakout, Thing};

const SIDE: usize = 10;
const PIXELS: usize = 24;
/// To be seen as a game is.
const FRAMES_PER_SECOND: u32 = 10;

const NIGHT: Colour = [24, 26, 34];
const PADDLE: Colour = [86, 180, 233];
const BALL: Colour = [250, 250, 246];
const TRAIL: Colour = [86, 88, 100];
/// From the uppermost row.
const BRICKS: [Colour; 3] = [[213, 94, 0], [230, 159, 0], [0, 158, 115]];

impl Drawn for Breakout {
    fn frame(&self, _: &[u32]) -> Canvas {
        let mut canvas = Canvas::new(SIDE * PIXELS, SIDE * PIXELS, NIGHT);
        for (row, column) in (0..SIDE).flat_map(|row| (0..SIDE).map(move |column| (row, column))) {
            let colour = match self.thing(row, column) {
                Thing::Nothing => continue,
                Thing::Paddle => PADDLE,
                Thing::Ball => BALL,
                Thing::Trail => TRAIL,
                Thing::Brick => BRICKS[(row - 1) % BRICKS.len()],
            };
            let [left, top] = [column, row].map(|cell| (cell * PIXELS) as f64);
            // A seam between bricks.
            let far = PIXELS as f64 - 1.0;
            canvas.rectangle((left + 1.0, top + 1.0), (left + far, top + far), colour);
        }
        canvas
    }

    fn frames_per_second(&self) -> u32 {
        FRAMES_PER_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_thing_has_its_colour_in_its_cell() {
        let frame = Breakout::new(0.0).frame(&[]);
        let at = |row: usize, column: usize| {
            frame.pixels()[(row * PIXELS + 12) * frame.width() + column * PIXELS + 12]
        };
        assert_eq!([at(1, 0), at(2, 4), at(3, 9)], BRICKS);
        assert_eq!([at(3, 0), at(9, 4), at(5, 5)], [BALL, PADDLE, NIGHT]);
    }
}
