//! The toy texts: lakes, cliffs, taxis and cards.

use embedded_rl_checks::contract::{Contract, Play, outside};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    TimeLimit,
};
use embedded_rl_core::envs::toy_text::{
    Blackjack, CliffWalking, FrozenLake, LakeOptions, Taxi, TaxiOptions,
};
use embedded_rl_core::rng::Generator;

#[test]
fn frozen_lake() {
    let firm = LakeOptions { slippery: false, ..LakeOptions::default() };
    for (options, chance) in [(LakeOptions::default(), true), (firm, false)] {
        for (lake, limit) in [
            (FrozenLake::<64>::small(options).unwrap(), FrozenLake::SMALL_STEPS),
            (FrozenLake::large(options).unwrap(), FrozenLake::LARGE_STEPS),
        ] {
            Contract {
                env: TimeLimit::new(lake, limit),
                plays: &[Play {
                    policy: &|_, step, _| 1 + step % 2,
                    ending: Terminated,
                    within: limit,
                }],
                wrong_actions: &outside(4),
                chance,
            }
            .check();
        }
    }
    // A lake without holes, whose goal is far: no random walk gets there in five steps.
    Contract {
        env: TimeLimit::new(FrozenLake::<64>::new("SFF\nFFF\nFFF\nFFG", firm).unwrap(), 5),
        plays: &[
            Play { policy: &|_, _, _| 0, ending: Truncated, within: 5 },
            Play { policy: &|_, step, _| 1 + step % 2, ending: Terminated, within: 5 },
        ],
        wrong_actions: &outside(4),
        chance: false,
    }
    .check();
}

#[test]
fn cliff_walking() {
    let along = |cell: &[u32], _, _: &mut Generator| match cell[0] {
        36 => 0,
        35 => 2,
        _ => 1,
    };
    for slippery in [false, true] {
        Contract {
            env: TimeLimit::new(CliffWalking::new(slippery), 3_000),
            plays: &[
                Play { policy: &along, ending: Terminated, within: 3_000 },
                Play { policy: &|_, _, _| 3, ending: Truncated, within: 3_000 },
            ],
            wrong_actions: &outside(4),
            chance: slippery,
        }
        .check();
    }
}

/// Drives to the passenger and on to the destination, along the open middle row where walls are in the way.
fn drive(state: &[u32], _: u32, _: &mut Generator) -> u32 {
    const STANDS: [(u32, u32); 4] = [(0, 0), (0, 4), (4, 0), (4, 3)];
    let (row, column) = (state[0] / 100, state[0] / 20 % 5);
    let (passenger, destination) = (state[0] / 4 % 5, state[0] % 4);
    let target = STANDS[if passenger == 4 { destination } else { passenger } as usize];
    match (row, column) {
        place if place == target => {
            if passenger == 4 {
                5
            } else {
                4
            }
        }
        (row, column) if column == target.1 => u32::from(row > target.0),
        (2, column) => {
            if column < target.1 {
                2
            } else {
                3
            }
        }
        (row, _) => u32::from(row > 2),
    }
}

#[test]
fn taxi() {
    let options = |rainy, fickle| TaxiOptions { rainy, fickle, ..TaxiOptions::default() };
    for options in [options(false, false), options(true, false), options(true, true)] {
        Contract {
            env: TimeLimit::new(Taxi::new(options), Taxi::STEPS),
            plays: &[
                Play { policy: &drive, ending: Terminated, within: Taxi::STEPS },
                Play { policy: &|_, _, _| 0, ending: Truncated, within: Taxi::STEPS },
            ],
            wrong_actions: &outside(6),
            chance: true,
        }
        .check();
    }
}

#[test]
fn blackjack() {
    for game in [Blackjack::by_the_book(), Blackjack::casino(true), Blackjack::casino(false)] {
        Contract {
            env: game,
            plays: &[
                Play { policy: &|x, _, _| u32::from(x[0] < 17), ending: Terminated, within: 21 },
                Play { policy: &|_, _, _| 1, ending: Terminated, within: 21 },
            ],
            wrong_actions: &outside(2),
            chance: true,
        }
        .check();
    }
}
