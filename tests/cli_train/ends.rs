//! What ends a run and what does not: a signal, an evaluation that is good enough, readers that go away.

use crate::short_run::{PROGRAM, run, train};
use embedded_rl_checks::command::{
    Finished, SHORT_RUN, Scratch, assert_same_record, command, record, signal,
};
use std::fs;
use std::io::{BufRead, BufReader, Read};

#[test]
fn a_run_that_is_asked_to_stop_saves_everything_and_goes_on_later() {
    let scratch = Scratch::new("asked");
    train(scratch.path(), "whole", &[]).success();
    for name in ["INT", "TERM"] {
        let arguments = [SHORT_RUN, &["--out", name, "--json"]].concat();
        let mut child = command(PROGRAM, scratch.path(), &arguments).spawn().expect("a child");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut text = String::new();
        for _ in 0..60 {
            output.read_line(&mut text).expect("a line");
        }
        signal(&child, name);
        output.read_to_string(&mut text).expect("the rest");
        let ended = child.wait_with_output().expect("its end");
        let ended = Finished { output: text, ..ended.into() };

        let sentence = ended.last_sentence(1);
        let step = sentence.strip_prefix("stopped at step ").and_then(|rest| rest.split_once(','));
        let step: u64 = step.expect(sentence).0.parse().expect(sentence);
        assert!((500..12_000).contains(&step), "{sentence}");
        assert!(sentence.ends_with(&format!("embedded-rl train --resume {name}")), "{sentence}");
        assert!(ended.objects().iter().all(|object| object["type"] != "summary"));

        let folder = scratch.join(name);
        assert!(!folder.join("summary.json").exists(), "it is not finished");
        let rows = fs::read_to_string(folder.join("metrics.csv")).expect("metrics").lines().count();
        let shown = ended.objects().iter().filter(|object| object["type"] == "episode").count();
        assert_eq!(rows, 1 + shown, "every episode shown is saved, under the header");
        // What it has learned so far can be used.
        run(scratch.path(), &["eval", name, "--episodes", "2"]).success();

        run(scratch.path(), &["train", "--resume", name]).success();
        assert_same_record(&folder, &scratch.join("whole"));
    }
}

#[test]
fn resuming_a_finished_run_changes_nothing_and_says_what_it_came_to() {
    let scratch = Scratch::new("finished");
    let first = train(scratch.path(), "run", &["--json"]).success();
    let snapshot = || {
        let names = record(&scratch.join("run")).into_keys();
        names
            .map(|name| {
                let path = scratch.join("run").join(name);
                let written = fs::metadata(&path).and_then(|data| data.modified());
                (fs::read(&path).expect("a file"), written.expect("a time"))
            })
            .collect::<Vec<_>>()
    };
    let before = snapshot();
    let second = run(scratch.path(), &["train", "--resume", "run", "--json"]).success();
    assert!(snapshot() == before, "a file was touched");
    assert_eq!(second.objects(), [first.objects().pop().expect("a summary")]);
    assert!(second.errors.contains("was finished before"), "{}", second.errors);
}

#[test]
fn training_stops_where_an_evaluation_is_good_enough_and_stays_finished() {
    let scratch = Scratch::new("stop");
    // The worst that can happen is a fall in eight steps.
    let stopped = train(scratch.path(), "run", &["--json", "--set=evaluation.stop_at=8"]).success();
    let summary = stopped.objects().pop().expect("a summary");
    assert_eq!((&summary["env_steps"], &summary["policy_step"]), (&3_000.into(), &3_000.into()));
    // As if it had been killed after its last checkpoint.
    let before = record(&scratch.join("run"));
    for name in ["summary.json", "policy.rlp", "curve.svg"] {
        fs::remove_file(scratch.join("run").join(name)).expect(name);
    }
    run(scratch.path(), &["train", "--resume", "run"]).success();
    assert!(record(&scratch.join("run")) == before);
}

#[test]
fn where_only_solvers_are_evaluated_nobody_is_before_the_task_is_solved() {
    let scratch = Scratch::new("only-solved");
    let only = &["--json", "--set=evaluation.only_solved=true", "--set=evaluation.stop_at=8"];
    let objects = train(scratch.path(), "run", only).success().objects();
    assert!(objects.iter().all(|object| object["type"] != "evaluation"));
    let summary = objects.last().expect("a summary");
    assert!(summary["solved_at_episode"].is_null());
    // Neither stopped nor kept before the end.
    assert_eq!((&summary["env_steps"], &summary["policy_step"]), (&12_000.into(), &12_000.into()));
}

/// `train ... | head` must not end a training.
#[test]
fn readers_that_go_away_stop_nothing() {
    let scratch = Scratch::new("readers");
    for json in [&["--json"][..], &[]] {
        let out = format!("run{}", json.len());
        let arguments = [SHORT_RUN, &["--out", &out], json].concat();
        let mut child = command(PROGRAM, scratch.path(), &arguments).spawn().expect("a child");
        drop((child.stdout.take(), child.stderr.take()));
        assert!(child.wait().expect("its end").success());
        assert!(scratch.join(&out).join("summary.json").exists());
    }
    let mut refused = command(PROGRAM, scratch.path(), &["eval", "none"]).spawn().expect("a child");
    drop((refused.stdout.take(), refused.stderr.take()));
    assert_eq!(refused.wait().expect("its end").code(), Some(1));
}
