//! Taxi: fetch a passenger at one of four stands and bring them to another.
//!
//! ```text
//! +---------+      | action | meaning        |
//! |R: | : :G|      |--------|----------------|
//! | : | : : |      | 0      | south          |
//! | : : : : |      | 1      | north          |
//! | | : | : |      | 2      | east           |
//! |Y| : |B: |      | 3      | west           |
//! +---------+      | 4      | pick up        |
//!                  | 5      | drop off       |
//! ```
//!
//! | observation | values |
//! |---|---|
//! | 0 state | 0..500: ((row x 5 + column) x 5 + passenger) x 4 + destination |
//!
//! Passenger: 0 R, 1 G, 2 Y, 3 B, 4 in the taxi; destination: 0 to 3. Reward: -1 each step, 20 for the drop at
//! the destination, -10 for picking up where nobody stands or dropping where no stand is (dropping at the wrong
//! stand is allowed). Start: any place, a passenger at a stand that is not their destination, 300 states each as
//! likely. End: the drop at the destination terminates. `Taxi-v4` is this task in a
//! [`TimeLimit`](crate::env::TimeLimit) of [`Taxi::STEPS`]; without rain and whims so is `Taxi-v3`.
//!
//! Rain: a move that is possible goes astray to either side, unless a wall is there; one that is not possible
//! stays put. Whims: in an episode that is drawn for it at the reset, the passenger changes their destination
//! when the taxi first moves with them. The model for planners knows the rain, but not the whim, which depends
//! on more than the state.
//!
//! Source: Dietterich (2000) as in Gymnasium 1.4, draw for draw.

use crate::env::{Ending, Env, Step};
use crate::envs::finite::{FiniteModel, Outcome, draw};
use crate::rng::{Rng, integers, random};
use crate::space::Space;

const SIZE: u32 = 5;
const STATES: u32 = 500;
/// Row and column of R, G, Y and B.
const STANDS: [(u32, u32); 4] = [(0, 0), (0, 4), (4, 0), (4, 3)];
/// The passenger's place when they are in the taxi.
const ABOARD: u32 = 4;
/// By row, the columns that have a wall on their eastern side.
const WALLS: [[bool; 4]; 5] = [
    [false, true, false, false],
    [false, true, false, false],
    [false, false, false, false],
    [true, false, true, false],
    [true, false, true, false],
];

/// What makes the task uncertain.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TaxiOptions {
    /// Whether moves can go astray.
    pub rainy: bool,
    /// How likely a move goes where it should when it rains.
    pub rainy_probability: f64,
    /// Whether passengers have whims.
    pub fickle: bool,
    /// How likely an episode's passenger changes their mind.
    pub fickle_probability: f64,
}

impl Default for TaxiOptions {
    fn default() -> Self {
        Self { rainy: false, rainy_probability: 0.8, fickle: false, fickle_probability: 0.3 }
    }
}

/// The taxi, its passenger and where they want to go.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Taxi {
    options: TaxiOptions,
    state: u32,
    /// Whether the passenger will change their mind on the first move with them aboard.
    whim_ahead: bool,
}

impl Taxi {
    /// The step limit of `Taxi-v4` and `Taxi-v3`.
    pub const STEPS: u32 = 200;

    /// A taxi before its first `reset`.
    ///
    /// # Panics
    /// If one of the probabilities is none.
    pub fn new(options: TaxiOptions) -> Self {
        for probability in [options.rainy_probability, options.fickle_probability] {
            assert!((0.0..=1.0).contains(&probability), "{probability} is not a probability");
        }
        Self { options, state: 0, whim_ahead: false }
    }
}

/// A state in its four parts.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Scene {
    place: (u32, u32),
    passenger: u32,
    destination: u32,
}

impl Scene {
    const fn of(state: u32) -> Self {
        Self {
            place: (state / 100, state / 20 % SIZE),
            passenger: state / 4 % 5,
            destination: state % 4,
        }
    }

    const fn state(self) -> u32 {
        ((self.place.0 * SIZE + self.place.1) * 5 + self.passenger) * 4 + self.destination
    }
}

/// The place one move away, or `None` at a wall. Directions are the actions 0 to 3.
fn moved((row, column): (u32, u32), direction: u32) -> Option<(u32, u32)> {
    match direction {
        0 if row + 1 < SIZE => Some((row + 1, column)),
        1 if row > 0 => Some((row - 1, column)),
        2 if column + 1 < SIZE && !WALLS[row as usize][column as usize] => Some((row, column + 1)),
        3 if column > 0 && !WALLS[row as usize][column as usize - 1] => Some((row, column - 1)),
        _ => None,
    }
}

/// To the left and to the right of a direction.
const fn sides(direction: u32) -> [u32; 2] {
    match direction {
        0 => [2, 3],
        1 => [3, 2],
        2 => [1, 0],
        _ => [0, 1],
    }
}

/// What picking up or dropping off does: the passenger's new place, the reward, whether that was it.
fn serve(scene: Scene, action: u32) -> (u32, f64, bool) {
    let Scene { place, passenger, destination } = scene;
    let stand = (0u32..).zip(STANDS).find_map(|(stand, at)| (at == place).then_some(stand));
    match (action, stand) {
        (4, Some(stand)) if stand == passenger => (ABOARD, -1.0, false),
        (5, Some(stand)) if passenger == ABOARD && stand == destination => (stand, 20.0, true),
        (5, Some(stand)) if passenger == ABOARD => (stand, -1.0, false),
        _ => (passenger, -10.0, false),
    }
}

impl FiniteModel for Taxi {
    fn state_count(&self) -> u32 {
        STATES
    }

    fn action_count(&self) -> u32 {
        6
    }

    fn outcomes(&self, state: u32, action: u32) -> impl Iterator<Item = Outcome> {
        assert!(state < STATES, "Taxi has 500 states, none is number {state}");
        assert!(action < 6, "Taxi has the actions 0 to 5, not {action}");
        let scene = Scene::of(state);
        let straight = self.options.rainy_probability;
        let astray = (1.0 - straight) / 2.0;
        let [left, right] = sides(action);
        let ways = match action {
            0..=3 if self.options.rainy => &[(0, straight), (1, astray), (2, astray)][..],
            _ => &[(0, 1.0)],
        };
        // The references above live in this frame, so the outcomes are made here.
        let mut made = [None; 3];
        for (slot, &(way, probability)) in made.iter_mut().zip(ways) {
            let (next, reward, terminated) = match moved(scene.place, action) {
                Some(ahead) => {
                    let aside = |side| moved(scene.place, side).unwrap_or(scene.place);
                    let place = [ahead, aside(left), aside(right)][way];
                    (Scene { place, ..scene }, -1.0, false)
                }
                None if action <= 3 => (scene, -1.0, false),
                None => {
                    let (passenger, reward, terminated) = serve(scene, action);
                    (Scene { passenger, ..scene }, reward, terminated)
                }
            };
            *slot = Some(Outcome { probability, next_state: next.state(), reward, terminated });
        }
        made.into_iter().flatten()
    }
}

impl Env for Taxi {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: self.action_count() }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: self.state_count() }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        let drawn = random(rng);
        let mut cumulative = 0.0;
        self.state = (0..STATES)
            .filter(|&state| {
                let scene = Scene::of(state);
                scene.passenger != ABOARD && scene.passenger != scene.destination
            })
            .find(|_| {
                cumulative += 1.0 / 300.0;
                cumulative > drawn
            })
            // Gymnasium's choice too, where rounding leaves the sum below the draw.
            .unwrap_or(0);
        self.whim_ahead = self.options.fickle && random(rng) < self.options.fickle_probability;
        observation.copy_from_slice(&[self.state]);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [u32]) -> Step {
        let before = Scene::of(self.state);
        let outcome = draw(self.outcomes(self.state, action), rng);
        let mut after = Scene::of(outcome.next_state);
        if self.whim_ahead && before.passenger == ABOARD && after.place != before.place {
            self.whim_ahead = false;
            let other = integers(rng, 0, 3) as u32;
            after.destination = if other < before.destination { other } else { other + 1 };
        }
        self.state = after.state();
        observation.copy_from_slice(&[self.state]);
        Step { reward: outcome.reward, ending: outcome.terminated.then_some(Ending::Terminated) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(taxi: &Taxi, scene: Scene, action: u32) -> (u32, f64, bool) {
        let mut outcomes = taxi.outcomes(scene.state(), action);
        let outcome = outcomes.next().unwrap();
        assert!(outcomes.next().is_none() && outcome.probability == 1.0);
        (outcome.next_state, outcome.reward, outcome.terminated)
    }

    #[test]
    fn a_ride_pays_twenty_at_the_right_stand_only() {
        let taxi = Taxi::default();
        let at_red = Scene { place: (0, 0), passenger: 0, destination: 3 };
        let aboard = Scene { passenger: ABOARD, ..at_red };
        let at_blue = Scene { place: (4, 3), ..aboard };
        assert_eq!(only(&taxi, at_red, 4), (aboard.state(), -1.0, false));
        assert_eq!(only(&taxi, aboard, 4), (aboard.state(), -10.0, false));
        assert_eq!(only(&taxi, aboard, 5), (at_red.state(), -1.0, false), "out again");
        let there = Scene { passenger: 3, ..at_blue };
        assert_eq!(only(&taxi, at_blue, 5), (there.state(), 20.0, true));
    }

    #[test]
    fn walls_stop_the_taxi_and_the_rain_at_them() {
        let scene = Scene { place: (3, 0), passenger: 1, destination: 2 };
        assert_eq!(only(&Taxi::default(), scene, 2), (scene.state(), -1.0, false));
        let rainy = Taxi::new(TaxiOptions { rainy: true, ..TaxiOptions::default() });
        let places = |action| {
            let mut places = [(9, 9); 3];
            for (place, outcome) in places.iter_mut().zip(rainy.outcomes(scene.state(), action)) {
                *place = Scene::of(outcome.next_state).place;
            }
            places
        };
        assert_eq!(places(2), [(3, 0); 3], "no way east, and no drift either");
        assert_eq!(places(0), [(4, 0), (3, 0), (3, 0)], "walls on both sides of the way south");
    }
}
