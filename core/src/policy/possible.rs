//! Choosing where some actions are impossible: those whose value is minus infinity.
//!
//! Tables mark impossible actions so, and then both greed and exploration leave them alone. Where every action is
//! possible, the choices and the draws are those of [`epsilon_greedy`](super::epsilon_greedy). Values come from a
//! function of the action, so that a sum of two tables needs no memory of its own.

use crate::rng::{Rng, integers, random};

/// The action of `0..actions` with the largest value, the first of equals; a NaN never wins.
///
/// # Panics
/// If there are no actions.
#[inline]
pub fn greedy_by(actions: u32, value: impl Fn(u32) -> f32) -> u32 {
    assert!(actions > 0, "greedy_by: there is no action to choose from");
    let (mut best, mut largest) = (0, value(0));
    for action in 1..actions {
        let value = value(action);
        if value > largest || largest.is_nan() {
            (best, largest) = (action, value);
        }
    }
    best
}

/// Which of several best actions a greedy choice takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Ties {
    /// The first one.
    #[default]
    First,
    /// Each as likely, with one more draw where there is more than one. Where nothing is known yet and nothing pays,
    /// an agent that always takes the first runs into the same wall for very long.
    Random,
}

/// With probability `epsilon` one of the possible actions of `0..actions`, each as likely; else the greedy one. One
/// draw decides, a second one chooses if it explores.
///
/// # Panics
/// If there are no actions, or none is possible and it explores.
#[inline]
pub fn epsilon_greedy_among_possible<R: Rng + ?Sized>(
    rng: &mut R,
    epsilon: f64,
    ties: Ties,
    actions: u32,
    value: impl Fn(u32) -> f32,
) -> u32 {
    if random(rng) < epsilon {
        return one_of(rng, actions, |action| value(action) > f32::NEG_INFINITY);
    }
    let best = greedy_by(actions, &value);
    match ties {
        Ties::First => best,
        Ties::Random => one_of(rng, actions, |action| value(action) == value(best)),
    }
}

/// One of the actions that are `chosen`, each as likely; one draw unless there is just one.
fn one_of<R: Rng + ?Sized>(rng: &mut R, actions: u32, chosen: impl Fn(u32) -> bool) -> u32 {
    let count = (0..actions).filter(|&action| chosen(action)).count() as u32;
    let drawn = integers(rng, 0, i64::from(count)) as u32;
    if count == actions {
        return drawn;
    }
    (0..actions).filter(|&action| chosen(action)).nth(drawn as usize).unwrap_or(drawn)
}

/// How likely [`epsilon_greedy_among_possible`] takes each action, as a function of the action. The whole greedy share
/// is the first best action's; shared among equals it gives the same expectation.
#[inline]
pub fn epsilon_greedy_probabilities(epsilon: f32, values: &[f32]) -> impl Fn(u32) -> f32 {
    let possible = |value: &&f32| **value > f32::NEG_INFINITY;
    let best = greedy_by(values.len() as u32, |action| values[action as usize]);
    let explored = epsilon / values.iter().filter(possible).count() as f32;
    move |action| match values[action as usize] {
        f32::NEG_INFINITY => 0.0,
        _ if action == best => (1.0 - epsilon) + explored,
        _ => explored,
    }
}

#[cfg(test)]
mod tests {
    use super::super::epsilon_greedy;
    use super::*;
    use crate::rng::{Role, stream};

    const NEVER: f32 = f32::NEG_INFINITY;

    #[test]
    fn impossible_actions_are_neither_best_nor_explored() {
        let rng = &mut stream(1, Role::Exploration);
        let values = [NEVER, -3.0, NEVER, -2.0];
        let mut counts = [0u32; 4];
        for _ in 0..10_000 {
            let value = |action: u32| values[action as usize];
            counts[epsilon_greedy_among_possible(rng, 0.4, Ties::First, 4, value) as usize] += 1;
        }
        assert_eq!((counts[0], counts[2]), (0, 0));
        assert!((1_850..2_150).contains(&counts[1]), "{counts:?}");
        let probability = epsilon_greedy_probabilities(0.5, &values);
        assert_eq!([0, 1, 2, 3].map(probability), [0.0, 0.25, 0.0, 0.75]);
    }

    #[test]
    fn where_all_is_possible_the_draws_are_those_of_epsilon_greedy() {
        let (mut one, mut other) = (stream(2, Role::Exploration), stream(2, Role::Exploration));
        let values = [0.5, 2.0, 1.0];
        for _ in 0..1_000 {
            assert_eq!(
                epsilon_greedy_among_possible(&mut one, 0.5, Ties::First, 3, |a| values
                    [a as usize]),
                epsilon_greedy(&mut other, 0.5, 3, || &values)
            );
        }
        assert_eq!(one, other);
    }

    #[test]
    fn ties_broken_at_random_give_each_of_the_best_its_turn() {
        let rng = &mut stream(3, Role::Exploration);
        let values = [2.0, NEVER, 1.0, 2.0];
        let mut counts = [0u32; 4];
        for _ in 0..10_000 {
            let value = |action: u32| values[action as usize];
            counts[epsilon_greedy_among_possible(rng, 0.0, Ties::Random, 4, value) as usize] += 1;
        }
        assert_eq!((counts[1], counts[2]), (0, 0));
        assert!((4_850..5_150).contains(&counts[0]), "{counts:?}");
    }

    #[test]
    fn the_first_of_equals_wins_and_a_nan_loses() {
        assert_eq!(greedy_by(3, |action| [1.0, 3.0, 3.0][action as usize]), 1);
        assert_eq!(greedy_by(2, |action| [f32::NAN, -1.0][action as usize]), 1);
    }
}
