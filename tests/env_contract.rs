//! Every environment keeps the contract of `core/src/env.rs`, and the contract finds the ones that do not.

use core::fmt::Debug;
use embedded_rl_checks::contract::{Contract, Play};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    Env, Step, TimeLimit,
};
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{
    Acrobot, CartPole, MountainCar, MountainCarContinuous, Pendulum,
};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::gridworld::{Gridworld, View, Viewed};
use embedded_rl_core::envs::markov_chain::MarkovChain;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::pixel_breakout::PixelBreakout;
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::envs::toy_text::{
    Blackjack, CliffWalking, FrozenLake, LakeOptions, Taxi, TaxiOptions,
};
use embedded_rl_core::preprocess::{Flattened, number_of};
use embedded_rl_core::rng::{Generator, Rng, SeedableRng, integers, uniform};
use embedded_rl_core::space::Space;
use serde::{Serialize, de::DeserializeOwned};
use std::panic::catch_unwind;

/// Any of the first `count` actions, each as likely.
fn any(rng: &mut Generator, count: i64) -> u32 {
    integers(rng, 0, count) as u32
}

/// Actions that are just outside a space of `count`.
const fn outside(count: u32) -> [u32; 2] {
    [count, u32::MAX]
}

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
fn gridworld() {
    for (grid, chance) in [
        (Gridworld::<90>::simple(), false),
        (Gridworld::obstacle(), false),
        (Gridworld::random_goal(), true),
    ] {
        let grid = grid.unwrap();
        let limit = 2_000;
        // Against a wall for ever: where the goal moves that shows no chance, so it is played where it stays.
        Contract {
            env: TimeLimit::new(grid.clone(), limit),
            plays: &[
                Play { policy: &|_, _, rng| any(rng, 4), ending: Terminated, within: limit },
                Play { policy: &|_, _, _| 3, ending: Truncated, within: limit },
            ][..2 - usize::from(chance)],
            wrong_actions: &outside(4),
            chance,
        }
        .check();
        for view in [View::AgentOneHot, View::Planes, View::InterleavedPlanes, View::Positions] {
            Contract {
                env: TimeLimit::new(Viewed::new(grid.clone(), view), limit),
                plays: &[Play {
                    policy: &|_, _, rng| any(rng, 4),
                    ending: Terminated,
                    within: limit,
                }],
                wrong_actions: &outside(4),
                chance,
            }
            .check();
        }
    }
}

#[test]
fn pixel_grid() {
    for (colours, tile) in [(Colours::Grey, 1), (Colours::Rgb, 3)] {
        Contract {
            env: PixelGrid::with_tile(Gridworld::<90>::random_goal().unwrap(), colours, tile),
            plays: &[Play { policy: &|_, _, rng| any(rng, 4), ending: Terminated, within: 400 }],
            wrong_actions: &outside(4),
            chance: true,
        }
        .check();
    }
}

#[test]
fn breakout() {
    // Under the ball, as far as a paddle can be there in time.
    let follow = |planes: &[u8], _, _: &mut Generator| {
        let column = |plane: usize| {
            let cells = &planes[100 * plane..100 * (plane + 1)];
            cells.iter().position(|&cell| cell == 1).expect("there is one") as i32 % 10
        };
        let (paddle, ball, trail) = (column(0), column(1), column(2));
        match paddle.cmp(&(2 * ball - trail)) {
            core::cmp::Ordering::Less => 2,
            core::cmp::Ordering::Equal => 0,
            core::cmp::Ordering::Greater => 1,
        }
    };
    for (stickiness, ending) in [(0.0, Truncated), (Breakout::STICKINESS, Terminated)] {
        Contract {
            env: TimeLimit::new(Breakout::new(stickiness), 300),
            plays: &[
                Play { policy: &follow, ending, within: 300 },
                Play { policy: &|_, _, rng| any(rng, 3), ending: Terminated, within: 300 },
            ],
            wrong_actions: &outside(3),
            chance: true,
        }
        .check();
    }
    Contract {
        env: PixelBreakout { game: Breakout::new(Breakout::STICKINESS) },
        plays: &[Play { policy: &|_, _, rng| any(rng, 3), ending: Terminated, within: 300 }],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
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

/// Written out in the middle of an episode and read back, an environment is the same and goes on the same.
fn resumes<E>(env: E)
where
    E: Env<Action = u32> + Clone + Debug + PartialEq + Serialize + DeserializeOwned,
{
    resumes_by(env, |step| step % 2);
}

/// The same with the actions of these steps.
fn resumes_by<E>(mut env: E, action: impl Fn(u32) -> E::Action)
where
    E: Env + Clone + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let rng = &mut Generator::seed_from_u64(5);
    let mut observation = vec![E::Element::default(); env.observation_space().len()];
    env.reset(rng, &mut observation);
    for step in 0..20 {
        let text = serde_json::to_string(&env).expect("what can be written");
        let mut twin: E = serde_json::from_str(&text).expect(&text);
        assert_eq!(twin, env);
        let (mut twin_rng, mut twin_observation) = (rng.clone(), observation.clone());
        let taken = env.step(action(step), rng, &mut observation);
        assert_eq!(twin.step(action(step), &mut twin_rng, &mut twin_observation), taken);
        assert!(twin_observation == observation);
    }
}

#[test]
fn environments_resume_from_what_was_written() {
    resumes(TimeLimit::new(CartPole::new(), 10));
    resumes(MountainCar::new());
    resumes(Acrobot::new());
    resumes(Flattened::new(Docking::new()));
    resumes_by(MountainCarContinuous::with_goal_velocity(0.01), |step| [(step as f32).sin()]);
    resumes_by(Pendulum::with_gravity(9.81), |step| [2.0 * (step as f32).sin()]);
    resumes(FrozenLake::<64>::large(LakeOptions::default()).unwrap());
    resumes(CliffWalking::new(true));
    resumes(Taxi::new(TaxiOptions { fickle: true, ..TaxiOptions::default() }));
    resumes(Blackjack::casino(true));
    resumes(BanditRooms::new(5, 0.3, 20.0, &mut Generator::seed_from_u64(9)).unwrap());
    resumes(GaussianBandit::drifting(10, 0.01).unwrap());
    resumes(Gridworld::<90>::random_goal().unwrap());
    resumes(Breakout::new(Breakout::STICKINESS));
    resumes(PixelGrid::with_tile(Gridworld::<90>::random_goal().unwrap(), Colours::Grey, 2));
    resumes(Viewed::new(Gridworld::<90>::simple().unwrap(), View::Planes));
}

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
