//! All memory of one trial, allocated before it starts. Which of it an agent uses is `agent.rs`'s business.

use super::agent::Sizes;
use super::agent_config::{AgentConfig, TabularRule};
use super::policy_agent::Needs;
use crate::failure::{Failure, Outcome};
use embedded_rl_core::tabular::{ModelEntry, Transition};

/// Memory of any online agent; what this one does not need is empty.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// Action values, the weights of tiles, or all floats of an agent without values.
    pub(super) values: Vec<f32>,
    /// A second table, or the floats of a search.
    pub(super) other_values: Vec<f32>,
    pub(super) transitions: Vec<Transition>,
    pub(super) traces: Vec<f32>,
    pub(super) model: Vec<ModelEntry>,
    /// First visits, active tiles, the order of candidates, or actions of steps.
    pub(super) visits: Vec<u32>,
    /// Counts, or the next active tiles.
    pub(super) counts: Vec<u32>,
    pub(super) keys: Vec<u8>,
    pub(super) slots: Vec<u32>,
}

/// Values that one table may have.
const MOST_VALUES: usize = 1 << 28;

impl Memory {
    pub(super) fn new(config: &AgentConfig, sizes: Sizes) -> Outcome<Self> {
        let mut memory = Self::default();
        let actions = sizes.actions as usize;
        match config {
            AgentConfig::Bandit(_) => {}
            AgentConfig::Policy(config) => {
                let needs = Needs::of(config, sizes)?;
                memory.values = zeros(needs.floats)?;
                memory.other_values = zeros(needs.search_floats)?;
                memory.visits = zeros(needs.integers)?;
            }
            AgentConfig::Linear(config) => {
                let coding = &config.coding;
                let tiles = (coding.tiles as usize + 1).pow(coding.low.len() as u32);
                memory.values = zeros(tiles * coding.tilings as usize * actions)?;
                memory.visits = zeros(coding.tilings as usize)?;
                memory.counts = zeros(coding.tilings as usize)?;
            }
            AgentConfig::Tabular(config) => {
                if let TabularRule::PolicyEvaluation { behaviour, evaluated } = &config.rule
                    && (behaviour.len() != actions || evaluated.len() != actions)
                {
                    return Err(Failure::wrong_use(format!(
                        "agent.behaviour and agent.evaluated need {actions} probabilities, one an action"
                    )));
                }
                let states = match sizes.states {
                    Some(states) => states as usize,
                    None => {
                        let observations = config.observations as usize;
                        memory.keys = zeros(observations * sizes.width * size_of::<f32>())?;
                        memory.slots = zeros(2 * observations)?;
                        observations
                    }
                };
                let count = states * actions;
                memory.values = zeros(count)?;
                match &config.rule {
                    TabularRule::DoubleQLearning {} => memory.other_values = zeros(count)?,
                    TabularRule::NStepSarsa { n: steps }
                    | TabularRule::ReplayQLearning { memory: steps, .. } => {
                        memory.transitions = zeros(*steps as usize)?;
                    }
                    TabularRule::SarsaLambda { .. } => memory.traces = zeros(count)?,
                    TabularRule::DynaQ { .. } => memory.model = zeros(count)?,
                    TabularRule::MonteCarlo { longest_episode } => {
                        memory.transitions = zeros(*longest_episode as usize)?;
                        memory.visits = zeros(count)?;
                        memory.counts = zeros(count)?;
                    }
                    _ => {}
                }
            }
        }
        Ok(memory)
    }
}

fn zeros<T: Clone + Default>(count: usize) -> Outcome<Vec<T>> {
    if count > MOST_VALUES {
        return Err(Failure::wrong_use(format!(
            "the agent's table would have {count} entries, more than {MOST_VALUES}"
        )));
    }
    Ok(vec![T::default(); count])
}
