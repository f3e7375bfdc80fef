//! Policies and checkpoints that are damaged, foreign or older, and runs whose files contradict each other.

use crate::refusal::{FAILED, WRONG_USE, assert_refused, files, run, trained};
use embedded_rl::export::PolicyFile;
use embedded_rl_checks::command::Scratch;
use embedded_rl_core::nn::{Activation, NetworkSpec};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{encode, encoded_len};
use std::fs;
use std::path::Path;

/// Ways of damaging a file, each with its name.
fn damages(content: &[u8]) -> Vec<(String, Vec<u8>)> {
    let length = content.len();
    let cuts = [0, 1, 7, 8, 15, 16, 17, 63, 64, length / 2, length - 4, length - 1];
    let cuts = cuts.iter().map(|&cut| (format!("cut to {cut}"), content[..cut].to_vec()));
    let places = [0, 5, 8, 9, 12, 15, 16, 40, length / 3, length / 2, length - 5, length - 1];
    let flips = places.iter().map(|&place| {
        let mut flipped = content.to_vec();
        flipped[place] ^= 0x04;
        (format!("byte {place} changed"), flipped)
    });
    let foreign = [
        ("text", b"This is a letter, not a network. It is about as long as a small one.".repeat(3)),
        ("zeros", vec![0; 4_096]),
        ("a longer one", [content, b"and more"].concat()),
    ];
    let foreign = foreign.map(|(name, content)| (name.to_owned(), content));
    cuts.chain(flips).chain(foreign).collect()
}

#[test]
fn a_damaged_or_foreign_policy_is_refused() {
    let scratch = trained("policy");
    let right = fs::read(scratch.join("run/policy.rlp")).expect("a policy");
    let checkpoint = fs::read(scratch.join("run/checkpoint")).expect("a checkpoint");
    let mut damaged = damages(&right);
    damaged.push(("a checkpoint".to_owned(), checkpoint));
    for (name, content) in damaged {
        scratch.write("mine.rlp", &content);
        scratch.write("run/policy.rlp", &content);
        for arguments in [
            &["eval", "mine.rlp"][..],
            &["eval", "run"],
            &["export", "mine.rlp", "--out", "copy"],
            &["export", "run", "--out", "copy", "--format", "safetensors"],
        ] {
            let refused = run(scratch.path(), arguments);
            let sentence = refused.sentence(FAILED);
            assert!(sentence.contains("cannot be used: it"), "{name}: {sentence}");
            assert_eq!(refused.output, "", "{name}");
        }
    }
    assert!(!scratch.join("copy").exists());
    assert_refused(scratch.path(), &["eval", "mine.rlp"], FAILED, "the policy mine.rlp");
    scratch.write("run/policy.rlp", right);
    run(scratch.path(), &["eval", "run"]).success();

    fs::remove_file(scratch.join("run/policy.rlp")).expect("a policy");
    let expected = "run has no policy yet; finish it with: embedded-rl train --resume run";
    assert_refused(scratch.path(), &["eval", "run"], FAILED, expected);
}

/// Writes a policy that has learned nothing.
fn write_policy(path: &Path, environment: &str, spec: &NetworkSpec) {
    let mut bytes = vec![0; encoded_len(spec, Normalise::IDENTITY)];
    let parameters = vec![0.5; spec.parameter_count()];
    encode(environment, spec, Normalise::IDENTITY, &parameters, &mut bytes);
    fs::write(path, bytes).expect("a policy");
    PolicyFile::read(path).expect("a right policy");
}

#[test]
fn a_policy_of_another_environment_is_not_played() {
    let scratch = Scratch::new("other");
    let relu = Activation::Relu;
    for (environment, sizes, arguments, status, expected) in [
        ("NoSuch-v2", [8, 4], &[][..], WRONG_USE, "NoSuch-v2 is not built"),
        ("Taxi-v4", [1, 6], &[], WRONG_USE, "no network can be trained on Taxi-v4"),
        ("", [4, 2], &[], WRONG_USE, "give one with --environment"),
        ("", [4, 2], &["--environment", "none"], WRONG_USE, "none is not built"),
        ("CartPole-v1", [8, 2], &[], FAILED, "has 8 inputs and 2 actions, CartPole-v1 has 4 and 2"),
        ("CartPole-v1", [4, 3], &[], FAILED, "has 4 inputs and 3 actions, CartPole-v1 has 4 and 2"),
        ("NoSuch-v2", [8, 4], &["--environment=CartPole-v1"], FAILED, "has 8 inputs and 4 actions"),
    ] {
        write_policy(&scratch.join("mine.rlp"), environment, &NetworkSpec::mlp(&sizes, relu));
        let arguments = [&["eval", "mine.rlp"], arguments].concat();
        assert_refused(scratch.path(), &arguments, status, expected);
    }
    write_policy(&scratch.join("mine.rlp"), "", &NetworkSpec::mlp(&[4, 2], relu));
    let named = ["eval", "mine.rlp", "--environment", "CartPole-v0", "--episodes", "1"];
    run(scratch.path(), &named).success();
}

#[test]
fn a_damaged_or_foreign_checkpoint_is_refused_and_nothing_is_changed() {
    let scratch = trained("checkpoint");
    // As if killed after the last checkpoint, before the end.
    fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
    let right = fs::read(scratch.join("run/checkpoint")).expect("a checkpoint");
    let policy = fs::read(scratch.join("run/policy.rlp")).expect("a policy");
    let mut damaged = damages(&right);
    damaged.push(("a policy".to_owned(), policy));
    let mut older = right.clone();
    older[8] -= 1;
    scratch.write("run/checkpoint", &older);
    let refused = run(scratch.path(), &["train", "--resume", "run"]);
    let sentence = refused.sentence(FAILED);
    assert!(sentence.contains("it is version 2, this program reads version 3"), "{sentence}");
    for (name, content) in damaged {
        scratch.write("run/checkpoint", &content);
        let before = files(scratch.path());
        let refused = run(scratch.path(), &["train", "--resume", "run", "--json"]);
        let sentence = refused.sentence(FAILED);
        let expected = "the checkpoint run/checkpoint cannot be used: it";
        assert!(sentence.contains(expected), "{name}: {sentence}");
        assert_eq!(refused.output, "", "{name}");
        assert!(files(scratch.path()) == before, "{name}: a file was changed");
    }
    scratch.write("run/checkpoint", right);
    run(scratch.path(), &["train", "--resume", "run"]).success();
}

#[test]
fn a_run_whose_files_contradict_each_other_is_not_continued() {
    let scratch = trained("contradiction");
    let whole = files(&scratch.join("run"));
    let summary = &whole["summary.json"];
    fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
    let replaced = |name: &str, from: &str, to: &str| {
        let text = String::from_utf8(whole[name].clone()).expect("text");
        assert!(text.contains(from), "{name} has no {from}");
        text.replace(from, to).into_bytes()
    };
    let metrics = String::from_utf8(whole["metrics.csv"].clone()).expect("text");
    let shorter: String = metrics.split_inclusive('\n').take(5).collect();
    let half_a_row = metrics.as_bytes()[..metrics.len() - 3].to_vec();
    for (name, content, expected) in [
        ("config.toml", replaced("config.toml", "steps = 600", "steps = 700"), "was changed after"),
        ("config.toml", replaced("config.toml", "seed = 0", "seed = 1"), "was changed after"),
        ("config.toml", replaced("config.toml", "[16]", "[17]"), "was changed after"),
        ("metrics.csv", shorter.into_bytes(), "metrics.csv has fewer than the"),
        ("metrics.csv", half_a_row, "metrics.csv has fewer than the"),
        ("metrics.csv", b"step,colour\n".repeat(99), "metrics.csv begins with another header"),
        ("metrics.csv", vec![0xFF; 99], "cannot read run/metrics.csv"),
        ("evaluations.csv", Vec::new(), "evaluations.csv"),
        ("summary.json", summary[..summary.len() / 2].to_vec(), "summary.json"),
        ("summary.json", b"{}".to_vec(), "summary.json"),
    ] {
        scratch.write(&format!("run/{name}"), content);
        let before = files(scratch.path());
        if name == "evaluations.csv" {
            // 600 steps have no evaluation, so that there is nothing to contradict.
            run(scratch.path(), &["train", "--resume", "run"]).success();
            fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
        } else {
            assert_refused(scratch.path(), &["train", "--resume", "run"], FAILED, expected);
            assert!(files(scratch.path()) == before, "{name}: a file was changed");
        }
        if name == "summary.json" {
            fs::remove_file(scratch.join("run/summary.json")).expect("a summary");
        } else {
            scratch.write(&format!("run/{name}"), &whole[name]);
        }
    }
    run(scratch.path(), &["train", "--resume", "run"]).success();
    let mut again = files(&scratch.join("run"));
    // The only file with a clock that was not kept.
    again.insert("summary.json".to_owned(), summary.clone());
    assert!(again == whole, "once all is as it was, the run ends as it did");
}
