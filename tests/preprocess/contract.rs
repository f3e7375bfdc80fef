//! Every wrapper keeps the contract of an environment.

use embedded_rl_checks::contract::{Contract, Play, any, outside};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    Env, TimeLimit,
};
use embedded_rl_core::envs::breakout::{Breakout, Thing};
use embedded_rl_core::envs::classic::Pendulum;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::envs::toy_text::{Blackjack, FrozenLake, LakeOptions};
use embedded_rl_core::preprocess::{
    ActionRepeat, Clipped, Discretised, FrameStack, GreyImage, LifeLoss, NoOpStarts, OneHot,
};
use embedded_rl_core::rng::uniform;

fn grid() -> PixelGrid {
    PixelGrid::with_tile(Gridworld::<90>::random_goal().expect("a map"), Colours::Rgb, 3)
}

#[test]
fn wrappers_of_images_keep_the_contract() {
    let shrunk = GreyImage::<_, { 3 * 27 * 30 }>::cropped(grid(), [3, 3], [21, 24], [14, 15]);
    let repeated = ActionRepeat::<_, _, { 14 * 15 }>::new(shrunk.clone(), 2, true);
    let stacked = FrameStack::<_, _, { 4 * 14 * 15 }>::new(repeated.clone(), 4);
    fn check(env: impl Env<Action = u32, Element = u8> + Clone) {
        Contract {
            env,
            plays: &[Play { policy: &|_, _, rng| any(rng, 4), ending: Terminated, within: 300 }],
            wrong_actions: &outside(4),
            chance: true,
        }
        .check();
    }
    check(shrunk);
    check(repeated);
    check(stacked);
}

#[test]
fn starts_and_endings_keep_the_contract() {
    Contract {
        env: NoOpStarts::new(Breakout::new(0.1), 0, 30),
        plays: &[Play { policy: &|_, _, rng| any(rng, 3), ending: Terminated, within: 200 }],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
    // The paddle's only life is lost in the left corner.
    let game = LifeLoss::new(NoOpStarts::new(Breakout::new(0.0), 0, 1), |starts| {
        u32::from(starts.env.thing(9, 0) != Thing::Paddle)
    });
    Contract {
        env: TimeLimit::new(game, 20),
        plays: &[
            Play { policy: &|_, _, _| 1, ending: Terminated, within: 4 },
            Play { policy: &|_, step, _| 2 - step % 2, ending: Terminated, within: 20 },
        ],
        wrong_actions: &outside(3),
        chance: true,
    }
    .check();
}

#[test]
fn wrappers_of_numbers_keep_the_contract() {
    Contract {
        env: OneHot::new(FrozenLake::<64>::small(LakeOptions::default()).expect("a map")),
        plays: &[Play { policy: &|_, _, rng| any(rng, 4), ending: Terminated, within: 100 }],
        wrong_actions: &outside(4),
        chance: true,
    }
    .check();
    let cards = OneHot::new(Blackjack::by_the_book());
    assert_eq!(cards.observation_space().len(), 32 + 11 + 2);
    Contract {
        env: cards,
        plays: &[Play { policy: &|_, _, rng| any(rng, 2), ending: Terminated, within: 21 }],
        wrong_actions: &outside(2),
        chance: true,
    }
    .check();
    Contract {
        env: TimeLimit::new(Discretised::new(Pendulum::new(), [5]), 50),
        plays: &[Play { policy: &|_, _, rng| any(rng, 5), ending: Truncated, within: 50 }],
        wrong_actions: &outside(5),
        chance: true,
    }
    .check();
    Contract {
        env: TimeLimit::new(Clipped::new(Pendulum::new()), 50),
        plays: &[Play {
            policy: &|_, _, rng| [uniform(rng, -9.0, 9.0) as f32],
            ending: Truncated,
            within: 50,
        }],
        wrong_actions: &[[f32::NAN]],
        chance: true,
    }
    .check();
}
