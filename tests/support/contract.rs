//! The contract of `core/src/env.rs`, as checks that every environment inherits.
//!
//! [`Contract::check`] plays whole episodes and asserts what holds for any task: spaces, determinism, endings,
//! refusals, time limits. It knows no task's rules; those are for by-hand tests and recordings.

use core::panic::AssertUnwindSafe;
use embedded_rl_core::env::{Ending, Env, TimeLimit};
use embedded_rl_core::rng::{Generator, SeedableRng, integers};
use std::panic::catch_unwind;

/// Chooses an action from an observation, the number of steps taken and a generator of its own.
pub type Policy<'a, E> =
    &'a dyn Fn(&[<E as Env>::Element], u32, &mut Generator) -> <E as Env>::Action;

/// A way of playing, and the ending that it must reach.
pub struct Play<'a, E: Env> {
    /// How to act.
    pub policy: Policy<'a, E>,
    /// The ending that has to come ...
    pub ending: Ending,
    /// ... within so many steps of an episode, in one of the episodes with the seeds `0..SEEDS`.
    pub within: u32,
}

/// What is particular about one environment.
pub struct Contract<'a, E: Env> {
    /// The environment, before its first reset.
    pub env: E,
    /// Plays that together reach every ending the environment has.
    pub plays: &'a [Play<'a, E>],
    /// Actions just outside the action space.
    pub wrong_actions: &'a [E::Action],
    /// Whether the seed changes anything at all.
    pub chance: bool,
}

/// How many episodes of each play are looked at.
pub const SEEDS: u64 = 16;

/// Any of the first `count` actions, each as likely.
pub fn any(rng: &mut Generator, count: i64) -> u32 {
    integers(rng, 0, count) as u32
}

/// Actions that are just outside a space of `count`.
pub const fn outside(count: u32) -> [u32; 2] {
    [count, u32::MAX]
}

/// Everything that a caller sees at one point of an episode, to the bit.
#[derive(Clone, Debug, PartialEq)]
struct Moment {
    observation: Vec<u64>,
    reward: Option<u64>,
    ending: Option<Ending>,
}

impl<E: Env + Clone> Contract<'_, E> {
    /// # Panics
    /// With a sentence about the first clause that does not hold.
    pub fn check(&self) {
        for (number, play) in self.plays.iter().enumerate() {
            let episodes: Vec<_> =
                (0..SEEDS).map(|seed| self.episode(&mut self.env.clone(), play, seed)).collect();
            assert!(
                episodes.iter().flatten().any(|moment| moment.ending == Some(play.ending)),
                "play {number}: no episode was {:?} within {} steps",
                play.ending,
                play.within
            );
            let differ = episodes.iter().any(|episode| *episode != episodes[0]);
            assert!(differ || !self.chance, "play {number}: the seed changes nothing");
            assert!(!differ || self.chance, "play {number}: the seed changes something");
            self.a_used_environment_starts_afresh(play, &episodes);
        }
        let longest = self.plays.iter().max_by_key(|play| play.within).expect("a play");
        for seed in 0..3 {
            self.a_time_limit_counts(longest, seed);
        }
        self.wrong_lengths_are_refused(longest);
        self.wrong_actions_are_refused(longest);
    }

    /// One episode. Every observation is checked against the space, and must be written whole: a twin of the
    /// environment gets a cleared buffer where this one gets the previous observation.
    fn episode(&self, env: &mut E, play: &Play<'_, E>, seed: u64) -> Vec<Moment> {
        let length = env.observation_space().len();
        let (mut rng, mut chooser) =
            (Generator::seed_from_u64(seed), Generator::seed_from_u64(1_000_003));
        let mut observation = vec![E::Element::default(); length];
        env.reset(&mut rng, &mut observation);
        let mut moments = vec![self.moment(&observation, None, None)];
        for steps in 0..play.within {
            let action = (play.policy)(&observation, steps, &mut chooser);
            let (mut twin, mut twin_rng) = (env.clone(), rng.clone());
            let mut twin_observation = vec![E::Element::default(); length];
            let step = env.step(action, &mut rng, &mut observation);
            let twin_step = twin.step(action, &mut twin_rng, &mut twin_observation);
            let moment = self.moment(&observation, Some(step.reward), step.ending);
            assert_eq!(
                moment,
                self.moment(&twin_observation, Some(twin_step.reward), twin_step.ending),
                "seed {seed}: a copy of the environment went another way at step {}",
                steps + 1
            );
            moments.push(moment);
            if step.ending.is_some() {
                break;
            }
        }
        moments
    }

    fn moment(
        &self,
        observation: &[E::Element],
        reward: Option<f64>,
        ending: Option<Ending>,
    ) -> Moment {
        let values: Vec<f64> = observation.iter().map(|&element| element.into()).collect();
        let space = self.env.observation_space();
        assert!(space.contains(observation), "{values:?} is not in {space}");
        Moment {
            observation: values.iter().map(|value| value.to_bits()).collect(),
            reward: reward.map(f64::to_bits),
            ending,
        }
    }

    fn a_used_environment_starts_afresh(&self, play: &Play<'_, E>, episodes: &[Vec<Moment>]) {
        let mut env = self.env.clone();
        for (seed, expected) in episodes.iter().enumerate().rev() {
            let moments = self.episode(&mut env, play, seed as u64);
            assert!(
                moments == *expected,
                "seed {seed}: an episode depends on the one before it, or on something outside"
            );
        }
    }

    fn a_time_limit_counts(&self, play: &Play<'_, E>, seed: u64) {
        let episode = self.episode(&mut self.env.clone(), play, seed);
        let last = episode.len() - 1;
        for limit in [1, (last / 2).max(1), last, last + 1] {
            let mut env = TimeLimit::new(self.env.clone(), limit as u32);
            let (mut rng, mut chooser) =
                (Generator::seed_from_u64(seed), Generator::seed_from_u64(1_000_003));
            let mut observation = vec![E::Element::default(); env.observation_space().len()];
            env.reset(&mut rng, &mut observation);
            assert_eq!(env.elapsed(), 0, "a reset sets the count back");
            for (steps, moment) in episode.iter().enumerate().take(limit + 1).skip(1) {
                let action = (play.policy)(&observation, steps as u32 - 1, &mut chooser);
                let step = env.step(action, &mut rng, &mut observation);
                assert_eq!(env.elapsed() as usize, steps);
                let cut = (steps == limit).then_some(Ending::Truncated);
                assert_eq!(step.ending, moment.ending.or(cut), "limit {limit}, step {steps}");
            }
        }
    }

    fn wrong_lengths_are_refused(&self, play: &Play<'_, E>) {
        let length = self.env.observation_space().len();
        let mut env = self.env.clone();
        let mut rng = Generator::seed_from_u64(0);
        let mut right = vec![E::Element::default(); length];
        env.reset(&mut rng, &mut right);
        for wrong in [length - 1, length + 1] {
            let mut observation = vec![E::Element::default(); wrong];
            refused(&format!("reset into {wrong} elements instead of {length}"), || {
                env.clone().reset(&mut rng.clone(), &mut observation);
            });
            let action = (play.policy)(&right, 0, &mut Generator::seed_from_u64(0));
            refused(&format!("a step into {wrong} elements instead of {length}"), || {
                env.clone().step(action, &mut rng.clone(), &mut observation);
            });
        }
    }

    fn wrong_actions_are_refused(&self, play: &Play<'_, E>) {
        assert!(!self.wrong_actions.is_empty(), "name an action outside the space");
        let mut env = self.env.clone();
        let mut rng = Generator::seed_from_u64(0);
        let mut observation = vec![E::Element::default(); env.observation_space().len()];
        env.reset(&mut rng, &mut observation);
        for &action in self.wrong_actions {
            let message = refused("an action outside the space", || {
                env.clone().step(action, &mut rng.clone(), &mut observation.clone());
            });
            assert!(message.contains("action"), "the refusal does not speak of actions: {message}");
        }
        let action = (play.policy)(&observation, 0, &mut Generator::seed_from_u64(0));
        env.step(action, &mut rng, &mut observation);
    }
}

/// The sentence with which `wrong` panics.
fn refused(what: &str, wrong: impl FnOnce()) -> String {
    let Err(payload) = catch_unwind(AssertUnwindSafe(wrong)) else {
        panic!("{what} was accepted");
    };
    let message = payload
        .downcast_ref::<String>()
        .cloned()
        .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .unwrap_or_default();
    assert!(message.split(' ').count() > 3, "{what} was refused without a sentence: '{message}'");
    message
}
