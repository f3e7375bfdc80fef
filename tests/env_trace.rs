//! The replay of traces finds every kind of difference, refuses what is no trace, and never panics.

use embedded_rl::replay_trace::{Report, TraceError, replay, replay_reader};
use proptest::prelude::*;
use std::path::Path;

/// A recording's header and first episode, cut after twelve steps and given the end that belongs there.
fn trace() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/cart_pole_v1.jsonl");
    let text = std::fs::read_to_string(path).expect("the recording");
    let mut lines: Vec<String> = text.lines().take(14).map(str::to_owned).collect();
    lines.push(r#"{"type":"end","ep":0,"steps":12,"return":"4028000000000000"}"#.to_owned());
    lines
}

fn replay_lines(lines: &[String]) -> Result<Report, TraceError> {
    replay_reader(lines.join("\n").as_bytes())
}

/// The trace with `from` replaced by `to` in one line.
fn altered(line: usize, from: &str, to: &str) -> Result<Report, TraceError> {
    let mut lines = trace();
    assert!(lines[line].contains(from), "line {line} has no {from}: {}", lines[line]);
    lines[line] = lines[line].replacen(from, to, 1);
    replay_lines(&lines)
}

#[test]
fn the_unaltered_trace_matches() {
    let report = replay_lines(&trace()).expect("a trace");
    assert!(report.matches(), "{report}");
    assert_eq!((report.episodes, report.steps, report.state_values), (1, 12, 48));
}

#[test]
fn each_altered_field_is_found_where_it_is() {
    let value = |line: usize, key: &str| {
        let trace = trace();
        let start = trace[line].find(key).expect(key) + key.len();
        let end = trace[line][start..].find([',', ']', '}']).expect("an end") + start;
        (trace[line][..end].to_owned(), trace[line][start..end].to_owned())
    };
    let cases = [
        (1, "\"seed\":", "7", 0, "state[0]"),
        (1, "\"obs\":[", "1", 0, "observation[0]"),
        (5, "\"obs\":[", "1", 4, "observation[0]"),
        (5, "\"state\":[", "\"3ff0000000000000\"", 4, "state[0]"),
        (5, "\"reward\":", "\"3ff0000000000001\"", 4, "reward"),
        (5, "\"terminated\":", "true", 4, "ending"),
        (5, "\"truncated\":", "true", 4, "ending"),
        (14, "\"steps\":", "13", 12, "steps"),
        (14, "\"return\":", "\"4028000000000001\"", 12, "return"),
    ];
    for (line, key, other, step, field) in cases {
        let (head, old) = value(line, key);
        let new = head[..head.len() - old.len()].to_owned() + other;
        let report = altered(line, &head, &new).expect("still a trace");
        let difference = report.difference.clone().unwrap_or_else(|| panic!("{key}: {report}"));
        assert_eq!((difference.step, difference.field.as_str()), (step, field), "{report}");
        assert_eq!(report.steps, difference.step.saturating_sub(u64::from(line != 14)));
    }
}

#[test]
fn what_is_no_trace_is_refused_in_words() {
    let refused = |result: Result<Report, TraceError>, words: &str| {
        let message = result.expect_err(words).to_string();
        assert!(message.contains(words), "'{message}' does not say '{words}'");
    };
    refused(replay(Path::new("no/such/file")), "the trace cannot be read");
    refused(replay_reader(&b""[..]), "does not begin with a header");
    refused(replay_lines(&trace()[1..]), "does not begin with a header");
    refused(replay_lines(&trace()[..1]), "holds no episode");
    refused(replay_lines(&trace()[..9]), "ends after line 9, inside episode 0");
    refused(
        altered(0, "CartPole-v1", "Pong-v9"),
        "line 1: Pong-v9 is not built yet; built: CartPole-v0",
    );
    refused(altered(0, "\"kwargs\":{}", "\"kwargs\":{\"gravity\":1}"), "unknown field `gravity`");
    refused(altered(3, "}", ""), "line 4 is not JSON");
    refused(altered(3, "{", ""), "line 4 is not a line of a trace");
    refused(
        altered(3, "\"obs\"", "\"view\""),
        "line 4 is not a line of a trace: missing field `obs`",
    );
    refused(altered(3, "\"reward\":\"3", "\"reward\":\"z"), "not 16 hexadecimal digits");
    refused(
        altered(3, "\"obs\":[", "\"obs\":[5,"),
        "line 4: 'obs' has 5 elements, but 4 are needed",
    );
    refused(
        altered(3, "\"state\":[", "\"state\":[\"0000000000000000\","),
        "'state' has 5 elements",
    );
    refused(altered(3, "\"action\":", "\"action\":-1"), "is not in Discrete(2)");
    refused(altered(3, "\"action\":", "\"action\":7"), "is not in Discrete(2)");
    refused(altered(3, "\"t\":2", "\"t\":3"), "line 4 is a step, but step 2");
    refused(altered(3, "\"ep\":0", "\"ep\":1"), "line 4 is a step, but step 2");
    let after_the_end = [trace(), vec![trace()[5].clone()]].concat();
    refused(replay_lines(&after_the_end), "line 16 is a step, but a reset should stand there");
    let endless = [trace()[0].clone(), "[".repeat(1 << 24)];
    refused(replay_lines(&endless), "line 2 is longer than");
    let nested = [trace()[0].clone(), "[".repeat(1 << 20)];
    refused(replay_lines(&nested), "line 2 is not");
}

#[test]
fn options_of_an_environment_are_checked() {
    for (env, options, words) in [
        ("FrozenLake-v1", r#"{"map_name":"5x5"}"#, "there is no map '5x5', only 4x4 and 8x8"),
        ("FrozenLake-v1", r#"{"desc":["SF","G"]}"#, "row 1 of the map is not as long as the first"),
        ("FrozenLake-v1", r#"{"desc":["FG"]}"#, "the map has no 'S'"),
        ("FrozenLake-v1", r#"{"desc":["SXG"]}"#, "the map has a 'X', but only SFHG"),
        ("FrozenLake-v1", r#"{"success_rate":1.5}"#, "1.5 is not a probability"),
        (
            "FrozenLake-v1",
            r#"{"reward_schedule":[1,0]}"#,
            "the options of FrozenLake-v1 are not right",
        ),
        ("Taxi-v4", r#"{"rainy_probability":-0.1}"#, "-0.1 is not a probability"),
        ("Taxi-v3", r#"{"is_rainy":true}"#, "unknown field `is_rainy`"),
        ("Blackjack-v1", r#"{"sab":1}"#, "expected a boolean"),
        ("MinAtar/Breakout-v1", r#"{"sticky_action_prob":-0.1}"#, "-0.1 is not a probability"),
        ("pixel-grid", r#"{"tile":0}"#, "a picture of 0 x 0 pixels does not show 9 x 10 cells"),
        ("pixel-grid", r#"{"tile":2,"size":[64,84]}"#, "a size or a tile, not both"),
        ("pixel-grid", r#"{"rewards":{"goal":1,"wall":0,"step":0}}"#, "go with a map"),
        ("CliffWalking-v1", r#"{"slippery":true}"#, "unknown field `slippery`"),
    ] {
        let header = format!(r#"{{"type":"header","env":"{env}","kwargs":{options}}}"#);
        let message = replay_reader(header.as_bytes()).expect_err(words).to_string();
        assert!(message.contains(words), "'{message}' does not say '{words}'");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = replay_reader(bytes.as_slice());
        let after_a_header = [trace()[0].as_bytes(), b"\n", &bytes].concat();
        let _ = replay_reader(after_a_header.as_slice());
    }

    /// Bytes of a real trace overwritten, and lines dropped, doubled or swapped.
    #[test]
    fn mutated_traces_never_panic(
        bytes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
        digits in proptest::collection::vec((any::<prop::sample::Index>(), 0u8..16), 0..8),
        lines in proptest::collection::vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let mut trace = trace();
        for pair in lines.windows(2) {
            let (from, to) = (pair[0].index(trace.len()), pair[1].index(trace.len()));
            let line = trace.remove(from);
            trace.insert(to.min(trace.len()), line);
        }
        let mut text = trace.join("\n").into_bytes();
        // Digits keep most lines well formed, so that strange numbers reach the environment.
        let places: Vec<_> = (0..text.len()).filter(|&at| text[at].is_ascii_digit()).collect();
        for (index, digit) in digits {
            text[places[index.index(places.len())]] = b"0123456789012345"[usize::from(digit)];
        }
        for (index, byte) in bytes {
            let at = index.index(text.len());
            text[at] = byte;
        }
        let _ = replay_reader(text.as_slice());
    }
}
