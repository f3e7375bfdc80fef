//! The environments that have a name: Gymnasium's with its identifiers, limits and thresholds, and our own.
//!
//! To add one: a variant of `Task`, a row of [`ENVIRONMENTS`], an arm in [`Registration::run`] and an
//! implementation of [`Registered`] in `registered.rs`, and a function in `options.rs` that makes it. Rules live in
//! core; here is only what goes by a name.

mod numbered;
mod options;
mod recorded;
mod registered;

pub use numbered::Numbered;
pub use recorded::{Physics, Recorded, RecordedAction};
pub use registered::{Registered, Tolerance};

use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{
    Acrobot, CartPole, MountainCar, MountainCarContinuous, Pendulum,
};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::gridworld::{Gridworld, Viewed};
use embedded_rl_core::envs::lunar_lander::{LunarLander, LunarLanderContinuous};
use embedded_rl_core::envs::markov_chain::MarkovChain;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::pixel_breakout::PixelBreakout;
use embedded_rl_core::envs::pixel_grid::PixelGrid;
use embedded_rl_core::envs::toy_text::{Blackjack, CliffWalking, FrozenLake, Taxi};
use embedded_rl_core::preprocess::{Flattened, FrameStack};
use serde_json::Value;

/// The name of an environment and what goes with it.
pub struct Registration {
    /// Gymnasium's identifier, `CartPole-v1`; our own environments have names without a version.
    pub id: &'static str,
    /// Steps after which an episode is cut; some tasks have no limit.
    pub step_limit: Option<u32>,
    /// Mean return that counts as solved, where one is published.
    pub reward_threshold: Option<f64>,
    make: fn(&Value) -> Result<Task, String>,
}

/// Every environment that is built, in the order in which they are listed to people.
pub const ENVIRONMENTS: &[Registration] = &[
    row("CartPole-v0", Some(CartPole::V0_STEPS), Some(195.0), options::cart_pole),
    row("CartPole-v1", Some(CartPole::V1_STEPS), Some(475.0), options::cart_pole),
    row("MountainCar-v0", Some(MountainCar::STEPS), Some(-110.0), options::mountain_car),
    row(
        "MountainCarContinuous-v0",
        Some(MountainCarContinuous::STEPS),
        Some(90.0),
        options::mountain_car_continuous,
    ),
    row("Pendulum-v1", Some(Pendulum::STEPS), None, options::pendulum),
    row("Acrobot-v1", Some(Acrobot::STEPS), Some(-100.0), options::acrobot),
    row("LunarLander-v2", Some(LunarLander::STEPS), Some(200.0), options::lunar_lander_v2),
    row("LunarLander-v3", Some(LunarLander::STEPS), Some(200.0), options::lunar_lander),
    row(
        "LunarLanderContinuous-v2",
        Some(LunarLander::STEPS),
        Some(200.0),
        options::lunar_lander_continuous_v2,
    ),
    row(
        "LunarLanderContinuous-v3",
        Some(LunarLander::STEPS),
        Some(200.0),
        options::lunar_lander_continuous,
    ),
    row("FrozenLake-v1", Some(FrozenLake::SMALL_STEPS), Some(0.7), options::small_lake),
    row("FrozenLake8x8-v1", Some(FrozenLake::LARGE_STEPS), Some(0.85), options::large_lake),
    row("CliffWalking-v1", None, None, options::firm_cliff),
    row("CliffWalkingSlippery-v1", None, None, options::slippery_cliff),
    // Gymnasium 1.2 and before. Its rain and whims are not those of v4; it has none here.
    row("Taxi-v3", Some(Taxi::STEPS), Some(8.0), options::dry_taxi),
    row("Taxi-v4", Some(Taxi::STEPS), Some(8.0), options::taxi),
    row("Blackjack-v1", None, None, options::blackjack),
    row("MinAtar/Breakout-v1", Some(Breakout::STEPS), None, options::breakout),
    row("pixel-breakout", Some(Breakout::STEPS), None, options::pixel_breakout),
    row("gridworld", Some(Gridworld::STEPS), None, options::gridworld),
    row("gridworld-simple", Some(Gridworld::STEPS), None, options::simple_gridworld),
    row("gridworld-obstacle", Some(Gridworld::STEPS), None, options::obstacle_gridworld),
    row("gridworld-random-goal", Some(Gridworld::STEPS), None, options::random_goal_gridworld),
    row("gridworld-simple-planes", Some(SEEN_STEPS), None, options::simple_planes),
    row("gridworld-obstacle-planes", Some(SEEN_STEPS), None, options::obstacle_planes),
    row("pixel-grid", Some(SEEN_STEPS), None, options::pixel_grid),
    row("docking", Some(Docking::STEPS), None, options::docking),
    row("bandit-rooms", None, None, options::bandit_rooms),
    row("gaussian-bandit", Some(GaussianBandit::STEPS), None, options::gaussian_bandit),
    row("markov-chain", None, None, options::markov_chain),
    row("hands-on-mdp", None, None, options::hands_on_mdp),
];

const fn row(
    id: &'static str,
    step_limit: Option<u32>,
    reward_threshold: Option<f64>,
    make: fn(&Value) -> Result<Task, String>,
) -> Registration {
    Registration { id, step_limit, reward_threshold, make }
}

/// An environment as its options made it, without a time limit.
enum Task {
    CartPole(CartPole),
    MountainCar(MountainCar),
    MountainCarContinuous(MountainCarContinuous),
    Pendulum(Pendulum),
    Acrobot(Acrobot),
    LunarLander(Box<LunarLander>),
    LunarLanderContinuous(Box<LunarLanderContinuous>),
    FrozenLake(Box<FrozenLake<LARGEST_LAKE>>),
    CliffWalking(CliffWalking),
    Taxi(Taxi),
    Blackjack(Blackjack),
    Breakout(Breakout),
    StackedBreakout(Box<StackedBreakout>),
    Gridworld(Gridworld<LARGEST_GRID>),
    ViewedGridworld(Viewed<LARGEST_GRID>),
    PixelGrid(PixelGrid<LARGEST_GRID>),
    Docking(Flattened<Docking, 2>),
    BanditRooms(BanditRooms),
    GaussianBandit(GaussianBandit),
    MarkovChain(MarkovChain<'static, 4>),
    HandsOnMdp(Mdp<'static, 3, 3>),
}

/// Four pictures of the small Breakout, one after the other.
pub(crate) type StackedBreakout = FrameStack<PixelBreakout, u8, { 4 * PixelBreakout::BYTES }>;

/// The usual limit of a gridworld that a network sees.
const SEEN_STEPS: u32 = 100;

/// The most cells of a gridworld with a map of its own.
pub(crate) const LARGEST_GRID: usize = 256;

/// The most cells of a lake with a map of its own.
const LARGEST_LAKE: usize = 1024;

/// Why an environment was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// No row of the table has this identifier.
    #[error("{id} is not built yet; built: {}", names())]
    NotBuilt {
        /// The identifier asked for.
        id: String,
    },
    /// The environment has no such option, or not with this value.
    #[error("the options of {id} are not right: {problem}")]
    Options {
        /// The environment's identifier.
        id: &'static str,
        /// What is wrong with them.
        problem: String,
    },
}

/// Code that is generic over the environment, to be run on one that is known by name.
pub trait OnEnvironment {
    /// What running it gives.
    type Output;

    /// Runs it on `env`, which has its time limit around it.
    fn run<E: Registered>(self, env: E) -> Self::Output;
}

/// The row with this identifier.
///
/// # Errors
/// [`Refusal::NotBuilt`], which names the ones there are.
pub fn find(id: &str) -> Result<&'static Registration, Refusal> {
    ENVIRONMENTS
        .iter()
        .find(|registration| registration.id == id)
        .ok_or_else(|| Refusal::NotBuilt { id: id.to_owned() })
}

impl Registration {
    /// Makes the environment with `options`, Gymnasium's keyword arguments as a JSON object, and runs
    /// `code` on it.
    ///
    /// # Errors
    /// [`Refusal::Options`] if the environment cannot be made with these.
    pub fn run<C: OnEnvironment>(&self, options: &Value, code: C) -> Result<C::Output, Refusal> {
        match self.step_limit {
            Some(limit) => self.run_unlimited(options, Limited { limit, code }),
            None => self.run_unlimited(options, code),
        }
    }

    /// The same without the time limit.
    ///
    /// # Errors
    /// As [`Registration::run`].
    pub fn run_unlimited<C: OnEnvironment>(
        &self,
        options: &Value,
        code: C,
    ) -> Result<C::Output, Refusal> {
        let task =
            (self.make)(options).map_err(|problem| Refusal::Options { id: self.id, problem })?;
        Ok(match task {
            Task::CartPole(env) => code.run(env),
            Task::MountainCar(env) => code.run(env),
            Task::MountainCarContinuous(env) => code.run(env),
            Task::Pendulum(env) => code.run(env),
            Task::Acrobot(env) => code.run(env),
            Task::LunarLander(env) => code.run(*env),
            Task::LunarLanderContinuous(env) => code.run(*env),
            Task::FrozenLake(env) => code.run(*env),
            Task::CliffWalking(env) => code.run(env),
            Task::Taxi(env) => code.run(env),
            Task::Blackjack(env) => code.run(env),
            Task::Breakout(env) => code.run(env),
            Task::StackedBreakout(env) => code.run(*env),
            Task::Gridworld(env) => code.run(env),
            Task::ViewedGridworld(env) => code.run(env),
            Task::PixelGrid(env) => code.run(env),
            Task::Docking(env) => code.run(env),
            Task::BanditRooms(env) => code.run(env),
            Task::GaussianBandit(env) => code.run(env),
            Task::MarkovChain(env) => code.run(env),
            Task::HandsOnMdp(env) => code.run(env),
        })
    }
}

/// Code with a time limit around the environment that it is run on.
struct Limited<C> {
    limit: u32,
    code: C,
}

impl<C: OnEnvironment> OnEnvironment for Limited<C> {
    type Output = C::Output;

    fn run<E: Registered>(self, env: E) -> C::Output {
        self.code.run(TimeLimit::new(env, self.limit))
    }
}

fn names() -> String {
    ENVIRONMENTS.iter().map(|registration| registration.id).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::rng::NumpyGenerator;
    use serde_json::json;

    /// Plays the first action until the episode ends, 2,000 steps at most, and says how long that took.
    struct Play;

    impl OnEnvironment for Play {
        type Output = u32;

        fn run<E: Registered>(self, mut env: E) -> u32 {
            let rng = &mut NumpyGenerator::new(0);
            let mut observation = vec![E::Element::default(); env.observation_space().len()];
            env.reset(rng, &mut observation);
            let mut steps = 1;
            while env.step(E::Action::FIRST, rng, &mut observation).ending.is_none()
                && steps < 2_000
            {
                steps += 1;
            }
            steps
        }
    }

    #[test]
    fn every_name_is_there_once_and_can_be_played() {
        for (index, registration) in ENVIRONMENTS.iter().enumerate() {
            let Registration { id, step_limit, .. } = registration;
            assert!(ENVIRONMENTS[..index].iter().all(|other| other.id != *id), "{id} twice");
            let options = if *id == "gridworld" { json!({"map": ["S.G"]}) } else { json!({}) };
            let steps = find(id).and_then(|found| found.run(&options, Play)).expect(id);
            assert!(steps <= step_limit.unwrap_or(2_000), "{id} took {steps} steps");
        }
        assert!(matches!(find("CartPole"), Err(Refusal::NotBuilt { .. })));
    }
}
