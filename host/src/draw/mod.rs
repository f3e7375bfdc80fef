//! What people see of an environment: frames as Gymnasium draws them, films of episodes, and both in a terminal.
//!
//! A frame shows a state; nothing here changes one. What was measured and learned is drawn in `plot`.
//!
//! To add one: a file that draws the state on a [`Canvas`], [`Drawn`] implemented there, and `drawn` in the
//! environment's [`Registered`](crate::registry::Registered).

mod acrobot;
mod breakout;
mod canvas;
mod cart_pole;
mod docking;
mod film;
mod gif;
mod grid;
mod lander;
mod mountain_car;
mod pendulum;
mod sparks;
mod terminal;

pub use canvas::{Canvas, Colour, Place};
pub use film::{Film, Filmed, Screen, film_episode};
pub use gif::Gif;
pub use grid::grid_frame;
pub use sparks::Spark;
pub use terminal::half_blocks;

use crate::registry::Recorded;

/// An environment that can be seen.
pub trait Drawn {
    /// The state as a picture, always of one size. `trail` are the cells that it went through before, where it has
    /// any.
    fn frame(&self, trail: &[u32]) -> Canvas;

    /// The same with what [`Drawn::exhaust`] threw out before.
    fn frame_with_sparks(&self, trail: &[u32], _sparks: &[Spark]) -> Canvas {
        self.frame(trail)
    }

    /// What taking this action throws out of the engines, for tasks with two. `shake` is -1 to 1 twice, by which no two
    /// sparks fly alike.
    fn exhaust(&self, _action: &Recorded, _shake: [f64; 2]) -> [Option<Spark>; 2] {
        [None; 2]
    }

    /// How fast a film of it is to be played.
    fn frames_per_second(&self) -> u32;

    /// The cell that it is in now, for tasks on a floor plan.
    fn cell(&self) -> Option<u32> {
        None
    }
}
