//! LunarLander is Gymnasium's to the bit: observations, rewards, endings, bodies, from the seed alone.
//!
//! Replays the traces of `tests/golden/lunar_lander/`, and those of `lunar_lander` in the folder that
//! `EMBEDDED_RL_GOLDEN` names when it is set.

use embedded_rl::replay_trace::{Report, replay, replay_reader};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/lunar_lander")
}

fn replay_all(folder: &Path) {
    let entries = std::fs::read_dir(folder)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", folder.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} holds no trace", folder.display());
    let (mut episodes, mut steps, mut failures) = (0, 0, Vec::new());
    for path in paths {
        match replay(&path) {
            Ok(report) => {
                println!("{}: {report}", path.display());
                (episodes, steps) = (episodes + report.episodes, steps + report.steps);
                if !report.matches() {
                    failures.push(format!("{}: {report}", path.display()));
                }
            }
            Err(error) => failures.push(format!("{}: {error}", path.display())),
        }
    }
    println!("{episodes} episodes and {steps} steps match");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn every_recording_replays_to_the_bit() {
    replay_all(&folder());
    if let Some(golden) = std::env::var_os("EMBEDDED_RL_GOLDEN") {
        let further = Path::new(&golden).join("lunar_lander");
        if further.is_dir() {
            replay_all(&further);
        }
    }
}

/// The first episode of a recording, with `from` replaced by `to` in one line.
fn altered(name: &str, line: usize, from: &str, to: &str) -> Report {
    let text = std::fs::read_to_string(folder().join(name)).expect("the recording");
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let end = lines.iter().position(|line| line.contains("\"end\"")).expect("an end");
    lines.truncate(end + 1);
    assert!(lines[line].contains(from), "line {line} has no {from}: {}", lines[line]);
    lines[line] = lines[line].replacen(from, to, 1);
    replay_reader(lines.join("\n").as_bytes()).expect("still a trace")
}

#[test]
fn each_altered_field_of_a_body_is_found_where_it_is() {
    for (line, from, to, step, field) in [
        (1, "\"bodies\":[[1", "\"bodies\":[[2", 0, "bodies[0][0]"),
        (1, "\"awake\":[true,true,true]", "\"awake\":[true,true,false]", 0, "awake"),
        (9, "\"bodies\":[[1", "\"bodies\":[[2", 8, "bodies[0][0]"),
        (9, "\"contacts\":[false,false]", "\"contacts\":[true,false]", 8, "contacts"),
        (9, "\"game_over\":false", "\"game_over\":true", 8, "game_over"),
        (9, "\"reward\":\"", "\"reward\":\"3ff0000000000001\",\"was\":\"", 8, "reward"),
        (0, "\"gravity\":-10.0", "\"gravity\":-9.0", 0, "observation[1]"),
    ] {
        let report = altered("random.jsonl", line, from, to);
        let difference = report.difference.unwrap_or_else(|| panic!("{from} as {to} matches"));
        assert_eq!((difference.step, difference.field.as_str()), (step, field));
    }
}

#[test]
fn options_of_the_lander_are_checked() {
    for (options, words) in [
        (r#""gravity":1.0"#, "gravity is between -12 and 0, not 1"),
        (r#""kwargs":{"gravity":-12.0}"#, "gravity is between -12 and 0, not -12"),
        (r#""kwargs":{"enable_wind":1}"#, "expected a boolean"),
        (r#""kwargs":{"wing_power":1}"#, "unknown field `wing_power`"),
    ] {
        let header = format!(r#"{{"type":"header","env":"LunarLander-v3",{options}}}"#);
        let message = replay_reader(header.as_bytes()).expect_err(words).to_string();
        assert!(message.contains(words), "'{message}' does not say '{words}'");
    }
}
