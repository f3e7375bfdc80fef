//! Learning happens: a small budget of training takes CartPole far above what chance or a fresh network reaches, for
//! every seed that is tried. `cargo test --test learning -- --nocapture` shows the figures.

use embedded_rl::evaluate::Player;
use embedded_rl::task::Task;
use embedded_rl_checks::cart_pole::Training;
use embedded_rl_checks::command::{self, Scratch};
use embedded_rl_core::dqn::{DqnConfig, Learner, TargetUpdate};
use embedded_rl_core::nn::{Lanes, Loss, NetworkSpec, Optimiser};
use embedded_rl_core::policy::{Per, Schedule};
use embedded_rl_core::preprocess::{Normalise, number_of};
use embedded_rl_core::rng::{NumpyGenerator, Role, integers, stream};
use embedded_rl_core::run::play;
use std::fs;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

/// Environment steps of each training.
const STEPS: u64 = 8_000;
/// What the best evaluation of each seed has to reach; 500 is the most there is.
const BAND: f64 = 150.0;

const CONFIG: DqnConfig = DqnConfig {
    discount: 0.99,
    learning_starts: 500,
    train_every: 1,
    updates_per_round: 1,
    target: TargetUpdate::Soft { tau: 0.01 },
    double: true,
    loss: Loss::Huber,
    optimiser: Optimiser::adam(1e-3),
    learning_rate_schedule: Schedule::Linear { from: 1.0, to: 0.1, over: STEPS, per: Per::Step },
    clip_norm: 10.0,
    exploration: Schedule::Linear { from: 1.0, to: 0.02, over: 4_000, per: Per::Step },
    ..DqnConfig::PLAIN
};

fn cart_pole() -> Task {
    Task::make("CartPole-v1").expect("an environment").0
}

/// Mean return of the greedy policy over twenty episodes.
fn evaluate(spec: &NetworkSpec, parameters: &[f32]) -> f64 {
    let lanes = Lanes::best();
    let player = Player { spec, parameters, normalise: Normalise::IDENTITY, lanes };
    player.play(&cart_pole(), 1_000, 20, |_, _| true).mean()
}

fn training() -> Training {
    Training::new(&[32, 32], CONFIG, 64, STEPS as usize)
}

#[test]
fn eight_thousand_steps_take_cart_pole_far_above_chance_for_every_seed() {
    for seed in 0..3 {
        let mut training = training();
        let spec = training.spec;
        let (mut agent, mut run) = training.start(Lanes::best(), seed);
        let mut means = Vec::new();
        while agent.state.steps < STEPS {
            run.turn(&mut agent);
            if agent.state.steps.is_multiple_of(1_000) {
                means.push(evaluate(&spec, agent.learner.parameters()));
            }
        }
        let best = means.iter().copied().fold(0.0, f64::max);
        println!("seed {seed}: greedy means {means:?}, best {best}");
        assert!(best >= BAND, "seed {seed}: {means:?}");
    }
}

#[test]
fn neither_chance_nor_a_fresh_network_reaches_that_band() {
    let mut env = cart_pole();
    let chooser = &mut stream(0, Role::Exploration);
    let returns = (0..200).map(|seed| {
        let choose = |_: &[f32]| integers(chooser, 0, 2) as u32;
        let rng = &mut NumpyGenerator::new(seed);
        play(&mut env, rng, Normalise::IDENTITY, &mut [0.0; 4], choose).total_reward
    });
    let chance = returns.sum::<f64>() / 200.0;
    println!("chance: {chance}");
    assert!((18.0..27.0).contains(&chance), "{chance}");

    let mut fresh: Vec<_> = (0..50)
        .map(|seed| {
            let mut training = training();
            let spec = training.spec;
            evaluate(&spec, training.start(Lanes::best(), seed).0.learner.parameters())
        })
        .collect();
    fresh.sort_by(f64::total_cmp);
    println!("fresh networks: median {}, best {}", fresh[25], fresh[49]);
    assert!(fresh[49] < BAND, "{fresh:?}");
}

#[test]
fn sixty_thousand_steps_of_the_tuned_preset_take_the_lander_far_above_chance_for_every_seed() {
    let scratch = Scratch::new("learning-lander");
    for seed in ["0", "1"] {
        let arguments = ["train", "lunar-lander-fast", "--seed", seed, "--set", "steps=60000"];
        command::run(PROGRAM, scratch.path(), &[&arguments[..], &["--out", seed]].concat())
            .success();
        let table = fs::read_to_string(scratch.join(&format!("{seed}/metrics.csv"))).expect("rows");
        let mut rows = table.lines().map(|row| row.split(',').collect::<Vec<_>>());
        let column = rows
            .next()
            .and_then(|names| names.iter().position(|name| *name == "mean_return_100"))
            .expect("a column of means");
        let means: Vec<f64> = rows.map(|row| row[column].parse().expect("a number")).collect();
        let (chance, learned) = (means[29], *means.last().expect("episodes"));
        println!("seed {seed}: first 30 episodes {chance}, last 100 {learned}");
        assert!(chance < -120.0 && learned > -80.0, "seed {seed}: {chance}, {learned}");
    }
}

/// Pushes back what position and braking distance add up to, each axis for itself.
fn dock_by_hand(x: &[f32]) -> u32 {
    let engines = [0, 1].map(|axis| {
        let ahead = x[axis] + x[axis + 2] * x[axis + 2].abs() / 2.0;
        if ahead > 0.05 { 0 } else { 1 + u32::from(ahead < -0.05) }
    });
    number_of(&[3, 3], &engines)
}

/// Whether every combination of two components has a value of its own or each choice of both: what is learned docks about as well as a rule that knows
/// the equations, far above chance.
#[test]
fn a_craft_with_two_engines_learns_to_dock_for_every_seed() {
    fn mean(mut choose: impl FnMut(&[f32]) -> u32) -> f64 {
        let mut env = Task::make("docking").expect("an environment").0;
        let returns = (0..100).map(|seed| {
            let rng = &mut NumpyGenerator::new(seed);
            play(&mut env, rng, Normalise::IDENTITY, &mut [0.0; 4], &mut choose).total_reward
        });
        returns.sum::<f64>() / 100.0
    }
    let chooser = &mut stream(0, Role::Exploration);
    let chance = mean(|_| integers(chooser, 0, 9) as u32);
    let by_hand = mean(dock_by_hand);
    println!("chance: {chance}, by hand: {by_hand}");
    assert!(chance < -40.0 && by_hand > -10.0, "{chance}, {by_hand}");

    let scratch = Scratch::new("learning-docking");
    for actions in ["flattened", "branched"] {
        let form = format!("network.actions={actions}");
        for seed in ["0", "1", "2"] {
            let out = format!("{actions}-{seed}");
            let arguments =
                ["train", "docking", "--seed", seed, "--set", &form, "--out", &out, "--json"];
            let summary =
                command::run(PROGRAM, scratch.path(), &arguments).success().objects().pop();
            let learned = summary.expect("a summary")["eval_mean"].as_f64().expect("a number");
            println!("{actions}, seed {seed}: {learned}");
            assert!(learned > 1.5 * by_hand, "{out}: {learned}, by hand {by_hand}");
        }
    }
}

/// One update an episode is little and so is a memory of 2,000 transitions: what is found is lost again, which is why
/// the best parameters are kept.
#[test]
fn the_course_s_dueling_network_balances_at_some_point_and_forgets_it_again() {
    let scratch = Scratch::new("learning-dueling");
    for seed in ["0", "1", "2"] {
        let arguments = ["train", "cart-pole-dueling", "--seed", seed, "--out", seed, "--json"];
        let summary = command::run(PROGRAM, scratch.path(), &arguments).success().objects().pop();
        let kept = summary.expect("a summary")["eval_mean"].as_f64().expect("a number");
        let path = scratch.join(&format!("{seed}/evaluations.csv"));
        let table = fs::read_to_string(path).expect("rows");
        let means = table.lines().skip(1).map(|row| {
            row.split(',').nth(2).and_then(|mean| mean.parse().ok()).expect("a mean a row")
        });
        let means: Vec<f64> = means.collect();
        let best = means.iter().copied().fold(0.0, f64::max);
        let last = means[means.len() - 50..].iter().sum::<f64>() / 50.0;
        println!("seed {seed}: best {best}, kept {kept}, last fifty {last}");
        assert!(
            best >= 475.0 && kept >= 450.0 && last < 400.0,
            "seed {seed}: {best}, {kept}, {last}"
        );
    }
}
