//! The environments that have a name: Gymnasium's identifiers, limits and thresholds.
//!
//! To add one: a variant of [`Task`], a row of [`ENVIRONMENTS`], an arm in [`Registration::run`] and an
//! implementation of [`Registered`], all in this file. Rules live in core; here is only what goes by a name.

use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
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
];

/// An environment as its options made it, without a time limit.
enum Task {
    CartPole(CartPole),
}

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
