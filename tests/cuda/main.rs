//! Training on a graphics card, on a machine without one: the command itself, unchanged, against a driver library over the
//! emulated kernels. What a run leaves is byte for byte what it leaves on the processor, and what can go wrong is said in one
//! sentence.

mod kernels;
mod said;
mod same_bytes;

use embedded_rl_checks::command::{self, Finished, Scratch, assert_same_record, command};
use embedded_rl_checks::stand_in_driver::{driver_folder, nvrtc_folder};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// A short run on CartPole with a network of 16-16: 1,001 updates of double DQN with a soft target and Adam whose rate is
/// scheduled; a ring that goes round.
const CART_POLE: &[&str] = &[
    "train",
    "cart-pole",
    "--set=environment=CartPole-v1",
    "--set=seed=3",
    "--set=steps=1100",
    "--set=network={hidden=[16,16],activation='relu',initialisation='pytorch'}",
    "--set=replay={capacity=700,batch=16}",
    "--set=agent.learning_starts=100",
    "--set=agent.train_every=1",
    "--set=agent.clip_norm=10.0",
    "--set=evaluation={every=500,episodes=2,final_episodes=3,keep='best',stop_at=inf,only_solved=false}",
    "--set=checkpoint_every=400",
];

/// The same for fewer steps, so 51 updates.
const FEW: &[&str] = &["--set=steps=150", "--set=replay={capacity=100,batch=8}"];

/// The convolutional network of grid-planes with fewer filters: 200 updates with priorities over five steps, from frames
/// that are kept once in a ring that goes round.
const PLANES: &[&str] = &[
    "train",
    "grid-planes",
    "--set=steps=249",
    "--set=network.convolutions=[{filters=10,kernel=[4,4],stride=[2,2],padding=[0,0]},\
     {filters=18,kernel=[3,3],stride=[1,1],padding=[0,0]}]",
    "--set=replay={capacity=150,batch=3,frames=160}",
    "--set=agent.learning_starts=50",
    "--set=agent.train_every=1",
    "--set=evaluation={every=100,episodes=1,final_episodes=1,keep='last',stop_at=inf,only_solved=false}",
    "--set=checkpoint_every=100",
];

fn kept() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The command on a machine with a card and everything that belongs to it; `changed` are variables of its environment.
fn on_a_machine_with_a_card(
    folder: &Path,
    arguments: &[&str],
    changed: &[(&str, &str)],
) -> Finished {
    let libraries = env::join_paths([driver_folder(&kept()), &nvrtc_folder()]).expect("paths");
    let mut command = command(PROGRAM, folder, arguments);
    command.env("LD_LIBRARY_PATH", libraries).env("XDG_CACHE_HOME", kept().join("cuda-cache"));
    command.envs(changed.iter().copied());
    command.output().expect("the command can be started").into()
}

/// Trains on both, and holds what they leave against each other. What the driver counted.
#[track_caller]
fn assert_same_on_both(name: &str, arguments: &[&str], changed: &[(&str, &str)]) -> String {
    let scratch = Scratch::new("card");
    command::run(PROGRAM, scratch.path(), &[arguments, &["--out=cpu"]].concat()).success();
    let started = Instant::now();
    let report = scratch.join("report");
    let on_card = [arguments, &["--out=card", "--device=cuda"]].concat();
    let reported = [("EMULATION_REPORT", report.to_str().expect("a plain path"))];
    let changed = [&reported, changed].concat();
    let finished = on_a_machine_with_a_card(scratch.path(), &on_card, &changed).success();
    assert!(finished.errors.contains("device: Emulated Device (cuda:0, "), "{finished:#?}");
    assert_same_record(&scratch.join("card"), &scratch.join("cpu"));
    let report = fs::read_to_string(report).expect("a report");
    println!("{name}: {:.1} s, {}", started.elapsed().as_secs_f64(), report.replace('\n', ", "));
    report
}

/// A number of a report.
fn counted(report: &str, what: &str) -> u64 {
    let line = report.lines().find_map(|line| line.strip_prefix(what)).expect("a count");
    line.trim().parse().expect("a number")
}
