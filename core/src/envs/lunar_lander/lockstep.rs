//! Many landers stepped together, for speed alone: each does what it would do by itself, to the bit.
//!
//! Episodes are not begun here, nor cut: who steps a crowd resets those that have ended.

use super::craft::Throttles;
use super::{Lander, LunarLander, LunarLanderContinuous};
use crate::env::{Env, Step};
use crate::lanes::Lanes;
use crate::physics::{Flight, solve_flights};
use crate::rng::Rng;

/// Landers whose joints are solved at a time: several vectors full, so that little of the last one is empty.
const TOGETHER: usize = 64;

impl LunarLander {
    /// Steps `landers[i]` by `actions[i]` with `rngs[i]`, and writes `observations[8 * i..][..8]` and `steps[i]`, all
    /// as [`Env::step`] would.
    ///
    /// # Panics
    /// If the slices do not fit each other or an action is not one of 0 to 3.
    pub fn step_together<R: Rng>(
        lanes: Lanes,
        landers: &mut [Self],
        actions: &[u32],
        rngs: &mut [R],
        observations: &mut [f32],
        steps: &mut [Step],
    ) {
        let throttles = Self::throttles;
        step_together(
            lanes,
            landers,
            |lander| &mut lander.0,
            actions,
            throttles,
            rngs,
            observations,
            steps,
        );
    }
}

impl LunarLanderContinuous {
    /// Steps `landers[i]` by `actions[i]` with `rngs[i]`, and writes `observations[8 * i..][..8]` and `steps[i]`, all
    /// as [`Env::step`] would.
    ///
    /// # Panics
    /// If the slices do not fit each other or a throttle is not in -1 to 1.
    pub fn step_together<R: Rng>(
        lanes: Lanes,
        landers: &mut [Self],
        actions: &[[f32; 2]],
        rngs: &mut [R],
        observations: &mut [f32],
        steps: &mut [Step],
    ) {
        let throttles = Self::throttles;
        step_together(
            lanes,
            landers,
            |lander| &mut lander.0,
            actions,
            throttles,
            rngs,
            observations,
            steps,
        );
    }
}

fn step_together<E: Env, R: Rng>(
    lanes: Lanes,
    landers: &mut [E],
    inner: fn(&mut E) -> &mut Lander,
    actions: &[E::Action],
    throttles: fn(E::Action) -> Throttles,
    rngs: &mut [R],
    observations: &mut [f32],
    steps: &mut [Step],
) {
    let count = landers.len();
    assert!(
        [actions.len(), rngs.len(), steps.len()] == [count; 3] && observations.len() == 8 * count,
        "{count} landers need as many actions, generators and steps, and 8 times as many observations"
    );
    let mut flights = [const { Flight::NONE }; TOGETHER];
    let mut flying = [0; TOGETHER];
    for start in (0..count).step_by(TOGETHER) {
        let end = count.min(start + TOGETHER);
        let mut in_flight = 0;
        for index in start..end {
            let lander = inner(&mut landers[index]);
            lander.drive(throttles(actions[index]), &mut rngs[index]);
            if let Some(flight) = lander.world_mut().begin_step() {
                (flights[in_flight], flying[in_flight]) = (flight, index);
                in_flight += 1;
            }
        }
        solve_flights(lanes, &mut flights[..in_flight]);
        for (flight, &index) in flights.iter().zip(&flying[..in_flight]) {
            inner(&mut landers[index]).world_mut().finish_step(flight);
        }
        for index in start..end {
            let observation = &mut observations[8 * index..][..8];
            steps[index] = inner(&mut landers[index]).judge(throttles(actions[index]), observation);
        }
    }
}
