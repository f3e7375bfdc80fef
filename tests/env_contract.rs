//! Every environment keeps the contract of `core/src/env.rs`.

use embedded_rl_checks::contract::{Contract, Play};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    TimeLimit,
};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::rng::{Generator, integers};

/// Any of the first `count` actions, each as likely.
fn any(rng: &mut Generator, count: i64) -> u32 {
    integers(rng, 0, count) as u32
}

#[test]
fn cart_pole() {
    for limit in [CartPole::V0_STEPS, CartPole::V1_STEPS] {
        Contract {
            env: TimeLimit::new(CartPole::new(), limit),
            plays: &[
                Play { policy: &|_, _, rng| any(rng, 2), ending: Terminated, within: limit },
                Play {
                    policy: &|x, _, _| {
                        u32::from(x[2] + 0.3 * x[3] + 0.1 * x[0] + 0.15 * x[1] > 0.0)
                    },
                    ending: Truncated,
                    within: limit,
                },
            ],
            wrong_actions: &[2, u32::MAX],
            chance: true,
        }
        .check();
    }
}
