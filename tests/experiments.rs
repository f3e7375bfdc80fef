//! The courses' experiments as people start them: presets, seeds side by side, records, and what is refused.
//!
//! What each agent learns is tested where it is at home (`bandits`, `tabular_*`, `linear`, `planning`); here is what
//! the presets, the command and the files add.

use core::sync::atomic::AtomicBool;
use embedded_rl::config::source_text;
use embedded_rl::experiment::{self, Experiment, VariantOutcome};
use embedded_rl_checks::command::{self, Finished, Scratch};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

fn run(folder: &Path, arguments: &[&str]) -> Finished {
    command::run(PROGRAM, folder, arguments)
}

/// The outcomes of a preset with some settings changed, by the names of its variants.
fn outcomes(preset: &str, seeds: &str, settings: &[&str]) -> BTreeMap<String, VariantOutcome> {
    let (text, source) = source_text(preset).unwrap();
    let settings: Vec<String> = settings.iter().map(|&setting| setting.to_owned()).collect();
    let seeds = Some(seeds.parse().unwrap());
    let experiment = Experiment::load(&text, &source, &settings, seeds).unwrap();
    let outcomes = experiment::run(&experiment, &AtomicBool::new(false)).unwrap().unwrap();
    outcomes.into_iter().map(|outcome| (outcome.variant.name.clone(), outcome)).collect()
}

/// Every file of a folder, without the only line that holds a clock.
fn record(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let text = String::from_utf8_lossy(&fs::read(entry.path()).unwrap()).into_owned();
            let lines = text.lines().filter(|line| !line.contains("\"wall_seconds\""));
            let text = lines.map(|line| format!("{line}\n")).collect();
            (entry.file_name().into_string().unwrap(), text)
        })
        .collect()
}

/// Geron's Q-learning in numpy: 18.10, 15.81, 12.65; 0, -9.45; 48.05. A plan says 18.92 .. 50.13.
#[test]
fn the_book_s_q_learning_comes_to_the_book_s_values_and_a_slower_one_to_planning_s() {
    let outcomes = outcomes("hands-on-mdp", "0..100", &[]);
    let never = f64::NEG_INFINITY;
    for (variant, within, expected) in [
        ("decay .005", 0.3, [18.10, 15.81, 12.65, 0.0, never, -9.45, never, 48.05, never]),
        ("decay .0005", 0.5, [18.92, 17.03, 13.62, 0.0, never, -4.88, never, 50.13, never]),
    ] {
        let values = &outcomes[variant].values;
        assert_eq!(values.len(), expected.len());
        for (index, (value, expected)) in values.iter().zip(expected).enumerate() {
            let close = value.mean == expected || (value.mean - expected).abs() < within;
            assert!(close, "{variant}, value {index}: {} instead of {expected}", value.mean);
        }
    }
}

/// The band of the difference between two agents' regret does not reach zero.
#[test]
fn the_rooms_preset_tells_the_agents_apart() {
    let outcomes = outcomes("rooms", "0..20", &[]);
    let regret = |name: &str| outcomes[name].figures.total_regret.unwrap();
    for (better, worse) in [
        ("UCB1, c = 2", "epsilon .07"),
        ("Thompson, normal", "UCB1, c = 2"),
        ("falling epsilon", "epsilon .07"),
        ("epsilon .07", "UCB1, c = 14.1"),
        ("UCB1, c = 14.1", "random"),
    ] {
        assert!(regret(better).high < regret(worse).low, "{better} against {worse}");
    }
    let share = outcomes["UCB1, c = 2"].figures.best_arm_last.unwrap();
    assert!(share.low > 0.9 && share.high <= 1.0, "{share:?}");
}

#[test]
fn every_other_preset_comes_to_what_its_first_line_says() {
    let greedy_steps = |outcomes: &BTreeMap<String, VariantOutcome>, name: &str| {
        let runs = &outcomes[name].runs;
        runs.iter().map(|run| run.row.figures.eval_length.unwrap()).collect::<Vec<_>>()
    };
    let q_learning = outcomes("grid-q-learning", "0..10", &[]);
    for epsilon in ["epsilon 1", "epsilon .5", "epsilon .1"] {
        assert_eq!(greedy_steps(&q_learning, epsilon), [8.0; 10], "{epsilon}");
    }
    let sarsa = outcomes("grid-sarsa", "0..10", &[]);
    let schedule = greedy_steps(&sarsa, "schedule");
    assert!(schedule.iter().filter(|&&steps| steps == 8.0).count() >= 9, "{schedule:?}");
    assert!(greedy_steps(&sarsa, "epsilon .1").iter().all(|steps| (12.0..=14.0).contains(steps)));
    let replay = outcomes("grid-replay", "0..10", &[]);
    assert_eq!(greedy_steps(&replay, "replay, 30 a step"), [8.0; 10]);
    assert!(greedy_steps(&replay, "Q-learning").iter().sum::<f64>() > 80.0);

    let cliff = outcomes("cliff-walking", "0..10", &[]);
    let return_all = |name: &str| cliff[name].figures.return_all.unwrap();
    assert!(return_all("SARSA").low > return_all("Q-learning").high);
    assert_eq!(greedy_steps(&cliff, "Q-learning"), [13.0; 10]);
    assert!(greedy_steps(&cliff, "SARSA").iter().all(|&steps| steps >= 15.0));

    let goals = outcomes("grid-goals", "0..2", &[]);
    let steps = goals["expected-sarsa"].figures.eval_length.unwrap().mean;
    assert!((6.0..8.0).contains(&steps), "ways to random goals of {steps} steps");
    let taxi = outcomes("taxi", "0..2", &[]);
    assert!(taxi["q-learning"].figures.eval_mean.unwrap().mean > 7.0);
    let lake = outcomes("frozen-lake", "0..2", &[]);
    assert!(lake["q-learning"].figures.eval_mean.unwrap().mean > 0.7);
    let car = outcomes("mountain-car", "0..10", &[]);
    let runs = &car["semi-gradient-sarsa"].runs;
    let solved = runs.iter().filter(|run| run.row.figures.return_last.unwrap() >= -125.0);
    assert!(solved.count() >= 9);
    let tuned = outcomes("mountain-car-tuned", "0..3", &[]);
    assert!(tuned["semi-gradient-sarsa"].figures.return_last.unwrap().mean >= -110.0);
}

#[test]
fn seeds_side_by_side_give_what_they_give_one_by_one() {
    let scratch = Scratch::new("side-by-side");
    let folder = scratch.path();
    let common = ["train", "cliff-walking", "--set=episodes=30", "--json"];
    let rows = |finished: Finished| -> Vec<Value> {
        let objects = finished.success().objects();
        let runs = objects.into_iter().filter(|object| object["type"] == "run");
        runs.map(Value::Object).collect()
    };
    let together = rows(run(folder, &[&common[..], &["--seeds", "3..6", "--out", "all"]].concat()));
    let mut alone = Vec::new();
    for seed in ["3", "4", "5"] {
        alone.extend(rows(run(folder, &[&common[..], &["--seed", seed]].concat())));
    }
    let key = |row: &Value| (row["variant"].to_string(), row["seed"].to_string());
    alone.sort_by_key(key);
    let mut sorted = together.clone();
    sorted.sort_by_key(key);
    assert_eq!((alone.len(), &alone), (18, &sorted));

    // The table on disk says the same, and making it again gives the same bytes.
    let before = record(&folder.join("all"));
    let rows = before["runs.csv"].lines().count();
    assert_eq!(rows, 1 + 18);
    assert!(before["episode.gif"].starts_with("GIF89a"));
    for file in ["curve.svg", "map.svg", "q_values.svg", "curves.csv", "values.csv"] {
        assert!(before[file].len() > 1_000, "{file}");
    }
    run(folder, &["train", "--resume", "all"]).success();
    assert_eq!(record(&folder.join("all")), before);
}

#[test]
fn one_agent_with_one_seed_leaves_every_episode() {
    let scratch = Scratch::new("alone");
    let folder = scratch.path();
    let arguments = ["train", "mountain-car", "--seed=2", "--set=episodes=12", "--out=one"];
    run(folder, &arguments).success();
    let metrics = record(&folder.join("one"))["metrics.csv"].clone();
    let rows: Vec<&str> = metrics.lines().collect();
    assert_eq!((rows[0], rows.len()), ("episode,step,return,length", 13));
    // As MountainCar has it: a reward of -1 a step.
    for row in &rows[1..] {
        let cells: Vec<f64> = row.split(',').map(|cell| cell.parse().unwrap()).collect();
        assert_eq!(cells[2], -cells[3], "{row}");
    }
}

#[test]
fn what_was_learned_can_be_played_again_from_other_starts() {
    let scratch = Scratch::new("played-again");
    let folder = scratch.path();
    let train = ["train", "mountain-car", "--seeds=0..2", "--out=run", "--json"];
    let rows = |arguments: &[&str]| -> Vec<(String, String, f64)> {
        let objects = run(folder, arguments).success().objects();
        let runs = objects.iter().filter(|object| object["type"] == "run");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        runs.map(|row| {
            let eval_mean = row["eval_mean"].as_f64().unwrap();
            (text(&row["variant"]), text(&row["parameters_hash"]), eval_mean)
        })
        .collect()
    };
    let trained = rows(&train);
    assert_eq!(
        rows(&["eval", "run", "--json"]),
        trained,
        "100 episodes from seed 0, as in training"
    );
    let film = ["eval", "run", "--json", "--gif=car.gif", "--gif-seed=3"];
    let objects = run(folder, &film).success().objects();
    let filmed = objects.iter().find(|object| object["type"] == "film").unwrap();
    let steps = -filmed["return"].as_f64().unwrap();
    assert_eq!(filmed["frames"].as_f64(), Some(steps + 1.0), "a frame a step, and the first");
    assert!(fs::read(folder.join("car.gif")).unwrap().starts_with(b"GIF89a"));
    let wrong = run(folder, &["eval", "run", "--gif=a.gif", "--variant=sarza"]);
    assert!(wrong.sentence(2).contains("semi-gradient-sarsa"));

    let elsewhere = rows(&["eval", "run", "--json", "--seed=1000"]);
    assert!(elsewhere.iter().zip(&trained).all(|(a, b)| a.1 == b.1 && a.2 != b.2));
}

#[test]
fn a_solution_is_written_as_tables_and_pictures() {
    let scratch = Scratch::new("solution");
    let folder = scratch.path();
    run(folder, &["solve", "hands-on-mdp", "--out=mdp"]).success();
    let files = record(&folder.join("mdp"));
    assert_eq!(files["values.csv"].lines().count(), 10);
    assert!(files["values.csv"].contains("\n0,0,18.918918918"), "{}", files["values.csv"]);
    assert!(files["convergence.svg"].contains("Q(s2, a1)"));
    let played = ["solve", "CliffWalking-v1", "--method=policy-iteration", "--episodes=3"];
    let finished = run(folder, &[&played[..], &["--out=cliff", "--json"]].concat()).success();
    let solution = &finished.objects()[0];
    assert_eq!(solution["played"]["mean"], -13.0);
    assert_eq!(solution["played"]["expected"], -13.0);
    let files = record(&folder.join("cliff"));
    assert!(files["map.svg"].len() > 1_000 && files["q_values.svg"].len() > 1_000);
}

#[test]
fn an_experiment_of_one_s_own_is_a_file() {
    let scratch = Scratch::new("own-experiment");
    let text = "
environment = 'gridworld'
options = { map = ['S..', '.#.', '..G'] }
seeds = '0..2'
steps = 500
window = 5
evaluation = { episodes = 1, step_limit = 20 }
agent = { name = 'sarsa', discount = 0.9, step_size = 0.2, exploration = 0.2 }
";
    scratch.write("own.toml", text);
    let finished = run(scratch.path(), &["train", "own.toml", "--out=run"]).success();
    let printed = finished.output;
    assert!(printed.contains("sarsa") && printed.contains('⇒'), "{printed}");
    let full = "agent.name=q-learning";
    let finished = run(scratch.path(), &["train", "own.toml", "--set", full, "--out=other"]);
    finished.success();
}

#[test]
fn what_makes_no_sense_is_refused_before_a_folder_is_made() {
    let scratch = Scratch::new("refused-experiment");
    let folder = scratch.path();
    for (status, arguments, expected) in [
        (2, &["train", "rooms", "--set=episodes=0"][..], "at least 1"),
        (2, &["train", "rooms", "--set=options.rooms=1"], "2 to 32 rooms"),
        (2, &["train", "rooms", "--set=windw=1"], "windw"),
        (2, &["train", "taxi", "--set=agent.name=sarza"], "sarza"),
        (2, &["train", "taxi", "--set=agent.discount=2"], "between 0 and 1"),
        (2, &["train", "taxi", "--set=agent.step_size=0"], "step_size"),
        (2, &["train", "taxi", "--set=environment=LunarBus-v1"], "LunarBus-v1"),
        (2, &["train", "mountain-car", "--set=agent.low=[0]"], "as many numbers"),
        (2, &["train", "mountain-car", "--set=environment=CartPole-v1"], "an observation has 4"),
        (2, &["train", "hands-on-mdp", "--set=watch.state=7"], "no such state"),
        (2, &["train", "grid-evaluation", "--set=agent.behaviour=[1.0]"], "4 probabilities"),
        (1, &["train", "grid-goals", "--set=agent.observations=20"], "make agent.observations"),
        (2, &["solve", "taxi-driver"], "nothing called"),
        (2, &["solve", "FrozenLake-v1", "--set=is_slipery=false"], "is_slipery"),
    ] {
        let finished = run(folder, arguments);
        let sentence = finished.sentence(status);
        assert!(sentence.contains(expected), "{arguments:?}: '{expected}' not in: {sentence}");
    }
    for (seeds, expected) in [("3..3", "holds no seed"), ("x", "seeds are written as")] {
        let finished = run(folder, &["train", "rooms", "--seeds", seeds]);
        assert_eq!(finished.status, Some(2));
        assert!(finished.errors.contains(expected), "{finished:?}");
    }
    let left: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Only the run that got going has a folder, and that holds what makes it again.
    assert_eq!(left, [folder.join("runs")]);
}
