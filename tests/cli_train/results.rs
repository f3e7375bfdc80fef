//! What a run says of itself, and that files, evaluation and exports say the same.

use crate::short_run::{run, train};
use embedded_rl_checks::command::Scratch;
use embedded_rl_core::weights;
use safetensors::SafeTensors;
use serde_json::Map;
use std::fs;
use std::path::Path;

#[test]
fn json_is_an_object_a_line_and_ends_with_the_summary() {
    let scratch = Scratch::new("json");
    let objects = train(scratch.path(), "run", &["--json"]).success().objects();
    let (summary, before) = objects.split_last().expect("lines");
    let saved = fs::read_to_string(scratch.join("run/summary.json")).expect("a summary");
    assert_eq!(*summary, serde_json::from_str::<Map<_, _>>(&saved).expect("an object"));

    let of_type = |name| before.iter().filter(move |object| object["type"] == name);
    assert_eq!(of_type("episode").count() + of_type("evaluation").count(), before.len());
    for (name, table) in [("episode", "metrics.csv"), ("evaluation", "evaluations.csv")] {
        let text = fs::read_to_string(scratch.join("run").join(table)).expect(table);
        let mut rows = text.lines();
        let header: Vec<_> = rows.next().expect("a header").split(',').collect();
        assert_eq!(rows.clone().count(), of_type(name).count(), "{table}");
        for (object, row) in of_type(name).zip(rows) {
            let cells: Vec<_> = row.split(',').collect();
            assert_eq!(cells.len(), header.len(), "{row}");
            // The wall clock, the last column, is rounded in the table.
            for (column, cell) in header.iter().zip(&cells).take(header.len() - 1) {
                assert_eq!(object[*column].as_f64(), cell.parse().ok(), "{column} of {row}");
            }
        }
    }

    let number = |key: &str| summary[key].as_f64().unwrap_or_else(|| panic!("{key} is no number"));
    assert_eq!((number("env_steps"), number("eval_episodes")), (12_000.0, 10.0));
    assert_eq!(number("updates"), (12_000.0 - 500.0) / 4.0 + 1.0, "step 500 included");
    assert_eq!(number("episodes"), of_type("episode").count() as f64);
    assert!(
        number("eval_mean") >= 8.0 && number("eval_std") >= 0.0 && number("wall_seconds") >= 0.0
    );
    assert!(summary["solved_at_episode"].is_null(), "nobody solves it acting at random");
    let best = of_type("evaluation")
        .max_by(|a, b| a["mean"].as_f64().partial_cmp(&b["mean"].as_f64()).expect("a number"));
    assert_eq!(summary["policy_step"], best.expect("an evaluation")["step"]);
}

/// A policy file of a run, aligned for reading in place.
fn policy(path: &Path) -> embedded_rl::export::PolicyFile {
    embedded_rl::export::PolicyFile::read(path).expect("a policy")
}

#[test]
fn evaluation_and_exports_are_of_the_policy_that_the_summary_speaks_of() {
    let scratch = Scratch::new("exports");
    let normalised = "--set=observation={offset=[0,0.5,0,-1],scale=[1,2,4,0.5]}";
    let trained = train(scratch.path(), "run", &["--json", normalised]).success();
    let summary = trained.objects().pop().expect("a summary");

    for policy in ["run", "run/policy.rlp"] {
        let played = run(scratch.path(), &["eval", policy, "--json", "--episodes", "10"]).success();
        let objects = played.objects();
        let (evaluation, episodes) = objects.split_last().expect("lines");
        assert_eq!(evaluation["mean"], summary["eval_mean"]);
        assert_eq!(evaluation["std"], summary["eval_std"]);
        assert_eq!(episodes.len(), 10);
        let total: f64 = episodes.iter().map(|object| object["return"].as_f64().unwrap()).sum();
        assert_eq!(evaluation["mean"].as_f64(), Some(total / 10.0));
        assert!(episodes.iter().enumerate().all(|(i, object)| object["seed"] == i));
    }

    let export = |format: &str, out: &str| {
        let arguments = ["export", "run", "--json", "--format", format, "--out", out];
        let exported = run(scratch.path(), &arguments).success();
        assert_eq!(exported.objects()[0]["parameters_hash"], summary["parameters_hash"]);
    };
    export("rlp", "copy.rlp");
    let original = fs::read(scratch.join("run/policy.rlp")).expect("a policy");
    assert_eq!(fs::read(scratch.join("copy.rlp")).expect("a copy"), original);
    let file = policy(&scratch.join("copy.rlp"));
    let view = file.view();
    assert_eq!(view.environment(), "CartPole-v1");
    assert_eq!(view.normalise().offset(), [0.0, 0.5, 0.0, -1.0]);
    assert_eq!(view.normalise().scale(), [1.0, 2.0, 4.0, 0.5]);
    let hash = format!("{:016x}", weights::hash(view.parameters()));
    assert_eq!(summary["parameters_hash"], hash.as_str());

    export("safetensors", "policy.safetensors");
    let bytes = fs::read(scratch.join("policy.safetensors")).expect("tensors");
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let values = |name: &str, shape: &[usize]| {
        let tensor = tensors.tensor(name).expect(name);
        assert_eq!(tensor.shape(), shape, "{name}");
        let (words, rest) = tensor.data().as_chunks::<4>();
        assert!(rest.is_empty());
        words.iter().map(|word| f32::from_le_bytes(*word)).collect::<Vec<_>>()
    };
    let mut at = 0;
    for (layer, inputs, outputs) in [(0, 4, 16), (2, 16, 2)] {
        let weight = values(&format!("network.{layer}.weight"), &[outputs, inputs]);
        let bias = values(&format!("network.{layer}.bias"), &[outputs]);
        for input in 0..inputs {
            for output in 0..outputs {
                let ours = view.parameters()[at + input * outputs + output];
                assert_eq!(weight[output * inputs + input], ours, "[{output}][{input}]");
            }
        }
        at += inputs * outputs;
        assert_eq!(bias, view.parameters()[at..at + outputs]);
        at += outputs;
    }
    assert_eq!(at, view.parameters().len());
    assert_eq!(values("observation.offset", &[4]), view.normalise().offset());
    assert_eq!(values("observation.scale", &[4]), view.normalise().scale());
    assert_eq!(tensors.names().len(), 6);
}
