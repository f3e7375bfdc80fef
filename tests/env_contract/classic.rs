//! Carts, cars and pendulums, and the dock of two axes.

use embedded_rl_checks::contract::{Contract, Play, any, outside};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    TimeLimit,
};
use embedded_rl_core::envs::classic::{
    Acrobot, CartPole, MountainCar, MountainCarContinuous, Pendulum,
};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::preprocess::{Flattened, number_of};
use embedded_rl_core::rng::{Generator, uniform};

#[test]
fn cart_pole() {
    for limit in [CartPole::V0_STEPS, CartPole::V1_STEPS] {
        let balance = |x: &[f32], _, _: &mut Generator| {
            u32::from(x[2] + 0.3 * x[3] + 0.1 * x[0] + 0.15 * x[1] > 0.0)
        };
        Contract {
            env: TimeLimit::new(CartPole::new(), limit),
            plays: &[
                Play { policy: &|_, _, rng| any(rng, 2), ending: Terminated, within: limit },
                Play { policy: &balance, ending: Truncated, within: limit },
            ],
            wrong_actions: &outside(2),
            chance: true,
        }
        .check();
    }
}

#[test]
fn mountain_car() {
    let limit = MountainCar::STEPS;
    Contract {
        env: TimeLimit::new(MountainCar::new(), limit),
        plays: &[
            // Pushing along with the velocity gets the car over the hill.
            Play {
                policy: &|x, _, _| if x[1] >= 0.0 { 2 } else { 0 },
                ending: Terminated,
                within: limit,
            },
            Play { policy: &|_, _, rng| any(rng, 3), ending: Truncated, within: limit },
        ],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
}

#[test]
fn mountain_car_continuous() {
    let limit = MountainCarContinuous::STEPS;
    Contract {
        env: TimeLimit::new(MountainCarContinuous::new(), limit),
        plays: &[
            Play {
                policy: &|x, _, _| if x[1] >= 0.0 { [1.0] } else { [-1.0] },
                ending: Terminated,
                within: limit,
            },
            Play {
                policy: &|_, _, rng| [uniform(rng, -1.0, 1.0) as f32],
                ending: Truncated,
                within: limit,
            },
        ],
        wrong_actions: &[[1.000_000_2], [-1.5], [f32::NAN], [f32::INFINITY]],
        chance: true,
    }
    .check();
}

#[test]
fn pendulum() {
    let limit = Pendulum::STEPS;
    Contract {
        env: TimeLimit::new(Pendulum::new(), limit),
        plays: &[
            Play { policy: &|_, _, _| [2.0], ending: Truncated, within: limit },
            Play {
                policy: &|_, _, rng| [uniform(rng, -2.0, 2.0) as f32],
                ending: Truncated,
                within: limit,
            },
        ],
        wrong_actions: &[[2.000_000_5], [-3.0], [f32::NAN], [f32::NEG_INFINITY]],
        chance: true,
    }
    .check();
}

#[test]
fn acrobot() {
    let limit = Acrobot::STEPS;
    Contract {
        env: TimeLimit::new(Acrobot::new(), limit),
        plays: &[
            Play {
                policy: &|x, _, _| if x[5] >= 0.0 { 2 } else { 0 },
                ending: Terminated,
                within: limit,
            },
            Play { policy: &|_, _, _| 1, ending: Truncated, within: limit },
        ],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
}

/// Pushes back what position and velocity add up to, each axis for itself.
fn dock(x: &[f32]) -> [u32; 2] {
    [0, 1].map(|axis| {
        let ahead = x[axis] + 1.2 * x[axis + 2];
        if ahead > 0.05 { 0 } else { 1 + u32::from(ahead < -0.05) }
    })
}

#[test]
fn docking() {
    let limit = Docking::STEPS;
    Contract {
        env: TimeLimit::new(Docking::new(), limit),
        plays: &[
            Play { policy: &|x, _, _| dock(x), ending: Terminated, within: limit },
            Play { policy: &|_, _, _| [1, 1], ending: Truncated, within: limit },
        ],
        wrong_actions: &[[3, 0], [0, 3], [u32::MAX, 0]],
        chance: true,
    }
    .check();
    let flat = |x: &[f32], _, _: &mut Generator| number_of(&[3, 3], &dock(x));
    Contract {
        env: TimeLimit::new(Flattened::<_, 2>::new(Docking::new()), limit),
        plays: &[
            Play { policy: &flat, ending: Terminated, within: limit },
            Play { policy: &|_, _, _| 4, ending: Truncated, within: limit },
        ],
        wrong_actions: &outside(9),
        chance: true,
    }
    .check();
}
