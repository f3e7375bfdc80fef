//! The environments a network can be trained on, by Gymnasium's id.
//!
//! One enum instead of a trait object: a task is saved in checkpoints, and core has no `dyn`. Here is the door through
//! which bytes become the numbers that a network sees: pixels of `0..=255` are divided by 255, the zeros and ones of
//! planes stay.

use crate::failure::{Failure, Outcome};
use crate::registry::{self, LARGEST_GRID, StackedBreakout};
use embedded_rl_core::env::{Env, Step, TimeLimit};
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{Acrobot, CartPole, MountainCar};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::gridworld::{Gridworld, View, Viewed};
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LanderVersion, LunarLander};
use embedded_rl_core::envs::pixel_breakout::PixelBreakout;
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::envs::tile_map::MapError;
use embedded_rl_core::preprocess::Flattened;
use embedded_rl_core::replay::FrameStack;
use embedded_rl_core::rng::Rng;
use embedded_rl_core::space::Space;
use serde::{Deserialize, Serialize};

type Grid = Gridworld<LARGEST_GRID>;

/// An environment with numbered actions and real observations, its time limit included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Task {
    /// `CartPole-v0` and `CartPole-v1`.
    CartPole(TimeLimit<CartPole>),
    /// `MountainCar-v0`.
    MountainCar(TimeLimit<MountainCar>),
    /// `Acrobot-v1`.
    Acrobot(TimeLimit<Acrobot>),
    /// `LunarLander-v2` and `LunarLander-v3`, the world they fly in included.
    LunarLander(Box<TimeLimit<LunarLander>>),
    /// `gridworld-simple-planes` and `gridworld-obstacle-planes`.
    GridPlanes(Box<TimeLimit<Viewed<LARGEST_GRID>>>),
    /// `pixel-grid`.
    PixelGrid(Box<Numbers<TimeLimit<PixelGrid<LARGEST_GRID>>>>),
    /// `MinAtar/Breakout-v1`.
    Breakout(Box<Numbers<TimeLimit<Breakout>>>),
    /// `pixel-breakout`.
    StackedBreakout(Box<Numbers<TimeLimit<StackedBreakout>>>),
    // Last, because checkpoints hold the place of a variant in this list.
    /// `docking`, a number an action.
    Docking(TimeLimit<Flattened<Docking, 2>>),
}

impl Task {
    /// Makes the environment with this id, and says the mean return from which it counts as solved.
    pub fn make(id: &str) -> Outcome<(Self, f64)> {
        let registration =
            registry::find(id).map_err(|error| Failure::wrong_use(error.to_string()))?;
        let untrainable = || Failure::wrong_use(format!("no network can be trained on {id} yet"));
        let limit = registration.step_limit.ok_or_else(untrainable)?;
        let task = match id {
            "CartPole-v0" | "CartPole-v1" => Self::CartPole(TimeLimit::new(CartPole::new(), limit)),
            "MountainCar-v0" => Self::MountainCar(TimeLimit::new(MountainCar::new(), limit)),
            "Acrobot-v1" => Self::Acrobot(TimeLimit::new(Acrobot::new(), limit)),
            "docking" => Self::Docking(TimeLimit::new(Flattened::new(Docking::new()), limit)),
            "LunarLander-v2" => Self::lunar_lander(LanderVersion::V2, limit)?,
            "LunarLander-v3" => Self::lunar_lander(LanderVersion::V3, limit)?,
            "gridworld-simple-planes" => Self::grid_planes(Grid::simple(), limit)?,
            "gridworld-obstacle-planes" => Self::grid_planes(Grid::obstacle(), limit)?,
            "pixel-grid" => {
                let [height, width] = PixelGrid::<LARGEST_GRID>::SIZE;
                let grid = of_map(Grid::simple())?;
                let pixels = PixelGrid::with_size(grid, Colours::Rgb, height, width);
                Self::PixelGrid(Box::new(Numbers::of(TimeLimit::new(pixels, limit))))
            }
            "MinAtar/Breakout-v1" => {
                let game = TimeLimit::new(Breakout::new(Breakout::STICKINESS), limit);
                Self::Breakout(Box::new(Numbers::of(game)))
            }
            "pixel-breakout" => {
                let frames = PixelBreakout { game: Breakout::new(Breakout::STICKINESS) };
                let stacked = TimeLimit::new(StackedBreakout::new(frames, 4), limit);
                Self::StackedBreakout(Box::new(Numbers::of(stacked)))
            }
            _ => return Err(untrainable()),
        };
        Ok((task, registration.reward_threshold.unwrap_or(f64::INFINITY)))
    }

    /// How many choices each component of an action has; where actions are plain numbers, how many there are.
    pub fn choices(&self) -> Vec<u32> {
        match (self, self.action_space()) {
            (Self::Docking(task), _) => task.env.counts().to_vec(),
            (_, Space::Discrete { n }) => vec![n],
            (_, space) => vec![u32::try_from(space.len()).unwrap_or(u32::MAX)],
        }
    }

    /// What an observation is made of, where it is frames of bytes, and what a byte is divided by.
    pub fn frames(&self) -> Option<(FrameStack, f32)> {
        let stack = match self {
            Self::StackedBreakout(task) => task.env.env.stack(),
            _ => 1,
        };
        let space = self.observation_space();
        matches!(space, Space::Image { .. } | Space::Planes { .. })
            .then(|| (FrameStack { frame: space.len() / stack, stack }, largest_byte(space)))
    }

    fn lunar_lander(version: LanderVersion, limit: u32) -> Outcome<Self> {
        let lander = LunarLander::new(LanderOptions { version, ..LanderOptions::default() })
            .map_err(|error| Failure::wrong_use(error.to_string()))?;
        Ok(Self::LunarLander(Box::new(TimeLimit::new(lander, limit))))
    }

    fn grid_planes(grid: Result<Grid, MapError>, limit: u32) -> Outcome<Self> {
        let planes = Viewed::new(of_map(grid)?, View::Planes);
        Ok(Self::GridPlanes(Box::new(TimeLimit::new(planes, limit))))
    }
}

fn of_map(grid: Result<Grid, MapError>) -> Outcome<Grid> {
    grid.map_err(|error| Failure::wrong_use(error.to_string()))
}

impl Env for Task {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        match self {
            Self::CartPole(env) => env.action_space(),
            Self::MountainCar(env) => env.action_space(),
            Self::Acrobot(env) => env.action_space(),
            Self::Docking(env) => env.action_space(),
            Self::LunarLander(env) => env.action_space(),
            Self::GridPlanes(env) => env.action_space(),
            Self::PixelGrid(env) => env.action_space(),
            Self::Breakout(env) => env.action_space(),
            Self::StackedBreakout(env) => env.action_space(),
        }
    }

    fn observation_space(&self) -> Space<'_> {
        match self {
            Self::CartPole(env) => env.observation_space(),
            Self::MountainCar(env) => env.observation_space(),
            Self::Acrobot(env) => env.observation_space(),
            Self::Docking(env) => env.observation_space(),
            Self::LunarLander(env) => env.observation_space(),
            Self::GridPlanes(env) => env.observation_space(),
            Self::PixelGrid(env) => env.observation_space(),
            Self::Breakout(env) => env.observation_space(),
            Self::StackedBreakout(env) => env.observation_space(),
        }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        match self {
            Self::CartPole(env) => env.reset(rng, observation),
            Self::MountainCar(env) => env.reset(rng, observation),
            Self::Acrobot(env) => env.reset(rng, observation),
            Self::Docking(env) => env.reset(rng, observation),
            Self::LunarLander(env) => env.reset(rng, observation),
            Self::GridPlanes(env) => env.reset(rng, observation),
            Self::PixelGrid(env) => env.reset(rng, observation),
            Self::Breakout(env) => env.reset(rng, observation),
            Self::StackedBreakout(env) => env.reset(rng, observation),
        }
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        match self {
            Self::CartPole(env) => env.step(action, rng, observation),
            Self::MountainCar(env) => env.step(action, rng, observation),
            Self::Acrobot(env) => env.step(action, rng, observation),
            Self::Docking(env) => env.step(action, rng, observation),
            Self::LunarLander(env) => env.step(action, rng, observation),
            Self::GridPlanes(env) => env.step(action, rng, observation),
            Self::PixelGrid(env) => env.step(action, rng, observation),
            Self::Breakout(env) => env.step(action, rng, observation),
            Self::StackedBreakout(env) => env.step(action, rng, observation),
        }
    }
}

/// An environment of bytes, seen as the numbers that a network sees. Its space is still that of the bytes, for it says
/// what the image looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers<E> {
    /// The environment inside.
    pub env: E,
    /// The last observation, as the environment gave it.
    bytes: Vec<u8>,
    largest: f32,
}

impl<E: Env<Element = u8>> Numbers<E> {
    /// Puts the environment behind the door.
    pub fn of(env: E) -> Self {
        let (length, largest) =
            (env.observation_space().len(), largest_byte(env.observation_space()));
        Self { env, bytes: vec![0; length], largest }
    }

    fn show(&self, observation: &mut [f32]) {
        let (length, given) = (self.bytes.len(), observation.len());
        assert!(length == given, "the observation has {length} elements, not {given}");
        for (number, &byte) in observation.iter_mut().zip(&self.bytes) {
            *number = f32::from(byte) / self.largest;
        }
    }
}

/// What is divided by at the network's door.
pub(crate) const fn largest_byte(space: Space<'_>) -> f32 {
    if matches!(space, Space::Image { .. }) { 255.0 } else { 1.0 }
}

impl<E: Env<Element = u8>> Env for Numbers<E> {
    type Action = E::Action;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.env.reset(rng, &mut self.bytes);
        self.show(observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [f32],
    ) -> Step {
        let step = self.env.step(action, rng, &mut self.bytes);
        self.show(observation);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::rng::NumpyGenerator;

    #[test]
    fn pixels_come_through_the_door_as_shares_and_planes_as_they_are() {
        let rng = &mut NumpyGenerator::new(0);
        for (id, shape, seen) in [
            ("pixel-grid", [3, 64, 84], vec![0.0, 128.0 / 255.0, 1.0]),
            ("MinAtar/Breakout-v1", [4, 10, 10], vec![0.0, 1.0]),
            ("pixel-breakout", [4, 84, 84], vec![0.0, 120.0 / 255.0, 180.0 / 255.0, 1.0]),
            ("gridworld-obstacle-planes", [3, 9, 10], vec![0.0, 1.0]),
        ] {
            let (mut task, threshold) = Task::make(id).expect(id);
            assert_eq!(threshold, f64::INFINITY);
            let (Space::Image { channels, height, width }
            | Space::Planes { channels, height, width }) = task.observation_space()
            else {
                panic!("{id} shows no image")
            };
            assert_eq!([channels, height, width], shape);
            let mut observation = vec![0.5; channels * height * width];
            task.reset(rng, &mut observation);
            task.step(1, rng, &mut observation);
            assert!(observation.iter().all(|number| seen.contains(number)), "{id}");
            assert!(seen.iter().all(|number| observation.contains(number)), "{id}");
        }
    }

    #[test]
    fn tasks_of_images_go_on_from_what_was_written() {
        for id in ["pixel-grid", "MinAtar/Breakout-v1", "pixel-breakout", "gridworld-simple-planes"]
        {
            let rng = &mut NumpyGenerator::new(3);
            let (mut task, _) = Task::make(id).expect(id);
            let mut observation = vec![0.0; task.observation_space().len()];
            task.reset(rng, &mut observation);
            for action in [1, 2, 0] {
                let bytes = postcard::to_extend(&task, Vec::new()).expect("what can be written");
                let mut twin: Task = postcard::from_bytes(&bytes).expect("what was written");
                assert!(twin == task, "{id}");
                let (mut twin_rng, mut twin_observation) = (rng.clone(), observation.clone());
                let step = task.step(action, rng, &mut observation);
                assert_eq!(twin.step(action, &mut twin_rng, &mut twin_observation), step);
                assert!(twin_observation == observation, "{id}");
            }
        }
    }
}
