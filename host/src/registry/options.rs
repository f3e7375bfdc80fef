//! What can be chosen about each environment, and the environment made with it.
//!
//! Options are a JSON object: Gymnasium's keyword arguments by their names, or our own. What is not one of them is
//! refused in words; nothing here panics on any value.

use super::{LARGEST_GRID, StackedBreakout, Task};
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{
    Acrobot, CartPole, MountainCar, MountainCarContinuous, Pendulum,
};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::gridworld::{GridRewards, Gridworld, View, Viewed};
use embedded_rl_core::envs::lunar_lander::{
    LanderOptions, LanderVersion, LunarLander, LunarLanderContinuous,
};
use embedded_rl_core::envs::markov_chain::MarkovChain;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::pixel_breakout::PixelBreakout;
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::envs::tile_map::MapError;
use embedded_rl_core::envs::toy_text::{
    Blackjack, CliffWalking, FrozenLake, LakeOptions, LakeRewards, Taxi, TaxiOptions,
};
use embedded_rl_core::preprocess::Flattened;
use embedded_rl_core::rng::{Role, stream};
use serde::Deserialize;
use serde_json::Value;

/// An environment without options.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoOptions {}

fn read<'a, T: Deserialize<'a>>(options: &'a Value) -> Result<T, String> {
    T::deserialize(options).map_err(|error| error.to_string())
}

pub(super) fn cart_pole(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::CartPole(CartPole::new()))
}

pub(super) fn mountain_car(options: &Value) -> Result<Task, String> {
    goal_velocity(options).map(MountainCar::with_goal_velocity).map(Task::MountainCar)
}

pub(super) fn mountain_car_continuous(options: &Value) -> Result<Task, String> {
    goal_velocity(options)
        .map(MountainCarContinuous::with_goal_velocity)
        .map(Task::MountainCarContinuous)
}

fn goal_velocity(options: &Value) -> Result<f64, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        #[serde(default)]
        goal_velocity: f64,
    }
    read(options).map(|Options { goal_velocity }| goal_velocity)
}

pub(super) fn pendulum(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        g: Option<f64>,
    }
    let Options { g } = read(options)?;
    Ok(Task::Pendulum(g.map_or_else(Pendulum::new, Pendulum::with_gravity)))
}

pub(super) fn acrobot(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::Acrobot(Acrobot::new()))
}

pub(super) fn docking(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::Docking(Flattened::new(Docking::new())))
}

pub(super) fn lunar_lander(options: &Value) -> Result<Task, String> {
    lander(options, LanderVersion::V3, false)
}

pub(super) fn lunar_lander_v2(options: &Value) -> Result<Task, String> {
    lander(options, LanderVersion::V2, false)
}

pub(super) fn lunar_lander_continuous(options: &Value) -> Result<Task, String> {
    lander(options, LanderVersion::V3, true)
}

pub(super) fn lunar_lander_continuous_v2(options: &Value) -> Result<Task, String> {
    lander(options, LanderVersion::V2, true)
}

fn lander(options: &Value, version: LanderVersion, continuous: bool) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        continuous: Option<bool>,
        gravity: Option<f64>,
        enable_wind: Option<bool>,
        wind_power: Option<f64>,
        turbulence_power: Option<f64>,
    }
    let given: Options = read(options)?;
    let usual = LanderOptions::default();
    let options = LanderOptions {
        gravity: given.gravity.unwrap_or(usual.gravity),
        wind: given.enable_wind.unwrap_or(usual.wind),
        wind_power: given.wind_power.unwrap_or(usual.wind_power),
        turbulence_power: given.turbulence_power.unwrap_or(usual.turbulence_power),
        version,
    };
    if given.continuous.unwrap_or(continuous) {
        LunarLanderContinuous::new(options).map(|env| Task::LunarLanderContinuous(Box::new(env)))
    } else {
        LunarLander::new(options).map(|env| Task::LunarLander(Box::new(env)))
    }
    .map_err(|error| error.to_string())
}

pub(super) fn small_lake(options: &Value) -> Result<Task, String> {
    frozen_lake(options, "4x4")
}

pub(super) fn large_lake(options: &Value) -> Result<Task, String> {
    frozen_lake(options, "8x8")
}

fn frozen_lake(options: &Value, usual_map: &str) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        desc: Option<Vec<String>>,
        map_name: Option<String>,
        is_slippery: Option<bool>,
        success_rate: Option<f64>,
        reward_schedule: Option<[f64; 3]>,
    }
    let given: Options = read(options)?;
    let usual = LakeOptions::default();
    let options = LakeOptions {
        slippery: given.is_slippery.unwrap_or(usual.slippery),
        success_rate: probability(given.success_rate, usual.success_rate)?,
        rewards: match given.reward_schedule {
            Some([goal, hole, frozen]) => LakeRewards { goal, hole, frozen },
            None => usual.rewards,
        },
    };
    let lake = match (given.desc, given.map_name.as_deref().unwrap_or(usual_map)) {
        (Some(rows), _) => FrozenLake::new(&rows.join("\n"), options),
        (None, "4x4") => FrozenLake::small(options),
        (None, "8x8") => FrozenLake::large(options),
        (None, other) => return Err(format!("there is no map '{other}', only 4x4 and 8x8")),
    };
    lake.map(|lake| Task::FrozenLake(Box::new(lake))).map_err(|error| error.to_string())
}

pub(super) fn firm_cliff(options: &Value) -> Result<Task, String> {
    cliff_walking(options, false)
}

pub(super) fn slippery_cliff(options: &Value) -> Result<Task, String> {
    cliff_walking(options, true)
}

fn cliff_walking(options: &Value, usually_slippery: bool) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        is_slippery: Option<bool>,
    }
    let Options { is_slippery } = read(options)?;
    Ok(Task::CliffWalking(CliffWalking::new(is_slippery.unwrap_or(usually_slippery))))
}

pub(super) fn dry_taxi(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::Taxi(Taxi::default()))
}

pub(super) fn taxi(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        is_rainy: Option<bool>,
        rainy_probability: Option<f64>,
        fickle_passenger: Option<bool>,
        fickle_probability: Option<f64>,
    }
    let given: Options = read(options)?;
    let usual = TaxiOptions::default();
    Ok(Task::Taxi(Taxi::new(TaxiOptions {
        rainy: given.is_rainy.unwrap_or(usual.rainy),
        rainy_probability: probability(given.rainy_probability, usual.rainy_probability)?,
        fickle: given.fickle_passenger.unwrap_or(usual.fickle),
        fickle_probability: probability(given.fickle_probability, usual.fickle_probability)?,
    })))
}

pub(super) fn blackjack(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        sab: Option<bool>,
        natural: Option<bool>,
    }
    let Options { sab, natural } = read(options)?;
    Ok(Task::Blackjack(match sab.unwrap_or(true) {
        true => Blackjack::by_the_book(),
        false => Blackjack::casino(natural.unwrap_or(false)),
    }))
}

pub(super) fn breakout(options: &Value) -> Result<Task, String> {
    small_breakout(options).map(Task::Breakout)
}

pub(super) fn pixel_breakout(options: &Value) -> Result<Task, String> {
    let frames = PixelBreakout { game: small_breakout(options)? };
    Ok(Task::StackedBreakout(Box::new(StackedBreakout::new(frames, 4))))
}

/// MinAtar's keyword arguments, as far as they change anything: this game knows no ramp of difficulty.
fn small_breakout(options: &Value) -> Result<Breakout, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        sticky_action_prob: Option<f64>,
    }
    let Options { sticky_action_prob } = read(options)?;
    probability(sticky_action_prob, Breakout::STICKINESS).map(Breakout::new)
}

/// The map of `gridworld-simple`, or another.
pub(super) fn pixel_grid(options: &Value) -> Result<Task, String> {
    /// The longest side of an image.
    const LONGEST: u32 = 1024;
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        map: Option<Vec<String>>,
        rewards: Option<GridRewards>,
        colours: Option<Colours>,
        tile: Option<u32>,
        size: Option<[u32; 2]>,
    }
    let Options { map, rewards, colours, tile, size } = read(options)?;
    let grid = match (map, rewards) {
        (Some(map), rewards) => Gridworld::new(&map.join("\n"), rewards.unwrap_or_default()),
        (None, None) => Gridworld::simple(),
        (None, Some(_)) => return Err("rewards of one's own go with a map of one's own".to_owned()),
    };
    let grid = grid.map_err(|error| error.to_string())?;
    let (rows, columns) = (grid.map().rows(), grid.map().columns());
    let [height, width] = match (size, tile) {
        (Some(_), Some(_)) => return Err("an image has a size or a tile, not both".to_owned()),
        (Some(size), None) => size,
        (None, Some(tile)) => [rows, columns].map(|cells| cells.saturating_mul(tile)),
        (None, None) => PixelGrid::<LARGEST_GRID>::SIZE,
    };
    if height < rows || width < columns || height.max(width) > LONGEST {
        return Err(format!(
            "a picture of {height} x {width} pixels does not show {rows} x {columns} cells; each \
             side has at least a pixel a cell and at most {LONGEST}"
        ));
    }
    let colours = colours.unwrap_or(Colours::Rgb);
    Ok(Task::PixelGrid(PixelGrid::with_size(grid, colours, height, width)))
}

/// A gridworld whose map is an option: its rows.
pub(super) fn gridworld(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        map: Vec<String>,
        view: Option<View>,
        rewards: Option<GridRewards>,
    }
    let Options { map, view, rewards } = read(options)?;
    viewed(Gridworld::new(&map.join("\n"), rewards.unwrap_or_default()), view)
}

pub(super) fn simple_gridworld(options: &Value) -> Result<Task, String> {
    viewed(Gridworld::simple(), view(options)?)
}

pub(super) fn obstacle_gridworld(options: &Value) -> Result<Task, String> {
    viewed(Gridworld::obstacle(), view(options)?)
}

pub(super) fn random_goal_gridworld(options: &Value) -> Result<Task, String> {
    viewed(Gridworld::random_goal(), view(options)?)
}

pub(super) fn simple_planes(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    viewed(Gridworld::simple(), Some(View::Planes))
}

pub(super) fn obstacle_planes(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    viewed(Gridworld::obstacle(), Some(View::Planes))
}

fn view(options: &Value) -> Result<Option<View>, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        view: Option<View>,
    }
    read(options).map(|Options { view }| view)
}

fn viewed(
    grid: Result<Gridworld<LARGEST_GRID>, MapError>,
    view: Option<View>,
) -> Result<Task, String> {
    let grid = grid.map_err(|error| error.to_string())?;
    Ok(match view {
        Some(view) => Task::ViewedGridworld(Viewed::new(grid, view)),
        None => Task::Gridworld(grid),
    })
}

/// The order of the rooms is drawn from a seed of its own: it is a part of the task, not of an episode.
pub(super) fn bandit_rooms(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Options {
        rooms: u32,
        overlap: f64,
        largest_reward: f64,
        order_seed: u64,
    }
    impl Default for Options {
        fn default() -> Self {
            Self { rooms: 4, overlap: 0.25, largest_reward: 10.0, order_seed: 0 }
        }
    }
    let Options { rooms, overlap, largest_reward, order_seed } = read(options)?;
    let rng = &mut stream(order_seed, Role::Initialisation);
    BanditRooms::new(rooms, overlap, largest_reward, rng)
        .map(Task::BanditRooms)
        .map_err(|error| error.to_string())
}

pub(super) fn gaussian_bandit(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        arms: Option<u32>,
        mean: Option<f64>,
        drift: Option<f64>,
    }
    let Options { arms, mean, drift } = read(options)?;
    let arms = arms.unwrap_or(10);
    let bandit = match (mean, drift) {
        (mean, None) => GaussianBandit::stationary(arms, mean.unwrap_or(0.0)),
        (None, Some(deviation)) => GaussianBandit::drifting(arms, deviation),
        (Some(_), Some(_)) => return Err("drifting values begin at 0 and have no mean".to_owned()),
    };
    bandit.map(Task::GaussianBandit).map_err(|error| error.to_string())
}

pub(super) fn markov_chain(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::MarkovChain(MarkovChain::four_states()))
}

pub(super) fn hands_on_mdp(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::HandsOnMdp(Mdp::three_states()))
}

fn probability(given: Option<f64>, usual: f64) -> Result<f64, String> {
    let probability = given.unwrap_or(usual);
    let right = (0.0..=1.0).contains(&probability);
    right.then_some(probability).ok_or_else(|| format!("{probability} is not a probability"))
}
