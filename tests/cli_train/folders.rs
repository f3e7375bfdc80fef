//! The folder of a run: what is in it, whose it is, and that its configuration makes it again.

use crate::short_run::{run, train};
use embedded_rl_checks::command::{SHORT_RUN, Scratch, assert_same_record, record};
use std::fs;

#[test]
fn the_same_command_twice_leaves_the_same_bytes() {
    let scratch = Scratch::new("twice");
    train(scratch.path(), "first", &[]).success();
    train(scratch.path(), "second", &["--json"]).success();
    assert_same_record(&scratch.join("second"), &scratch.join("first"));
    let names: Vec<_> = record(&scratch.join("first")).into_keys().collect();
    let expected = [
        "checkpoint",
        "config.toml",
        "curve.svg",
        "evaluations.csv",
        "metrics.csv",
        "policy.rlp",
        "summary.json",
    ];
    assert_eq!(names, expected, "no temporary file is left");

    train(scratch.path(), "third", &["--seed", "1"]).success();
    let [first, third] = ["first", "third"].map(|run| record(&scratch.join(run)));
    assert_ne!(third["policy.rlp"], first["policy.rlp"]);
    assert_ne!(third["metrics.csv"], first["metrics.csv"]);
}

#[test]
fn a_run_s_own_configuration_trains_it_again() {
    let scratch = Scratch::new("again");
    train(scratch.path(), "first", &["--seed", "5"]).success();
    run(scratch.path(), &["train", "first/config.toml", "--out", "second"]).success();
    assert_same_record(&scratch.join("second"), &scratch.join("first"));
}

#[test]
fn a_folder_that_holds_a_run_is_not_trained_into() {
    let scratch = Scratch::new("taken");
    let short = &["--set=steps=200"];
    train(scratch.path(), "run", short).success();
    let before = record(&scratch.join("run"));
    let refused = train(scratch.path(), "run", short);
    let sentence = refused.sentence(2);
    assert!(sentence.contains("already holds a run") && sentence.contains("--resume run"));
    assert!(record(&scratch.join("run")) == before);
}

#[test]
fn runs_without_a_folder_of_their_own_are_numbered() {
    let scratch = Scratch::new("numbered");
    fs::write(scratch.join("mine.toml"), "").expect("a file");
    for expected in ["cart-pole-seed7", "cart-pole-seed7-2", "cart-pole-seed7-3"] {
        let short = ["--seed", "7", "--set=steps=100"];
        let trained = run(scratch.path(), &[SHORT_RUN, &short].concat()).success();
        assert!(scratch.join("runs").join(expected).join("summary.json").exists(), "{expected}");
        assert!(trained.output.contains(&format!("runs/{expected}\n")), "{}", trained.output);
    }
    fs::copy(scratch.join("runs/cart-pole-seed7/config.toml"), scratch.join("mine.toml")).unwrap();
    run(scratch.path(), &["train", "mine.toml"]).success();
    assert!(scratch.join("runs/mine-seed7/summary.json").exists());
}

#[test]
fn the_largest_seed_makes_a_run_that_can_be_resumed() {
    let scratch = Scratch::new("seed");
    let largest = u64::MAX.to_string();
    train(scratch.path(), "run", &["--seed", &largest, "--set=steps=300"]).success();
    fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
    run(scratch.path(), &["train", "--resume", "run"]).success();
    let summary = fs::read_to_string(scratch.join("run/summary.json")).expect("a summary");
    assert!(summary.contains(&largest), "{summary}");
}
