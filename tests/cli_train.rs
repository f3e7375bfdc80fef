//! `train` through the command itself: equal commands leave equal bytes, however often they are killed; what is
//! printed, saved and exported is the same policy.

use core::time::Duration;
use embedded_rl_checks::command::{
    self, Finished, SHORT_RUN, Scratch, assert_same_record, command, record, signal,
};
use embedded_rl_core::rng::{Generator, SeedableRng, integers};
use embedded_rl_core::weights;
use safetensors::SafeTensors;
use serde_json::Map;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::ExitStatus;
use std::thread::sleep;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

fn run(folder: &Path, arguments: &[&str]) -> Finished {
    command::run(PROGRAM, folder, arguments)
}

/// The short run in the folder `out`, with more arguments.
fn train(folder: &Path, out: &str, more: &[&str]) -> Finished {
    run(folder, &[SHORT_RUN, &["--out", out], more].concat())
}

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

/// Starts a training, reads `lines` lines of its `--json`, waits a moment and kills it.
fn kill_after(folder: &Path, arguments: &[&str], lines: usize, moment: Duration) -> ExitStatus {
    let mut child = command(PROGRAM, folder, &[arguments, &["--json"]].concat())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the command can be started");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    for _ in 0..lines {
        output.read_line(&mut String::new()).expect("a line");
    }
    sleep(moment);
    child.kill().expect("a child can be killed");
    child.wait().expect("a child can be waited for")
}

/// The short run with `more`, killed after each of so many lines and as many random moments, resumed after each kill,
/// then left alone. Returns how many kills it really took.
fn train_with_kills(folder: &Path, more: &[&str], lines: &[usize], seed: u64) -> usize {
    let start = [SHORT_RUN, &["--out", "killed"], more].concat();
    let resume = ["train", "--resume", "killed"];
    // A kill may come before the folder, or its configuration, is there.
    let next = |folder: &Path| match folder.join("killed/config.toml").exists() {
        true => resume.to_vec(),
        false => start.clone(),
    };
    let rng = &mut Generator::seed_from_u64(seed);
    let mut kills = 0;
    for &lines in lines {
        let moment = Duration::from_micros(integers(rng, 0, 3_000) as u64);
        let status = kill_after(folder, &next(folder), lines, moment);
        if status.code().is_some() {
            assert!(status.success(), "{status}");
            break;
        }
        kills += 1;
    }
    run(folder, &next(folder)).success();
    kills
}

#[test]
fn a_run_that_is_killed_again_and_again_leaves_the_same_bytes() {
    let reference = Scratch::new("unkilled");
    train(reference.path(), "run", &[]).success();
    for (seed, lines) in [
        (1, &[0, 0, 2, 0, 40, 60, 5, 50, 70][..]),
        (2, &[60, 55, 1, 80, 0, 3, 90, 20]),
        (3, &[0, 100, 33, 47, 64]),
    ] {
        let scratch = Scratch::new("killed");
        let kills = train_with_kills(scratch.path(), &[], lines, seed);
        assert!(kills >= 2, "schedule {seed}: only {kills} kills");
        assert_same_record(&scratch.join("killed"), &reference.join("run"));
    }
}

/// The whole world is in a checkpoint: terrain, bodies, joints, contacts and what the solver remembers of them.
#[test]
fn a_lander_that_is_killed_in_flight_flies_on_with_the_same_bits() {
    let lander = &[
        "--set=environment=LunarLander-v3",
        "--set=steps=4000",
        "--set=evaluation.every=2000",
        "--set=evaluation.episodes=2",
        "--set=evaluation.final_episodes=2",
        "--set=checkpoint_every=70",
    ];
    let reference = Scratch::new("lander");
    train(reference.path(), "run", lander).success();
    let scratch = Scratch::new("lander-killed");
    let kills = train_with_kills(scratch.path(), lander, &[0, 3, 9, 5, 1], 6);
    assert!(kills >= 2, "only {kills} kills");
    assert_same_record(&scratch.join("killed"), &reference.join("run"));
}

/// Every variant that remembers something of its own: steps that wait, priorities, statistics of batches, deviations and
/// draws of noise and of fractions.
#[test]
fn a_run_of_many_variants_that_is_killed_leaves_the_same_bytes() {
    for distribution in [
        "{name='categorical',atoms=21,lowest=-10.0,highest=50.0}",
        "{name='implicit',cosines=4,fractions=3,target_fractions=4,policy_fractions=5}",
    ] {
        check_that_kills_change_nothing(distribution);
    }
}

fn check_that_kills_change_nothing(distribution: &str) {
    let distribution = format!("--set=agent.distribution={distribution}");
    let variants = &[
        &distribution,
        "--set=agent.loss=huber",
        "--set=agent.n_step=5",
        "--set=agent.sampling={name='prioritised',alpha=0.6,\
         beta={name='linear',from=0.4,to=1.0,over=12000},epsilon=1e-3}",
        "--set=agent.rewards={name='failure',failure=-10.0}",
        "--set=agent.updates_per_batch=2",
        "--set=agent.weight_noise=0.5",
        "--set=agent.behaviour=noisy-values",
        "--set=network.batch_norm=true",
        "--set=network.dueling=mean",
        "--set=checkpoint_every=70",
    ];
    let reference = Scratch::new("variants");
    train(reference.path(), "run", variants).success();
    let scratch = Scratch::new("variants-killed");
    let kills = train_with_kills(scratch.path(), variants, &[30, 2, 60, 5, 0, 40], 8);
    assert!(kills >= 3, "only {kills} kills");
    assert_same_record(&scratch.join("killed"), &reference.join("run"));
}

/// Stacks of frames, of which the ring holds each once: as whole observations they come to the same policy.
#[test]
fn a_run_on_frames_that_is_killed_leaves_the_same_bytes_and_those_of_whole_observations() {
    let small = [
        "--set=environment=pixel-breakout",
        "--set=network.convolutions=\
         [{filters=2,kernel=[8,8],stride=[8,8],padding=[0,0]}]",
        "--set=steps=800",
        "--set=agent.learning_starts=100",
        "--set=agent.n_step=3",
        "--set=agent.sampling={name='prioritised',alpha=0.6,\
         beta={name='constant',value=0.4},epsilon=1e-3}",
        "--set=evaluation.every=400",
        "--set=evaluation.episodes=2",
        "--set=evaluation.final_episodes=2",
    ];
    let frames = ["--set=replay={capacity=150,batch=8,frames=200}", "--set=checkpoint_every=100"];
    let whole = ["--set=replay={capacity=150,batch=8}", "--set=checkpoint_every=800"];
    let [frames, whole] = [frames, whole].map(|replay| [&small[..], &replay].concat());
    let reference = Scratch::new("frames");
    train(reference.path(), "run", &frames).success();
    train(reference.path(), "whole", &whole).success();
    let [once, twice] = ["run", "whole"].map(|run| record(&reference.join(run)));
    for name in ["metrics.csv", "evaluations.csv", "policy.rlp", "summary.json"] {
        assert!(once[name] == twice[name], "{name} is that of whole observations");
    }
    let [once, twice] = [once, twice].map(|run| run["checkpoint"].len());
    assert!(once < 2_000_000 && twice > 33_000_000, "{once} and {twice} bytes");

    let scratch = Scratch::new("frames-killed");
    let kills = train_with_kills(scratch.path(), &frames, &[3, 30, 0, 11, 2], 9);
    assert!(kills >= 2, "only {kills} kills");
    assert_same_record(&scratch.join("killed"), &reference.join("run"));
}

#[test]
fn a_run_that_is_killed_before_its_first_checkpoint_starts_again() {
    let late = &["--set=checkpoint_every=1000000"];
    let reference = Scratch::new("late");
    train(reference.path(), "run", late).success();
    let scratch = Scratch::new("late-killed");
    let kills = train_with_kills(scratch.path(), late, &[100, 0, 30], 4);
    assert_eq!(kills, 3, "no run reaches its end before its reader does");
    assert_same_record(&scratch.join("killed"), &reference.join("run"));
}

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
