//! One agent on one task with one seed: turns core's wheel, records every episode, and plays what was learned.
//!
//! A trial is a function of its configuration and its seed. It reads no clock and writes no file but the film that it is
//! asked for, so trials run side by side and give what they give one by one.

use super::agent::{OnlineAgent, Sizes, index};
use super::agent_config::AgentConfig;
use super::config::TrialConfig;
use super::lockstep;
use super::memory::Memory;
use super::policy_config::PolicyRule;
use crate::draw::{Filmed, Screen, film_episode};
use crate::export::widened;
use crate::failure::{Failure, Outcome};
use crate::registry::{self, Numbered, OnEnvironment, Registered};
use core::sync::atomic::{AtomicBool, Ordering};
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::nn::NetworkSpec;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::run::online::{Run, play};
use embedded_rl_core::space::Space;
use serde_json::Value;

/// One episode, or one choice of a bandit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Steps of the environment until its end.
    pub step: u64,
    /// Sum of its rewards.
    pub total_reward: f64,
    /// Its steps.
    pub length: u32,
    /// What was lost against the best arm, in expectation; zero where there are no arms.
    pub regret: f32,
    /// Whether the best arm was taken.
    pub best_arm: bool,
}

/// What a trial came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Learned {
    /// Every episode, or every choice of a bandit.
    pub points: Vec<Point>,
    /// Steps of the environment.
    pub steps: u64,
    /// Finished episodes.
    pub episodes: u64,
    /// Returns and lengths of playing greedily.
    pub greedy: Vec<(f64, u64)>,
    /// The states of the first greedy episode, where they are numbered.
    pub path: Vec<u32>,
    /// `[states][actions]` where states are numbered and the agent has a table; empty elsewhere.
    pub values: Vec<f32>,
    /// How many actions there are.
    pub actions: u32,
    /// The value that was watched, after every step.
    pub watched: Vec<f32>,
    /// FNV-1a of the bits of all that was learned.
    pub hash: u64,
    /// The policy, if it is a network, between whole observations and a number an action.
    pub policy: Option<(NetworkSpec, Vec<f32>)>,
    /// Episodes until a search reached its goal, if it did.
    pub episodes_to_goal: Option<u64>,
    /// The film that was asked for.
    pub filmed: Option<Filmed>,
}

/// A film of a greedy episode.
#[derive(Clone, Copy, Debug)]
pub struct Film<'a> {
    /// Where it is shown.
    pub screen: Screen<'a>,
    /// The episode starts as Gymnasium's `reset(seed)`.
    pub seed: u64,
}

/// Steps of an evaluation's episode where neither the task nor the configuration has a limit.
const PATIENCE: u32 = 100_000;
/// Steps between two looks at whether to stop.
const BREATH: u64 = 1 << 12;

/// Runs one trial, and films what was learned if asked to; `None` if it was interrupted.
pub fn run(
    config: &TrialConfig,
    seed: u64,
    interrupted: &AtomicBool,
    film: Option<Film<'_>>,
) -> Outcome<Option<Learned>> {
    let wrong = |error: registry::Refusal| Failure::wrong_use(error.to_string());
    let mut options = serde_json::to_value(&config.options).unwrap_or_default();
    if let (Some(option), Some(options)) = (&config.seeded_option, options.as_object_mut()) {
        options.insert(option.clone(), Value::from(seed));
    }
    let registration = registry::find(&config.environment).map_err(wrong)?;
    let limit = config.step_limit.or(registration.step_limit).filter(|&limit| limit > 0);
    let trial = Trial { config, seed, limit, interrupted, film };
    registration.run_unlimited(&options, trial).map_err(wrong)?
}

struct Trial<'a> {
    config: &'a TrialConfig,
    seed: u64,
    limit: Option<u32>,
    interrupted: &'a AtomicBool,
    film: Option<Film<'a>>,
}

impl OnEnvironment for Trial<'_> {
    type Output = Outcome<Option<Learned>>;

    fn run<E: Registered>(self, env: E) -> Self::Output {
        let sizes = sizes(&env, self.config, self.limit)?;
        let mut memory = Memory::new(&self.config.agent, sizes)?;
        let mut agent = OnlineAgent::new(
            &self.config.agent,
            sizes,
            self.seed,
            &mut memory,
            |state, action| env.can(state, action),
        )?;
        let mut learned = Learned {
            points: Vec::new(),
            steps: 0,
            episodes: 0,
            greedy: Vec::new(),
            path: Vec::new(),
            values: Vec::new(),
            actions: sizes.actions,
            watched: Vec::new(),
            hash: 0,
            policy: None,
            episodes_to_goal: None,
            filmed: None,
        };
        let finished = match self.limit {
            _ if self.imitates() => self.imitate(&env, &mut agent, &mut learned),
            Some(limit) => self.learn(TimeLimit::new(env.clone(), limit), &mut agent, &mut learned),
            None => self.learn(env.clone(), &mut agent, &mut learned),
        }?;
        if !finished {
            return Ok(None);
        }
        learned.hash = agent.hash(sizes);
        if let OnlineAgent::Policy(agent) = &agent {
            let network = widened(agent.spec(), agent.parameters(), agent.inputs(), sizes.width);
            learned.policy = Some(network);
            learned.episodes_to_goal = agent.episodes_to_goal();
        }
        for state in 0..sizes.states.unwrap_or_default() {
            learned
                .values
                .extend((0..sizes.actions).filter_map(|action| agent.value(state, action)));
        }
        let limit = self.config.evaluation.step_limit.or(self.limit).unwrap_or(PATIENCE);
        let mut env = TimeLimit::new(env, limit);
        if let Some(Film { screen, seed }) = self.film {
            let rng = &mut NumpyGenerator::new(seed);
            let filmed = film_episode(screen, &mut env, rng, |seen| agent.greedy_action(seen))?;
            learned.filmed = Some(filmed);
        }
        let mut env = numbered(env, self.config)?;
        let mut observation = vec![E::Element::default(); sizes.width];
        for number in 0..self.config.evaluation.episodes {
            let seed = self.config.evaluation.first_seed.wrapping_add(number);
            let rng = &mut NumpyGenerator::new(seed);
            let walks = number == 0 && sizes.states.is_some();
            let played = play(&mut env, rng, &mut observation, |seen| {
                if walks {
                    learned.path.push(index(seen));
                }
                agent.greedy_action(seen)
            });
            learned.greedy.push((played.total_reward, played.length));
            if walks {
                learned.path.push(index(&observation));
            }
        }
        Ok(Some(learned))
    }
}

impl Trial<'_> {
    /// Whether it came to its end.
    fn learn<E: Registered>(
        &self,
        env: E,
        agent: &mut OnlineAgent<'_>,
        learned: &mut Learned,
    ) -> Outcome<bool> {
        let is_bandit = matches!(self.config.agent, AgentConfig::Bandit(_));
        let (steps, episodes) = (self.config.steps, self.config.episodes);
        let mut observation = vec![E::Element::default(); env.observation_space().len()];
        let mut run = Run::new(numbered(env, self.config)?, &mut observation, self.seed);
        while steps.is_none_or(|steps| learned.steps < steps)
            && episodes.is_none_or(|episodes| learned.episodes < episodes)
            && !self.is_shown(agent, learned.episodes)
        {
            if learned.steps.is_multiple_of(BREATH) && self.interrupted.load(Ordering::Relaxed) {
                return Ok(false);
            }
            let turn = run.turn(agent);
            learned.steps += 1;
            if let Some(full) = agent.complaint() {
                return Err(Failure::failed(format!(
                    "{}: {full}, at step {}; make agent.observations larger",
                    self.config.environment, learned.steps
                )));
            }
            if let Some(watch) = self.config.watch {
                learned.watched.extend(agent.value(watch.state, watch.action));
            }
            if turn.episode.is_some() {
                learned.episodes += 1;
            }
            if is_bandit {
                let value = |arm| run.env.inner().arm_value(arm);
                let best = run.env.inner().best_arm();
                let regret = best.and_then(|best| Some(value(best)? - value(turn.action)?));
                learned.points.push(Point {
                    step: learned.steps,
                    total_reward: turn.step.reward,
                    length: 1,
                    regret: regret.unwrap_or_default() as f32,
                    best_arm: best == Some(turn.action),
                });
            } else if let Some(episode) = turn.episode {
                learned.points.push(Point {
                    step: learned.steps,
                    total_reward: episode.total_reward,
                    length: episode.length as u32,
                    regret: 0.0,
                    best_arm: false,
                });
            }
        }
        Ok(true)
    }

    /// Whether a search is over and what it found was played for a window, which is all that curves need.
    fn is_shown(&self, agent: &OnlineAgent<'_>, episodes: u64) -> bool {
        let OnlineAgent::Policy(agent) = agent else { return false };
        let window = self.config.last.unwrap_or(self.config.window);
        agent.episodes_to_goal().is_some_and(|found| episodes >= found + window)
    }

    fn imitates(&self) -> bool {
        let AgentConfig::Policy(config) = &self.config.agent else { return false };
        matches!(config.rule, PolicyRule::Imitation(_))
    }

    /// The same for an agent that learns in many copies of the environment.
    fn imitate<E: Registered>(
        &self,
        env: &E,
        agent: &mut OnlineAgent<'_>,
        learned: &mut Learned,
    ) -> Outcome<bool> {
        let (AgentConfig::Policy(config), OnlineAgent::Policy(agent)) = (&self.config.agent, agent)
        else {
            return Ok(false);
        };
        let PolicyRule::Imitation(imitation) = &config.rule else { return Ok(false) };
        let limit = self.limit.unwrap_or(u32::MAX);
        let env = TimeLimit::new(numbered(env.clone(), self.config)?, limit);
        let imitated =
            lockstep::imitate(&env, self.config, config, imitation, self.seed, self.interrupted);
        let Some(imitated) = imitated else { return Ok(false) };
        learned.steps = imitated.steps;
        learned.episodes = imitated.points.len() as u64;
        learned.points = imitated.points;
        agent.replace(imitated.parameters);
        Ok(true)
    }
}

fn numbered<E: Registered>(env: E, config: &TrialConfig) -> Outcome<Numbered<E>> {
    let space = env.action_space().to_string();
    Numbered::new(env).ok_or_else(|| {
        let id = &config.environment;
        Failure::wrong_use(format!("{id}: its actions are {space}, not numbered ones"))
    })
}

/// What the agent needs to know, if this environment and the configuration fit each other.
fn sizes<E: Registered>(env: &E, config: &TrialConfig, limit: Option<u32>) -> Outcome<Sizes> {
    let wrong = |reason: String| Failure::wrong_use(format!("{}: {reason}", config.environment));
    let space = env.observation_space();
    let states = match space {
        Space::Discrete { n } => Some(n),
        _ => None,
    };
    let Space::Discrete { n: actions } = env.action_space() else {
        return Err(wrong(format!("its actions are {}, not numbered ones", env.action_space())));
    };
    if let Some(watch) = config.watch
        && !states.is_some_and(|states| watch.state < states && watch.action < actions)
    {
        return Err(wrong("there is no such state and action to watch".to_owned()));
    }
    Ok(Sizes { states, width: space.len(), actions, limit })
}
