//! The copies that one thread steps, with their rows of the batch.

use embedded_rl_core::env::{Ending, Env, Step};
use embedded_rl_core::rng::Rng;

/// Neighbouring copies. Every slice has one element a copy, those of observations `width`; there may be no actions.
pub(super) struct Part<'a, E: Env, R> {
    pub(super) width: usize,
    pub(super) envs: &'a mut [E],
    pub(super) generators: &'a mut [R],
    pub(super) elapsed: &'a mut [u32],
    pub(super) steps: &'a mut [Step],
    pub(super) actions: &'a [E::Action],
    pub(super) observations: &'a mut [E::Element],
    pub(super) final_observations: &'a mut [E::Element],
    pub(super) rewards: &'a mut [f64],
    pub(super) endings: &'a mut [Option<Ending>],
}

impl<E, R> Part<'_, E, R>
where
    E: Env<Action: Sync, Element: Send> + Send,
    R: Rng + Send,
{
    /// Does `work` on as many parts of this one as there are threads, side by side.
    pub(super) fn over(self, threads: usize, work: &(impl Fn(Part<'_, E, R>) + Sync)) {
        let copies = self.envs.len();
        // No part is empty.
        let threads = threads.min(copies);
        if threads <= 1 {
            return work(self);
        }
        let fewer = threads / 2;
        let (left, right) = self.split_at(copies * fewer / threads);
        rayon::join(|| left.over(fewer, work), || right.over(threads - fewer, work));
    }

    fn split_at(self, copies: usize) -> (Self, Self) {
        let (envs, more_envs) = self.envs.split_at_mut(copies);
        let (generators, more_generators) = self.generators.split_at_mut(copies);
        let (elapsed, more_elapsed) = self.elapsed.split_at_mut(copies);
        let (steps, more_steps) = self.steps.split_at_mut(copies);
        let (actions, more_actions) = self.actions.split_at(copies.min(self.actions.len()));
        let elements = copies * self.width;
        let (observations, more_observations) = self.observations.split_at_mut(elements);
        let (finals, more_finals) = self.final_observations.split_at_mut(elements);
        let (rewards, more_rewards) = self.rewards.split_at_mut(copies);
        let (endings, more_endings) = self.endings.split_at_mut(copies);
        let left = Self {
            width: self.width,
            envs,
            generators,
            elapsed,
            steps,
            actions,
            observations,
            final_observations: finals,
            rewards,
            endings,
        };
        let right = Self {
            width: self.width,
            envs: more_envs,
            generators: more_generators,
            elapsed: more_elapsed,
            steps: more_steps,
            actions: more_actions,
            observations: more_observations,
            final_observations: more_finals,
            rewards: more_rewards,
            endings: more_endings,
        };
        (left, right)
    }

    pub(super) fn reset(&mut self) {
        self.elapsed.fill(0);
        self.rewards.fill(0.0);
        self.endings.fill(None);
        let rows = self.observations.chunks_exact_mut(self.width);
        for ((env, rng), row) in self.envs.iter_mut().zip(&mut *self.generators).zip(rows) {
            env.reset(rng, row);
        }
    }

    pub(super) fn step(
        &mut self,
        step_many: &impl Fn(&mut [E], &[E::Action], &mut [R], &mut [E::Element], &mut [Step]),
    ) {
        step_many(self.envs, self.actions, self.generators, self.observations, self.steps);
    }

    /// Cuts long episodes, and begins the next where one has ended.
    pub(super) fn conclude(&mut self, limit: Option<u32>) {
        for copy in 0..self.envs.len() {
            let Step { reward, mut ending } = self.steps[copy];
            self.elapsed[copy] = self.elapsed[copy].saturating_add(1);
            if ending.is_none() && limit.is_some_and(|limit| self.elapsed[copy] >= limit) {
                ending = Some(Ending::Truncated);
            }
            self.rewards[copy] = reward;
            self.endings[copy] = ending;
            if ending.is_some() {
                let row = copy * self.width..(copy + 1) * self.width;
                self.final_observations[row.clone()]
                    .copy_from_slice(&self.observations[row.clone()]);
                self.elapsed[copy] = 0;
                self.envs[copy].reset(&mut self.generators[copy], &mut self.observations[row]);
            }
        }
    }
}
