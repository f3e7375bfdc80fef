//! Acrobot as Gymnasium draws it: 500 x 500 pixels, the line to reach above the base.

use super::Drawn;
use super::canvas::{Canvas, Colour, turned};
use core::f64::consts::FRAC_PI_2;
use embedded_rl_core::envs::classic::Acrobot;
use embedded_rl_core::math;

const SIDE: usize = 500;
const MIDDLE: f64 = 0.5 * SIDE as f64;
/// [pixels / m]: both links and 0.2 m to each side.
const SCALE: f64 = SIDE as f64 / 4.4;
/// Half the width of a link, and the radius of a joint.
const HALF: f64 = 0.1 * SCALE;

const BLACK: Colour = [0, 0, 0];
const LINK: Colour = [0, 204, 204];
const JOINT: Colour = [204, 204, 0];

impl Drawn for Acrobot {
    fn frame(&self, _: &[u32]) -> Canvas {
        let [first, second, ..] = self.state;
        let mut canvas = Canvas::upwards(SIDE, SIDE, [255; 3]);
        let goal = MIDDLE + SCALE;
        canvas.rectangle((0.0, goal), (SIDE as f64, goal + 1.0), BLACK);
        let base = (MIDDLE, MIDDLE);
        let elbow = (MIDDLE + SCALE * math::sin(first), MIDDLE - SCALE * math::cos(first));
        for (joint, angle) in [(base, first), (elbow, first + second)] {
            let link = [(0.0, -HALF), (0.0, HALF), (SCALE, HALF), (SCALE, -HALF)];
            canvas.polygon(&turned(link, angle - FRAC_PI_2, joint), LINK);
            canvas.circle(joint, HALF, JOINT);
        }
        canvas
    }

    fn frames_per_second(&self) -> u32 {
        15
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_hang_down_at_rest_and_turn_counterclockwise() {
        let pixel = |state: [f64; 4], x: f64, y: f64| {
            let frame = Acrobot { state }.frame(&[]);
            let (column, row) = ((MIDDLE + x * SCALE) as usize, (MIDDLE - y * SCALE) as usize);
            frame.pixels()[row * SIDE + column]
        };
        assert_eq!(pixel([0.0; 4], 0.0, 0.0), JOINT);
        assert_eq!(pixel([0.0; 4], 0.0, -1.0), JOINT);
        assert_eq!(pixel([0.0; 4], 0.0, -1.5), LINK);
        // The first link to the right, the second up from there.
        let bent = [FRAC_PI_2, FRAC_PI_2, 0.0, 0.0];
        assert_eq!((pixel(bent, 0.5, 0.0), pixel(bent, 1.0, 0.5)), (LINK, LINK));
        assert_eq!(pixel(bent, -0.5, 0.0), [255; 3]);
    }
}
