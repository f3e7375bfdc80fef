//! MountainCar, and the continuous one, as Gymnasium draws them: 600 x 400 pixels, the road from -1.2 to 0.6.

use super::Drawn;
use super::canvas::{Canvas, Colour, turned};
use embedded_rl_core::envs::classic::{MountainCar, MountainCarContinuous};
use embedded_rl_core::math;

const WIDTH: usize = 600;
const HEIGHT: usize = 400;
const LEFT_END: f64 = -1.2;
/// Pixels for one of position and for one of height.
const SCALE: f64 = WIDTH as f64 / 1.8;
/// Of the car above the road.
const CLEARANCE: f64 = 10.0;
const WHEEL: f64 = 8.0;
const FRAMES_PER_SECOND: u32 = 30;

const BLACK: Colour = [0, 0, 0];
const GREY: Colour = [128, 128, 128];
const FLAG: Colour = [204, 204, 0];

impl Drawn for MountainCar {
    fn frame(&self, _: &[u32]) -> Canvas {
        frame(self.state[0], 0.5)
    }

    fn frames_per_second(&self) -> u32 {
        FRAMES_PER_SECOND
    }
}

impl Drawn for MountainCarContinuous {
    fn frame(&self, _: &[u32]) -> Canvas {
        frame(self.state[0], 0.45)
    }

    fn frames_per_second(&self) -> u32 {
        FRAMES_PER_SECOND
    }
}

/// The car and the flag at these positions.
fn frame(car: f64, goal: f64) -> Canvas {
    let mut canvas = Canvas::upwards(WIDTH, HEIGHT, [255; 3]);
    let road: Vec<_> =
        (0..100).map(|step| place(LEFT_END + 1.8 * f64::from(step) / 99.0)).collect();
    canvas.line(&road, 1.2, BLACK);

    let (x, y) = place(car);
    let (slope, middle) = (math::cos(3.0 * car), (x, y + CLEARANCE));
    let body = [(-20.0, 0.0), (-20.0, 20.0), (20.0, 20.0), (20.0, 0.0)];
    canvas.polygon(&turned(body, slope, middle), BLACK);
    for wheel in turned([(10.0, 0.0), (-10.0, 0.0)], slope, middle) {
        canvas.circle(wheel, WHEEL, GREY);
    }

    let (x, y) = place(goal);
    canvas.rectangle((x, y), (x + 1.0, y + 50.0), BLACK);
    canvas.polygon(&[(x, y + 50.0), (x, y + 40.0), (x + 25.0, y + 45.0)], FLAG);
    canvas
}

/// Where the road is at a position.
fn place(position: f64) -> (f64, f64) {
    let height = 0.45 * math::sin(3.0 * position) + 0.55;
    ((position - LEFT_END) * SCALE, height * SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// At the bottom the road is flat, 0.1 high, and the car stands upright on it.
    #[test]
    fn the_car_stands_on_the_road() {
        let mut env = MountainCar::new();
        env.state = [-core::f64::consts::FRAC_PI_6, 0.0];
        let frame = env.frame(&[]);
        let pixel = |x: usize, height: usize| frame.pixels()[(HEIGHT - 1 - height) * WIDTH + x];
        let (x, y) = (225, 33);
        assert_eq!(pixel(x, y + 25), BLACK);
        assert_eq!(pixel(x, y + 32), [255; 3]);
        assert_eq!((pixel(x + 10, y + 10), pixel(x - 10, y + 10)), (GREY, GREY));
    }

    #[test]
    fn the_flag_of_the_continuous_one_stands_further_down() {
        // At 0.5 and 0.45 of 1.8 the poles are 17 pixels apart.
        let flags = |frame: Canvas| frame.pixels().iter().position(|pixel| *pixel == FLAG);
        let [flag, continuous] =
            [MountainCar::new().frame(&[]), MountainCarContinuous::new().frame(&[])]
                .map(|frame| flags(frame).expect("a flag") % WIDTH);
        assert!((16..=18).contains(&(flag - continuous)), "{flag} and {continuous}");
    }
}
