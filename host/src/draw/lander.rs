//! LunarLander as Gymnasium draws it: 600 x 400 pixels, 20 m across, black sky over a white moon.

use super::Drawn;
use super::canvas::{Canvas, Colour, Place};
use super::sparks::Spark;
use crate::registry::Recorded;
use embedded_rl_core::envs::lunar_lander::{Lander, LunarLander, LunarLanderContinuous};
use embedded_rl_core::math;
use embedded_rl_core::physics::shape::Edge;
use embedded_rl_core::physics::vector::Vector;

const WIDTH: usize = 600;
const HEIGHT: usize = 400;
/// [pixels / m]
const SCALE: f64 = 30.0;
/// Of the pad's flags [pixels]
const FLAG_FOOT: f64 = 100.0;
const FLAG_TOP: f64 = FLAG_FOOT + 50.0;
const SPARK: f64 = 2.0;

const SKY: Colour = [0; 3];
const MOON: Colour = [255; 3];
const HULL: Colour = [128, 102, 230];
const OUTLINE: Colour = [77, 77, 128];
const FLAG: Colour = [204, 204, 0];

impl Drawn for LunarLander {
    fn frame(&self, trail: &[u32]) -> Canvas {
        self.frame_with_sparks(trail, &[])
    }

    fn frame_with_sparks(&self, _: &[u32], sparks: &[Spark]) -> Canvas {
        frame(self.lander(), sparks)
    }

    fn exhaust(&self, action: &Recorded, shake: [f64; 2]) -> [Option<Spark>; 2] {
        let (main, side) = match action {
            Recorded::Number(2) => (true, 0.0),
            Recorded::Number(1) => (false, -1.0),
            Recorded::Number(3) => (false, 1.0),
            _ => (false, 0.0),
        };
        exhaust(self.lander(), main, side, shake)
    }

    fn frames_per_second(&self) -> u32 {
        50
    }
}

impl Drawn for LunarLanderContinuous {
    fn frame(&self, trail: &[u32]) -> Canvas {
        self.frame_with_sparks(trail, &[])
    }

    fn frame_with_sparks(&self, _: &[u32], sparks: &[Spark]) -> Canvas {
        frame(self.lander(), sparks)
    }

    fn exhaust(&self, action: &Recorded, shake: [f64; 2]) -> [Option<Spark>; 2] {
        let Recorded::Components(bits) = action else { return [None; 2] };
        let [main, side] =
            core::array::from_fn(|i| bits.get(i).map_or(0.0, |&b| f32::from_bits(b)));
        let side = if side.abs() > 0.5 { f64::from(side.signum()) } else { 0.0 };
        exhaust(self.lander(), main > 0.0, side, shake)
    }

    fn frames_per_second(&self) -> u32 {
        50
    }
}

fn frame(lander: &Lander, sparks: &[Spark]) -> Canvas {
    let world = lander.world();
    let mut canvas = Canvas::upwards(WIDTH, HEIGHT, SKY);
    // Behind the moon, so that none is seen below the ground; the original's bounce off it.
    for spark in sparks {
        let place = (spark.place.0 * SCALE, spark.place.1 * SCALE);
        canvas.circle(place, SPARK, glow(spark.life));
    }
    // The first edge is the floor, below all that is seen.
    let [_, terrain @ ..] = world.edges();
    for Edge { ends: [left, right], .. } in terrain {
        let [left, right] = [pixels(*left), pixels(*right)];
        canvas.polygon(&[left, right, (right.0, 0.0), (left.0, 0.0)], MOON);
    }
    for body in &world.bodies {
        let corners = body.polygon.corners().iter();
        let mut outline: Vec<_> =
            corners.map(|corner| pixels(body.transform.apply(*corner))).collect();
        canvas.polygon(&outline, HULL);
        outline.extend(outline.first().copied());
        canvas.line(&outline, 1.0, OUTLINE);
    }
    // The pad is the middle two of ten pieces.
    for end in [terrain[4].ends[0], terrain[5].ends[1]] {
        let (x, _) = pixels(end);
        canvas.rectangle((x, FLAG_FOOT), (x + 1.0, FLAG_TOP), MOON);
        canvas.polygon(&[(x, FLAG_TOP), (x, FLAG_TOP - 10.0), (x + 25.0, FLAG_TOP - 5.0)], FLAG);
    }
    canvas
}

fn pixels(place: Vector) -> Place {
    (f64::from(place.x) * SCALE, f64::from(place.y) * SCALE)
}

fn glow(life: f64) -> Colour {
    let part = |share: f64| (255.0 * share.max(0.2)) as u8;
    [part(0.15 + life), part(0.5 * life), part(0.5 * life)]
}

/// Where sparks of the main engine, if it fires, and of the `side` one (-1 left, 1 right, 0 none) come out, and how fast,
/// as the original's rules for impulses and masses say. `shake` is -1 to 1 along the lander and across it.
fn exhaust(lander: &Lander, main: bool, side: f64, shake: [f64; 2]) -> [Option<Spark>; 2] {
    let hull = &lander.world().bodies[0];
    let angle = f64::from(hull.sweep.end.angle);
    let (sine, cosine) = (math::sin(angle), math::cos(angle));
    let Vector { x, y } = hull.transform.position;
    let (x, y) = (f64::from(x), f64::from(y));
    let [along, across] = shake.map(|shake| shake / SCALE);
    let spark = |out: (f64, f64), from: (f64, f64), speed: f64| Spark {
        place: (from.0 + out.0, from.1 + out.1),
        velocity: (out.0 * speed, out.1 * speed),
        life: 1.0,
    };
    let of_main = main.then(|| {
        let down = 4.0 / SCALE + 2.0 * along;
        let out = (sine * down - cosine * across, -cosine * down - sine * across);
        // 13 N s a metre on a disc of two pixels that weighs 3.5 kg a square metre.
        spark(out, (x, y), 13.0 / (3.5 * DISC))
    });
    let of_side = (side != 0.0).then(|| {
        let away = 3.0 * across + side * 12.0 / SCALE;
        let out = (sine * along - cosine * away, -cosine * along - sine * away);
        let from = (x - sine * 17.0 / SCALE, y + cosine * 14.0 / SCALE);
        spark(out, from, 0.6 / (0.7 * DISC))
    });
    [of_main, of_side]
}

/// Area of a spark [m^2]
const DISC: f64 = core::f64::consts::PI * (SPARK / SCALE) * (SPARK / SCALE);

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::env::Env;
    use embedded_rl_core::envs::lunar_lander::LanderOptions;
    use embedded_rl_core::rng::NumpyGenerator;

    fn started() -> LunarLander {
        let mut env = LunarLander::new(LanderOptions::default()).expect("usual options");
        env.reset(&mut NumpyGenerator::new(3), &mut [0.0; 8]);
        env
    }

    fn pixel(frame: &Canvas, x: usize, height: usize) -> Colour {
        frame.pixels()[(HEIGHT - 1 - height) * WIDTH + x]
    }

    /// The lander starts at the top in the middle, the pad is between a fifth from there to both sides, 99 pixels high.
    #[test]
    fn sky_moon_flags_and_hull_are_where_gymnasium_has_them() {
        let frame = started().frame(&[]);
        assert_eq!(pixel(&frame, 300, 395), HULL);
        assert_eq!((pixel(&frame, 300, 101), pixel(&frame, 300, 97)), (SKY, MOON));
        for x in [240, 360] {
            assert_eq!((pixel(&frame, x, 120), pixel(&frame, x + 5, 145)), (MOON, FLAG));
        }
        assert_eq!(pixel(&frame, 10, 300), SKY);
    }

    #[test]
    fn engines_throw_sparks_the_other_way() {
        let env = started();
        let (x, y) = pixels(env.lander().world().bodies[0].transform.position);
        let sparks = |action| env.exhaust(&Recorded::Number(action), [0.0; 2]);
        assert_eq!(sparks(0), [None; 2]);
        let [left, main, right] = [1, 2, 3].map(|action| {
            let [main, side] = sparks(action);
            main.or(side).expect("a spark")
        });
        assert!(main.velocity.1 < -20.0 && main.place.1 * SCALE < y);
        assert!(left.velocity.0 > 20.0 && left.place.0 * SCALE > x);
        assert!(right.velocity.0 < -20.0 && right.place.0 * SCALE < x);
    }

    #[test]
    fn throttles_throw_the_sparks_of_the_actions_they_amount_to() {
        let numbered = started();
        let mut throttled = LunarLanderContinuous::new(LanderOptions::default()).expect("usual");
        throttled.reset(&mut NumpyGenerator::new(3), &mut [0.0; 8]);
        for (main, side, number) in [(0.0, 0.5, 0), (-1.0, -0.6, 1), (0.1, -0.5, 2), (0.0, 1.0, 3)]
        {
            let throttles = Recorded::Components(vec![f32::to_bits(main), f32::to_bits(side)]);
            let shake = [0.25, -0.5];
            assert_eq!(
                throttled.exhaust(&throttles, shake),
                numbered.exhaust(&Recorded::Number(number), shake)
            );
        }
        let both = Recorded::Components(vec![1f32.to_bits(), 1f32.to_bits()]);
        assert!(throttled.exhaust(&both, [0.0; 2]).iter().all(Option::is_some));
    }

    #[test]
    fn sparks_are_seen_until_they_are_cold() {
        let env = started();
        let spark = Spark { place: (5.0, 10.0), velocity: (0.0, 0.0), life: 1.0 };
        let frame = env.frame_with_sparks(&[], &[spark]);
        assert_eq!(pixel(&frame, 150, 300), [255, 127, 127]);
    }
}
