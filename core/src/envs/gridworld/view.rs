//! What of a gridworld a network sees: the cell's number spread out over numbers of one size.

use super::Gridworld;
use crate::env::{Env, Step};
use crate::rng::Rng;
use crate::space::Space;

/// The most elements that a view has.
const MOST: usize = 768;
static ZEROS: [f32; MOST] = [0.0; MOST];
static ONES: [f32; MOST] = [1.0; MOST];

/// A way of looking at a gridworld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum View {
    /// `[height][width]`: 1 where the agent is, 0 elsewhere.
    AgentOneHot,
    /// `[3][height][width]`: 1 where a wall is; where the agent is; where the goal is.
    Planes,
    /// `[height][width][3]`: the same planes, interleaved.
    InterleavedPlanes,
    /// Agent's row and column, goal's row and column.
    Positions,
}

/// A gridworld that is observed through a view.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Viewed<const CELLS: usize = 90> {
    /// The gridworld inside.
    pub grid: Gridworld<CELLS>,
    view: View,
    /// The largest position there is: last row, last column, and the same for the goal.
    corner: [f32; 4],
}

impl<const CELLS: usize> Viewed<CELLS> {
    /// # Panics
    /// If the view has more than 768 elements (three planes of 16 x 16 cells).
    pub fn new(grid: Gridworld<CELLS>, view: View) -> Self {
        let (row, column) = (grid.map.rows() as f32 - 1.0, grid.map.columns() as f32 - 1.0);
        let viewed = Self { grid, view, corner: [row, column, row, column] };
        let length = viewed.length();
        assert!(length <= MOST, "the view has {length} elements, more than {MOST}");
        viewed
    }

    fn length(&self) -> usize {
        let cells = self.grid.map.cell_count() as usize;
        match self.view {
            View::AgentOneHot => cells,
            View::Planes | View::InterleavedPlanes => 3 * cells,
            View::Positions => 4,
        }
    }

    fn observe(&self, observation: &mut [f32]) {
        let (length, given) = (self.length(), observation.len());
        assert!(length == given, "the observation has {length} elements, not {given}");
        let Gridworld { map, agent, goal, .. } = &self.grid;
        let (agent, goal) = (*agent, *goal);
        let cells = map.cell_count() as usize;
        match self.view {
            View::AgentOneHot => mark(observation, agent),
            View::Planes => {
                let (walls, others) = observation.split_at_mut(cells);
                let (agents, goals) = others.split_at_mut(cells);
                for (element, &tile) in walls.iter_mut().zip(map.tiles()) {
                    *element = if tile == b'#' { 1.0 } else { 0.0 };
                }
                mark(agents, agent);
                mark(goals, goal);
            }
            View::InterleavedPlanes => {
                let (pixels, _) = observation.as_chunks_mut::<3>();
                for (cell, (pixel, &tile)) in (0..).zip(pixels.iter_mut().zip(map.tiles())) {
                    let planes = [tile == b'#', cell == agent, cell == goal];
                    *pixel = planes.map(|marked| if marked { 1.0 } else { 0.0 });
                }
            }
            View::Positions => {
                let columns = map.columns();
                let places = [agent / columns, agent % columns, goal / columns, goal % columns];
                observation.copy_from_slice(&places.map(|place| place as f32));
            }
        }
    }
}

/// One at `cell`, zero elsewhere.
fn mark(plane: &mut [f32], cell: u32) {
    plane.fill(0.0);
    plane[cell as usize] = 1.0;
}

impl<const CELLS: usize> Env for Viewed<CELLS> {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        self.grid.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        let (height, width) = (self.grid.map.rows() as usize, self.grid.map.columns() as usize);
        match self.view {
            View::AgentOneHot => Space::Planes { channels: 1, height, width },
            View::Planes => Space::Planes { channels: 3, height, width },
            View::InterleavedPlanes => {
                let length = self.length();
                Space::Box { low: &ZEROS[..length], high: &ONES[..length] }
            }
            View::Positions => Space::Box { low: &ZEROS[..4], high: &self.corner },
        }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        self.grid.reset(rng, &mut [0]);
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        let step = self.grid.step(action, rng, &mut [0]);
        self.observe(observation);
        step
    }
}

#[cfg(test)]
mod tests {
    use super::super::GridRewards;
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    #[test]
    fn the_views_of_a_small_grid_are_as_by_hand() {
        let grid = Gridworld::<6>::new("S.#\n#.G", GridRewards::default()).unwrap();
        let rng = &mut Generator::seed_from_u64(0);
        let mut see = |view, observation: &mut [f32]| {
            let mut viewed = Viewed::new(grid.clone(), view);
            viewed.reset(rng, observation);
            viewed.step(1, rng, observation);
        };
        let (mut one_hot, mut planes, mut positions) = ([9.0; 6], [9.0; 18], [9.0; 4]);
        see(View::AgentOneHot, &mut one_hot);
        see(View::Planes, &mut planes);
        see(View::Positions, &mut positions);
        let (walls, agent, goal) =
            ([0., 0., 1., 1., 0., 0.], [0., 1., 0., 0., 0., 0.], [0., 0., 0., 0., 0., 1.]);
        assert_eq!(one_hot, agent);
        assert_eq!([&planes[..6], &planes[6..12], &planes[12..]], [&walls, &agent, &goal]);
        assert_eq!(positions, [0.0, 1.0, 1.0, 2.0]);

        let mut interleaved = [9.0; 18];
        see(View::InterleavedPlanes, &mut interleaved);
        for (cell, pixel) in interleaved.as_chunks::<3>().0.iter().enumerate() {
            assert_eq!(*pixel, [walls[cell], agent[cell], goal[cell]]);
        }
    }
}
