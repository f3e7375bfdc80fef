//! Gridworld: walk through a maze to a goal.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | up |
//! | 1 | right |
//! | 2 | down |
//! | 3 | left |
//!
//! | observation | values |
//! |---|---|
//! | 0 cell | 0..height x width, row by row |
//!
//! or, with a [`View`] around it ([`Viewed`]), one of
//!
//! | view | observation, all elements in 0..=1 but for the positions |
//! |---|---|
//! | `AgentOneHot` | height x width: 1 where the agent is |
//! | `Planes` | 3 x height x width: walls, agent, goal |
//! | `InterleavedPlanes` | height x width x 3: the same, as the source has them |
//! | `Positions` | agent's row and column, goal's row and column |
//!
//! Map letters: `#` wall, `.` floor, `S` start, `G` goal. A map without `G` has its goal on a floor cell drawn at
//! each reset. Reward: 10 for reaching the goal, -5 for bumping into a wall or the map's edge, which leaves the
//! agent where it is, 0 otherwise. Start: on `S`. End: the goal terminates. The usual discount is
//! [`Gridworld::DISCOUNT`], the usual [`TimeLimit`](crate::env::TimeLimit) [`Gridworld::STEPS`].
//!
//! Source: the practical on reinforcement learning of DeepMind at the M2L and EEML summer schools, whose three
//! maps these are. Differences: the last observation shows the agent on the goal (there, back at the start), the
//! usual planes come one after the other (there, interleaved), and the random goal is drawn for every episode.

mod view;

pub use view::{View, Viewed};

use crate::env::{Ending, Env, Step};
use crate::envs::finite::{FiniteModel, Outcome};
use crate::envs::tile_map::{Direction, MapError, TileMap};
use crate::rng::{Rng, integers};
use crate::space::Space;

/// By number, as the actions are.
const DIRECTIONS: [Direction; 4] =
    [Direction::Up, Direction::Right, Direction::Down, Direction::Left];

const SIMPLE: &str = "\
##########
#........#
#.S.##...#
#...##...#
#...##...#
#........#
#........#
#.G......#
##########";

const OBSTACLE: &str = "\
##########
#.....#..#
#.S.#...G#
#...##...#
#...##...#
#........#
#........#
#........#
##########";

const RANDOM_GOAL: &str = "\
##########
#........#
#.S.##...#
#...##...#
#...##...#
#........#
#........#
#........#
##########";

/// What happens on the way pays.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GridRewards {
    /// For reaching the goal.
    pub goal: f64,
    /// For bumping into a wall.
    pub wall: f64,
    /// For any other step.
    pub step: f64,
}

impl Default for GridRewards {
    fn default() -> Self {
        Self { goal: 10.0, wall: -5.0, step: 0.0 }
    }
}

/// A maze of at most `CELLS` cells, its goal, and the agent in it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Gridworld<const CELLS: usize = 90> {
    map: TileMap<CELLS>,
    rewards: GridRewards,
    start: u32,
    random_goal: bool,
    goal: u32,
    agent: u32,
}

impl Gridworld<90> {
    /// The usual discount of the practical's maps.
    pub const DISCOUNT: f64 = 0.9;
    /// The usual step limit of the practical's maps.
    pub const STEPS: u32 = 200;
}

impl<const CELLS: usize> Gridworld<CELLS> {
    /// The goal is below the start, nothing in between.
    ///
    /// # Errors
    /// If `CELLS` is below 90.
    pub fn simple() -> Result<Self, MapError> {
        Self::new(SIMPLE, GridRewards::default())
    }

    /// The goal is to the right of the start, beyond a wall and a dead end.
    ///
    /// # Errors
    /// If `CELLS` is below 90.
    pub fn obstacle() -> Result<Self, MapError> {
        Self::new(OBSTACLE, GridRewards::default())
    }

    /// The map of `simple` with another goal in every episode.
    ///
    /// # Errors
    /// If `CELLS` is below 90.
    pub fn random_goal() -> Result<Self, MapError> {
        Self::new(RANDOM_GOAL, GridRewards::default())
    }

    /// A map of one's own, one row a line.
    ///
    /// # Errors
    /// If the text is not a rectangle of at most `CELLS` of the four letters, has not one start, has more than one
    /// goal, or has neither a goal nor floor to put it on.
    pub fn new(map: &str, rewards: GridRewards) -> Result<Self, MapError> {
        let map = TileMap::parse(map, "#.SG")?;
        let start = map.only(b'S')?;
        let goal = match map.only(b'G') {
            Err(MapError::Missing { .. }) => None,
            found => Some(found?),
        };
        if goal.is_none() && !map.tiles().contains(&b'.') {
            return Err(MapError::Missing { letter: 'G' });
        }
        let random_goal = goal.is_none();
        Ok(Self { map, rewards, start, random_goal, goal: goal.unwrap_or(start), agent: start })
    }

    /// The maze.
    pub const fn map(&self) -> &TileMap<CELLS> {
        &self.map
    }

    /// The cell that the agent is in.
    pub const fn agent(&self) -> u32 {
        self.agent
    }

    /// The goal of this episode; with a random goal, not before the first reset.
    pub const fn goal(&self) -> u32 {
        self.goal
    }

    fn is_wall(&self, cell: u32) -> bool {
        self.map.tiles()[cell as usize] == b'#'
    }

    fn draw_goal<R: Rng + ?Sized>(&self, rng: &mut R) -> u32 {
        let floor = || (0u32..).zip(self.map.tiles()).filter(|&(_, &tile)| tile == b'.');
        let drawn = integers(rng, 0, floor().count() as i64) as usize;
        floor().nth(drawn).map_or(self.goal, |(cell, _)| cell)
    }
}

/// With a random goal, the model is that of the running episode.
impl<const CELLS: usize> FiniteModel for Gridworld<CELLS> {
    fn state_count(&self) -> u32 {
        self.map.cell_count()
    }

    fn action_count(&self) -> u32 {
        4
    }

    /// Nothing is possible inside a wall; on the goal the episode stays over.
    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome> {
        assert!(action < 4, "Gridworld has the actions 0 to 3, not {action}");
        let ahead = self.map.step(state, DIRECTIONS[action as usize]);
        let over = state == self.goal;
        let bump = ahead == state || self.is_wall(ahead);
        let next_state = if over || bump { state } else { ahead };
        let reward = match () {
            () if over => 0.0,
            () if bump => self.rewards.wall,
            () if ahead == self.goal => self.rewards.goal,
            () => self.rewards.step,
        };
        let terminated = next_state == self.goal;
        let only = Outcome { probability: 1.0, next_state, reward, terminated };
        (!self.is_wall(state)).then_some(only).into_iter()
    }
}

impl<const CELLS: usize> Env for Gridworld<CELLS> {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.action_count() }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: self.state_count() }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        self.agent = self.start;
        if self.random_goal {
            self.goal = self.draw_goal(rng);
        }
        observation.copy_from_slice(&[self.agent]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, _: &mut R, observation: &mut [u32]) -> Step {
        let Some(outcome) = self.outcomes(self.agent, action).next() else {
            unreachable!("the agent is never inside a wall")
        };
        self.agent = outcome.next_state;
        observation.copy_from_slice(&[self.agent]);
        Step { reward: outcome.reward, ending: outcome.terminated.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    /// Cell of a row and a column of the practical's maps.
    const fn at(row: u32, column: u32) -> u32 {
        row * 10 + column
    }

    #[test]
    fn the_maps_are_those_of_the_practical() {
        let simple = Gridworld::<90>::simple().unwrap();
        assert_eq!((simple.map().rows(), simple.map().columns()), (9, 10));
        assert_eq!((simple.start, simple.goal), (at(2, 2), at(7, 2)));
        let obstacle = Gridworld::<90>::obstacle().unwrap();
        assert_eq!((obstacle.start, obstacle.goal), (at(2, 2), at(2, 8)));
        let inner = |grid: &Gridworld, cells: &[(u32, u32)]| {
            (1..8).flat_map(|y| (1..9).map(move |x| (y, x))).for_each(|(y, x)| {
                assert_eq!(grid.is_wall(at(y, x)), cells.contains(&(y, x)), "({y}, {x})");
            });
        };
        inner(&simple, &[(2, 4), (2, 5), (3, 4), (3, 5), (4, 4), (4, 5)]);
        inner(&obstacle, &[(1, 6), (2, 4), (3, 4), (3, 5), (4, 4), (4, 5)]);
    }

    #[test]
    fn a_bump_costs_five_and_the_goal_ends_with_ten() {
        let (mut grid, rng) =
            (Gridworld::<90>::simple().unwrap(), &mut Generator::seed_from_u64(0));
        let mut cell = [0];
        grid.reset(rng, &mut cell);
        assert_eq!(cell, [at(2, 2)]);
        // Left, left into the border, back, right into the block, back.
        let ways = [3, 3, 1, 1, 1, 3];
        let rewards = ways.map(|action| grid.step(action, rng, &mut cell).reward);
        assert_eq!((rewards, cell), ([0.0, -5.0, 0.0, 0.0, -5.0, 0.0], [at(2, 2)]));
        for taken in 1..=5 {
            let step = grid.step(2, rng, &mut cell);
            let ending = (taken == 5).then_some(Ending::Terminated);
            assert_eq!((step.reward, step.ending), (if taken == 5 { 10.0 } else { 0.0 }, ending));
        }
        assert_eq!(cell, [at(7, 2)], "the last observation is the goal");
    }

    #[test]
    fn a_random_goal_falls_on_every_floor_cell_and_nowhere_else() {
        let mut grid = Gridworld::<6>::new("S.#\n#..", GridRewards::default()).unwrap();
        let rng = &mut Generator::seed_from_u64(0);
        let mut counts = [0; 6];
        for _ in 0..3_000 {
            grid.reset(rng, &mut [0]);
            counts[grid.goal() as usize] += 1;
        }
        assert!([1, 4, 5].iter().all(|&cell: &usize| counts[cell] > 900), "{counts:?}");
        assert_eq!(counts.iter().sum::<u32>(), counts[1] + counts[4] + counts[5]);
    }

    #[test]
    fn maps_without_a_way_to_play_are_refused() {
        let refused = |map| Gridworld::<9>::new(map, GridRewards::default()).unwrap_err();
        assert_eq!(refused("..G"), MapError::Missing { letter: 'S' });
        assert_eq!(refused("SGG"), MapError::Twice { letter: 'G' });
        assert_eq!(refused("S##"), MapError::Missing { letter: 'G' });
    }
}
