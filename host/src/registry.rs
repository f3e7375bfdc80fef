//! The environments that have a name: Gymnasium's identifiers, limits and thresholds.
//!
//! To add one: a variant of [`Task`], a row of [`ENVIRONMENTS`], an arm in [`Registration::run`] and an
//! implementation of [`Registered`], all in this file. Rules live in core; here is only what goes by a name.

use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::{Acrobot, CartPole, MountainCar};
use embedded_rl_core::envs::toy_text::{
    Blackjack, CliffWalking, FrozenLake, LakeOptions, LakeRewards, Taxi, TaxiOptions,
};
use serde::Deserialize;
use serde_json::Value;

/// Gymnasium's name of an environment and what Gymnasium registers under it.
pub struct Registration {
    /// Gymnasium's identifier, `CartPole-v1`.
    pub id: &'static str,
    /// Steps after which an episode is cut; some tasks have no limit.
    pub step_limit: Option<u32>,
    /// Mean return that counts as solved, where one is published.
    pub reward_threshold: Option<f64>,
    make: fn(&Value) -> Result<Task, String>,
}

/// Every environment that is built, in the order in which they are listed to people.
pub const ENVIRONMENTS: &[Registration] = &[
    Registration {
        id: "CartPole-v0",
        step_limit: Some(CartPole::V0_STEPS),
        reward_threshold: Some(195.0),
        make: cart_pole,
    },
    Registration {
        id: "CartPole-v1",
        step_limit: Some(CartPole::V1_STEPS),
        reward_threshold: Some(475.0),
        make: cart_pole,
    },
    Registration {
        id: "MountainCar-v0",
        step_limit: Some(MountainCar::STEPS),
        reward_threshold: Some(-110.0),
        make: mountain_car,
    },
    Registration {
        id: "Acrobot-v1",
        step_limit: Some(Acrobot::STEPS),
        reward_threshold: Some(-100.0),
        make: acrobot,
    },
    Registration {
        id: "FrozenLake-v1",
        step_limit: Some(FrozenLake::SMALL_STEPS),
        reward_threshold: Some(0.7),
        make: |options| frozen_lake(options, "4x4"),
    },
    Registration {
        id: "FrozenLake8x8-v1",
        step_limit: Some(FrozenLake::LARGE_STEPS),
        reward_threshold: Some(0.85),
        make: |options| frozen_lake(options, "8x8"),
    },
    Registration {
        id: "CliffWalking-v1",
        step_limit: None,
        reward_threshold: None,
        make: |options| cliff_walking(options, false),
    },
    Registration {
        id: "CliffWalkingSlippery-v1",
        step_limit: None,
        reward_threshold: None,
        make: |options| cliff_walking(options, true),
    },
    // Gymnasium 1.2 and before. Its rain and whims are not those of v4; it has none here.
    Registration {
        id: "Taxi-v3",
        step_limit: Some(Taxi::STEPS),
        reward_threshold: Some(8.0),
        make: dry_taxi,
    },
    Registration {
        id: "Taxi-v4",
        step_limit: Some(Taxi::STEPS),
        reward_threshold: Some(8.0),
        make: taxi,
    },
    Registration { id: "Blackjack-v1", step_limit: None, reward_threshold: None, make: blackjack },
];

/// An environment as its options made it, without a time limit.
enum Task {
    CartPole(CartPole),
    MountainCar(MountainCar),
    Acrobot(Acrobot),
    FrozenLake(Box<FrozenLake<LARGEST_LAKE>>),
    CliffWalking(CliffWalking),
    Taxi(Taxi),
    Blackjack(Blackjack),
}

/// The most cells of a lake with a map of its own.
const LARGEST_LAKE: usize = 1024;

/// What every environment in the table is.
pub trait Registered: Env<Action = u32> + Clone {
    /// How far a step's state may be from Gymnasium's, where [`Registered::state`] has one.
    const TOLERANCE: Tolerance = Tolerance::LastPlaces(1.0);

    /// The state that Gymnasium keeps in `f64`, for tasks whose arithmetic is continuous.
    fn state(&mut self) -> &mut [f64] {
        &mut []
    }
}

/// The part of a state's value that depends on whose sine and cosine computed it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Tolerance {
    /// So many units in the last place of the value or, where it is smaller, of one.
    LastPlaces(f64),
    /// An absolute difference.
    Absolute(f64),
}

impl<E: Registered> Registered for TimeLimit<E> {
    const TOLERANCE: Tolerance = E::TOLERANCE;

    fn state(&mut self) -> &mut [f64] {
        self.env.state()
    }
}

impl Registered for CartPole {
    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }
}

impl Registered for MountainCar {
    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }
}

impl Registered for Acrobot {
    /// Four evaluations of the equations add up their rounding errors.
    const TOLERANCE: Tolerance = Tolerance::Absolute(1e-12);

    fn state(&mut self) -> &mut [f64] {
        &mut self.state
    }
}

impl Registered for FrozenLake<LARGEST_LAKE> {}
impl Registered for CliffWalking {}
impl Registered for Taxi {}
impl Registered for Blackjack {}

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
        let task =
            (self.make)(options).map_err(|problem| Refusal::Options { id: self.id, problem })?;
        Ok(match task {
            Task::CartPole(env) => self.limited(env, code),
            Task::MountainCar(env) => self.limited(env, code),
            Task::Acrobot(env) => self.limited(env, code),
            Task::FrozenLake(env) => self.limited(*env, code),
            Task::CliffWalking(env) => self.limited(env, code),
            Task::Taxi(env) => self.limited(env, code),
            Task::Blackjack(env) => self.limited(env, code),
        })
    }

    fn limited<E: Registered, C: OnEnvironment>(&self, env: E, code: C) -> C::Output {
        match self.step_limit {
            Some(limit) => code.run(TimeLimit::new(env, limit)),
            None => code.run(env),
        }
    }
}

fn names() -> String {
    ENVIRONMENTS.iter().map(|registration| registration.id).collect::<Vec<_>>().join(", ")
}

/// An environment without options.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NoOptions {}

fn read<'a, T: Deserialize<'a>>(options: &'a Value) -> Result<T, String> {
    T::deserialize(options).map_err(|error| error.to_string())
}

fn cart_pole(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::CartPole(CartPole::new()))
}

fn mountain_car(options: &Value) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        #[serde(default)]
        goal_velocity: f64,
    }
    let Options { goal_velocity } = read(options)?;
    Ok(Task::MountainCar(MountainCar::with_goal_velocity(goal_velocity)))
}

fn acrobot(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::Acrobot(Acrobot::new()))
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

fn cliff_walking(options: &Value, usually_slippery: bool) -> Result<Task, String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Options {
        is_slippery: Option<bool>,
    }
    let Options { is_slippery } = read(options)?;
    Ok(Task::CliffWalking(CliffWalking::new(is_slippery.unwrap_or(usually_slippery))))
}

fn dry_taxi(options: &Value) -> Result<Task, String> {
    let NoOptions {} = read(options)?;
    Ok(Task::Taxi(Taxi::default()))
}

fn taxi(options: &Value) -> Result<Task, String> {
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

fn blackjack(options: &Value) -> Result<Task, String> {
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

fn probability(given: Option<f64>, usual: f64) -> Result<f64, String> {
    let probability = given.unwrap_or(usual);
    let right = (0.0..=1.0).contains(&probability);
    right.then_some(probability).ok_or_else(|| format!("{probability} is not a probability"))
}
