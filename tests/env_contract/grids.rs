//! Worlds of cells, as numbers, as planes and as pictures: gridworlds and the small Breakout.

use embedded_rl_checks::contract::{Contract, Play, any, outside};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    TimeLimit,
};
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::gridworld::{Gridworld, View, Viewed};
use embedded_rl_core::envs::pixel_breakout::PixelBreakout;
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::rng::Generator;

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
