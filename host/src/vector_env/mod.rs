//! Many copies of one environment, stepped together into one batch, over threads.
//!
//! This is where an ended episode is followed by the next one of itself, and the only place: the last observation of
//! the one goes to [`Batch::final_observations`], the first of the next to [`Batch::observations`], both in the step
//! that ended it (Gymnasium's `AutoresetMode.SAME_STEP`). Every copy has its own generator, so that what it does
//! depends neither on the others nor on the number of threads. Nothing is allocated in a step. Actions are the
//! caller's to choose.

mod batch;
mod generators;
mod part;

pub use batch::Batch;
pub use generators::{jumps, seeds};

use embedded_rl_core::env::{Env, Step};
use embedded_rl_core::rng::Rng;
use part::Part;

/// Copies of an environment, each with its generator.
///
/// ```
/// use embedded_rl::vector_env::{VectorEnv, seeds};
/// use embedded_rl_core::envs::classic::CartPole;
///
/// // Gymnasium's `make_vec("CartPole-v1", num_envs=3, vector_kwargs={"autoreset_mode": "SameStep"}).reset(seed=42)`.
/// let mut copies = VectorEnv::new(&CartPole::new(), Some(CartPole::V1_STEPS), seeds(42).take(3));
/// let mut batch = copies.batch();
/// copies.reset(&mut batch);
/// assert_eq!(batch.observations[..4], [0.027395604, -0.006112156, 0.035859793, 0.019736802]);
/// copies.step(&[0, 1, 0], &mut batch);
/// assert_eq!((batch.rewards.as_slice(), batch.endings.as_slice()), (&[1.0; 3][..], &[None; 3][..]));
/// ```
#[derive(Clone, Debug)]
pub struct VectorEnv<E, R> {
    envs: Vec<E>,
    generators: Vec<R>,
    /// Steps of each copy's episode so far.
    elapsed: Vec<u32>,
    /// What the step under way brought each copy.
    steps: Vec<Step>,
    limit: Option<u32>,
    threads: usize,
}

impl<E, R> VectorEnv<E, R>
where
    E: Env<Action: Sync, Element: Send> + Clone + Send,
    R: Rng + Send,
{
    /// One copy of `env` for each generator, cut after `limit` steps an episode as by
    /// [`TimeLimit`](embedded_rl_core::env::TimeLimit), all in the thread that calls. Episodes begin with
    /// [`VectorEnv::reset`].
    ///
    /// # Panics
    /// If there is no generator, or `limit` is zero.
    pub fn new(env: &E, limit: Option<u32>, generators: impl IntoIterator<Item = R>) -> Self {
        let generators: Vec<R> = generators.into_iter().collect();
        let copies = generators.len();
        assert!(copies > 0, "there is at least one copy");
        assert!(limit != Some(0), "an episode has at least one step");
        Self {
            envs: vec![env.clone(); copies],
            generators,
            elapsed: vec![0; copies],
            steps: vec![Step { reward: 0.0, ending: None }; copies],
            limit,
            threads: 1,
        }
    }

    /// The same in so many parts, side by side on the threads of rayon's pool. That pays once a step takes some tens of
    /// microseconds: handing out the parts takes a few.
    ///
    /// # Panics
    /// If `threads` is zero.
    #[must_use]
    pub fn over_threads(self, threads: usize) -> Self {
        assert!(threads > 0, "somebody has to step");
        Self { threads, ..self }
    }

    /// How many copies there are.
    #[expect(clippy::len_without_is_empty, reason = "there is at least one copy")]
    pub const fn len(&self) -> usize {
        self.envs.len()
    }

    /// The copies themselves.
    pub fn envs(&self) -> &[E] {
        &self.envs
    }

    /// A batch that fits.
    pub fn batch(&self) -> Batch<E::Element> {
        Batch::new(self.len(), self.envs[0].observation_space().len())
    }

    /// Begins an episode in every copy and writes the first observations; rewards and endings are cleared.
    ///
    /// # Panics
    /// If `batch` was made for other copies.
    pub fn reset(&mut self, batch: &mut Batch<E::Element>) {
        let threads = self.threads;
        self.part(&[], batch).over(threads, &|mut part| part.reset());
    }

    /// Steps copy `i` by `actions[i]`, and resets those whose episodes end.
    ///
    /// # Panics
    /// If there is not one action a copy, an action is not in the action space, or `batch` was made for other copies.
    pub fn step(&mut self, actions: &[E::Action], batch: &mut Batch<E::Element>) {
        self.step_by(one_by_one, actions, batch);
    }

    /// The same by a function that steps many environments at a time and does to each what [`Env::step`] would, such
    /// as [`LunarLander::step_together`](embedded_rl_core::envs::lunar_lander::LunarLander::step_together). It is called with equally many environments, actions, generators,
    /// observations and steps, and writes the latter two; which copies it sees together depends on the threads.
    ///
    /// # Panics
    /// As [`VectorEnv::step`].
    pub fn step_by<S>(&mut self, step_many: S, actions: &[E::Action], batch: &mut Batch<E::Element>)
    where
        S: Fn(&mut [E], &[E::Action], &mut [R], &mut [E::Element], &mut [Step]) + Sync,
    {
        assert_eq!(actions.len(), self.len(), "there is one action a copy");
        let (threads, limit) = (self.threads, self.limit);
        self.part(actions, batch).over(threads, &|mut part| {
            part.step(&step_many);
            part.conclude(limit);
        });
    }

    /// All copies, with where their results go.
    fn part<'a>(
        &'a mut self,
        actions: &'a [E::Action],
        batch: &'a mut Batch<E::Element>,
    ) -> Part<'a, E, R> {
        let width = self.envs[0].observation_space().len();
        assert_eq!(
            (batch.endings.len(), batch.width()),
            (self.len(), width),
            "the batch was made for other copies"
        );
        Part {
            width,
            envs: &mut self.envs,
            generators: &mut self.generators,
            elapsed: &mut self.elapsed,
            steps: &mut self.steps,
            actions,
            observations: &mut batch.observations,
            final_observations: &mut batch.final_observations,
            rewards: &mut batch.rewards,
            endings: &mut batch.endings,
        }
    }
}

/// Every environment by itself.
fn one_by_one<E: Env, R: Rng>(
    envs: &mut [E],
    actions: &[E::Action],
    generators: &mut [R],
    observations: &mut [E::Element],
    steps: &mut [Step],
) {
    let width = observations.len() / envs.len();
    let rows = observations.chunks_exact_mut(width);
    for ((((env, &action), rng), row), step) in
        envs.iter_mut().zip(actions).zip(generators).zip(rows).zip(steps)
    {
        *step = env.step(action, rng, row);
    }
}
