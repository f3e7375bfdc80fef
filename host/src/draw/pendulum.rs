//! Pendulum as Gymnasium draws it: 500 x 500 pixels, an arrow around the joint as large as the torque.

use super::Drawn;
use super::canvas::{Canvas, Colour, Place, turned};
use core::f64::consts::FRAC_PI_2;
use embedded_rl_core::envs::classic::Pendulum;
use embedded_rl_core::math;

const SIDE: usize = 500;
const MIDDLE: f64 = 0.5 * SIDE as f64;
/// [pixels / m]: the rod and 1.2 m to each side.
const SCALE: f64 = SIDE as f64 / 4.4;
/// Half the width of the rod, and the radius of its ends.
const HALF: f64 = 0.1 * SCALE;
/// Of the joint.
const AXLE: f64 = 0.05 * SCALE;
/// Torque whose arrow is as wide as the rod is long [N m]
const FULL_TORQUE: f64 = 2.0;

const RED: Colour = [204, 77, 77];
const BLACK: Colour = [0, 0, 0];

impl Drawn for Pendulum {
    fn frame(&self, _: &[u32]) -> Canvas {
        let mut canvas = Canvas::upwards(SIDE, SIDE, [255; 3]);
        let joint = (MIDDLE, MIDDLE);
        // Zero is upright.
        let angle = self.state[0] + FRAC_PI_2;
        let rod = [(0.0, -HALF), (0.0, HALF), (SCALE, HALF), (SCALE, -HALF)];
        canvas.polygon(&turned(rod, angle, joint), RED);
        canvas.circle(joint, HALF, RED);
        let [end] = turned([(SCALE, 0.0)], angle, joint);
        canvas.circle(end, HALF, RED);
        arrow(&mut canvas, f64::from(self.torque()) / FULL_TORQUE);
        canvas.circle(joint, AXLE, BLACK);
        canvas
    }

    fn frames_per_second(&self) -> u32 {
        30
    }
}

/// Three quarters of a ring around the joint, from the top to a head at the side: counterclockwise for a positive share
/// of the full torque.
fn arrow(canvas: &mut Canvas, share: f64) {
    let radius = 0.46 * SCALE * share.abs();
    let way = if share < 0.0 { -1.0 } else { 1.0 };
    // In radii from the joint, mirrored for a negative share.
    let at = |(x, y): Place| (MIDDLE + way * radius * x, MIDDLE + radius * y);
    let ring: Vec<Place> = (0..=54)
        .map(|step| FRAC_PI_2 * (1.0 + f64::from(step) / 18.0))
        .map(|angle| at((math::cos(angle), math::sin(angle))))
        .collect();
    canvas.line(&ring, 0.07 * radius, BLACK);
    canvas.polygon(&[(1.0, 0.3), (1.14, -0.12), (1.0, -0.02), (0.86, -0.12)].map(at), BLACK);
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::env::Env;
    use embedded_rl_core::rng::NumpyGenerator;

    fn after(torque: f32, angle: f64) -> Canvas {
        let mut env = Pendulum::new();
        env.step([torque], &mut NumpyGenerator::new(0), &mut [0.0; 3]);
        env.state = [angle, 0.0];
        env.frame(&[])
    }

    fn pixel(frame: &Canvas, x: f64, y: f64) -> Colour {
        let (column, row) = ((MIDDLE + x * SCALE) as usize, (MIDDLE - y * SCALE) as usize);
        frame.pixels()[row * SIDE + column]
    }

    #[test]
    fn the_rod_stands_at_zero_and_turns_counterclockwise() {
        let frame = after(0.0, 0.0);
        assert_eq!((pixel(&frame, 0.0, 0.0), pixel(&frame, 0.0, 0.9)), (BLACK, RED));
        assert_eq!((pixel(&frame, 0.0, 1.05), pixel(&frame, 0.0, -0.5)), (RED, [255; 3]));
        assert_eq!(pixel(&after(0.0, FRAC_PI_2), -0.9, 0.0), RED);
    }

    #[test]
    fn the_arrow_is_as_large_as_the_torque_and_points_its_way() {
        let hanging = core::f64::consts::PI;
        assert_eq!(pixel(&after(2.0, hanging), -0.46, 0.0), BLACK);
        assert_eq!(pixel(&after(1.0, hanging), -0.23, 0.0), BLACK);
        assert_eq!(pixel(&after(0.0, hanging), -0.23, 0.0), [255; 3]);
        // The head points up on the right for a turn counterclockwise, on the left for one clockwise.
        for (torque, side) in [(2.0, 0.46), (-2.0, -0.46)] {
            let frame = after(torque, hanging);
            assert_eq!(pixel(&frame, side, 0.08), BLACK);
            assert_eq!(pixel(&frame, 0.7 * side, 0.7 * 0.46), [255; 3], "the ring is open there");
        }
    }
}
