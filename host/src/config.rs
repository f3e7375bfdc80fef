//! What is to be trained: a preset or a file, changed by `--set`, checked before anything starts.
//!
//! A configuration is complete: every value stands in it, so a run's `config.toml` says all there is to say.

mod network;

pub use network::{Convolution, Dueling, NetworkConfig};

use crate::failure::{Failure, Outcome};
use embedded_rl_core::dqn::DqnConfig;
use serde::{Deserialize, Serialize};
use std::path::Path;
use toml::{Table, Value};

/// One run, completely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Gymnasium's id of the environment.
    pub environment: String,
    /// Every random number of the run follows from it.
    pub seed: u64,
    /// Steps of the environment to train for.
    pub steps: u64,
    /// The network.
    pub network: NetworkConfig,
    /// What the network sees of an observation.
    pub observation: ObservationConfig,
    /// The replay memory.
    pub replay: ReplayConfig,
    /// The agent.
    pub agent: DqnConfig,
    /// Greedy evaluations.
    pub evaluation: EvaluationConfig,
    /// Steps of the environment between two checkpoints.
    pub checkpoint_every: u64,
}

/// `(x - offset) * scale` for each element, or nothing where both are empty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservationConfig {
    /// What is taken off each element.
    pub offset: Vec<f32>,
    /// What each is then multiplied by.
    pub scale: Vec<f32>,
}

/// How much is remembered and how much is drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayConfig {
    /// Transitions remembered.
    pub capacity: usize,
    /// Transitions an update.
    pub batch: usize,
    /// Places for frames of images or planes, each kept once and as bytes; there should be one a transition and one more an
    /// episode, for with its frames a transition goes. 0: every transition has its two observations, as floats.
    #[serde(default)]
    pub frames: usize,
}

/// When and how the greedy policy is tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationConfig {
    /// Steps of the environment between two evaluations during training.
    pub every: u64,
    /// Episodes of each.
    pub episodes: u64,
    /// Episodes of the last evaluation, of the exported policy.
    pub final_episodes: u64,
    /// Which parameters are exported.
    pub keep: Keep,
    /// Training ends early when an evaluation's mean return reaches this; infinite for never.
    pub stop_at: f64,
    /// There are no evaluations before the training episodes have solved the task, so the first parameters that are
    /// tried and the ones that are kept are of a solver.
    pub only_solved: bool,
}

/// Which parameters are exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Keep {
    /// Those of the evaluation with the largest mean return, the latest of equals.
    Best,
    /// The last ones.
    Last,
}

/// The published experiments that come with the program: name and text.
pub const PRESETS: &[(&str, &str)] = &[
    ("cart-pole", include_str!("../presets/cart-pole.toml")),
    ("cart-pole-angle", include_str!("../presets/cart-pole-angle.toml")),
    ("cart-pole-angle-velocity", include_str!("../presets/cart-pole-angle-velocity.toml")),
    ("cart-pole-search", include_str!("../presets/cart-pole-search.toml")),
    ("cart-pole-imitation", include_str!("../presets/cart-pole-imitation.toml")),
    ("cart-pole-reinforce", include_str!("../presets/cart-pole-reinforce.toml")),
    ("cart-pole-reinforce-linear", include_str!("../presets/cart-pole-reinforce-linear.toml")),
    ("cart-pole-reinforce-baseline", include_str!("../presets/cart-pole-reinforce-baseline.toml")),
    ("cart-pole-no-target", include_str!("../presets/cart-pole-no-target.toml")),
    ("cart-pole-batch-norm", include_str!("../presets/cart-pole-batch-norm.toml")),
    ("cart-pole-fixed-target", include_str!("../presets/cart-pole-fixed-target.toml")),
    ("cart-pole-double", include_str!("../presets/cart-pole-double.toml")),
    ("cart-pole-dueling", include_str!("../presets/cart-pole-dueling.toml")),
    ("cart-pole-acme", include_str!("../presets/cart-pole-acme.toml")),
    ("cart-pole-c51", include_str!("../presets/cart-pole-c51.toml")),
    ("cart-pole-qr", include_str!("../presets/cart-pole-qr.toml")),
    ("cart-pole-iqn", include_str!("../presets/cart-pole-iqn.toml")),
    ("cart-pole-munchausen", include_str!("../presets/cart-pole-munchausen.toml")),
    ("cart-pole-noisy", include_str!("../presets/cart-pole-noisy.toml")),
    ("cart-pole-rainbow", include_str!("../presets/cart-pole-rainbow.toml")),
    ("docking", include_str!("../presets/docking.toml")),
    ("lunar-lander", include_str!("../presets/lunar-lander.toml")),
    ("lunar-lander-fast", include_str!("../presets/lunar-lander-fast.toml")),
    ("switches-cart-pole", include_str!("../presets/switches-cart-pole.toml")),
    ("switches-lunar-lander", include_str!("../presets/switches-lunar-lander.toml")),
    ("grid-planes", include_str!("../presets/grid-planes.toml")),
    ("visual-q", include_str!("../presets/visual-q.toml")),
    ("small-breakout", include_str!("../presets/small-breakout.toml")),
    ("switches-breakout", include_str!("../presets/switches-breakout.toml")),
    ("breakout", include_str!("../presets/breakout.toml")),
    ("rooms", include_str!("../presets/rooms.toml")),
    ("bandit-testbed", include_str!("../presets/bandit-testbed.toml")),
    ("hands-on-mdp", include_str!("../presets/hands-on-mdp.toml")),
    ("grid-q-learning", include_str!("../presets/grid-q-learning.toml")),
    ("grid-sarsa", include_str!("../presets/grid-sarsa.toml")),
    ("grid-replay", include_str!("../presets/grid-replay.toml")),
    ("grid-evaluation", include_str!("../presets/grid-evaluation.toml")),
    ("grid-goals", include_str!("../presets/grid-goals.toml")),
    ("cliff-walking", include_str!("../presets/cliff-walking.toml")),
    ("cliff-step-sizes", include_str!("../presets/cliff-step-sizes.toml")),
    ("maze", include_str!("../presets/maze.toml")),
    ("frozen-lake", include_str!("../presets/frozen-lake.toml")),
    ("taxi", include_str!("../presets/taxi.toml")),
    ("blackjack", include_str!("../presets/blackjack.toml")),
    ("mountain-car", include_str!("../presets/mountain-car.toml")),
    ("mountain-car-tuned", include_str!("../presets/mountain-car-tuned.toml")),
];

/// The text of a preset, or of a file if `name` ends in `.toml`, and where it stands in words.
pub fn source_text(name: &str) -> Outcome<(String, String)> {
    if name.ends_with(".toml") {
        let text = std::fs::read_to_string(name)
            .map_err(|error| Failure::failed(format!("cannot read {name}: {error}")))?;
        return Ok((text, name.to_owned()));
    }
    let preset = PRESETS.iter().find(|(preset, _)| *preset == name).ok_or_else(|| {
        let names: Vec<_> = PRESETS.iter().map(|(name, _)| *name).collect();
        Failure::wrong_use(format!(
            "there is no preset '{name}'; there are: {}; a file of your own ends in .toml",
            names.join(", ")
        ))
    })?;
    Ok((preset.1.to_owned(), format!("preset {name}")))
}

impl Config {
    /// Reads the configuration in `text`, which stands in `source`; changed by `KEY=VALUE` settings and by `seed`.
    pub fn load(text: &str, source: &str, settings: &[String], seed: Option<u64>) -> Outcome<Self> {
        // Parsed as it stands first, so that a mistake in the file is reported with its line.
        let config = Self::parse(text, source)?;
        if settings.is_empty() && seed.is_none() {
            return config.checked(source);
        }
        // With the values that the text left to their defaults, so that they can be set too.
        let mut table = Table::try_from(&config)
            .map_err(|error| Failure::failed(format!("{source}: {error}")))?;
        for setting in settings {
            change(&mut table, setting, false)?;
            Self::deserialize(table.clone()).map_err(|error| {
                Failure::wrong_use(format!("--set {setting}: {}", one_line(error.message())))
            })?;
        }
        let mut config = Self::deserialize(table)
            .map_err(|error| Failure::wrong_use(one_line(error.message())))?;
        if let Some(seed) = seed {
            config.seed = seed;
        }
        config.checked(source)
    }

    /// Reads a configuration that stands in no text of its own, so that a mistake in it has no line.
    pub(crate) fn of_table(table: Table, source: &str) -> Outcome<Self> {
        Self::deserialize(table)
            .map_err(|error| {
                Failure::wrong_use(format!("{source}: {}", one_line(error.message())))
            })?
            .checked(source)
    }

    /// Reads a run's own configuration.
    pub fn read(path: &Path) -> Outcome<Self> {
        let source = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::failed(format!("cannot read {source}: {error}")))?;
        Self::parse(&text, &source)?.checked(&source)
    }

    /// The configuration as a file's text.
    pub fn to_toml(&self) -> String {
        // Every field has a TOML form, so this cannot fail.
        toml::to_string(self).unwrap_or_default()
    }

    fn parse(text: &str, source: &str) -> Outcome<Self> {
        toml::from_str(text).map_err(|error| malformed(source, text, &error))
    }

    fn checked(self, source: &str) -> Outcome<Self> {
        let widest = 1 << 16;
        let complaint = if let Some(complaint) = self.network.complaint(&self.agent) {
            Some(complaint)
        } else if self.network.batch_norm && self.replay.batch < 2 {
            Some(
                "network.batch_norm needs a replay.batch of at least 2: one transition has no spread",
            )
        } else if self.replay.batch == 0 || self.replay.batch > widest {
            Some("replay.batch must be 1 to 65536")
        } else if self.replay.capacity == 0 || self.replay.capacity > 1 << 28 {
            Some("replay.capacity must be 1 to 268435456")
        } else if self.replay.frames > 1 << 28 {
            Some("replay.frames must be at most 268435456 (0 for whole observations)")
        } else if self.replay.frames > 0 && !self.observation.offset.is_empty() {
            Some(
                "replay.frames keeps observations as bytes, and observation.offset and observation.scale leave none",
            )
        } else if self.steps == 0 || self.evaluation.every == 0 || self.checkpoint_every == 0 {
            Some("steps, evaluation.every and checkpoint_every must be at least 1")
        } else if self.evaluation.episodes == 0 || self.evaluation.final_episodes == 0 {
            Some("evaluation.episodes and evaluation.final_episodes must be at least 1")
        } else if self.observation.offset.len() != self.observation.scale.len() {
            Some("observation.offset and observation.scale must have the same length")
        } else if self
            .observation
            .offset
            .iter()
            .chain(&self.observation.scale)
            .any(|x| !x.is_finite())
        {
            Some("observation.offset and observation.scale must be finite")
        } else if self.evaluation.stop_at.is_nan() {
            Some("evaluation.stop_at must be a number (inf for never)")
        } else {
            self.agent.complaint()
        };
        match complaint {
            Some(complaint) => Err(Failure::wrong_use(format!("{source}: {complaint}"))),
            None => Ok(self),
        }
    }
}

/// The dotted key and the value of a `KEY=VALUE` setting.
pub(crate) fn read_setting(setting: &str) -> Outcome<(&str, Value)> {
    let Some((path, text)) = setting.split_once('=') else {
        return Err(Failure::wrong_use(format!("--set {setting}: write it as KEY=VALUE")));
    };
    let value = format!("value = {text}")
        .parse::<Table>()
        .ok()
        .filter(|parsed| parsed.len() == 1)
        .and_then(|mut parsed| parsed.remove("value"))
        // A bare word is a string, so that --set network.activation=elu needs no quotes.
        .unwrap_or_else(|| Value::String(text.to_owned()));
    Ok((path.trim(), value))
}

/// Changes one value of a configuration. A key that is not there is a mistake, unless it `may_be_new`.
pub(crate) fn change(table: &mut Table, setting: &str, may_be_new: bool) -> Outcome<()> {
    let (path, value) = read_setting(setting)?;
    let mut place = Some(table);
    let (parents, key) = match path.rsplit_once('.') {
        Some((parents, key)) => (Some(parents), key),
        None => (None, path),
    };
    for parent in parents.iter().flat_map(|parents| parents.split('.')) {
        place = place.and_then(|table| table.get_mut(parent)).and_then(Value::as_table_mut);
    }
    match place {
        Some(table) if may_be_new || table.contains_key(key) => {
            table.insert(key.to_owned(), value);
            Ok(())
        }
        _ => Err(Failure::wrong_use(format!(
            "--set {setting}: there is no key '{path}' in this configuration"
        ))),
    }
}

pub(crate) fn malformed(source: &str, text: &str, error: &toml::de::Error) -> Failure {
    let line = error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1));
    let place = line.map(|line| format!(", line {line}")).unwrap_or_default();
    Failure::wrong_use(format!("{source}{place}: {}", one_line(error.message())))
}

pub(crate) fn one_line(message: &str) -> String {
    message.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::Experiment;
    use crate::study::Study;

    fn load(settings: &[&str]) -> Outcome<Config> {
        let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
        let (text, source) = source_text("cart-pole")?;
        Config::load(&text, &source, &settings, None)
    }

    #[test]
    fn every_preset_is_complete_and_survives_writing() {
        for (name, text) in PRESETS {
            if Experiment::is_one(text) {
                let experiment = Experiment::load(text, name, &[], None).expect(name);
                let again = Experiment::load(&experiment.text, name, &[], None);
                assert_eq!(again.expect("what was written"), experiment);
            } else if Study::is_one(text) {
                let study = Study::load(text, name, &[], None).expect(name);
                let again = Study::load(&study.text, name, &[], None);
                assert_eq!(again.expect("what was written"), study);
            } else {
                let config = Config::load(text, name, &[], Some(7)).expect(name);
                let again = Config::parse(&config.to_toml(), "again").expect("what was written");
                assert_eq!((config.seed, &again), (7, &config));
            }
        }
    }

    #[test]
    fn settings_change_numbers_words_and_whole_tables() {
        let config = load(&[
            "agent.discount=0.9",
            "network.activation=elu",
            "network.hidden=[8]",
            "agent.target={name='hard',every=7}",
        ])
        .expect("four good settings");
        assert_eq!((config.agent.discount, config.network.hidden), (0.9, vec![8]));
        let target =
            embedded_rl_core::dqn::TargetUpdate::Hard { every: 7, per: Default::default() };
        assert_eq!(config.agent.target, target);
    }

    #[test]
    fn what_a_file_leaves_to_its_default_can_be_set_and_is_written() {
        let text = source_text("cart-pole").expect("a preset").0;
        assert!(!text.contains("n_step") && !text.contains("dueling"));
        let config = load(&["agent.n_step=3", "network.dueling=max"]).expect("two good settings");
        let written = config.to_toml();
        for line in ["n_step = 3", "dueling = \"max\"", "batch_norm = false"] {
            assert!(written.contains(line), "{line} is not in\n{written}");
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_setting_named() {
        for (setting, expected) in [
            ("discount", "KEY=VALUE"),
            ("agent.discont=1", "no key 'agent.discont'"),
            ("agent.discount=high", "invalid type"),
            ("agent.discount=2", "between 0 and 1"),
            ("replay.batch=-1", "invalid value"),
            ("=3", "no key"),
            (".steps=3", "no key"),
            ("agent..discount=0.5", "no key"),
            ("network.hidden=[0]", "outside 1 to 65536"),
            ("network.hidden=[8,8,8,8,8,8,8,8,8]", "more than 8 layers"),
            (
                "network.convolutions=[{filters=0,kernel=[2,2],stride=[1,1],padding=[0,0]}]",
                "filters, a kernel or a stride of 0",
            ),
            ("agent.sampling={name='prioritised'}", "missing field"),
            ("agent.target={name='none'}", "double needs a target network"),
            ("agent.behaviour=boldly", "unknown variant"),
        ] {
            let failure = load(&[setting]).expect_err(setting);
            assert!(failure.to_string().contains(expected), "{setting}: {failure}");
            assert_eq!(failure.exit_status(), 2);
        }
        let several = |settings: &[&str]| load(settings).expect_err("nonsense").to_string();
        let normalised = several(&["network.batch_norm=true", "replay.batch=1"]);
        assert!(normalised.contains("no spread"), "{normalised}");
        let deep = several(&["network.batch_norm=true", "network.hidden=[8,8,8,8,8,8,8,8]"]);
        assert!(deep.contains("more than 24 layers"), "{deep}");
    }
}
