//! Bandit rooms: a door to choose, and behind each one rewards from an interval of its own.
//!
//! | action | meaning |
//! |---|---|
//! | 0..rooms | enter that room |
//!
//! | observation | values |
//! |---|---|
//! | 0 state | 0, always |
//!
//! Reward: uniform in the room's interval, rounded to two decimals. The intervals are equally long, each overlaps
//! the next by the given fraction of its length, and together they cover 0 to the largest reward:
//!
//! ```text
//! 0                                    largest
//! |--------|
//!       |--------|        rooms = 4, overlap = 1/4
//!             |--------|
//!                   |--------|
//! ```
//!
//! Which room has which interval is drawn once, when the rooms are made. End: every step terminates.

use crate::env::{Ending, Env, Step};
use crate::rng::{Rng, integers, uniform};
use crate::space::Space;
use core::fmt;
use core::ops::Range;

/// Rooms with their rewards.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BanditRooms {
    rooms: u32,
    overlap: f64,
    largest_reward: f64,
    /// The place of each room's interval, counted from the lowest; a permutation of `0..rooms`.
    places: [u32; BanditRooms::MOST as usize],
}

/// Why there cannot be such rooms.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum RoomsError {
    /// Fewer than two rooms leave nothing to choose; more than [`BanditRooms::MOST`] do not fit.
    Rooms(u32),
    /// The overlap is not in `[0, 1)`.
    Overlap(f64),
    /// The largest reward is not a positive number of at most a trillion.
    LargestReward(f64),
}

impl fmt::Display for RoomsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rooms(rooms) => {
                write!(f, "there must be 2 to {} rooms, not {rooms}", BanditRooms::MOST)
            }
            Self::Overlap(overlap) => {
                write!(f, "the overlap must be at least 0 and below 1, not {overlap}")
            }
            Self::LargestReward(reward) => {
                write!(f, "the largest reward must be positive and at most 1e12, not {reward}")
            }
        }
    }
}

impl core::error::Error for RoomsError {}

impl BanditRooms {
    /// The most rooms there can be.
    pub const MOST: u32 = 32;

    /// Rooms in an order drawn from `rng` (Fisher and Yates, from the last room down).
    ///
    /// # Errors
    /// If the parameters are outside what [`RoomsError`] says.
    pub fn new<R: Rng + ?Sized>(
        rooms: u32,
        overlap: f64,
        largest_reward: f64,
        rng: &mut R,
    ) -> Result<Self, RoomsError> {
        if !(2..=Self::MOST).contains(&rooms) {
            return Err(RoomsError::Rooms(rooms));
        }
        if !(0.0..1.0).contains(&overlap) {
            return Err(RoomsError::Overlap(overlap));
        }
        if !(largest_reward > 0.0 && largest_reward <= 1e12) {
            return Err(RoomsError::LargestReward(largest_reward));
        }
        let mut places = core::array::from_fn(|place| place as u32);
        for room in (1..rooms as usize).rev() {
            places.swap(room, integers(rng, 0, room as i64 + 1) as usize);
        }
        Ok(Self { rooms, overlap, largest_reward, places })
    }

    /// The rewards of a room, before rounding.
    ///
    /// # Panics
    /// If there is no such room.
    pub fn interval(&self, room: u32) -> Range<f64> {
        let rooms = self.rooms;
        assert!(room < rooms, "the rooms, and so the actions, are 0 to {}, not {room}", rooms - 1);
        let count = f64::from(self.rooms);
        let length = self.largest_reward / (count - (count - 1.0) * self.overlap);
        let low = f64::from(self.places[room as usize]) * length * (1.0 - self.overlap);
        low..low + length
    }

    /// The room with the highest rewards.
    pub fn best(&self) -> u32 {
        (0..self.rooms).max_by_key(|&room| self.places[room as usize]).unwrap_or(0)
    }
}

impl Env for BanditRooms {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.rooms }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: 1 }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, observation: &mut [u32]) {
        observation.copy_from_slice(&[0]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let Range { start, end } = self.interval(action);
        let hundredths = (100.0 * uniform(rng, start, end) + 0.5) as u64;
        observation.copy_from_slice(&[0]);
        Step { reward: hundredths as f64 / 100.0, ending: Some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Generator, SeedableRng};

    #[test]
    fn intervals_cover_the_range_and_overlap_as_asked() {
        let rng = &mut Generator::seed_from_u64(4);
        let rooms = BanditRooms::new(4, 0.25, 13.0, rng).unwrap();
        // Length 13 / (4 - 3 / 4) = 4, one place 3 above the other.
        let mut seen = [false; 4];
        for room in 0..4 {
            let Range { start, end } = rooms.interval(room);
            assert!((end - start - 4.0).abs() < 1e-12);
            seen[(start / 3.0 + 0.5) as usize] = true;
        }
        assert_eq!(seen, [true; 4]);
        assert!((rooms.interval(rooms.best()).end - 13.0).abs() < 1e-12);
    }

    #[test]
    fn rewards_are_hundredths_of_the_room_s_interval() {
        let rng = &mut Generator::seed_from_u64(4);
        let mut rooms = BanditRooms::new(3, 0.5, 10.0, rng).unwrap();
        let (room, mut observation) = (rooms.best(), [7]);
        let Range { start, end } = rooms.interval(room);
        let mut total = 0.0;
        for _ in 0..10_000 {
            let Step { reward, ending } = rooms.step(room, rng, &mut observation);
            assert_eq!((ending, observation), (Some(Ending::Terminated), [0]));
            assert!(reward >= start - 0.005 && reward <= end + 0.005);
            assert!((reward * 100.0 - (reward * 100.0 + 0.5) as u64 as f64).abs() < 1e-9);
            total += reward;
        }
        assert!((total / 10_000.0 - (start + end) / 2.0).abs() < 0.05);
    }

    #[test]
    fn impossible_rooms_are_refused() {
        let rng = &mut Generator::seed_from_u64(4);
        let mut refused =
            |rooms, overlap, largest| BanditRooms::new(rooms, overlap, largest, rng).unwrap_err();
        assert_eq!(refused(1, 0.0, 1.0), RoomsError::Rooms(1));
        assert_eq!(refused(33, 0.0, 1.0), RoomsError::Rooms(33));
        assert_eq!(refused(2, 1.0, 1.0), RoomsError::Overlap(1.0));
        assert_eq!(refused(2, -0.1, 1.0), RoomsError::Overlap(-0.1));
        assert_eq!(refused(2, 0.0, 0.0), RoomsError::LargestReward(0.0));
        assert_eq!(refused(2, 0.0, f64::INFINITY), RoomsError::LargestReward(f64::INFINITY));
        assert!(matches!(refused(2, f64::NAN, 1.0), RoomsError::Overlap(_)));
    }
}
