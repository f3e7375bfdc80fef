//! The `[agent]` table of an experiment: which agent, with core's settings under their own names. Those without values
//! are read in `policy_config.rs`.
//!
//! `name` says which one; the settings that all tables share stand beside those of one agent alone. A step size or an
//! epsilon that never changes may be a plain number.

use super::policy_config::PolicyAgentConfig;
use embedded_rl_core::bandit_agents::BanditConfig;
use embedded_rl_core::tabular::{TabularConfig, Trace};
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// An agent that learns online, and its settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Table", into = "Table")]
pub enum AgentConfig {
    /// `bandit`
    Bandit(BanditConfig),
    /// Any of the names of [`TabularRule`].
    Tabular(TabularAgentConfig),
    /// `semi-gradient-sarsa`
    Linear(LinearAgentConfig),
    /// An agent without values.
    Policy(PolicyAgentConfig),
}

/// An agent with a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TabularAgentConfig {
    /// How it learns.
    pub rule: TabularRule,
    /// The settings that all of them share.
    pub learning: TabularConfig,
    /// What it thinks of an action it has never taken.
    pub first_value: f32,
    /// For observations that are no state numbers: how many different ones there is room for.
    pub observations: u32,
}

/// Which agent of core's `tabular`, and what only this one needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TabularRule {
    /// Q-learning.
    QLearning {},
    /// Double Q-learning.
    DoubleQLearning {},
    /// SARSA.
    Sarsa {},
    /// Expected SARSA.
    ExpectedSarsa {},
    /// n-step SARSA.
    NStepSarsa {
        /// How many rewards are counted before a value takes over.
        n: u32,
    },
    /// SARSA(lambda).
    SarsaLambda {
        /// How slowly traces fade.
        lambda: f32,
        /// What a visit does to a trace.
        #[serde(default)]
        trace: Trace,
    },
    /// Q-learning with replay.
    ReplayQLearning {
        /// Updates from the memory after each step.
        updates: u32,
        /// Steps remembered.
        memory: u32,
    },
    /// Dyna-Q.
    DynaQ {
        /// Updates from the model after each step.
        updates: u32,
    },
    /// Monte Carlo control.
    MonteCarlo {
        /// The longest episode that is learned from whole.
        longest_episode: u32,
    },
    /// Off-policy evaluation of one policy while following another, both the same in all states.
    PolicyEvaluation {
        /// How likely each action is taken.
        behaviour: Vec<f32>,
        /// How likely the policy that is evaluated takes it.
        evaluated: Vec<f32>,
    },
}

/// Tile coding and semi-gradient SARSA.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearAgentConfig {
    /// The tiles.
    pub coding: Coding,
    /// Everything else; the step size is that of a value, not of a weight.
    pub learning: TabularConfig,
}

/// Grids over the space of observations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Coding {
    /// How many grids.
    pub tilings: u32,
    /// Tiles of each, a dimension.
    pub tiles: u32,
    /// Where the tiles begin, a number a dimension.
    pub low: Vec<f32>,
    /// Where they end.
    pub high: Vec<f32>,
}

const BANDIT: &str = "bandit";
const LINEAR: &str = "semi-gradient-sarsa";
const SHARED: [&str; 4] = ["discount", "step_size", "exploration", "ties"];
/// The largest memory of any kind, in entries: what is more is a slip of the finger.
const MOST: u32 = 1 << 26;

impl AgentConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        match self {
            Self::Bandit(config) => config.complaint(),
            Self::Tabular(config) => config.learning.complaint().or_else(|| config.own_complaint()),
            Self::Linear(config) => {
                config.learning.complaint().or_else(|| config.coding.complaint())
            }
            Self::Policy(config) => config.complaint(),
        }
    }
}

impl TabularAgentConfig {
    fn own_complaint(&self) -> Option<&'static str> {
        let policy = |probabilities: &[f32]| {
            let share = |x: &f32| (0.0..=1.0).contains(x);
            let sum: f32 = probabilities.iter().sum();
            probabilities.iter().all(share) && (sum - 1.0).abs() < 1e-5
        };
        if !self.first_value.is_finite() {
            return Some("first_value must be a number");
        }
        if !(1..=MOST).contains(&self.observations) {
            return Some("observations must be 1 to 67108864");
        }
        match &self.rule {
            TabularRule::NStepSarsa { n } => {
                (!(1..=MOST).contains(n)).then_some("n must be 1 to 67108864")
            }
            TabularRule::SarsaLambda { lambda, .. } => {
                (!(0.0..=1.0).contains(lambda)).then_some("lambda must be between 0 and 1")
            }
            TabularRule::ReplayQLearning { memory, .. } => {
                (!(1..=MOST).contains(memory)).then_some("memory must be 1 to 67108864")
            }
            TabularRule::MonteCarlo { longest_episode } => (!(1..=MOST).contains(longest_episode))
                .then_some("longest_episode must be 1 to 67108864"),
            TabularRule::PolicyEvaluation { behaviour, evaluated } => {
                (!policy(behaviour) || !policy(evaluated)).then_some(
                    "behaviour and evaluated must be probabilities, one an action, that sum to 1",
                )
            }
            _ => None,
        }
    }
}

impl Coding {
    fn complaint(&self) -> Option<&'static str> {
        let sound = |(low, high): (&f32, &f32)| low < high && (high - low).is_finite();
        let tiles = (f64::from(self.tiles) + 1.0).powi(self.low.len() as i32);
        if self.tilings == 0 || self.tiles == 0 || self.low.is_empty() {
            Some("tilings, tiles and low must not be zero or empty")
        } else if self.low.len() != self.high.len() || !self.low.iter().zip(&self.high).all(sound) {
            Some(
                "low and high must have as many numbers as an observation, each low below its high",
            )
        } else if tiles * f64::from(self.tilings) > f64::from(MOST) {
            Some("that many tiles do not fit; make tilings or tiles smaller")
        } else {
            None
        }
    }
}

impl TryFrom<Table> for AgentConfig {
    type Error = String;

    fn try_from(mut table: Table) -> Result<Self, String> {
        let name = table.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        if name == BANDIT {
            table.remove("name");
            if let Some(rule) = table.get_mut("rule").and_then(Value::as_table_mut) {
                spell_out(rule, "epsilon");
            }
            return read(table).map(Self::Bandit);
        }
        if PolicyAgentConfig::is_named(&name) {
            return PolicyAgentConfig::read(table).map(Self::Policy);
        }
        let mut shared = Table::new();
        for key in SHARED {
            if let Some(value) = table.remove(key) {
                shared.insert(key.to_owned(), value);
            }
        }
        // Averages need no step size, and somebody else explores where a policy is evaluated.
        for (owner, key) in [("monte-carlo", "step_size"), ("policy-evaluation", "exploration")] {
            if name == owner && !shared.contains_key(key) {
                shared.insert(key.to_owned(), Value::Float(1.0));
            }
        }
        spell_out(&mut shared, "step_size");
        spell_out(&mut shared, "exploration");
        let learning = read(shared)?;
        if name == LINEAR {
            table.remove("name");
            return Ok(Self::Linear(LinearAgentConfig { coding: read(table)?, learning }));
        }
        let first_value = table.remove("first_value").map_or(Ok(0.0), value)?;
        let observations = table.remove("observations").map_or(Ok(10_000), value)?;
        let rule = read(table)?;
        Ok(Self::Tabular(TabularAgentConfig { rule, learning, first_value, observations }))
    }
}

impl From<AgentConfig> for Table {
    fn from(config: AgentConfig) -> Self {
        let named = |name: &str, mut table: Table| {
            table.insert("name".to_owned(), Value::String(name.to_owned()));
            table
        };
        match config {
            AgentConfig::Bandit(config) => named(BANDIT, write(&config)),
            AgentConfig::Policy(config) => config.write(),
            AgentConfig::Linear(config) => {
                let mut table = named(LINEAR, write(&config.coding));
                table.extend(write(&config.learning));
                table
            }
            AgentConfig::Tabular(config) => {
                let mut table = write(&config.rule);
                table.extend(write(&config.learning));
                let first_value = Value::Float(f64::from(config.first_value));
                table.insert("first_value".to_owned(), first_value);
                let observations = Value::Integer(i64::from(config.observations));
                table.insert("observations".to_owned(), observations);
                table
            }
        }
    }
}

/// Turns a plain number into the schedule that never changes.
fn spell_out(table: &mut Table, key: &str) {
    let number = match table.get(key) {
        Some(Value::Float(number)) => *number,
        Some(Value::Integer(number)) => *number as f64,
        _ => return,
    };
    let mut constant = Table::new();
    constant.insert("name".to_owned(), Value::String("constant".to_owned()));
    constant.insert("value".to_owned(), Value::Float(number));
    table.insert(key.to_owned(), Value::Table(constant));
}

fn read<T: for<'de> Deserialize<'de>>(table: Table) -> Result<T, String> {
    value(Value::Table(table))
}

fn value<T: for<'de> Deserialize<'de>>(value: Value) -> Result<T, String> {
    T::deserialize(value).map_err(|error| error.message().to_owned())
}

/// Every setting has a TOML form, so this cannot fail.
fn write<T: Serialize>(settings: &T) -> Table {
    Table::try_from(settings).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::policy::Schedule;

    fn parse(text: &str) -> Result<AgentConfig, String> {
        text.parse::<Table>().map_err(|error| error.to_string()).and_then(AgentConfig::try_from)
    }

    #[test]
    fn what_is_written_is_read_again() {
        for text in [
            "name = 'bandit'\nrule = { name = 'epsilon-greedy', epsilon = 0.07 }",
            "name = 'q-learning'\ndiscount = 0.9\nstep_size = 0.1\nexploration = 1",
            "name = 'n-step-sarsa'\nn = 4\ndiscount = 1\nstep_size = 0.1\nexploration = 0.5",
            "name = 'monte-carlo'\nlongest_episode = 9\ndiscount = 1\nexploration = 0.1",
            "name = 'semi-gradient-sarsa'\ntilings = 8\ntiles = 8\nlow = [0, 1]\nhigh = [2, 3]\n\
             discount = 1\nstep_size = 0.5\nexploration = 0",
            "name = 'linear-policy'\nweights = [0, 1.5]\ninputs = [3, 1]",
            "name = 'random-search'\nspread = 1\nepisodes_a_candidate = 1\ngoal = inf\nconfirmed_over = 0",
            "name = 'genetic'\npopulation = 9\nparents = 3\nsurvivors = 1\nreproduction = 'sexual'\n\
             mutation = 0.5\nspread = 1\nepisodes_a_candidate = 2\ngoal = 5\nconfirmed_over = 3\nhidden = [4]",
            "name = 'imitation'\ncopies = 5\nteacher = { weights = [1] }\n\
             optimiser = { name = 'adam', learning_rate = 0.5 }\nhead = 'sigmoid'",
            "name = 'reinforce'\ndiscount = 0.5\nepisodes_an_update = 3\nnormalise = true\n\
             optimiser = { name = 'adam', learning_rate = 0.5 }\n\
             baseline = { passes = 2, optimiser = { name = 'sgd', learning_rate = 1 } }",
        ] {
            let config = parse(text).expect(text);
            assert_eq!(config.complaint(), None, "{text}");
            assert_eq!(AgentConfig::try_from(Table::from(config.clone())).as_ref(), Ok(&config));
        }
        let Ok(AgentConfig::Tabular(config)) =
            parse("name = 'sarsa'\ndiscount = 0.5\nstep_size = 1\nexploration = 0.25")
        else {
            panic!("a table")
        };
        assert_eq!(config.learning.exploration, Schedule::constant(0.25));
    }

    #[test]
    fn another_agent_s_setting_is_refused_by_its_name() {
        let shared = "discount = 0.9\nstep_size = 0.1\nexploration = 0.1\n";
        for (text, expected) in [
            ("name = 'sarsa'\nn = 3\n", "unknown field `n`"),
            ("name = 'sarza'\n", "unknown variant `sarza`"),
            ("n = 3\n", "missing field `name`"),
            ("name = 'dyna-q'\n", "missing field `updates`"),
            ("name = 'random-search'\nspread = 1\n", "unknown field `discount`"),
            ("name = 'reinforce'\ngoal = 3\nnormalise = true\n", "unknown field"),
        ] {
            let error = parse(&format!("{text}{shared}")).expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
        let error = parse("name = 'sarsa'\nstep_size = 0.1").expect_err("no discount");
        assert!(error.contains("discount"), "{error}");
        let lambda = format!("name = 'sarsa-lambda'\nlambda = 2\n{shared}");
        assert!(parse(&lambda).expect("a number").complaint().is_some());
    }
}
