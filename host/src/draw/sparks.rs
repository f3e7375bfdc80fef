//! What engines throw out: sparks that fly on by themselves for a few frames. A decoration; no environment knows them.

use super::Drawn;
use crate::registry::Recorded;
use embedded_rl_core::rng::{NumpyGenerator, uniform};

/// One glowing particle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spark {
    /// In metres.
    pub place: (f64, f64),
    /// [m/s]
    pub velocity: (f64, f64),
    /// From one, when it is thrown out, to zero.
    pub life: f64,
}

/// Life that a frame takes.
const COOLING: f64 = 0.15;
/// [m/s^2]
const GRAVITY: f64 = -10.0;

/// The sparks of a film.
#[derive(Debug)]
pub(super) struct Sparks {
    flying: Vec<Spark>,
    /// Not the environment's: drawing must not change what is drawn.
    shake: NumpyGenerator,
}

impl Sparks {
    pub(super) fn none() -> Self {
        Self { flying: Vec::new(), shake: NumpyGenerator::new(0) }
    }

    pub(super) fn flying(&self) -> &[Spark] {
        &self.flying
    }

    /// Lets a frame pass in which `action` is taken.
    pub(super) fn pass(&mut self, drawn: &dyn Drawn, action: &Recorded) {
        let shake = [0; 2].map(|_| uniform(&mut self.shake, -1.0, 1.0));
        self.flying.extend(drawn.exhaust(action, shake).into_iter().flatten());
        let seconds = 1.0 / f64::from(drawn.frames_per_second());
        for Spark { place, velocity, life } in &mut self.flying {
            velocity.1 += GRAVITY * seconds;
            *place = (place.0 + velocity.0 * seconds, place.1 + velocity.1 * seconds);
            *life -= COOLING;
        }
        self.flying.retain(|spark| spark.life >= 0.0);
    }
}
