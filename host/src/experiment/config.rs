//! What an experiment is: a task, how long, and one agent or several variants, over one seed or several.
//!
//! The file is a configuration like any other, with two keys of its own: `seeds`, and `[variants]`, each of which changes
//! some keys of the rest. Nothing runs here.

use super::agent_config::AgentConfig;
use super::seeds::Seeds;
use crate::config::{change, malformed, one_line};
use crate::failure::{Failure, Outcome};
use crate::floor_plan::FloorPlan;
use crate::record::RunFolder;
use serde::{Deserialize, Serialize};
use toml::{Table, Value};

/// One agent on one task, completely but for the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialConfig {
    /// Id of the environment.
    pub environment: String,
    /// What can be chosen about it: Gymnasium's keyword arguments.
    #[serde(default, skip_serializing_if = "Table::is_empty")]
    pub options: Table,
    /// The option that gets the run's seed, for tasks that are another one each time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeded_option: Option<String>,
    /// Steps after which an episode is cut, 0 for never; if not given, as the environment has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_limit: Option<u32>,
    /// Steps of the environment to learn for; either this or `episodes`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<u64>,
    /// Episodes to learn for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub episodes: Option<u64>,
    /// How many episodes, or choices of a bandit, a point of the curves is averaged over.
    pub window: u64,
    /// How many of the last ones the figures in the tables are averaged over; if not given, a window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<u64>,
    /// The agent.
    pub agent: AgentConfig,
    /// Playing what was learned, without learning.
    pub evaluation: EvaluationConfig,
    /// A value whose way is recorded and drawn beside that of planning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watch: Option<Watch>,
}

/// How the greedy policy is tried when all is learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationConfig {
    /// Episodes; with none there is no evaluation.
    pub episodes: u64,
    /// Each starts as Gymnasium's `reset(seed)`: the first with this seed, the others with those after it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub first_seed: u64,
    /// Steps after which one is cut, for tasks in which a bad policy walks for ever; if not given, as in learning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_limit: Option<u32>,
}

/// A state and an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Watch {
    /// The state.
    pub state: u32,
    /// The action.
    pub action: u32,
}

/// One or several agents, over one or several seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// Its seeds, in order.
    pub seeds: Seeds,
    /// Its agents with their names; a single agent has its own name.
    pub variants: Vec<Variant>,
    /// The text that makes it again.
    pub text: String,
}

/// One of the agents.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What it is called in tables and pictures.
    pub name: String,
    /// Everything else.
    pub config: TrialConfig,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// The most points that one run may record.
const MOST_POINTS: u64 = 1 << 32;

impl Experiment {
    /// Whether a configuration's text is an experiment and not the training of a network.
    pub fn is_one(text: &str) -> bool {
        let table: Table = text.parse().unwrap_or_default();
        !table.contains_key("network")
            && (table.contains_key("variants")
                || table.get("agent").is_some_and(|agent| agent.get("name").is_some()))
    }

    /// Reads an experiment from `text`, which stands in `source`; changed by `KEY=VALUE` settings and by `seeds`.
    pub fn load(
        text: &str,
        source: &str,
        settings: &[String],
        seeds: Option<Seeds>,
    ) -> Outcome<Self> {
        // Most keys may be left out; one that is none is refused when the whole is read.
        let Parts { seeds, variants, rest: table, text } =
            Parts::of(text, source, settings, true, seeds)?;
        let refuse = |reason: &str| Failure::wrong_use(format!("{source}: {}", one_line(reason)));
        let seeds =
            seeds.ok_or_else(|| refuse("it has no seeds; write seeds = \"0..10\" or --seed 0"))?;
        let read = |table: Table| TrialConfig::deserialize(table);
        if variants.is_empty() {
            let name = table.get("agent").and_then(|agent| agent.get("name"));
            let name = name.and_then(Value::as_str).unwrap_or_default().to_owned();
            let config = read(table).map_err(|error| refuse(error.message()))?.checked(source)?;
            return Ok(Self { seeds, variants: vec![Variant { name, config }], text });
        }
        let variants = variants.into_iter().map(|(name, changes)| {
            let place = format!("{source}, variant {name}");
            let refuse =
                |reason: &str| Failure::wrong_use(format!("{place}: {}", one_line(reason)));
            let Value::Table(changes) = changes else {
                return Err(refuse("a variant is a table of changes"));
            };
            let mut table = table.clone();
            merge(&mut table, changes);
            let config = read(table).map_err(|error| refuse(error.message()))?;
            Ok(Variant { name, config: config.checked(&place)? })
        });
        let variants = variants.collect::<Outcome<_>>()?;
        Ok(Self { seeds, variants, text })
    }

    /// The experiment of a folder; `None` if that holds the training of a network.
    pub fn of_folder(folder: &RunFolder) -> Outcome<Option<Self>> {
        let source = folder.config().display().to_string();
        let text = std::fs::read_to_string(folder.config())
            .map_err(|error| Failure::failed(format!("cannot read {source}: {error}")))?;
        if Self::is_one(&text) { Self::load(&text, &source, &[], None).map(Some) } else { Ok(None) }
    }

    /// The map, if the task's states are cells of one.
    pub fn floor_plan(&self) -> Outcome<Option<FloorPlan>> {
        let config = &self.variants[0].config;
        let options = serde_json::to_value(&config.options).unwrap_or_default();
        FloorPlan::of(&config.environment, &options)
            .map_err(|error| Failure::wrong_use(error.to_string()))
    }

    /// How many runs it is.
    pub fn run_count(&self) -> usize {
        self.variants.len() * self.seeds.count()
    }
}

impl TrialConfig {
    fn checked(self, source: &str) -> Outcome<Self> {
        let length = self.steps.or(self.episodes).unwrap_or_default();
        let complaint = if self.steps.is_some() == self.episodes.is_some() {
            Some("give either steps or episodes")
        } else if !(1..MOST_POINTS).contains(&length) {
            Some("steps and episodes must be at least 1 and fit in 32 bits")
        } else if self.window == 0 || self.last == Some(0) {
            Some("window and last must be at least 1")
        } else if self.evaluation.step_limit == Some(0) {
            Some("evaluation.step_limit must be at least 1")
        } else {
            self.agent.complaint()
        };
        match complaint {
            Some(complaint) => Err(Failure::wrong_use(format!("{source}: {complaint}"))),
            None => Ok(self),
        }
    }
}

/// A configuration of several runs, taken apart.
pub(crate) struct Parts {
    /// Its seeds, if it has some.
    pub(crate) seeds: Option<Seeds>,
    /// What each variant changes, by its name.
    pub(crate) variants: Table,
    /// Everything else.
    pub(crate) rest: Table,
    /// All of it together again, as text.
    pub(crate) text: String,
}

impl Parts {
    /// Those of `text`, which stands in `source`; changed by `KEY=VALUE` settings, whose keys `may_be_new`, and by
    /// `seeds`.
    pub(crate) fn of(
        text: &str,
        source: &str,
        settings: &[String],
        may_be_new: bool,
        seeds: Option<Seeds>,
    ) -> Outcome<Self> {
        let mut rest: Table = text.parse().map_err(|error| malformed(source, text, &error))?;
        for setting in settings {
            change(&mut rest, setting, may_be_new)?;
        }
        if let Some(seeds) = seeds {
            rest.insert("seeds".to_owned(), Value::String(seeds.to_string()));
        }
        let text = toml::to_string(&rest).unwrap_or_default();
        let refuse = |reason: &str| Failure::wrong_use(format!("{source}: {}", one_line(reason)));
        let seeds = rest.remove("seeds").map(Seeds::deserialize).transpose();
        let seeds = seeds.map_err(|error| refuse(error.message()))?;
        let variants = match rest.remove("variants") {
            None => Table::new(),
            Some(Value::Table(variants)) => variants,
            Some(_) => return Err(refuse("variants must be a table of tables")),
        };
        Ok(Self { seeds, variants, rest, text })
    }
}

/// Puts the changes in place: what stands in a table such as `agent` key by key, everything deeper as a whole.
pub(crate) fn merge(table: &mut Table, changes: Table) {
    for (key, change) in changes {
        match (table.get_mut(&key), change) {
            (Some(Value::Table(old)), Value::Table(new)) => old.extend(new),
            (_, change) => drop(table.insert(key, change)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
environment = 'CliffWalking-v1'
seeds = '0..3'
episodes = 5
window = 2
evaluation = { episodes = 1 }
agent = { name = 'sarsa', discount = 1, step_size = 0.5, exploration = 0.1 }
[variants]
SARSA = {}
'Q-learning' = { agent.name = 'q-learning' }
short = { episodes = 1, agent.exploration = { name = 'linear', from = 1, to = 0, over = 9 } }
";

    fn load(text: &str, settings: &[&str]) -> Outcome<Experiment> {
        let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
        Experiment::load(text, "a test", &settings, None)
    }

    #[test]
    fn variants_change_what_they_name_and_keep_their_order() {
        let experiment = load(TEXT, &["episodes=7"]).expect("a good text");
        let names: Vec<_> = experiment.variants.iter().map(|variant| &variant.name).collect();
        assert_eq!(names, ["SARSA", "Q-learning", "short"]);
        let episodes: Vec<_> =
            experiment.variants.iter().map(|variant| variant.config.episodes).collect();
        assert_eq!(episodes, [Some(7), Some(7), Some(1)]);
        assert_eq!(experiment.run_count(), 9);
        assert_eq!(load(&experiment.text, &[]).expect("its own text"), experiment);
    }

    #[test]
    fn nonsense_is_refused_where_it_stands() {
        for (from, to, expected) in [
            ("window = 2", "window = 0", "window and last must be"),
            ("window = 2", "windo = 2", "unknown field"),
            ("episodes = 5", "episodes = 5\nsteps = 3", "either steps or episodes"),
            ("seeds = '0..3'", "seeds = '3..0'", "holds no seed"),
            ("seeds = '0..3'", "", "no seeds"),
            ("agent.name = 'q-learning'", "agent.nam = 3", "variant Q-learning"),
            ("agent.name = 'q-learning'", "agnt.name = 3", "unknown field"),
            ("SARSA = {}", "SARSA = 3", "table of changes"),
        ] {
            let failure = load(&TEXT.replace(from, to), &[]).expect_err(to);
            assert!(failure.to_string().contains(expected), "{to}: {failure}");
            assert_eq!(failure.exit_status(), 2);
        }
    }
}
