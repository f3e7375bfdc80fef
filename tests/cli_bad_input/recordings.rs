//! Recordings that are none, are cut off, or differ in one byte.

use crate::refusal::{FAILED, assert_refused, run};
use embedded_rl_checks::command::Scratch;

const RECORDING: &str = include_str!("../golden/cart_pole_v1.jsonl");

#[test]
fn what_is_no_recording_is_not_replayed() {
    let scratch = Scratch::new("replay");
    let lines: Vec<_> = RECORDING.split_inclusive('\n').collect();
    let cut_off = lines[..lines.len() / 2].concat();
    for (content, expected) in [
        ("", "does not begin with a header"),
        ("environment = 'CartPole-v1'\n", "line 1 is not JSON"),
        ("{}\n", "line 1 is not a line of a trace"),
        ("[1, 2, 3]\n", "line 1"),
        (lines[1], "does not begin with a header"),
        (lines[0], "holds no episode"),
        (&RECORDING.replace("CartPole-v1", "CartPole-v9"), "CartPole-v9 is not built"),
        (&lines[..5].concat(), "cut off"),
        (&(lines[..4].concat() + &lines[4][..20]), "line 5 is not JSON"),
        (&cut_off, "cut off"),
    ] {
        scratch.write("mine.jsonl", content);
        assert_refused(scratch.path(), &["replay", "mine.jsonl"], FAILED, expected);
    }
    scratch.write("mine.jsonl", [0x89, b'P', b'N', b'G', 0xFF, 0, 0, 10, 0xFE]);
    assert_refused(scratch.path(), &["replay", "mine.jsonl"], FAILED, "line 1 is not JSON");
}

#[test]
fn a_recording_with_one_byte_changed_is_found_to_differ() {
    let scratch = Scratch::new("differs");
    scratch.write("right.jsonl", RECORDING);
    run(scratch.path(), &["replay", "right.jsonl"]).success();

    // The first digit of an observation, far into the file.
    let place = RECORDING.len() / 2;
    let place = place + RECORDING[place..].find("\"obs\":").expect("an observation");
    let place = place + RECORDING[place..].find(|c: char| c.is_ascii_digit()).expect("a digit");
    let mut changed = RECORDING.as_bytes().to_vec();
    changed[place] = if changed[place] == b'1' { b'2' } else { b'1' };
    scratch.write("changed.jsonl", changed);
    let expected = "changed.jsonl differs from CartPole-v1";
    assert_refused(scratch.path(), &["replay", "changed.jsonl"], FAILED, expected);
    let objects = run(scratch.path(), &["replay", "changed.jsonl", "--json"]).objects();
    assert_eq!(objects.len(), 1);
    assert_eq!(objects[0]["matches"], false);
    let difference = objects[0]["difference"].as_str().expect("words");
    assert!(difference.contains("observation[0] is "), "{difference}");
}
