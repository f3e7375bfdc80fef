//! Many episodes of one policy side by side: the network sees a batch, landers fly in lockstep. Every episode is bit
//! for bit the one that [`Player::play`] plays, since none depends on another; only their order in time differs.
//!
//! For evaluations, which want returns and nothing of the way there.

use super::{Player, Returns};
use crate::task::Task;
use embedded_rl_core::env::{Env, Step};
use embedded_rl_core::envs::lunar_lander::LunarLander;
use embedded_rl_core::nn::{Simd, WithSimd, network};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::rng::NumpyGenerator;

/// Episodes under way at a time.
const TOGETHER: usize = 64;

impl Player<'_> {
    /// The returns that [`Player::play`] gives for the same task, first seed and episodes.
    pub fn play_together(&self, task: &Task, first_seed: u64, episodes: u64) -> Returns {
        let lanes = self.lanes;
        let seeds = first_seed..first_seed.saturating_add(episodes);
        if let Task::LunarLander(limited) = task {
            let step = |landers: &mut [LunarLander],
                        actions: &[u32],
                        rngs: &mut [NumpyGenerator],
                        observations: &mut [f32],
                        steps: &mut [Step]| {
                LunarLander::step_together(lanes, landers, actions, rngs, observations, steps);
            };
            Games::of(self, &limited.env, Some(limited.limit())).play(seeds, step)
        } else {
            Games::of(self, task, None).play(seeds, one_by_one)
        }
    }
}

fn one_by_one(
    tasks: &mut [Task],
    actions: &[u32],
    rngs: &mut [NumpyGenerator],
    observations: &mut [f32],
    steps: &mut [Step],
) {
    let rows = observations.chunks_exact_mut(observations.len() / tasks.len());
    for ((((task, &action), rng), row), step) in
        tasks.iter_mut().zip(actions).zip(rngs).zip(rows).zip(steps)
    {
        *step = task.step(action, rng, row);
    }
}

/// Episodes under way. Invariant: the first `envs.len()` rows of all others belong to them.
struct Games<'a, E> {
    player: &'a Player<'a>,
    env: &'a E,
    limit: Option<u32>,
    width: usize,
    envs: Vec<E>,
    rngs: Vec<NumpyGenerator>,
    observations: Vec<f32>,
    progress: Vec<Progress>,
}

/// One of them: which, how long so far, and what it brought.
#[derive(Clone, Copy)]
struct Progress {
    episode: usize,
    elapsed: u32,
    total_reward: f64,
}

impl<'a, E: Env<Action = u32, Element = f32> + Clone> Games<'a, E> {
    fn of(player: &'a Player<'a>, env: &'a E, limit: Option<u32>) -> Self {
        let width = env.observation_space().len();
        Self {
            player,
            env,
            limit,
            width,
            envs: Vec::new(),
            rngs: Vec::new(),
            observations: Vec::new(),
            progress: Vec::new(),
        }
    }

    fn play<S>(mut self, seeds: core::ops::Range<u64>, step_many: S) -> Returns
    where
        S: Fn(&mut [E], &[u32], &mut [NumpyGenerator], &mut [f32], &mut [Step]),
    {
        let mut seeds = seeds.enumerate();
        let mut returns = Vec::new();
        let mut inputs = Vec::new();
        let mut actions = [0; TOGETHER];
        let mut steps = [Step { reward: 0.0, ending: None }; TOGETHER];
        let mut activations = vec![0.0; self.player.spec.activation_count(TOGETHER)];
        loop {
            while self.envs.len() < TOGETHER
                && let Some((episode, seed)) = seeds.next()
            {
                self.begin(episode, seed);
                returns.push(f64::NAN);
            }
            let count = self.envs.len();
            if count == 0 {
                return Returns { values: returns };
            }
            inputs.clone_from(&self.observations);
            let choose = Choose {
                player: self.player,
                inputs: &mut inputs,
                activations: &mut activations,
                actions: &mut actions[..count],
            };
            self.player.lanes.dispatch(choose);
            step_many(
                &mut self.envs,
                &actions[..count],
                &mut self.rngs,
                &mut self.observations,
                &mut steps[..count],
            );
            // From the last on, so that what takes an ended one's place has been seen already.
            for game in (0..count).rev() {
                let Progress { episode, elapsed, total_reward } = &mut self.progress[game];
                *elapsed += 1;
                *total_reward += steps[game].reward;
                let cut = self.limit.is_some_and(|limit| *elapsed >= limit);
                if steps[game].ending.is_some() || cut {
                    returns[*episode] = *total_reward;
                    self.end(game);
                }
            }
        }
    }

    fn begin(&mut self, episode: usize, seed: u64) {
        let (mut env, mut rng) = (self.env.clone(), NumpyGenerator::new(seed));
        let start = self.observations.len();
        self.observations.resize(start + self.width, 0.0);
        env.reset(&mut rng, &mut self.observations[start..]);
        self.envs.push(env);
        self.rngs.push(rng);
        self.progress.push(Progress { episode, elapsed: 0, total_reward: 0.0 });
    }

    /// The last one takes the place of the one that has ended.
    fn end(&mut self, game: usize) {
        self.envs.swap_remove(game);
        self.rngs.swap_remove(game);
        self.progress.swap_remove(game);
        let last = self.envs.len() * self.width;
        self.observations.copy_within(last.., game * self.width);
        self.observations.truncate(last);
    }
}

/// The greedy actions for a batch of observations, as an operation that the chosen lanes run.
struct Choose<'a> {
    player: &'a Player<'a>,
    inputs: &'a mut [f32],
    activations: &'a mut [f32],
    actions: &'a mut [u32],
}

impl WithSimd for Choose<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Player { spec, parameters, normalise, .. } = *self.player;
        let batch = self.actions.len();
        for row in self.inputs.chunks_exact_mut(spec.inputs()) {
            normalise.apply(row);
        }
        let activations = &mut self.activations[..spec.activation_count(batch)];
        network::infer_batch(simd, spec, parameters, batch, self.inputs, activations);
        let values = network::output(spec, batch, activations).chunks_exact(spec.outputs());
        for (action, values) in self.actions.iter_mut().zip(values) {
            *action = greedy(values);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::nn::{Activation, Initialisation, Lanes, NetworkSpec};
    use embedded_rl_core::preprocess::Normalise;
    use embedded_rl_core::rng::{Role, stream};

    #[test]
    fn episodes_played_together_return_what_they_return_alone() {
        let lunar = ("LunarLander-v3", 8, 4, &[0.0; 8][..], &[0.5; 8][..]);
        let cart = ("CartPole-v1", 4, 2, &[][..], &[][..]);
        for (id, inputs, outputs, offset, scale) in [lunar, cart] {
            let (task, _) = Task::make(id).unwrap();
            let spec = NetworkSpec::mlp(&[inputs, 16, outputs], Activation::Relu);
            let mut parameters = vec![0.0; spec.parameter_count()];
            let mut rng = stream(7, Role::Initialisation);
            Initialisation::PyTorch.draw(&spec, &mut rng, &mut parameters);
            let normalise = Normalise::new(offset, scale);
            let player =
                Player { spec: &spec, parameters: &parameters, normalise, lanes: Lanes::best() };
            // More than are under way at a time, so that places are taken again.
            let alone = player.play(&task, 3, 100, |_, _| true);
            assert_eq!(player.play_together(&task, 3, 100), alone, "{id}");
        }
    }
}
