//! The contract finds what is broken: one environment with one fault at a time.

use embedded_rl_checks::contract::{Contract, Play, outside};
use embedded_rl_core::env::{Ending::Terminated, Env, Step};
use embedded_rl_core::rng::{Rng, integers};
use embedded_rl_core::space::Space;
use std::panic::catch_unwind;

/// An environment with one fault: counts down from a drawn number of steps.
#[derive(Clone)]
struct Faulty {
    fault: Fault,
    left: u32,
    episodes: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    None,
    ObservationOutside,
    LastObservationMissing,
    NeverEnds,
    Remembers,
    IgnoresTheSeed,
    AcceptsAnyAction,
    AcceptsAnyLength,
}

impl Env for Faulty {
    type Action = u32;
    type Element = u32;

    fn action_space(&self) -> Space<'_> {
        Space::Discrete { n: 1 }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Discrete { n: 10 }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [u32]) {
        self.left = match self.fault {
            Fault::IgnoresTheSeed => 5,
            _ => integers(rng, 2, 10) as u32,
        };
        if self.fault == Fault::Remembers {
            self.left = 1 + (self.left + self.episodes) % 9;
        }
        self.episodes += 1;
        self.observe(observation);
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, _: &mut R, observation: &mut [u32]) -> Step {
        assert!(
            action == 0 || self.fault == Fault::AcceptsAnyAction,
            "there is no action {action}"
        );
        self.left = self.left.saturating_sub(1);
        let over = self.left == 0 && self.fault != Fault::NeverEnds;
        if !over || self.fault != Fault::LastObservationMissing {
            self.observe(observation);
        }
        Step { reward: 0.0, ending: over.then_some(Terminated) }
    }
}

impl Faulty {
    fn observe(&self, observation: &mut [u32]) {
        let seen = if self.fault == Fault::ObservationOutside { 10 } else { self.left };
        match self.fault {
            Fault::AcceptsAnyLength => observation.iter_mut().for_each(|x| *x = seen),
            _ => observation.copy_from_slice(&[seen]),
        }
    }
}

#[test]
fn each_fault_is_found() {
    for (fault, complaint) in [
        (Fault::ObservationOutside, "is not in Discrete(10)"),
        (Fault::LastObservationMissing, "a copy of the environment went another way"),
        (Fault::NeverEnds, "no episode was Terminated within 20 steps"),
        (Fault::Remembers, "an episode depends on the one before it"),
        (Fault::IgnoresTheSeed, "the seed changes nothing"),
        (Fault::AcceptsAnyAction, "an action outside the space was accepted"),
        (Fault::AcceptsAnyLength, "was accepted"),
    ] {
        let contract = Contract {
            env: Faulty { fault, left: 0, episodes: 0 },
            plays: &[Play { policy: &|_, _, _| 0, ending: Terminated, within: 20 }],
            wrong_actions: &outside(1),
            chance: true,
        };
        Contract { env: Faulty { fault: Fault::None, ..contract.env }, ..contract }.check();
        let contract = Contract { env: Faulty { fault, left: 0, episodes: 0 }, ..contract };
        let found = catch_unwind(core::panic::AssertUnwindSafe(|| contract.check()));
        let payload = found.expect_err(complaint);
        let message = payload.downcast_ref::<String>().expect("a sentence");
        assert!(message.contains(complaint), "{fault:?}: {message}");
    }
}
