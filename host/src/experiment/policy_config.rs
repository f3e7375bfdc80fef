//! The `[agent]` table of agents without values: hand-written policies, searches, imitation, REINFORCE.
//!
//! Their policy is a network over all elements of an observation or some of them; without hidden layers it is a weighted
//! sum. The settings of the network, and those that all searches share, stand beside those of one agent alone.

use embedded_rl_core::nn::{Activation, Initialisation, NetworkSpec, Optimiser};
use embedded_rl_core::policy_search::{
    CrossEntropyConfig, EvolutionStrategyConfig, GeneticConfig, HillClimbingConfig,
    RandomSearchConfig, SearchConfig,
};
use embedded_rl_core::reinforce::ReinforceConfig;
use serde::{Deserialize, Serialize};
use toml::Table;

/// An agent without values.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyAgentConfig {
    /// What its policy is.
    pub network: PolicyNetworkConfig,
    /// How it learns.
    pub rule: PolicyRule,
    /// How candidates are tried, if it searches.
    pub search: Option<SearchConfig>,
}

/// A policy as a network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyNetworkConfig {
    /// Which elements of an observation it sees; all if none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<usize>,
    /// Sizes of the hidden layers; none for a weighted sum.
    #[serde(default)]
    pub hidden: Vec<usize>,
    /// The function after each of them.
    #[serde(default = "relu")]
    pub activation: Activation,
    /// From its outputs to an action.
    #[serde(default)]
    pub head: Head,
    /// First values of the parameters, where the agent has no say of its own.
    #[serde(default = "xavier_uniform")]
    pub initialisation: Initialisation,
}

/// From outputs to an action.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Head {
    /// One output: how likely the second of two actions is.
    Sigmoid,
    /// An output an action.
    #[default]
    Softmax,
}

/// Which agent, and what only this one needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
pub enum PolicyRule {
    /// A weighted sum written by hand, which learns nothing.
    LinearPolicy(WeightedSum),
    /// Random search.
    RandomSearch(RandomSearchConfig),
    /// Hill climbing.
    HillClimbing(HillClimbingConfig),
    /// A genetic algorithm.
    Genetic(GeneticConfig),
    /// The cross-entropy method.
    CrossEntropy(CrossEntropyConfig),
    /// An evolution strategy.
    EvolutionStrategy(EvolutionStrategyConfig),
    /// Learning to act as a weighted sum does.
    Imitation(ImitationConfig),
    /// REINFORCE, with or without a value baseline.
    Reinforce(ReinforceConfig),
}

/// The second of two actions where this sum over an observation is above zero.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WeightedSum {
    /// A weight an element.
    pub weights: Vec<f32>,
    /// What the sum starts from.
    #[serde(default)]
    pub bias: f32,
}

/// Learning from a teacher in several copies of the environment, in which the learner acts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImitationConfig {
    /// Copies of the environment, stepped together; an update is of one step of each.
    pub copies: u32,
    /// Who says what it would have done.
    pub teacher: WeightedSum,
    /// How gradients move the policy.
    pub optimiser: Optimiser,
}

const NAMES: [&str; 8] = [
    "linear-policy",
    "random-search",
    "hill-climbing",
    "genetic",
    "cross-entropy",
    "evolution-strategy",
    "imitation",
    "reinforce",
];
const NETWORK: [&str; 5] = ["inputs", "hidden", "activation", "head", "initialisation"];
const SEARCH: [&str; 3] = ["episodes_a_candidate", "goal", "confirmed_over"];
/// The widest layer, the most copies.
const MOST: usize = 1 << 16;

fn relu() -> Activation {
    Activation::Relu
}

fn xavier_uniform() -> Initialisation {
    Initialisation::XavierUniform
}

impl WeightedSum {
    /// The parameters that a layer with one output has.
    pub(super) fn parameters(&self) -> Vec<f32> {
        let bias = core::iter::once(self.bias);
        self.weights.iter().copied().chain(bias).collect()
    }

    fn is_finite(&self) -> bool {
        self.parameters().iter().all(|weight| weight.is_finite())
    }
}

impl PolicyNetworkConfig {
    /// How many elements of observations of `width` are seen.
    pub(super) fn input_count(&self, width: usize) -> usize {
        if self.inputs.is_empty() { width } else { self.inputs.len() }
    }

    /// The policy, between observations of `width` and `actions`.
    pub(super) fn spec(&self, width: usize, actions: u32) -> NetworkSpec {
        let outputs = match self.head {
            Head::Sigmoid => 1,
            Head::Softmax => actions as usize,
        };
        self.with_outputs(width, outputs)
    }

    /// A network like it with one output, for values.
    pub(super) fn value_spec(&self, width: usize) -> NetworkSpec {
        self.with_outputs(width, 1)
    }

    fn with_outputs(&self, width: usize, outputs: usize) -> NetworkSpec {
        let first = core::iter::once(self.input_count(width));
        let sizes: Vec<usize> =
            first.chain(self.hidden.iter().copied()).chain(core::iter::once(outputs)).collect();
        NetworkSpec::mlp(&sizes, self.activation)
    }

    fn complaint(&self) -> Option<&'static str> {
        if self.hidden.len() > 8 {
            Some("hidden has more than 8 layers")
        } else if self.hidden.iter().any(|size| !(1..=MOST).contains(size)) {
            Some("hidden has a size outside 1 to 65536")
        } else {
            None
        }
    }
}

impl PolicyAgentConfig {
    /// Whether a table with this name is one of these agents.
    pub(super) fn is_named(name: &str) -> bool {
        NAMES.contains(&name)
    }

    /// Reads the `[agent]` table.
    pub(super) fn read(mut table: Table) -> Result<Self, String> {
        let mut cut = |keys: &[&str]| -> Table {
            let cut = |key: &&str| Some(((*key).to_owned(), table.remove(*key)?));
            keys.iter().filter_map(cut).collect()
        };
        let (network, search) = (cut(&NETWORK), cut(&SEARCH));
        let message = |error: toml::de::Error| error.message().to_owned();
        let mut network = PolicyNetworkConfig::deserialize(network).map_err(message)?;
        let rule = PolicyRule::deserialize(table).map_err(message)?;
        if matches!(rule, PolicyRule::LinearPolicy(_)) {
            network.head = Head::Sigmoid;
        }
        let search = if rule.searches() {
            Some(SearchConfig::deserialize(search).map_err(message)?)
        } else if let Some(key) = search.keys().next() {
            return Err(format!("unknown field `{key}`: this agent tries no candidates"));
        } else {
            None
        };
        Ok(Self { network, rule, search })
    }

    /// The `[agent]` table again.
    pub(super) fn write(&self) -> Table {
        // Every setting has a TOML form, so this cannot fail.
        let mut table = Table::try_from(&self.rule).unwrap_or_default();
        table.extend(Table::try_from(&self.network).unwrap_or_default());
        if let Some(search) = &self.search {
            table.extend(Table::try_from(search).unwrap_or_default());
        }
        table
    }

    /// What is wrong with the settings, in words; `None` if nothing is.
    pub(super) fn complaint(&self) -> Option<&'static str> {
        let own = match &self.rule {
            PolicyRule::LinearPolicy(sum) if !sum.is_finite() => {
                Some("weights and bias must be numbers")
            }
            PolicyRule::LinearPolicy(_) if !self.network.hidden.is_empty() => {
                Some("a linear policy has no hidden layers")
            }
            PolicyRule::LinearPolicy(_) => None,
            PolicyRule::RandomSearch(config) => config.complaint(),
            PolicyRule::HillClimbing(config) => config.complaint(),
            PolicyRule::Genetic(config) => config.complaint(),
            PolicyRule::CrossEntropy(config) => config.complaint(),
            PolicyRule::EvolutionStrategy(config) => config.complaint(),
            PolicyRule::Imitation(config) if !(1..=MOST).contains(&(config.copies as usize)) => {
                Some("copies must be 1 to 65536")
            }
            PolicyRule::Imitation(config) if !config.teacher.is_finite() => {
                Some("the teacher's weights and bias must be numbers")
            }
            PolicyRule::Imitation(config) => config.optimiser.complaint(),
            PolicyRule::Reinforce(config) => config.complaint(),
        };
        let search = self.search.and_then(|search| search.complaint());
        own.or(search).or_else(|| self.network.complaint())
    }

    /// What does not fit observations of `width` and so many actions, in words.
    pub(super) fn misfit(&self, width: usize, actions: u32) -> Option<String> {
        let sum = |what: &str, sum: &WeightedSum, inputs: usize| {
            let weights = sum.weights.len();
            (weights != inputs)
                .then(|| format!("{what} has {weights} weights for {inputs} elements"))
        };
        if let Some(input) = self.network.inputs.iter().find(|&&input| input >= width) {
            return Some(format!("agent.inputs names element {input} of {width}"));
        }
        if self.network.head == Head::Sigmoid && actions != 2 {
            return Some(format!("one output chooses between 2 actions, not {actions}"));
        }
        match &self.rule {
            PolicyRule::LinearPolicy(own) => sum("agent", own, self.network.input_count(width)),
            PolicyRule::Imitation(_) if actions != 2 => {
                Some(format!("a weighted sum teaches between 2 actions, not {actions}"))
            }
            PolicyRule::Imitation(config) => sum("agent.teacher", &config.teacher, width),
            _ => None,
        }
    }

    /// The goal of a search that has one.
    pub(super) fn goal(&self) -> Option<f32> {
        self.search.map(|search| search.goal).filter(|goal| goal.is_finite())
    }
}

impl PolicyRule {
    fn searches(&self) -> bool {
        matches!(
            self,
            Self::RandomSearch(_)
                | Self::HillClimbing(_)
                | Self::Genetic(_)
                | Self::CrossEntropy(_)
                | Self::EvolutionStrategy(_)
        )
    }
}
