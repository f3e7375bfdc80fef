//! What networks learn from planes and pixels, by the presets themselves.

use embedded_rl_checks::command::{self, Scratch};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// Trains a preset and says how many episodes that took, and what its policy then plays.
fn trained(preset: &str, seed: u64, more: &[&str]) -> (u64, Vec<Value>) {
    let scratch = Scratch::new("pixels");
    let seed = format!("--seed={seed}");
    let arguments = [&["train", preset, &seed, "--out=run", "--json"], more].concat();
    let trained = command::run(PROGRAM, scratch.path(), &arguments).success().objects();
    let summary = trained.last().expect("a summary");
    // Nobody published a return that counts as solved, so no line of one is drawn.
    let curve = std::fs::read_to_string(scratch.join("run/curve.svg")).expect("a picture");
    assert!(curve.contains("greedy evaluation") && !curve.contains("solved at"));
    let played = command::run(PROGRAM, scratch.path(), &["eval", "run", "--episodes=5", "--json"]);
    let episodes = played.success().objects().into_iter().map(Value::Object);
    (
        summary["episodes"].as_u64().expect("a count"),
        episodes.filter(|line| line["type"] == "episode").collect(),
    )
}

#[test]
fn an_agent_as_acmes_finds_the_shortest_way_by_planes() {
    for seed in 0..3 {
        let (episodes, played) = trained("grid-planes", seed, &[]);
        assert!(episodes <= 500, "seed {seed} took {episodes} episodes");
        for episode in played {
            let (length, reward) = (&episode["length"], &episode["return"]);
            assert!(*length == 5 && *reward == 10.0, "seed {seed}: {episode}");
        }
    }
}

/// Chance breaks half a brick a game; two thousand updates are far from what the preset comes to.
#[test]
fn a_little_training_breaks_more_bricks_than_chance() {
    let short = [
        "--set=steps=12000",
        "--set=agent.learning_starts=1000",
        "--set=agent.train_every=4",
        "--set=agent.exploration={name='linear',from=1.0,to=0.1,over=6000,per='step'}",
        "--set=agent.optimiser.learning_rate=1e-3",
        "--set=evaluation.every=3000",
        "--set=replay.capacity=12000",
    ];
    let (_, played) = trained("small-breakout", 0, &short);
    let bricks: f64 =
        played.iter().map(|episode| episode["return"].as_f64().expect("bricks")).sum();
    assert!(bricks >= 10.0, "{bricks} bricks in five games");
}
