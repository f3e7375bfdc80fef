//! CartPole as Gymnasium draws it: 600 x 400 pixels, 4.8 m across.

use super::Drawn;
use super::canvas::{Canvas, Colour, turned};
use embedded_rl_core::envs::classic::CartPole;

const WIDTH: usize = 600;
const HEIGHT: usize = 400;
/// [pixels / m]
const SCALE: f64 = WIDTH as f64 / 4.8;
/// Of the middle of the cart.
const TRACK: f64 = 100.0;
/// Above the track.
const AXLE: f64 = 7.5;
/// Half the width of the cart, of the pole.
const CART: f64 = 25.0;
const POLE: f64 = 5.0;

const BLACK: Colour = [0, 0, 0];
const WOOD: Colour = [202, 152, 101];
const METAL: Colour = [129, 132, 203];

impl Drawn for CartPole {
    fn frame(&self, _: &[u32]) -> Canvas {
        let [position, _, angle, _] = self.state;
        let x = position * SCALE + 0.5 * WIDTH as f64;
        let mut canvas = Canvas::upwards(WIDTH, HEIGHT, [255; 3]);
        canvas.rectangle((x - CART, TRACK - 15.0), (x + CART, TRACK + 15.0), BLACK);
        let top = SCALE - POLE;
        let pole = [(-POLE, -POLE), (-POLE, top), (POLE, top), (POLE, -POLE)];
        canvas.polygon(&turned(pole, -angle, (x, TRACK + AXLE)), WOOD);
        canvas.circle((x, TRACK + AXLE), POLE, METAL);
        canvas.rectangle((0.0, TRACK), (WIDTH as f64, TRACK + 1.0), BLACK);
        canvas
    }

    fn frames_per_second(&self) -> u32 {
        50
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pole_leans_the_way_the_angle_says() {
        let frame = CartPole { state: [0.6, 0.0, 0.2, 0.0] }.frame(&[]);
        let pixel = |x: usize, height: usize| frame.pixels()[(HEIGHT - 1 - height) * WIDTH + x];
        // 0.6 m are 75 pixels; the pole's top is 120 sin 0.2 to the right of it, and 120 cos 0.2 above.
        assert_eq!(pixel(375, 90), BLACK);
        assert_eq!(pixel(375 + 23, 107 + 116), WOOD);
        assert_eq!(pixel(375 - 23, 107 + 116), [255; 3]);
        assert_eq!(pixel(375, 107), METAL);
    }
}
