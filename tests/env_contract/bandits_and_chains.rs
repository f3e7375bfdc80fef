//! Bandits, a Markov chain and a decision process that is a table.

use embedded_rl_checks::contract::{Contract, Play, any, outside};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    TimeLimit,
};
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::markov_chain::MarkovChain;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::rng::{Generator, SeedableRng};

#[test]
fn bandit_rooms() {
    let rooms = BanditRooms::new(5, 0.3, 20.0, &mut Generator::seed_from_u64(9)).unwrap();
    Contract {
        env: rooms,
        plays: &[Play { policy: &|_, _, rng| any(rng, 5), ending: Terminated, within: 1 }],
        wrong_actions: &outside(5),
        chance: true,
    }
    .check();
}

#[test]
fn gaussian_bandit() {
    for bandit in [GaussianBandit::stationary(10, 0.0), GaussianBandit::drifting(10, 0.01)] {
        Contract {
            env: TimeLimit::new(bandit.unwrap(), 50),
            plays: &[Play { policy: &|_, _, rng| any(rng, 10), ending: Truncated, within: 50 }],
            wrong_actions: &outside(10),
            chance: true,
        }
        .check();
    }
}

#[test]
fn markov_chain() {
    Contract {
        env: TimeLimit::new(MarkovChain::four_states(), 30),
        plays: &[
            Play { policy: &|_, _, _| 0, ending: Terminated, within: 30 },
            Play { policy: &|_, _, _| 0, ending: Truncated, within: 30 },
        ],
        wrong_actions: &outside(1),
        chance: true,
    }
    .check();
}

#[test]
fn mdp() {
    let possible = |state: &[u32], step: u32, _: &mut Generator| match state[0] {
        0 => step % 3,
        1 => 2 * (step % 2),
        _ => 1,
    };
    Contract {
        env: TimeLimit::new(Mdp::three_states(), 60),
        plays: &[Play { policy: &possible, ending: Truncated, within: 60 }],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
}
