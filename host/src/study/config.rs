//! What a study is: the configuration of a network's training, its seeds, and variants that change some keys of it.
//!
//! The file is a configuration like any other, with two keys of its own: `seeds` and `[variants]`. Nothing runs here.

use crate::config::{Config, one_line};
use crate::experiment::{Parts, Seeds, merge};
use crate::failure::{Failure, Outcome};
use crate::record::RunFolder;
use std::path::PathBuf;
use toml::{Table, Value};

/// One or several networks, over one or several seeds.
#[derive(Clone, Debug, PartialEq)]
pub struct Study {
    /// Its seeds, in order.
    pub seeds: Seeds,
    /// Its networks with their names. One alone has an empty name.
    pub variants: Vec<Variant>,
    /// The text that makes it again.
    pub text: String,
}

/// One of the networks.
#[derive(Clone, Debug, PartialEq)]
pub struct Variant {
    /// What it is called in tables and pictures.
    pub name: String,
    /// Everything else; each run has its own seed.
    pub config: Config,
}

impl Study {
    /// Whether a configuration's text trains networks over several seeds or in several variants.
    pub fn is_one(text: &str) -> bool {
        let table: Table = text.parse().unwrap_or_default();
        table.contains_key("network")
            && (table.contains_key("variants") || table.contains_key("seeds"))
    }

    /// Reads a study from `text`, which stands in `source`; changed by `KEY=VALUE` settings and by `seeds`. The seed
    /// of a configuration without `seeds` is the only one.
    pub fn load(
        text: &str,
        source: &str,
        settings: &[String],
        seeds: Option<Seeds>,
    ) -> Outcome<Self> {
        let Parts { seeds, variants, rest: table, text } =
            Parts::of(text, source, settings, false, seeds)?;
        let refuse = |reason: &str| Failure::wrong_use(format!("{source}: {}", one_line(reason)));
        let seeds = match seeds {
            Some(seeds) => seeds,
            None => {
                let seed = table.get("seed").and_then(Value::as_integer).unwrap_or_default();
                Seeds::one(u64::try_from(seed).map_err(|_| refuse("seed must not be negative"))?)
            }
        };
        let variants = match variants.is_empty() {
            true => [(String::new(), Value::Table(Table::new()))].into_iter().collect(),
            false => variants,
        };
        let variants = variants.into_iter().map(|(name, changes)| {
            let place = if name.is_empty() {
                source.to_owned()
            } else {
                format!("{source}, variant {name}")
            };
            let Value::Table(changes) = changes else {
                return Err(Failure::wrong_use(format!(
                    "{place}: a variant is a table of changes"
                )));
            };
            let mut table = table.clone();
            merge(&mut table, changes);
            Ok(Variant { name, config: Config::of_table(table, &place)? })
        });
        let variants = variants.collect::<Outcome<Vec<Variant>>>()?;
        for (index, variant) in variants.iter().enumerate() {
            let path = Self::run_path(variant, 0);
            if let Some(other) = variants[..index].iter().find(|v| Self::run_path(v, 0) == path) {
                return Err(refuse(&format!(
                    "the runs of the variants '{}' and '{}' would share a folder; rename one",
                    other.name, variant.name
                )));
            }
        }
        Ok(Self { seeds, variants, text })
    }

    /// The study of a folder; `None` if that holds something else.
    pub fn of_folder(folder: &RunFolder) -> Outcome<Option<Self>> {
        let source = folder.config().display().to_string();
        let text = std::fs::read_to_string(folder.config())
            .map_err(|error| Failure::failed(format!("cannot read {source}: {error}")))?;
        if Self::is_one(&text) { Self::load(&text, &source, &[], None).map(Some) } else { Ok(None) }
    }

    /// The folder of a run, below the study's own.
    pub fn run_path(variant: &Variant, seed: u64) -> PathBuf {
        let letter = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let name: String = variant.name.chars().map(letter).collect();
        PathBuf::from(name).join(format!("seed{seed}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::source_text;

    fn load(more: &str, settings: &[&str]) -> Outcome<Study> {
        let (text, source) = source_text("cart-pole").expect("a preset");
        let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
        Study::load(&format!("seeds = '0..3'\n{text}\n{more}"), &source, &settings, None)
    }

    const VARIANTS: &str = "[variants]\nsingle = { agent.double = false }\n\
                            'wide net' = { network.hidden = [99], replay = { batch = 8 } }\n";

    #[test]
    fn variants_change_what_they_name_and_keep_their_order() {
        let study = load(VARIANTS, &["agent.discount=0.5"]).expect("a good text");
        let [single, wide] = &study.variants[..] else { panic!("two variants: {study:?}") };
        assert_eq!((single.name.as_str(), wide.name.as_str()), ("single", "wide net"));
        assert_eq!((single.config.agent.double, wide.config.agent.double), (false, true));
        assert_eq!((&wide.config.network.hidden[..], wide.config.replay.batch), (&[99][..], 8));
        assert_eq!((wide.config.replay.capacity, wide.config.agent.discount), (100_000, 0.5));
        assert_eq!(Study::run_path(wide, 2), PathBuf::from("wide-net/seed2"));
        let again = Study::load(&study.text, "its own text", &[], None);
        assert_eq!(again.expect("its own text"), study);
        assert!(Study::is_one(&study.text));
    }

    #[test]
    fn one_network_over_seeds_has_no_name() {
        let study = load("", &[]).expect("a good text");
        assert_eq!((study.variants.len(), study.seeds.count()), (1, 3));
        assert_eq!(Study::run_path(&study.variants[0], 2), PathBuf::from("seed2"));
    }

    #[test]
    fn nonsense_is_refused_where_it_stands() {
        for (more, expected) in [
            ("[variants]\nodd = { agent.doubel = true }", "variant odd: unknown field"),
            ("[variants]\nodd = { agent.discount = 3 }", "variant odd: discount must be"),
            ("[variants]\nodd = 3", "table of changes"),
            ("[variants]\n'Wide net' = {}\nwide-net = {}", "would share a folder"),
        ] {
            let failure = load(more, &[]).expect_err(more);
            assert!(failure.to_string().contains(expected), "{more}: {failure}");
            assert_eq!(failure.exit_status(), 2);
        }
    }
}
