//! The docking craft from above: 400 x 400 pixels, 2.2 m across, the dock in the middle, a velocity as a line.

use super::Drawn;
use super::canvas::{Canvas, Colour, Place};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::preprocess::Flattened;

const SIDE: usize = 400;
/// [pixels / m]
const SCALE: f64 = SIDE as f64 / 2.2;
/// Half the width of the craft.
const CRAFT: f64 = 9.0;
/// How far the line of a velocity reaches [s].
const AHEAD: f64 = 0.5;

const NIGHT: Colour = [24, 26, 34];
const WALL: Colour = [86, 88, 100];
const DOCK: Colour = [0, 110, 80];
const HULL: Colour = [250, 250, 246];
const MOTION: Colour = [230, 159, 0];

fn place(position: [f64; 2]) -> Place {
    let [x, y] = position.map(|x| x * SCALE + 0.5 * SIDE as f64);
    (x, y)
}

impl Drawn for Flattened<Docking, 2> {
    fn frame(&self, _: &[u32]) -> Canvas {
        let Docking { position, velocity } = self.env;
        let mut canvas = Canvas::upwards(SIDE, SIDE, WALL);
        canvas.rectangle(place([-1.0; 2]), place([1.0; 2]), NIGHT);
        canvas.rectangle(place([-Docking::NEAR; 2]), place([Docking::NEAR; 2]), DOCK);
        let ahead = core::array::from_fn(|axis| position[axis] + AHEAD * velocity[axis]);
        let (x, y) = place(position);
        canvas.line(&[(x, y), place(ahead)], 3.0, MOTION);
        canvas.rectangle((x - CRAFT, y - CRAFT), (x + CRAFT, y + CRAFT), HULL);
        canvas
    }

    fn frames_per_second(&self) -> u32 {
        10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_craft_is_where_it_is_and_points_where_it_goes() {
        let craft = Docking { position: [0.5, -0.5], velocity: [0.0, 0.5] };
        let frame = Flattened::<_, 2>::new(craft).frame(&[]);
        let at = |position| {
            let (x, y) = place(position);
            frame.pixels()[(SIDE - 1 - y as usize) * SIDE + x as usize]
        };
        assert_eq!([at([0.5, -0.5]), at([0.5, -0.35]), at([0.5, -0.65])], [HULL, MOTION, NIGHT]);
        assert_eq!([at([0.05, -0.05]), at([0.15, 0.0]), at([1.05, 0.0])], [DOCK, NIGHT, WALL]);
    }
}
