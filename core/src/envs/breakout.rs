//! A small Breakout on 10 x 10 cells: MinAtar's rules.
//!
//! | action | meaning |
//! |---|---|
//! | 0 | stay |
//! | 1 | left |
//! | 2 | right |
//!
//! | observation | values |
//! |---|---|
//! | plane 0 paddle | 1 in its cell of the last row, 0 elsewhere |
//! | plane 1 ball | 1 where the ball is |
//! | plane 2 trail | 1 where the ball was a step before: its direction is in the difference |
//! | plane 3 bricks | 1 where a brick stands |
//!
//! Planes are `[10][10]`, row by row from the top, one after the other.
//!
//! The ball flies along diagonals. A wall turns it; so does a brick, which is gone then; so does the paddle, straight
//! back where its edge was hit. Reward: 1 a brick. Start: a whole wall in rows 1 to 3, the paddle in column 4, the ball
//! in row 3 at the left or the right border, on its way down and inwards. End: the ball passes the paddle and that
//! terminates. A ball that comes down from an empty sky finds a new wall above itself. With probability
//! [`Breakout::STICKINESS`] (or another) an action is not done but the one before it again.
//!
//! Source: Young and Tian (2019), "MinAtar: An Atari-Inspired Testbed for Thorough and Reproducible Reinforcement
//! Learning Experiments", version 1 of its Gymnasium environment. Differences: planes come one after the other (there,
//! interleaved), the first action of an episode sticks to staying (there, to the last of the episode before), draws are
//! those of numpy's present generator (there, its legacy one), and there is a usual time limit, [`Breakout::STEPS`]
//! (there, none: whoever never misses plays for ever).

use crate::env::{Ending, Env, Step};
use crate::rng::{Rng, integers, random};
use crate::space::Space;

/// Cells of a row and of a column.
const SIDE: usize = 10;
const CELLS: usize = SIDE * SIDE;
const LAST: u8 = SIDE as u8 - 1;
/// The row of the uppermost bricks; there are as many rows of them as [`Bricks`] has.
const FIRST_BRICKS: u8 = 1;
const ACTIONS: u32 = 3;

/// Which bricks stand.
type Bricks = [[bool; SIDE]; 3];

/// The wall, the paddle and the ball.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Breakout {
    stickiness: f64,
    last_action: u32,
    bricks: Bricks,
    /// Column of the paddle.
    paddle: u8,
    ball: Ball,
    /// Where the ball was a step before: row, column.
    trail: (u8, u8),
    /// The last step took a brick: a ball in the middle of others takes none of them before it is out.
    struck: bool,
    lost: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Ball {
    row: u8,
    column: u8,
    down: bool,
    right: bool,
}

impl Breakout {
    /// The usual probability that an action sticks.
    pub const STICKINESS: f64 = 0.1;
    /// The usual step limit: some ten walls.
    pub const STEPS: u32 = 5_000;
    /// Planes, rows and columns of an observation.
    pub const SHAPE: [usize; 3] = [4, SIDE, SIDE];
    /// Elements of an observation.
    pub const LENGTH: usize = 4 * CELLS;

    /// # Panics
    /// If `stickiness` is not a probability.
    pub const fn new(stickiness: f64) -> Self {
        assert!(stickiness >= 0.0 && stickiness <= 1.0, "stickiness is a probability");
        let ball = Ball { row: 3, column: 0, down: true, right: true };
        Self {
            stickiness,
            last_action: 0,
            bricks: [[true; SIDE]; 3],
            paddle: 4,
            ball,
            trail: (ball.row, ball.column),
            struck: false,
            lost: false,
        }
    }

    /// What is in a cell, for pictures.
    ///
    /// # Panics
    /// If the cell is not on the board.
    pub fn thing(&self, row: usize, column: usize) -> Thing {
        assert!(row < SIDE && column < SIDE, "the board has 10 x 10 cells");
        let here = (row as u8, column as u8);
        let brick = row.wrapping_sub(usize::from(FIRST_BRICKS));
        match () {
            () if (self.ball.row, self.ball.column) == here => Thing::Ball,
            () if (LAST, self.paddle) == here => Thing::Paddle,
            () if self.bricks.get(brick).is_some_and(|row| row[column]) => Thing::Brick,
            () if self.trail == here => Thing::Trail,
            () => Thing::Nothing,
        }
    }

    fn brick(&mut self, row: u8, column: u8) -> Option<&mut bool> {
        let row = row.checked_sub(FIRST_BRICKS)?;
        self.bricks.get_mut(usize::from(row)).map(|row| &mut row[usize::from(column)])
    }

    fn is_wall_gone(&self) -> bool {
        !self.bricks.as_flattened().contains(&true)
    }

    /// Moves the ball by a cell and says what it earned.
    fn fly(&mut self) -> f64 {
        let before = self.ball;
        self.trail = (before.row, before.column);
        let (mut row, mut column) = (before.row, before.column);
        match beside(column, before.right) {
            Some(next) => column = next,
            None => self.ball.right = !before.right,
        }
        let mut reward = 0.0;
        let mut among_bricks = false;
        match beside(row, before.down) {
            None => self.ball.down = !before.down,
            Some(next) => {
                let struck = self.struck;
                if let Some(brick) = self.brick(next, column).filter(|brick| **brick) {
                    among_bricks = true;
                    if struck {
                        row = next;
                    } else {
                        *brick = false;
                        self.struck = true;
                        self.ball.down = !before.down;
                        reward = 1.0;
                    }
                } else if next == LAST {
                    row = self.meet_paddle(before, column);
                } else {
                    row = next;
                }
            }
        }
        if !among_bricks {
            self.struck = false;
        }
        (self.ball.row, self.ball.column) = (row, column);
        reward
    }

    /// The row in which a ball ends that comes down to `column` of the last one.
    fn meet_paddle(&mut self, before: Ball, column: u8) -> u8 {
        if self.is_wall_gone() {
            self.bricks = [[true; SIDE]; 3];
        }
        if before.column == self.paddle {
            self.ball.down = false;
        } else if column == self.paddle {
            self.ball.down = false;
            self.ball.right = !self.ball.right;
        } else {
            self.lost = true;
            return LAST;
        }
        before.row
    }

    fn observe(&self, observation: &mut [u8]) {
        let (length, given) = (Self::LENGTH, observation.len());
        assert!(length == given, "the observation has {length} elements, not {given}");
        observation.fill(0);
        let at = |row: u8, column: u8| usize::from(row) * SIDE + usize::from(column);
        let marks = [(LAST, self.paddle), (self.ball.row, self.ball.column), self.trail];
        for (plane, (row, column)) in marks.into_iter().enumerate() {
            observation[plane * CELLS + at(row, column)] = 1;
        }
        let first = 3 * CELLS + at(FIRST_BRICKS, 0);
        for (cell, &brick) in observation[first..].iter_mut().zip(self.bricks.as_flattened()) {
            *cell = u8::from(brick);
        }
    }
}

/// What a cell shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// Darkness.
    Nothing,
    /// What the player moves.
    Paddle,
    /// The ball.
    Ball,
    /// Where the ball was a step before.
    Trail,
    /// A brick.
    Brick,
}

/// The next row or column, none behind the last.
fn beside(place: u8, further: bool) -> Option<u8> {
    if further { Some(place + 1).filter(|&next| next <= LAST) } else { place.checked_sub(1) }
}

impl Env for Breakout {
    type Action = u32;
    type Element = u8;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: ACTIONS }
    }

    fn observation_space(&self) -> Space<'_> {
        let [channels, height, width] = Self::SHAPE;
        Space::Planes { channels, height, width }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u8]) {
        *self = Self::new(self.stickiness);
        if integers(rng, 0, 2) == 1 {
            (self.ball.column, self.ball.right) = (LAST, false);
        }
        self.trail = (self.ball.row, self.ball.column);
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u8]) -> Step {
        assert!(action < ACTIONS, "Breakout has the actions 0 to 2, not {action}");
        // The draw is made whatever the probability, as there.
        let sticks = random(rng) < self.stickiness;
        self.last_action = if sticks { self.last_action } else { action };
        let mut reward = 0.0;
        if !self.lost {
            match self.last_action {
                1 => self.paddle = self.paddle.saturating_sub(1),
                2 => self.paddle = (self.paddle + 1).min(LAST),
                _ => {}
            }
            reward = self.fly();
        }
        self.observe(observation);
        Step { reward, ending: self.lost.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    fn plane(observation: &[u8], plane: usize) -> impl Iterator<Item = (usize, usize)> {
        let cells = &observation[plane * CELLS..(plane + 1) * CELLS];
        (0..CELLS).filter(|&cell| cells[cell] == 1).map(|cell| (cell / SIDE, cell % SIDE))
    }

    #[test]
    fn the_first_ball_is_met_by_a_step_to_the_right_and_takes_a_brick() {
        let rng = &mut Generator::seed_from_u64(0);
        let mut game = Breakout::new(0.0);
        let mut seen = [9; 400];
        game.reset(rng, &mut seen);
        while game.ball.column != 0 {
            game.reset(rng, &mut seen);
        }
        assert!(plane(&seen, 0).eq([(9, 4)]) && plane(&seen, 1).eq([(3, 0)]));
        assert_eq!(plane(&seen, 3).count(), 30);
        // From (3, 0) down to (8, 5), where the paddle below sends it up again.
        for _ in 0..5 {
            assert_eq!(game.step(0, rng, &mut seen), Step { reward: 0.0, ending: None });
        }
        assert!(plane(&seen, 1).eq([(8, 5)]) && plane(&seen, 2).eq([(7, 4)]));
        game.step(2, rng, &mut seen);
        assert!(plane(&seen, 0).eq([(9, 5)]) && plane(&seen, 1).eq([(8, 6)]));
        // Up along (7, 7), (6, 8), (5, 9), turned by the border, (4, 9): the brick at (3, 8) is next.
        let rewards: [f64; 5] = core::array::from_fn(|_| game.step(0, rng, &mut seen).reward);
        assert_eq!(rewards, [0.0, 0.0, 0.0, 0.0, 1.0]);
        assert!(plane(&seen, 1).eq([(4, 8)]) && plane(&seen, 3).count() == 29);
        assert_eq!(game.thing(3, 8), Thing::Nothing);
    }

    #[test]
    fn a_ball_that_is_missed_ends_the_game_for_good() {
        let rng = &mut Generator::seed_from_u64(0);
        let mut game = Breakout::new(0.0);
        let mut seen = [0; 400];
        game.reset(rng, &mut seen);
        let endings: [Option<Ending>; 7] =
            core::array::from_fn(|_| game.step(1, rng, &mut seen).ending);
        assert_eq!(endings[4], None);
        assert_eq!(endings[5..], [Some(Ending::Terminated); 2]);
        assert!(plane(&seen, 1).all(|(row, _)| row == 9));
    }
}
