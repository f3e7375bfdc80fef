//! Runs that are killed at any moment and resumed leave the bytes of those that were left alone.

use crate::short_run::{PROGRAM, run, train};
use core::time::Duration;
use embedded_rl_checks::command::{SHORT_RUN, Scratch, assert_same_record, command, record};
use embedded_rl_core::rng::{Generator, SeedableRng, integers};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::ExitStatus;
use std::thread::sleep;

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
