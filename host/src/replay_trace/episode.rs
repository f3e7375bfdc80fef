//! Plays the episodes of a trace on one environment and compares as it goes.

use super::compare::{self, Difference, Mismatch, Report};
use super::format::{Double, End, Line, Lines, Reset, Step};
use super::{TraceError, TraceError::Order};
use crate::draw::Film;
use crate::failure::Failure;
use crate::registry::{OnEnvironment, RecordedAction, Registered};
use embedded_rl_core::env::Ending;
use embedded_rl_core::rng::NumpyGenerator;
use std::io::BufRead;

/// A replay after its header.
pub(super) struct Replay<'a, R> {
    pub(super) lines: Lines<R>,
    pub(super) report: Report,
    /// The film that is still to be made.
    pub(super) film: Option<super::Film<'a>>,
}

impl<R: BufRead> OnEnvironment for Replay<'_, R> {
    type Output = Result<Report, TraceError>;

    fn run<E: Registered>(mut self, env: E) -> Self::Output {
        let mut player = Player {
            observation: vec![E::Element::default(); env.observation_space().len()],
            env,
            rng: NumpyGenerator::new(0),
            before: Vec::new(),
            total: 0.0,
            ending: None,
            film: None,
        };
        let mut episodes = 0;
        while let Some((line, content)) = self.lines.next()? {
            let Line::Reset(reset) = content else {
                return Err(order(line, &content, "a reset".to_owned()));
            };
            episodes += 1;
            if let Some(difference) = self.episode(&mut player, line, &reset)? {
                self.report.difference = Some(difference);
                return Ok(self.report);
            }
            self.report.episodes += 1;
        }
        if episodes == 0 {
            return Err(TraceError::Empty);
        }
        if self.film.is_some() { Err(TraceError::NotFilmed) } else { Ok(self.report) }
    }
}

impl<'a, R: BufRead> Replay<'a, R> {
    fn episode<E: Registered>(
        &mut self,
        player: &mut Player<'a, E>,
        line: u64,
        reset: &Reset,
    ) -> Result<Option<Difference>, TraceError> {
        let episode = reset.ep;
        let differs = |step, (field, got, want): Mismatch| {
            Ok(Some(Difference { episode, step, field, got, want }))
        };
        if let Err(mismatch) = player.reset(line, reset)? {
            return differs(0, mismatch);
        }
        if let Some(film) = self.film.take_if(|film| film.episode.is_none_or(|own| own == episode))
        {
            player.film = Some(Film::begin(film.screen, &player.env)?);
        }
        let mut steps = 0;
        loop {
            let Some((line, content)) = self.lines.next()? else {
                return Err(TraceError::CutOff { line: self.lines.number(), episode });
            };
            match content {
                Line::Step(step)
                    if step.ep == episode && step.t == steps + 1 && player.ending.is_none() =>
                {
                    steps += 1;
                    if let Err(mismatch) = player.step(line, &step, &mut self.report)? {
                        return differs(steps, mismatch);
                    }
                    self.report.steps += 1;
                }
                Line::End(end) if end.ep == episode => {
                    if let Some(film) = player.film.take() {
                        film.end()?;
                    }
                    return match player.end(&end, steps) {
                        Ok(()) => Ok(None),
                        Err(mismatch) => differs(steps, mismatch),
                    };
                }
                other => {
                    let expected = match player.ending {
                        Some(_) => format!("the end of episode {episode}"),
                        None => format!("step {} or the end of episode {episode}", steps + 1),
                    };
                    return Err(order(line, &other, expected));
                }
            }
        }
    }
}

/// The environment with what a replay carries from step to step.
struct Player<'a, E: Registered> {
    env: E,
    rng: NumpyGenerator,
    observation: Vec<E::Element>,
    /// The state that the line before recorded, where there is one.
    before: Vec<Double>,
    total: f64,
    ending: Option<Ending>,
    film: Option<Film<'a>>,
}

impl<E: Registered> Player<'_, E> {
    fn reset(&mut self, line: u64, reset: &Reset) -> Result<Result<(), Mismatch>, TraceError> {
        self.lengths(line, reset.obs.len(), reset.state.len())?;
        self.rng = NumpyGenerator::new(reset.seed);
        self.env.reset(&mut self.rng, &mut self.observation);
        (self.total, self.ending) = (0.0, None);
        self.before.clone_from(&reset.state);
        Ok(self.compare_reset(reset))
    }

    fn compare_reset(&mut self, reset: &Reset) -> Result<(), Mismatch> {
        for (index, (&got, want)) in self.env.state().iter().zip(&reset.state).enumerate() {
            compare::double(&format!("state[{index}]"), got, want.0)?;
        }
        self.compare_observation(&reset.obs)?;
        compare::bodies(self.env.physics(), &reset.bodies)
    }

    fn step(
        &mut self,
        line: u64,
        recorded: &Step,
        report: &mut Report,
    ) -> Result<Result<(), Mismatch>, TraceError> {
        self.lengths(line, recorded.obs.len(), recorded.state.len())?;
        let space = self.env.action_space();
        let action = E::Action::read(&recorded.action, space).ok_or_else(|| {
            TraceError::Action { line, action: recorded.action.clone(), space: space.to_string() }
        })?;
        for (value, before) in self.env.state().iter_mut().zip(&self.before) {
            *value = before.0;
        }
        if let Some(film) = &mut self.film {
            film.before_step(&self.env, action);
        }
        let step = self.env.step(action, &mut self.rng, &mut self.observation);
        if let Some(film) = &mut self.film {
            film.after_step(&self.env)?;
        }
        self.total += step.reward;
        self.ending = step.ending;
        let compared = self.compare_step(step, recorded, report);
        self.before.clone_from(&recorded.state);
        Ok(compared)
    }

    fn compare_step(
        &mut self,
        step: embedded_rl_core::env::Step,
        recorded: &Step,
        report: &mut Report,
    ) -> Result<(), Mismatch> {
        for (index, (&got, want)) in self.env.state().iter().zip(&recorded.state).enumerate() {
            let distance = compare::state(index, got, want.0, E::TOLERANCE)?;
            report.state_values += 1;
            report.inexact += u64::from(distance > 0.0);
            report.largest_distance = report.largest_distance.max(distance);
        }
        self.compare_observation(&recorded.obs)?;
        compare::rewards("reward", step.reward, recorded.reward.0, E::REWARD_TOLERANCE, 1)?;
        compare::bodies(self.env.physics(), &recorded.bodies)?;
        compare::ending(step.ending, recorded.terminated, recorded.truncated)
    }

    fn compare_observation(&self, recorded: &[u32]) -> Result<(), Mismatch> {
        let values: Vec<f64> = self.observation.iter().map(|&element| element.into()).collect();
        compare::observation(self.env.observation_space(), &values, recorded)
    }

    fn end(&self, end: &End, steps: u64) -> Result<(), Mismatch> {
        if steps != end.steps {
            return Err(("steps".to_owned(), steps.to_string(), end.steps.to_string()));
        }
        compare::rewards("return", self.total, end.total.0, E::REWARD_TOLERANCE, steps)
    }

    fn lengths(&mut self, line: u64, observation: usize, state: usize) -> Result<(), TraceError> {
        let wanted = [
            ("obs", observation, self.observation.len()),
            ("state", state, self.env.state().len()),
        ];
        match wanted.into_iter().find(|(_, got, want)| got != want) {
            Some((field, got, want)) => Err(TraceError::Length { line, field, got, want }),
            None => Ok(()),
        }
    }
}

impl From<Failure> for TraceError {
    fn from(problem: Failure) -> Self {
        Self::Film { problem }
    }
}

fn order(line: u64, found: &Line, expected: String) -> TraceError {
    Order { line, found: found.name(), expected }
}
