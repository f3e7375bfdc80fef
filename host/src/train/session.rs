//! One run between its start, or its last checkpoint, and its end.

use super::buffers::Parts;
use super::learners::{LearnerState, Resumable, take};
use super::progress_bar::Display;
use crate::checkpoint::{Best, Checkpoint, PriorityContent, Progress, WaitingContent};
use crate::config::{Config, Keep};
use crate::evaluate::Player;
use crate::failure::{Failure, Outcome};
use crate::record::{EpisodeRow, EvaluationRow, RunFolder, Summary, Table, write_atomically};
use crate::task::Task;
use crate::{export, plot};
use core::sync::atomic::{AtomicBool, Ordering};
use embedded_rl_core::dqn::DqnAgent;
use embedded_rl_core::nn::{Lanes, NetworkSpec};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::{Episode, Run};
use std::time::Instant;

/// Episodes of the moving mean that decides when a task is solved, as Gymnasium's thresholds are meant.
const WINDOW: usize = 100;
/// First seed of the evaluations during training; the last evaluation takes the seeds from 0, so it is fresh.
const EVALUATION_SEED: u64 = 1_000_000;

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// All was done.
    Finished(Summary),
    /// It had been finished before.
    AlreadyFinished(Summary),
    /// It was asked to stop after this step; everything is saved.
    Interrupted {
        /// Steps of the environment made.
        step: u64,
    },
}

/// A run that is being trained.
pub(super) struct Session<'a, L> {
    config: &'a Config,
    config_text: String,
    folder: &'a RunFolder,
    task: Task,
    threshold: f64,
    spec: NetworkSpec,
    agent: DqnAgent<'a, L>,
    run: Run<'a, Task>,
    progress: Progress,
    metrics: Table,
    evaluations: Table,
    display: Display,
    started: Instant,
    /// Seconds of training before this session.
    earlier_seconds: f64,
}

impl<'a, L: Resumable> Session<'a, L> {
    /// Sets everything up, and takes up the checkpoint if there is one.
    pub(super) fn open(
        config: &'a Config,
        folder: &'a RunFolder,
        (task, threshold, spec): (Task, f64, NetworkSpec),
        parts: Parts<'a, L>,
        display: Display,
    ) -> Outcome<Self> {
        let checkpoint = folder.checkpoint();
        let checkpoint =
            if checkpoint.exists() { Some(Checkpoint::read(&checkpoint)?) } else { None };
        let Parts { learner, memory, observation, next_observation } = parts;
        let agent = DqnAgent::new(config.agent, learner, memory, config.seed);
        let rng = stream(config.seed, Role::Environment);
        let run = Run::start(task.clone(), rng, normalise(config), observation, next_observation);
        let progress = checkpoint.as_ref().map(|saved| saved.progress.clone()).unwrap_or_default();
        let metrics = Table::open(&folder.metrics(), EpisodeRow::HEADER, progress.metric_rows)?;
        let evaluations =
            Table::open(&folder.evaluations(), EvaluationRow::HEADER, progress.evaluation_rows)?;
        let mut session = Self {
            config,
            config_text: config.to_toml(),
            folder,
            task,
            threshold,
            spec,
            agent,
            run,
            progress,
            metrics,
            evaluations,
            display,
            started: Instant::now(),
            earlier_seconds: 0.0,
        };
        if let Some(checkpoint) = checkpoint {
            session.restore(checkpoint)?;
        }
        Ok(session)
    }

    /// Trains to the end, or until `interrupted`.
    pub(super) fn finish(mut self, interrupted: &AtomicBool) -> Outcome<Ended> {
        while self.agent.state.steps < self.config.steps && !self.progress.stopped {
            if interrupted.load(Ordering::Relaxed) {
                return self.interrupt();
            }
            self.turn()?;
        }
        self.save()?;
        let seconds = self.seconds();
        let (policy_step, parameters) = self.policy_parameters()?;
        export::write_policy(&self.folder.policy(), self.config, &self.spec, &parameters)?;
        let episodes = self.config.evaluation.final_episodes;
        let returns = self.player(&parameters).play_together(&self.task, 0, episodes);
        self.display.end();
        plot::draw_curve(self.folder, self.threshold)?;
        let summary = Summary {
            kind: "summary".to_owned(),
            environment: self.config.environment.clone(),
            seed: self.config.seed,
            eval_mean: returns.mean(),
            eval_std: returns.std(),
            eval_episodes: returns.count(),
            env_steps: self.agent.state.steps,
            episodes: self.agent.state.episodes,
            updates: self.agent.state.updates,
            wall_seconds: (seconds * 1e3).round() / 1e3,
            solved_at_episode: self.progress.solved_at_episode,
            policy_step,
            parameters_hash: format!("{:016x}", embedded_rl_core::weights::hash(&parameters)),
        };
        let text = serde_json::to_string_pretty(&summary)
            .map_err(|error| Failure::failed(format!("cannot write the summary: {error}")))?;
        write_atomically(&self.folder.summary(), (text + "\n").as_bytes())?;
        Ok(Ended::Finished(summary))
    }

    fn turn(&mut self) -> Outcome<()> {
        let turn = self.run.turn(&mut self.agent);
        self.check()?;
        if let Some(update) = turn.update {
            self.progress.last_update = (update.loss, update.mean_q);
        }
        if let Some(episode) = turn.episode {
            self.episode(episode)?;
        }
        let step = self.agent.state.steps;
        let evaluation = &self.config.evaluation;
        let solved = self.progress.solved_at_episode.is_some();
        if step.is_multiple_of(evaluation.every) && (solved || !evaluation.only_solved) {
            self.evaluate(step)?;
        }
        if step.is_multiple_of(self.config.checkpoint_every) {
            self.save()?;
        }
        Ok(())
    }

    fn episode(&mut self, episode: Episode) -> Outcome<()> {
        let recent = &mut self.progress.recent_returns;
        if recent.len() == WINDOW {
            recent.remove(0);
        }
        recent.push(episode.total_reward);
        let mean_return_100 = recent.iter().sum::<f64>() / recent.len() as f64;
        let number = self.agent.state.episodes;
        if recent.len() == WINDOW && mean_return_100 >= self.threshold {
            self.progress.solved_at_episode.get_or_insert(number);
        }
        let (loss, mean_q) = self.progress.last_update;
        let row = EpisodeRow {
            episode: number,
            step: self.agent.state.steps,
            total_reward: episode.total_reward,
            length: episode.length,
            mean_return_100,
            epsilon: self.agent.epsilon(),
            loss,
            mean_q,
            updates: self.agent.state.updates,
            wall_seconds: self.seconds(),
        };
        self.display.episode(&row);
        self.metrics.push(&row.to_csv())
    }

    fn evaluate(&mut self, step: u64) -> Outcome<()> {
        let parameters = self.parameters()?;
        let episodes = self.config.evaluation.episodes;
        let returns = self.player(&parameters).play_together(&self.task, EVALUATION_SEED, episodes);
        let row = EvaluationRow {
            step,
            episodes: returns.count(),
            mean: returns.mean(),
            std: returns.std(),
            wall_seconds: self.seconds(),
        };
        let usable = parameters.iter().all(|parameter| parameter.is_finite());
        if usable && self.progress.best.as_ref().is_none_or(|best| row.mean >= best.mean) {
            self.progress.best = Some(Best { step, mean: row.mean, parameters });
        }
        self.progress.stopped = row.mean >= self.config.evaluation.stop_at;
        self.display.evaluation(&row);
        self.evaluations.push(&row.to_csv())
    }

    fn interrupt(mut self) -> Outcome<Ended> {
        self.save()?;
        let (_, parameters) = self.policy_parameters()?;
        export::write_policy(&self.folder.policy(), self.config, &self.spec, &parameters)?;
        self.display.end();
        plot::draw_curve(self.folder, self.threshold)?;
        Ok(Ended::Interrupted { step: self.agent.state.steps })
    }

    /// The parameters to export and the step they are of.
    fn policy_parameters(&mut self) -> Outcome<(u64, Vec<f32>)> {
        match (&self.progress.best, self.config.evaluation.keep) {
            (Some(best), Keep::Best) => Ok((best.step, best.parameters.clone())),
            _ => Ok((self.agent.state.steps, self.parameters()?)),
        }
    }

    fn parameters(&mut self) -> Outcome<Vec<f32>> {
        let parameters = self.agent.learner.parameters().to_vec();
        self.check().map(|()| parameters)
    }

    /// Whether the learner still works. If not, nothing of it is saved: the last checkpoint is from before.
    fn check(&mut self) -> Outcome<()> {
        self.agent.learner.check().map_err(|failure| {
            let path = self.folder.path().display();
            Failure::failed(format!(
                "{failure}; the last checkpoint is from before that, continue with: embedded-rl train --resume {path}"
            ))
        })
    }

    fn player<'p>(&'p self, parameters: &'p [f32]) -> Player<'p> {
        Player {
            spec: &self.spec,
            parameters,
            normalise: normalise(self.config),
            lanes: Lanes::best(),
        }
    }

    fn seconds(&self) -> f64 {
        self.earlier_seconds + self.started.elapsed().as_secs_f64()
    }

    fn save(&mut self) -> Outcome<()> {
        self.metrics.flush()?;
        self.evaluations.flush()?;
        self.progress.metric_rows = self.metrics.count();
        self.progress.evaluation_rows = self.evaluations.count();
        let steps = self.agent.waiting_steps();
        let waiting = WaitingContent {
            waiting: steps.waiting(),
            observations: steps.observations.to_vec().into(),
            actions: steps.actions.to_vec().into(),
            rewards: steps.rewards.to_vec().into(),
        };
        let filled = self.agent.learner.filled();
        let priorities = self.agent.priorities().map(|order| PriorityContent {
            priorities: order.priorities()[..filled].to_vec().into(),
            largest: order.largest(),
        });
        let agent = self.agent.state.clone();
        let LearnerState { optimiser, parameters, target_parameters, moments, replay } =
            self.agent.learner.state()?;
        let checkpoint = Checkpoint {
            config: self.config_text.as_str().into(),
            env: self.run.env.clone(),
            env_rng: self.run.rng.clone(),
            observation: (&*self.run.observation).into(),
            total_reward: self.run.total_reward,
            length: self.run.length,
            agent,
            optimiser,
            parameters,
            target_parameters,
            moments,
            replay,
            waiting,
            priorities,
            progress: self.progress.clone(),
        };
        checkpoint.write(&self.folder.checkpoint())
    }

    fn restore(&mut self, saved: Checkpoint<'static, Task>) -> Outcome<()> {
        let path = self.folder.checkpoint();
        let refuse = |reason| {
            Failure::failed(format!("the checkpoint {} cannot be used: {reason}", path.display()))
        };
        if saved.config != self.config_text {
            return Err(refuse(
                "config.toml was changed after it was written; undo that to continue the run",
            ));
        }
        let state = LearnerState {
            optimiser: saved.optimiser,
            parameters: saved.parameters,
            target_parameters: saved.target_parameters,
            moments: saved.moments,
            replay: saved.replay,
        };
        let learner = &mut self.agent.learner;
        let fits =
            take(&mut *self.run.observation, &saved.observation) && learner.restore(&state)?;
        let filled = learner.filled();
        let steps = self.agent.waiting_steps();
        let fits = fits
            && take(steps.observations, &saved.waiting.observations)
            && take(steps.actions, &saved.waiting.actions)
            && take(steps.rewards, &saved.waiting.rewards)
            && steps.resume(saved.waiting.waiting)
            && match (self.agent.priorities(), saved.priorities) {
                (Some(order), Some(saved)) if saved.priorities.len() == filled => {
                    order.restore(&saved.priorities, saved.largest);
                    true
                }
                (None, None) => true,
                _ => false,
            };
        if !fits {
            return Err(refuse("its sizes are not those of config.toml"));
        }
        self.agent.state = saved.agent;
        self.run.env = saved.env;
        self.run.rng = saved.env_rng;
        (self.run.total_reward, self.run.length) = (saved.total_reward, saved.length);
        self.earlier_seconds = last_wall_seconds(self.folder);
        self.display.begin_at(self.agent.state.steps);
        Ok(())
    }
}

fn normalise(config: &Config) -> Normalise<'_> {
    Normalise::new(&config.observation.offset, &config.observation.scale)
}

/// The wall clock is not in the checkpoint, so a continued run reads it from its own last rows.
fn last_wall_seconds(folder: &RunFolder) -> f64 {
    [folder.metrics(), folder.evaluations()]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .filter_map(|text| text.lines().last()?.rsplit(',').next()?.parse().ok())
        .fold(0.0, f64::max)
}
