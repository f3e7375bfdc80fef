//! Networks side by side: each run of a study is the run that it is alone, and a study that was stopped goes on.

use embedded_rl_checks::command::{self, Finished, Scratch};
use serde_json::json;
use std::fs;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// Changes that make the preset a matter of a moment.
const SHORT: &[&str] = &[
    "steps=1200",
    "network.hidden=[8]",
    "replay.capacity=1000",
    "agent.learning_starts=200",
    "evaluation.every=400",
    "evaluation.episodes=3",
    "evaluation.final_episodes=5",
    "checkpoint_every=500",
];

fn train(scratch: &Scratch, preset: &str, more: &[&str]) -> Finished {
    let mut arguments = vec!["train", preset];
    arguments.extend(SHORT.iter().flat_map(|setting| ["--set", setting]));
    arguments.extend(more);
    command::run(PROGRAM, scratch.path(), &arguments)
}

/// A file of the preset with two variants.
fn two_variants(scratch: &Scratch) {
    let preset = concat!(env!("CARGO_MANIFEST_DIR"), "/host/presets/cart-pole.toml");
    let preset = fs::read_to_string(preset).expect("a preset");
    let variants = "[variants]\n\"one net\" = { agent.double = false }\nDouble = {}\n";
    scratch.write("mine.toml", format!("seeds = \"0..2\"\n{preset}\n{variants}"));
}

fn files(run: &Path) -> Vec<Vec<u8>> {
    let read = |name| fs::read(run.join(name)).expect(name);
    ["config.toml", "policy.rlp"].map(read).into()
}

#[test]
fn a_run_of_a_study_is_the_run_that_it_is_alone() {
    let scratch = Scratch::new("study-alone");
    train(&scratch, "cart-pole", &["--seeds=3..5", "--out=both"]).success();
    for seed in ["3", "4"] {
        train(&scratch, "cart-pole", &["--seed", seed, "--out", seed]).success();
        let inside = scratch.join("both").join(format!("seed{seed}"));
        assert_eq!(files(&inside), files(&scratch.join(seed)), "seed {seed}");
    }
    let played = command::run(PROGRAM, scratch.path(), &["eval", "both/seed3", "--episodes=2"]);
    assert!(played.success().output.contains("over 2 episodes"));
}

#[test]
fn variants_times_seeds_come_to_a_table_and_bands() {
    let scratch = Scratch::new("study-variants");
    two_variants(&scratch);
    let objects = train(&scratch, "mine.toml", &["--out=study", "--json"]).success().objects();
    let names: Vec<_> = objects[..4].iter().map(|run| (&run["variant"], &run["seed"])).collect();
    let (one, double) = (json!("one net"), json!("Double"));
    let (zero, first) = (json!(0), json!(1));
    assert_eq!(names, [(&one, &zero), (&one, &first), (&double, &zero), (&double, &first)]);
    let mean = |a: usize, b: usize| {
        let [a, b] = [a, b].map(|run| objects[run]["eval_mean"].as_f64().expect("a mean"));
        (a + b) / 2.0
    };
    let variants = objects[4]["variants"].as_array().expect("figures of the variants");
    for (variant, mean) in variants.iter().zip([mean(0, 1), mean(2, 3)]) {
        let band = &variant["eval_mean"];
        assert_eq!(band["mean"].as_f64(), Some(mean));
        assert!(band["low"].as_f64() <= band["high"].as_f64());
    }
    let study = scratch.join("study");
    let rows = fs::read_to_string(study.join("runs.csv")).expect("a table");
    assert_eq!(rows.lines().count(), 5);
    assert!(fs::read_to_string(study.join("curve.svg")).expect("a picture").contains("one net"));
    assert!(study.join("one-net/seed1/policy.rlp").exists());
}

#[test]
fn a_study_goes_on_with_what_is_not_finished() {
    let scratch = Scratch::new("study-resumed");
    two_variants(&scratch);
    train(&scratch, "mine.toml", &["--out=study"]).success();
    let lost = scratch.join("study/double/seed1");
    let kept = scratch.join("study/one-net/seed0/summary.json");
    let (policy, before) = (files(&lost), fs::read(&kept).expect("a summary"));
    fs::remove_dir_all(&lost).expect("a folder");
    command::run(PROGRAM, scratch.path(), &["train", "--resume", "study"]).success();
    assert_eq!(files(&lost), policy);
    assert_eq!(fs::read(&kept).expect("a summary"), before, "a finished run is left alone");

    // Somebody else's run in a study's place is not continued.
    let config = lost.join("config.toml");
    let changed = fs::read_to_string(&config).expect("text").replace("0.99", "0.98");
    fs::write(&config, changed).expect("written");
    let said = command::run(PROGRAM, scratch.path(), &["train", "--resume", "study"]);
    assert!(said.sentence(1).contains("another configuration"));
}

#[test]
fn a_study_is_played_by_its_runs() {
    let scratch = Scratch::new("study-eval");
    two_variants(&scratch);
    train(&scratch, "mine.toml", &["--out=study"]).success();
    let said = command::run(PROGRAM, scratch.path(), &["eval", "study"]);
    let sentence = said.sentence(1);
    assert!(sentence.contains("holds several runs") && sentence.contains("one-net/seed0"));
}
