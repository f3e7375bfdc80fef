//! Core's online agents behind one face, over memory sized at run time: what a trial turns the wheel with.
//!
//! It also numbers observations for agents with tables: an index is its own number, anything else gets one from core's
//! `ObservationTable`. It learns nothing itself.

use super::agent_config::{AgentConfig, Coding, TabularAgentConfig, TabularRule};
use super::memory::Memory;
use super::policy_agent::PolicyAgent;
use crate::failure::{Failure, Outcome};
use embedded_rl_core::agent::Agent;
use embedded_rl_core::bandit_agents::{BanditAgent, MOST_ARMS};
use embedded_rl_core::env::Step;
use embedded_rl_core::linear::{LinearMemory, SemiGradientSarsa, TileCoder};
use embedded_rl_core::policy::greedy_by;
use embedded_rl_core::rng::{Rng, Role, stream};
use embedded_rl_core::tabular::{
    ActionValues, DoubleQLearning, DynaQ, ExpectedSarsa, Full, MonteCarlo, MonteCarloMemory,
    NStepSarsa, ObservationTable, PolicyEvaluation, QLearning, ReplayQLearning, Sarsa, SarsaLambda,
    TabularAgent, TabularConfig,
};
use embedded_rl_core::weights;

/// An agent, and what it has learned.
pub(super) enum OnlineAgent<'a> {
    Bandit(Box<BanditAgent>),
    Tabular { agent: Box<dyn TableLearner + 'a>, sight: Sight<'a> },
    Linear { agent: Box<dyn LinearLearner + 'a>, seen: Vec<f32> },
    Policy(Box<PolicyAgent<'a>>),
}

/// What an agent with a table sees.
pub(super) enum Sight<'a> {
    /// The number of a state.
    Index,
    /// Anything else, which is given a number. Where there is none left, the run is over.
    Numbered { table: ObservationTable<'a>, seen: Vec<f32>, full: Option<Full> },
}

/// What a trial must know of an environment before there is an agent for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Numbered states, if an observation is one.
    pub(super) states: Option<u32>,
    /// Elements of an observation.
    pub(super) width: usize,
    /// Numbered actions.
    pub(super) actions: u32,
    /// Steps of the longest episode, if there is a limit.
    pub(super) limit: Option<u32>,
}

impl<'a> OnlineAgent<'a> {
    /// An agent that has seen nothing. `is_possible` says which actions a state has.
    pub(super) fn new(
        config: &'a AgentConfig,
        sizes: Sizes,
        seed: u64,
        memory: &'a mut Memory,
        is_possible: impl Fn(u32, u32) -> bool,
    ) -> Outcome<Self> {
        match config {
            AgentConfig::Bandit(config) if sizes.actions > MOST_ARMS => Err(Failure::wrong_use(
                format!("a bandit agent has at most {MOST_ARMS} arms, not {}", sizes.actions),
            )),
            AgentConfig::Bandit(config) => {
                Ok(Self::Bandit(Box::new(BanditAgent::new(*config, sizes.actions))))
            }
            AgentConfig::Tabular(config) => Ok(tabular(config, sizes, seed, memory, is_possible)),
            AgentConfig::Policy(config) => {
                Ok(Self::Policy(Box::new(PolicyAgent::new(config, sizes, seed, memory))))
            }
            AgentConfig::Linear(config) => {
                let (coding, learning, actions) = (&config.coding, config.learning, sizes.actions);
                if coding.low.len() != sizes.width {
                    return Err(Failure::wrong_use(format!(
                        "agent.low and agent.high have {} numbers, an observation has {}",
                        coding.low.len(),
                        sizes.width
                    )));
                }
                let agent = match sizes.width {
                    1 => linear::<1>(coding, learning, actions, memory),
                    2 => linear::<2>(coding, learning, actions, memory),
                    3 => linear::<3>(coding, learning, actions, memory),
                    4 => linear::<4>(coding, learning, actions, memory),
                    6 => linear::<6>(coding, learning, actions, memory),
                    width => {
                        return Err(Failure::wrong_use(format!(
                            "tiles are cut in 1 to 4 or 6 dimensions; an observation has {width}"
                        )));
                    }
                };
                Ok(Self::Linear { agent, seen: vec![0.0; sizes.width] })
            }
        }
    }

    /// Why the run cannot go on, if it cannot.
    pub(super) fn complaint(&self) -> Option<Full> {
        match self {
            Self::Tabular { sight: Sight::Numbered { full, .. }, .. } => *full,
            _ => None,
        }
    }

    /// The best action where `observation` was made.
    pub(super) fn greedy_action<T: Copy + Into<f64>>(&mut self, observation: &[T]) -> u32 {
        match self {
            Self::Bandit(agent) => {
                let gradient = agent.preferences().iter().any(|&preference| preference != 0.0);
                let opinions = if gradient { agent.preferences() } else { agent.estimates() };
                greedy_by(opinions.len() as u32, |arm| opinions[arm as usize])
            }
            // Where nothing is known, the first action.
            Self::Tabular { agent, sight } => {
                sight.find(observation).map_or(0, |state| agent.greedy_action(state))
            }
            Self::Linear { agent, seen } => {
                copy_reals(observation, seen);
                agent.greedy_action(seen)
            }
            Self::Policy(agent) => agent.greedy_action(observation),
        }
    }

    /// What is thought of an action in a state; `None` for agents without a table.
    pub(super) fn value(&self, state: u32, action: u32) -> Option<f32> {
        match self {
            Self::Tabular { agent, .. } => Some(agent.value(state, action)),
            _ => None,
        }
    }

    /// FNV-1a of all that was learned, bit by bit.
    pub(super) fn hash(&self, sizes: Sizes) -> u64 {
        match self {
            Self::Bandit(agent) => {
                weights::hash(&[agent.estimates(), agent.preferences()].concat())
            }
            Self::Linear { agent, .. } => weights::hash(agent.weights()),
            Self::Policy(agent) => weights::hash(agent.parameters()),
            Self::Tabular { agent, sight } => {
                let states = match sight {
                    Sight::Index => sizes.states.unwrap_or_default(),
                    Sight::Numbered { table, .. } => table.count(),
                };
                let values: Vec<f32> = (0..states)
                    .flat_map(|state| (0..sizes.actions).map(move |action| (state, action)))
                    .map(|(state, action)| agent.value(state, action))
                    .collect();
                weights::hash(&values)
            }
        }
    }
}

impl<T: Copy + Into<f64>> Agent<T> for OnlineAgent<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[T], mut rng: &mut R) -> u32 {
        match self {
            Self::Bandit(agent) => agent.start(observation, rng),
            Self::Tabular { agent, sight } => match sight.number(observation) {
                Some(state) => agent.start(state, &mut rng),
                None => 0,
            },
            Self::Linear { agent, seen } => {
                copy_reals(observation, seen);
                agent.start(seen, &mut rng)
            }
            Self::Policy(agent) => agent.start(observation, rng),
        }
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[T],
        mut rng: &mut R,
    ) -> Option<u32> {
        match self {
            Self::Bandit(agent) => agent.step(step, next_observation, rng),
            Self::Tabular { agent, sight } => match sight.number(next_observation) {
                Some(state) => agent.step(step, state, &mut rng),
                None => step.ending.is_none().then_some(0),
            },
            Self::Linear { agent, seen } => {
                copy_reals(next_observation, seen);
                agent.step(step, seen, &mut rng)
            }
            Self::Policy(agent) => agent.step(step, next_observation, rng),
        }
    }
}

impl Sight<'_> {
    fn number<T: Copy + Into<f64>>(&mut self, observation: &[T]) -> Option<u32> {
        match self {
            Self::Index => Some(index(observation)),
            Self::Numbered { table, seen, full } => {
                copy_reals(observation, seen);
                table.number(seen).map_err(|error| *full = Some(error)).ok()
            }
        }
    }

    fn find<T: Copy + Into<f64>>(&mut self, observation: &[T]) -> Option<u32> {
        match self {
            Self::Index => Some(index(observation)),
            Self::Numbered { table, seen, .. } => {
                copy_reals(observation, seen);
                table.find(seen)
            }
        }
    }
}

/// The number that an observation of one index is.
pub(super) fn index<T: Copy + Into<f64>>(observation: &[T]) -> u32 {
    let state: f64 = observation[0].into();
    state as u32
}

/// Every element type is exact as an `f32` for the numbers that environments give out.
fn copy_reals<T: Copy + Into<f64>>(observation: &[T], seen: &mut [f32]) {
    for (seen, &element) in seen.iter_mut().zip(observation) {
        let element: f64 = element.into();
        *seen = element as f32;
    }
}

fn tabular<'a>(
    config: &'a TabularAgentConfig,
    sizes: Sizes,
    seed: u64,
    memory: &'a mut Memory,
    is_possible: impl Fn(u32, u32) -> bool,
) -> OnlineAgent<'a> {
    let Memory {
        values,
        other_values,
        transitions,
        traces,
        model,
        visits,
        counts,
        keys,
        slots,
        ..
    } = memory;
    let table = |values: &'a mut [f32]| {
        values.fill(config.first_value);
        let mut table = ActionValues::new(values, sizes.actions);
        if sizes.states.is_some() {
            table.forbid_impossible(&is_possible);
        }
        table
    };
    let (learning, draws) = (config.learning, |role| stream(seed, role));
    let values = table(values);
    let agent: Box<dyn TableLearner + 'a> = match &config.rule {
        TabularRule::QLearning {} => Box::new(QLearning::new(learning, values)),
        TabularRule::DoubleQLearning {} => {
            let tables = [values, table(other_values)];
            Box::new(DoubleQLearning::new(learning, tables, draws(Role::Learning)))
        }
        TabularRule::Sarsa {} => Box::new(Sarsa::new(learning, values)),
        TabularRule::ExpectedSarsa {} => Box::new(ExpectedSarsa::new(learning, values)),
        TabularRule::NStepSarsa { .. } => Box::new(NStepSarsa::new(learning, values, transitions)),
        TabularRule::SarsaLambda { lambda, trace } => {
            Box::new(SarsaLambda::new(learning, *lambda, *trace, values, traces))
        }
        TabularRule::ReplayQLearning { updates, .. } => {
            let replay = draws(Role::Replay);
            Box::new(ReplayQLearning::new(learning, *updates, values, transitions, replay))
        }
        TabularRule::DynaQ { updates } => {
            Box::new(DynaQ::new(learning, *updates, values, model, draws(Role::Learning)))
        }
        TabularRule::MonteCarlo { .. } => {
            let memory = MonteCarloMemory { steps: transitions, first_visits: visits, counts };
            Box::new(MonteCarlo::new(learning, values, memory))
        }
        TabularRule::PolicyEvaluation { behaviour, evaluated } => {
            let by_action = |table: &'a [f32]| move |_: u32, action: u32| table[action as usize];
            let (behaviour, evaluated) = (by_action(behaviour), by_action(evaluated));
            Box::new(PolicyEvaluation::new(learning, behaviour, evaluated, values))
        }
    };
    let sight = match sizes.states {
        Some(_) => Sight::Index,
        None => Sight::Numbered {
            table: ObservationTable::new(keys, slots, sizes.width * size_of::<f32>()),
            seen: vec![0.0; sizes.width],
            full: None,
        },
    };
    OnlineAgent::Tabular { agent, sight }
}

fn linear<'a, const D: usize>(
    coding: &Coding,
    learning: TabularConfig,
    actions: u32,
    memory: &'a mut Memory,
) -> Box<dyn LinearLearner + 'a> {
    let bounds = |bounds: &[f32]| core::array::from_fn(|dimension| bounds[dimension]);
    let coder: TileCoder<D> =
        TileCoder::new(coding.tilings, coding.tiles, bounds(&coding.low), bounds(&coding.high));
    let memory = LinearMemory {
        weights: &mut memory.values,
        active: &mut memory.visits,
        next_active: &mut memory.counts,
    };
    Box::new(SemiGradientSarsa::new(learning, coder, actions, memory))
}

/// `TabularAgent` without type parameters, so that one call serves all of them.
pub(super) trait TableLearner {
    fn start(&mut self, state: u32, rng: &mut dyn Rng) -> u32;
    fn step(&mut self, step: Step, next_state: u32, rng: &mut dyn Rng) -> Option<u32>;
    fn value(&self, state: u32, action: u32) -> f32;
    fn greedy_action(&self, state: u32) -> u32;
}

impl<A: TabularAgent> TableLearner for A {
    fn start(&mut self, state: u32, rng: &mut dyn Rng) -> u32 {
        Agent::start(self, &[state], rng)
    }

    fn step(&mut self, step: Step, next_state: u32, rng: &mut dyn Rng) -> Option<u32> {
        Agent::step(self, step, &[next_state], rng)
    }

    fn value(&self, state: u32, action: u32) -> f32 {
        TabularAgent::value(self, state, action)
    }

    fn greedy_action(&self, state: u32) -> u32 {
        TabularAgent::greedy_action(self, state)
    }
}

/// `SemiGradientSarsa` of any number of dimensions.
pub(super) trait LinearLearner {
    fn start(&mut self, seen: &[f32], rng: &mut dyn Rng) -> u32;
    fn step(&mut self, step: Step, seen: &[f32], rng: &mut dyn Rng) -> Option<u32>;
    fn greedy_action(&self, seen: &[f32]) -> u32;
    fn weights(&self) -> &[f32];
}

impl<const D: usize> LinearLearner for SemiGradientSarsa<'_, D> {
    fn start(&mut self, seen: &[f32], rng: &mut dyn Rng) -> u32 {
        Agent::start(self, seen, rng)
    }

    fn step(&mut self, step: Step, seen: &[f32], rng: &mut dyn Rng) -> Option<u32> {
        Agent::step(self, step, seen, rng)
    }

    fn greedy_action(&self, seen: &[f32]) -> u32 {
        SemiGradientSarsa::greedy_action(self, seen, &mut vec![0; self.memory.active.len()])
    }

    fn weights(&self) -> &[f32] {
        self.memory.weights
    }
}
