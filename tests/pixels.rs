//! What networks learn from planes and pixels: by the presets themselves, and from frames that are kept as bytes.

use embedded_rl::config::{Config, source_text};
use embedded_rl::task::Numbers;
use embedded_rl::train::MemoryNeed;
use embedded_rl_checks::command::{self, Scratch};
use embedded_rl_core::dqn::{
    AgentMemory, CpuLearner, DqnAgent, DqnConfig, Learner, LearnerMemory, Sampling, TargetUpdate,
};
use embedded_rl_core::env::{Ending, TimeLimit};
use embedded_rl_core::envs::gridworld::{GridRewards, Gridworld};
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::nn::{Activation, Initialisation, Lanes, NetworkSpec};
use embedded_rl_core::policy::{Per, Schedule};
use embedded_rl_core::preprocess::{FrameStack, Normalise};
use embedded_rl_core::replay::{FrameArrays, StackedFrames, StorageArrays, Transitions};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::Run;
use embedded_rl_core::weights;
use serde_json::Value;
use std::collections::BTreeSet;

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

/// Twelve pixels in stacks of three, cut after fifteen steps: episodes of both endings, some shorter than a stack.
type Maze = Numbers<TimeLimit<FrameStack<PixelGrid<12>, u8, 36>>>;

fn maze() -> Maze {
    let grid = Gridworld::new("S...\n.#..\n...G", GridRewards::default()).expect("a maze");
    let pixels = PixelGrid::with_tile(grid, Colours::Grey, 1);
    Numbers::of(TimeLimit::new(FrameStack::new(pixels, 3), 15))
}

const CAPACITY: usize = 120;
const BATCH: usize = 8;

/// Trains in the maze for 1,000 steps from transitions that are kept whole, or between so many frames; `each` sees the
/// agent after every step.
fn train_in_the_maze(
    config: DqnConfig,
    frames: Option<usize>,
    mut each: impl FnMut(&mut DqnAgent<'_, CpuLearner<'_>>),
) -> Vec<Ending> {
    let network = NetworkSpec::mlp(&[36, 8, 4], Activation::Relu);
    let mut floats = vec![0.0; LearnerMemory::float_count(&network, &config, BATCH)];
    let mut batch_actions = [0; BATCH];
    let mut memory = LearnerMemory::new(&network, &config, &mut floats, &mut batch_actions);
    let rng = &mut stream(5, Role::Initialisation);
    memory.draw(&network, &config, Initialisation::PyTorch, rng);
    let (mut whole, mut bytes) =
        (StorageArrays::<CAPACITY, 36>::new(), FrameArrays::<CAPACITY, 240, 12>::new());
    let mut few = FrameArrays::<CAPACITY, 30, 12>::new();
    let transitions: Transitions<'_> = match frames {
        None => whole.storage().into(),
        Some(240) => StackedFrames::new(bytes.storage(3), 255.0).into(),
        Some(30) => StackedFrames::new(few.storage(3), 255.0).into(),
        Some(other) => panic!("no memory for {other} frames"),
    };
    let learner = CpuLearner::new(network, config, Lanes::best(), transitions, memory);
    let mut floats = vec![0.0; AgentMemory::float_count(&config, 36, CAPACITY, BATCH)];
    let mut words = vec![0; AgentMemory::word_count(&config, BATCH)];
    let memory = AgentMemory::new(&config, 36, CAPACITY, &mut floats, &mut words);
    let mut agent = DqnAgent::new(config, learner, memory, 5);
    let (mut observation, mut next_observation) = ([0.0; 36], [0.0; 36]);
    let rng = stream(5, Role::Environment);
    let mut run =
        Run::start(maze(), rng, Normalise::IDENTITY, &mut observation, &mut next_observation);
    let mut endings = Vec::new();
    for _ in 0..1_000 {
        let turn = run.turn(&mut agent);
        endings.extend(turn.episode.map(|episode| episode.ending));
        each(&mut agent);
    }
    endings
}

/// Without variants, and with those to which it matters when transitions come, and into which slots.
fn configurations() -> [DqnConfig; 3] {
    let plain = DqnConfig {
        learning_starts: 40,
        exploration: Schedule::Constant { value: 0.8 },
        target: TargetUpdate::Hard { every: 30, per: Per::Step },
        ..DqnConfig::PLAIN
    };
    let beta = Schedule::Constant { value: 0.5 };
    let prioritised = Sampling::Prioritised { alpha: 0.6, beta, epsilon: 1e-3 };
    // More steps than a stack has frames, too.
    [
        plain,
        DqnConfig { n_step: 2, ..plain },
        DqnConfig { n_step: 5, sampling: prioritised, double: true, ..plain },
    ]
}

#[test]
fn frames_kept_as_bytes_teach_the_same_bits_as_whole_observations() {
    for config in configurations() {
        let hashes = |frames| {
            let mut hashes = Vec::new();
            let endings = train_in_the_maze(config, frames, |agent| {
                hashes.push((weights::hash(agent.learner.parameters()), agent.learner.stored()));
            });
            for ending in [Ending::Terminated, Ending::Truncated] {
                let count = endings.iter().filter(|&&one| one == ending).count();
                assert!(count > 5, "{count} of {} episodes {ending:?}", endings.len());
            }
            hashes
        };
        let (whole, frames) = (hashes(None), hashes(Some(240)));
        assert_eq!(whole.last().map(|last| last.1), Some(CAPACITY), "the rings go round");
        let first = whole.iter().zip(&frames).position(|(whole, frames)| whole != frames);
        assert_eq!(first, None, "of n_step {}", config.n_step);
    }
}

/// Whatever is forgotten with its frames is not drawn any more: the learner would say that the slot holds nothing.
#[test]
fn frames_that_run_short_take_their_transitions_out_of_the_draw() {
    for config in configurations() {
        let mut least = usize::MAX;
        train_in_the_maze(config, Some(30), |agent| {
            let held: BTreeSet<u32> =
                (0..agent.learner.stored() as u32).map(|nth| agent.learner.slot(nth)).collect();
            assert_eq!(held.len(), agent.learner.stored());
            if agent.state.steps > 200 {
                least = least.min(held.len());
            }
            let Some(order) = agent.priorities() else { return };
            for (slot, &priority) in order.priorities().iter().enumerate() {
                assert_eq!(priority > 0.0, held.contains(&(slot as u32)), "slot {slot}");
            }
        });
        assert!((10..30).contains(&least), "{least} transitions were left of {CAPACITY}");
    }
}

fn breakout(settings: &[&str]) -> Config {
    let (text, source) = source_text("breakout").expect("a preset");
    let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
    Config::load(&text, &source, &settings, None).expect("good settings")
}

/// Frames of 84 x 84 in stacks of four: places for a million transitions, and for one more frame in fifty of them.
#[test]
fn a_configuration_of_a_million_stacked_frames_takes_seven_gigabytes() {
    let need = |settings: &[&str]| MemoryNeed::of(&breakout(settings)).expect("what fits");
    let million = need(&["replay.capacity=1000000", "replay.frames=1020000"]);
    assert_eq!(million.replay, 7_218_140_000);
    assert!(million.replay + million.learning <= 7_300_000_000, "{million}");
    let whole = need(&["replay.capacity=1000000", "replay.frames=0"]);
    assert_eq!(whole.replay, 1_000_000 * (2 * 4 * 84 * 84 + 3) * 4);
    // As the preset says of itself.
    let preset = need(&[]);
    assert_eq!(preset.replay, 813_555_000, "{preset}");
}
