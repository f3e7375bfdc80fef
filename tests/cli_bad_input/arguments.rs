//! What the command line does not know, names of what is not there, and what cannot be solved.

use crate::refusal::{FAILED, WRONG_USE, assert_refused, files, run};
use embedded_rl_checks::command::Scratch;
use std::fs;

#[test]
fn what_the_command_line_does_not_know_is_wrong_use_without_a_panic() {
    let scratch = Scratch::new("usage");
    for arguments in [
        &[][..],
        &["fly"],
        &["train"],
        &["train", "cart-pole", "--seed", "-1"],
        &["train", "cart-pole", "--seed", "x"],
        &["train", "cart-pole", "--resume", "run"],
        &["train", "--resume", "run", "--set", "steps=1"],
        &["eval"],
        &["eval", "run", "--episodes", "0"],
        &["export", "run"],
        &["export", "run", "--out", "file", "--format", "onnx"],
        &["replay"],
    ] {
        let refused = run(scratch.path(), arguments);
        assert_eq!(
            (refused.status, refused.output.as_str()),
            (Some(WRONG_USE), ""),
            "{arguments:?}"
        );
        assert!(refused.errors.contains("Usage:") || refused.errors.contains("--help"));
        assert!(!refused.errors.contains("panicked"), "{refused:#?}");
    }
    assert!(files(scratch.path()).is_empty());
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let scratch = Scratch::new("missing");
    fs::create_dir(scratch.join("empty")).expect("a folder");
    let cases: &[(&[&str], i32, &str)] = &[
        (&["train", "no-such-preset"], WRONG_USE, "there is no preset 'no-such-preset'"),
        (&["train", "none.toml"], FAILED, "cannot read none.toml"),
        (&["train", "--resume", "none"], FAILED, "there is no folder none"),
        (&["train", "--resume", "empty"], FAILED, "empty holds no run"),
        (&["eval", "none"], FAILED, "cannot read none"),
        (&["eval", "empty"], FAILED, "empty holds no run"),
        (&["export", "none", "--out", "file"], FAILED, "cannot read none"),
        (&["export", "empty", "--out", "file"], FAILED, "empty holds no run"),
        (&["replay", "none.jsonl"], FAILED, "cannot replay none.jsonl"),
        (&["replay", "empty"], FAILED, "cannot replay empty"),
    ];
    for (arguments, status, expected) in cases {
        assert_refused(scratch.path(), arguments, *status, expected);
    }
    assert!(files(scratch.path()).is_empty());
}

#[test]
fn what_cannot_be_solved_is_wrong_use() {
    let scratch = Scratch::new("solve");
    for (arguments, expected) in [
        (&["solve", "nothing"][..], "nothing called 'nothing' to solve"),
        (&["solve", "CartPole-v1"], "the rules of CartPole-v1 are no table"),
        (&["solve", "FrozenLake-v1", "--discount", "nan"], "between 0 and 1"),
        (&["solve", "FrozenLake-v1", "--discount", "1.5"], "between 0 and 1"),
        (&["solve", "FrozenLake-v1", "--discount=-0.1"], "between 0 and 1"),
    ] {
        assert_refused(scratch.path(), arguments, WRONG_USE, expected);
    }
}
