//! FrozenLake: cross slippery ice from start to goal without falling into a hole.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | left |
//! | 1 | down |
//! | 2 | right |
//! | 3 | up |
//!
//! | observation | values |
//! |---|---|
//! | 0 cell | 0..rows x columns, row by row |
//!
//! Map letters: `S` start, `F` frozen, `H` hole, `G` goal. On slippery ice a step goes where it should with the
//! success rate and to either side with half of the rest; at the edge it stays. Reward: 1 on the goal, 0
//! elsewhere (settable). Start: on an `S`, each as likely. End: a hole or a goal terminates. `FrozenLake-v1` and
//! `FrozenLake8x8-v1` are [`FrozenLake::small`] and [`FrozenLake::large`] in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`FrozenLake::SMALL_STEPS`] and [`FrozenLake::LARGE_STEPS`].
//!
//! Source: Gymnasium 1.4, draw for draw: one for the start, one each step, even where nothing is left to chance.

use crate::env::{Ending, Env, Step};
use crate::envs::finite::{FiniteModel, Outcome, draw};
use crate::envs::tile_map::{Direction, MapError, TileMap};
use crate::rng::{Rng, random};
use crate::space::Space;

const SMALL: &str = "SFFF\nFHFH\nFFFH\nHFFG";
const LARGE: &str =
    "SFFFFFFF\nFFFFFFFF\nFFFHFFFF\nFFFFFHFF\nFFFHFFFF\nFHHFFFHF\nFHFFHFHF\nFFFHFFFG";
/// By number, as the actions are.
const DIRECTIONS: [Direction; 4] =
    [Direction::Left, Direction::Down, Direction::Right, Direction::Up];

/// How the ice is and what it pays.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LakeOptions {
    /// Whether a step can go sideways.
    pub slippery: bool,
    /// How likely a step on slippery ice goes where it should.
    pub success_rate: f64,
    /// What each kind of cell pays.
    pub rewards: LakeRewards,
}

/// The reward for entering each kind of cell.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LakeRewards {
    /// For the goal.
    pub goal: f64,
    /// For a hole.
    pub hole: f64,
    /// For ice, the start included.
    pub frozen: f64,
}

impl Default for LakeOptions {
    fn default() -> Self {
        let rewards = LakeRewards { goal: 1.0, hole: 0.0, frozen: 0.0 };
        Self { slippery: true, success_rate: 1.0 / 3.0, rewards }
    }
}

/// A lake of at most `CELLS` cells, and the place of who crosses it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FrozenLake<const CELLS: usize = 64> {
    map: TileMap<CELLS>,
    options: LakeOptions,
    cell: u32,
}

impl FrozenLake<64> {
    /// The step limit of `FrozenLake-v1`.
    pub const SMALL_STEPS: u32 = 100;
    /// The step limit of `FrozenLake8x8-v1`.
    pub const LARGE_STEPS: u32 = 200;
}

impl<const CELLS: usize> FrozenLake<CELLS> {
    /// The map of 4 x 4 cells.
    ///
    /// # Errors
    /// If `CELLS` is below 16.
    pub fn small(options: LakeOptions) -> Result<Self, MapError> {
        Self::new(SMALL, options)
    }

    /// The map of 8 x 8 cells.
    ///
    /// # Errors
    /// If `CELLS` is below 64.
    pub fn large(options: LakeOptions) -> Result<Self, MapError> {
        Self::new(LARGE, options)
    }

    /// A map of one's own, one row a line.
    ///
    /// # Errors
    /// If the text is not a rectangle of at most `CELLS` of the four letters, or has no start.
    ///
    /// # Panics
    /// If the success rate is not a probability.
    pub fn new(map: &str, options: LakeOptions) -> Result<Self, MapError> {
        let rate = options.success_rate;
        assert!((0.0..=1.0).contains(&rate), "a success rate of {rate} is not a probability");
        let map = TileMap::parse(map, "SFHG")?;
        if !map.tiles().contains(&b'S') {
            return Err(MapError::Missing { letter: 'S' });
        }
        Ok(Self { map, options, cell: 0 })
    }

    /// The lake.
    pub const fn map(&self) -> &TileMap<CELLS> {
        &self.map
    }

    /// The cell of who crosses it.
    pub const fn agent(&self) -> u32 {
        self.cell
    }

    fn tile(&self, cell: u32) -> u8 {
        self.map.tiles()[cell as usize]
    }
}

impl<const CELLS: usize> FiniteModel for FrozenLake<CELLS> {
    fn state_count(&self) -> u32 {
        self.map.cell_count()
    }

    fn action_count(&self) -> u32 {
        4
    }

    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome> {
        assert!(action < 4, "FrozenLake has the actions 0 to 3, not {action}");
        let over = matches!(self.tile(state), b'G' | b'H');
        let slips = self.options.slippery && !over;
        let rate = self.options.success_rate;
        // To the left of the intended direction, there, and to its right.
        let turns = if slips { 3..6 } else { 4..5 };
        turns.map(move |turn| {
            let sideways = slips && turn != 4;
            let direction = DIRECTIONS[(action as usize + turn) % 4];
            let next_state = if over { state } else { self.map.step(state, direction) };
            let tile = self.tile(next_state);
            let rewards = self.options.rewards;
            Outcome {
                probability: match (slips, sideways) {
                    (false, _) => 1.0,
                    (true, false) => rate,
                    (true, true) => (1.0 - rate) / 2.0,
                },
                next_state,
                reward: match tile {
                    _ if over => 0.0,
                    b'G' => rewards.goal,
                    b'H' => rewards.hole,
                    _ => rewards.frozen,
                },
                terminated: matches!(tile, b'G' | b'H'),
            }
        })
    }
}

impl<const CELLS: usize> Env for FrozenLake<CELLS> {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.action_count() }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: self.state_count() }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        let starts = self.map.tiles().iter().filter(|&&tile| tile == b'S').count();
        let (drawn, each) = (random(rng), 1.0 / starts as f64);
        let mut cumulative = 0.0;
        self.cell = (0u32..)
            .zip(self.map.tiles())
            .find_map(|(cell, &tile)| {
                cumulative += if tile == b'S' { each } else { 0.0 };
                (cumulative > drawn).then_some(cell)
            })
            // Gymnasium's choice too, where rounding leaves the sum below the draw.
            .unwrap_or(0);
        observation.copy_from_slice(&[self.cell]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let outcome = draw(self.outcomes(self.cell, action), rng);
        self.cell = outcome.next_state;
        observation.copy_from_slice(&[self.cell]);
        Step { reward: outcome.reward, ending: outcome.terminated.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slippery_ice_goes_three_ways() {
        let lake = FrozenLake::<16>::small(LakeOptions::default()).unwrap();
        // Right from cell 14: down stays, right is the goal, up is cell 10.
        let mut outcomes = lake.outcomes(14, 2).map(|o| (o.next_state, o.reward, o.terminated));
        assert_eq!(outcomes.next(), Some((14, 0.0, false)));
        assert_eq!(outcomes.next(), Some((15, 1.0, true)));
        assert_eq!(outcomes.next(), Some((10, 0.0, false)));
        assert_eq!(outcomes.next(), None);
        let total: f64 = lake.outcomes(14, 2).map(|outcome| outcome.probability).sum();
        assert_eq!(total, 1.0);
    }

    #[test]
    fn firm_ice_goes_one_way_and_a_hole_holds() {
        let options = LakeOptions { slippery: false, ..LakeOptions::default() };
        let lake = FrozenLake::<16>::small(options).unwrap();
        let into = Outcome { probability: 1.0, next_state: 5, reward: 0.0, terminated: true };
        assert!(lake.outcomes(4, 2).eq([into]));
        assert!(lake.outcomes(5, 3).eq([into]));
        assert_eq!(
            FrozenLake::<16>::new("FG", options).unwrap_err(),
            MapError::Missing { letter: 'S' }
        );
    }
}
