//! Training on a graphics card, on a machine without one: the command itself, unchanged, against a driver library over the
//! emulated kernels. What a run leaves is byte for byte what it leaves on the processor, and what can go wrong is said in one
//! sentence.

use embedded_rl_checks::command::{self, Finished, Scratch, assert_same_record, command};
use embedded_rl_checks::stand_in_driver::{driver_folder, nvrtc_folder};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// Some 1,000 updates of double DQN with a soft target and Adam whose rate is scheduled; a ring that goes round.
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
fn assert_same_on_both(name: &str, arguments: &[&str]) -> String {
    let scratch = Scratch::new(name);
    command::run(PROGRAM, scratch.path(), &[arguments, &["--out=cpu"]].concat()).success();
    let started = Instant::now();
    let report = scratch.join("report");
    let on_card = [arguments, &["--out=card", "--device=cuda"]].concat();
    let changed = [("EMULATION_REPORT", report.to_str().expect("a plain path"))];
    let finished = on_a_machine_with_a_card(scratch.path(), &on_card, &changed).success();
    assert!(finished.errors.contains("device: Emulated Device (cuda:0, "), "{finished:#?}");
    assert_same_record(&scratch.join("card"), &scratch.join("cpu"));
    let report = fs::read_to_string(report).expect("a report");
    println!("{name}: {:.1} s\n{report}", started.elapsed().as_secs_f64());
    report
}

#[test]
fn cart_pole_leaves_the_bytes_of_the_processor() {
    assert_same_on_both("cart-pole", CART_POLE);
}
