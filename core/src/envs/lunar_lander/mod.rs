//! LunarLander: bring a craft with two legs down on the pad, by its main engine and two side engines.
//!
//! | action of [`LunarLander`] | meaning |
//! |---|---|
//! | 0 | nothing |
//! | 1 | fire the left engine, which turns the lander clockwise and pushes it to the left |
//! | 2 | fire the main engine |
//! | 3 | fire the right engine |
//!
//! | action of [`LunarLanderContinuous`] | min | max | meaning |
//! |---|---|---|---|
//! | 0 | -1 | 1 | main engine: off up to 0, then from half to full power |
//! | 1 | -1 | 1 | side engines: left below -0.5, right above 0.5, from half to full power |
//!
//! | observation | min | max | unit |
//! |---|---|---|---|
//! | 0 to the right of the pad | -2.5 | 2.5 | half widths of the picture (10 m) |
//! | 1 above the pad, standing | -2.5 | 2.5 | half heights of the picture (6.67 m) |
//! | 2, 3 velocity | -10 | 10 | 5 m/s, 7.5 m/s |
//! | 4 angle, counter-clockwise | -2 pi | 2 pi | rad |
//! | 5 angular velocity | -10 | 10 | 2.5 rad/s |
//! | 6, 7 the right and the left leg touch the ground | 0 | 1 | - |
//!
//! The bounds are declared and not kept to, as in the original. Those of version 2 are 1.5 for positions, 5 for
//! velocities, pi and 5; nothing else differs here. (The original's version 2 keeps one world for all episodes and
//! draws its wind from a global generator, so that an episode there depends on those before it; here none does.)
//!
//! Reward: the gain in `-100 distance - 100 speed - 100 |angle| + 10` for each leg on the ground, all as observed, less
//! 0.3 for the main engine's full power and 0.03 for a side engine's. On the last step it is -100 for a crash (the hull
//! touches the ground) or for leaving the picture to the side, and 100 for coming to rest, also after a crash.
//! Start: at the top in the middle, pushed by a random force; the ground is random too. End: crash, out of the
//! picture, or asleep, all of which terminate. `LunarLander-v3` is this task in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`LunarLander::STEPS`].
//!
//! Source: `LunarLander-v3` of Gymnasium 1.4 on Box2D 2.3, bit for bit from the seed on: observations, rewards, endings
//! and every body. Observation 6 is the leg that stands on the right, which the original draws first. A leg that
//! touches two pieces of the ground and leaves one counts as in the air, as there. Throttles outside their bounds,
//! which the original clips, are refused.

mod craft;
mod lander;
mod lockstep;
mod options;
mod terrain;

pub use lander::Lander;
pub use options::{LanderError, LanderOptions, LanderVersion};

use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;
use craft::Throttles;

/// The lander with four actions.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LunarLander(Lander);

impl LunarLander {
    /// The step limit of `LunarLander-v2` and `-v3`.
    pub const STEPS: u32 = 1000;

    /// A lander that waits for its first reset.
    ///
    /// # Errors
    /// If gravity is not between -12 and 0 or the wind not finite.
    pub fn new(options: LanderOptions) -> Result<Self, LanderError> {
        Lander::new(options).map(Self)
    }

    /// What lies behind the observations.
    pub const fn lander(&self) -> &Lander {
        &self.0
    }

    fn throttles(action: u32) -> Throttles {
        assert!(action < 4, "LunarLander has the actions 0, 1, 2 and 3, not {action}");
        match action {
            2 => Throttles { main: 1.0, side: 0.0, direction: 0.0 },
            1 | 3 => Throttles { main: 0.0, side: 1.0, direction: f64::from(action) - 2.0 },
            _ => Throttles { main: 0.0, side: 0.0, direction: 0.0 },
        }
    }
}

impl Env for LunarLander {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 4 }
    }

    fn observation_space(&self) -> Space<'_> {
        self.0.options().observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.0.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        self.0.advance(Self::throttles(action), rng, observation)
    }
}

/// The lander with two throttles.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LunarLanderContinuous(Lander);

impl LunarLanderContinuous {
    const ACTIONS: Space<'static> = Space::Box { low: &[-1.0; 2], high: &[1.0; 2] };

    /// A lander that waits for its first reset.
    ///
    /// # Errors
    /// If gravity is not between -12 and 0 or the wind not finite.
    pub fn new(options: LanderOptions) -> Result<Self, LanderError> {
        Lander::new(options).map(Self)
    }

    /// What lies behind the observations.
    pub const fn lander(&self) -> &Lander {
        &self.0
    }

    fn throttles(action: [f32; 2]) -> Throttles {
        assert!(
            Self::ACTIONS.contains(&action),
            "LunarLander's throttles are actions from -1 to 1, not {action:?}"
        );
        let [main, side] = action.map(f64::from);
        Throttles {
            main: if main > 0.0 { (main + 1.0) * 0.5 } else { 0.0 },
            side: if side.abs() > 0.5 { side.abs() } else { 0.0 },
            direction: if side < 0.0 { -1.0 } else { 1.0 },
        }
    }
}

impl Env for LunarLanderContinuous {
    type Action = [f32; 2];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Self::ACTIONS
    }

    fn observation_space(&self) -> Space<'_> {
        self.0.options().observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.0.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: [f32; 2],
        rng: &mut R,
        observation: &mut [f32],
    ) -> Step {
        self.0.advance(Self::throttles(action), rng, observation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::NumpyGenerator;

    /// `gymnasium.make("LunarLander-v3").reset(seed=42)`, Gymnasium 1.4.
    #[test]
    fn a_reset_is_gymnasiums() {
        let mut env = LunarLander::new(LanderOptions::default()).expect("usual options");
        let mut observation = [0.0; 8];
        env.reset(&mut NumpyGenerator::new(42), &mut observation);
        let expected = [
            0.002297020051628351,
            1.41813063621521,
            0.232647106051445,
            0.3204666078090668,
            -0.002654880052432418,
            -0.0526980459690094,
            0.0,
            0.0,
        ];
        assert_eq!(observation.map(f64::from), expected);
    }

    #[test]
    fn gravity_has_bounds() {
        for gravity in [0.0, -12.0, 1.0, f64::NAN] {
            let options = LanderOptions { gravity, ..LanderOptions::default() };
            assert!(matches!(LunarLander::new(options), Err(LanderError::Gravity(_))));
        }
    }
}
