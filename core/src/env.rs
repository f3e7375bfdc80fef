//! What an environment is: spaces, `reset`, `step`, and the two ways an episode can end.
//!
//! The walk starts here. An [`Env`] knows no agent, keeps no generator and allocates nothing: randomness and
//! the observation's memory are the caller's. It never resets by itself; who steps past an ending gets
//! whatever the equations give.

use crate::rng::Rng;
use crate::space::Space;

/// Why an episode ended. Only [`Ending::Terminated`] says that nothing follows the last observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The task itself is over (a fall, a goal): the value of what follows is zero.
    Terminated,
    /// Something outside the task cut it (a time limit): the value of what follows still counts.
    Truncated,
}

/// What one action brought.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Reward of this step, in the environment's own units and arithmetic.
    pub reward: f64,
    /// `Some` on the last step of an episode. Where a step both terminates and meets a limit, it has
    /// terminated (Gymnasium sets both flags then).
    pub ending: Option<Ending>,
}

/// A task an agent can act in.
///
/// ```
/// use embedded_rl_core::env::Env;
/// use embedded_rl_core::envs::classic::CartPole;
/// use embedded_rl_core::rng::NumpyGenerator;
///
/// let mut env = CartPole::new();
/// let mut observation = [0.0; 4];
/// // Gymnasium's `reset(seed = 42)`, bit for bit.
/// let mut rng = NumpyGenerator::new(42);
/// env.reset(&mut rng, &mut observation);
/// assert_eq!(observation, [0.027395604, -0.006112156, 0.035859793, 0.019736802]);
/// let step = env.step(1, &mut rng, &mut observation);
/// assert_eq!((step.reward, step.ending), (1.0, None));
/// ```
pub trait Env {
    /// One action: `u32` where the actions are numbered, an array where they have components.
    type Action: Copy;
    /// One number of an observation: `f32`, `u32` for indices, `u8` for pixels.
    type Element: Copy + Default + PartialEq + Into<f64>;

    /// The actions that [`Env::step`] takes.
    fn action_space(&self) -> Space<'_>;

    /// The observations that [`Env::reset`] and [`Env::step`] write; its [`Space::len`] is their length.
    fn observation_space(&self) -> Space<'_>;

    /// Starts an episode and writes its first observation.
    ///
    /// # Panics
    /// If `observation` has not the observation space's length.
    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [Self::Element]);

    /// Applies `action` and writes the observation that follows, on the last step of an episode too.
    ///
    /// # Panics
    /// If `action` is not in the action space, or `observation` has not the observation space's length.
    fn step<R: Rng + ?Sized>(
        &mut self,
        action: Self::Action,
        rng: &mut R,
        observation: &mut [Self::Element],
    ) -> Step;
}

/// Cuts an episode after a number of steps, as Gymnasium's wrapper of the same name.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TimeLimit<E> {
    /// The environment inside.
    pub env: E,
    limit: u32,
    elapsed: u32,
}

impl<E> TimeLimit<E> {
    /// # Panics
    /// If `limit` is zero: an episode has at least one step.
    pub const fn new(env: E, limit: u32) -> Self {
        assert!(limit > 0, "an episode has at least one step");
        Self { env, limit, elapsed: 0 }
    }

    /// Steps after which it cuts.
    pub const fn limit(&self) -> u32 {
        self.limit
    }

    /// Steps taken since the last reset.
    pub const fn elapsed(&self) -> u32 {
        self.elapsed
    }
}

impl<E: Env> Env for TimeLimit<E> {
    type Action = E::Action;
    type Element = E::Element;

    fn action_space(&self) -> Space<'_> {
        self.env.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        self.env.observation_space()
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [E::Element]) {
        self.elapsed = 0;
        self.env.reset(rng, observation);
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        action: E::Action,
        rng: &mut R,
        observation: &mut [E::Element],
    ) -> Step {
        let mut step = self.env.step(action, rng, observation);
        self.elapsed += 1;
        if step.ending.is_none() && self.elapsed >= self.limit {
            step.ending = Some(Ending::Truncated);
        }
        step
    }
}
