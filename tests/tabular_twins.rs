//! Agents that are the same algorithm where their settings coincide give the same bits; so does one that was saved in
//! the middle and one that knows its observations by number.

use embedded_rl_core::agent::Agent;
use embedded_rl_core::env::{Ending, Env, TimeLimit};
use embedded_rl_core::envs::gridworld::{Gridworld, View, Viewed};
use embedded_rl_core::envs::toy_text::{FrozenLake, LakeOptions, LakeRewards};
use embedded_rl_core::policy::{Per, Schedule, Ties};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::{Run, RunState};
use embedded_rl_core::tabular::{
    ActionValues, DynaQ, ExpectedSarsa, Full, ModelEntry, NStepSarsa, ObservationTable, Progress,
    QLearning, ReplayQLearning, Sarsa, SarsaLambda, TabularConfig, Trace, Transition,
};

const CONFIG: TabularConfig = TabularConfig {
    discount: 0.9,
    step_size: Schedule::Inverse { from: 0.3, to: 0.1, decay: 0.01, per: Per::Episode },
    exploration: Schedule::Linear { from: 1.0, to: 0.2, over: 9_000, per: Per::Step },
    ties: Ties::First,
};

/// A task with chance and one without; both end in both ways.
const LAKE_AND_GRID: [bool; 2] = [true, false];

/// Every step costs something, so that there is much to learn.
fn lake() -> TimeLimit<FrozenLake> {
    let rewards = LakeRewards { goal: 1.0, hole: -0.2, frozen: -0.1 };
    let options = LakeOptions { rewards, ..LakeOptions::default() };
    TimeLimit::new(FrozenLake::small(options).unwrap(), 8)
}

fn learn<A: Agent<u32>>(on_lake: bool, agent: &mut A) {
    fn steps<E: Env<Action = u32, Element = u32>, A: Agent<u32>>(env: E, agent: &mut A) {
        let mut observation = [0];
        let mut run = Run::new(env, &mut observation, 7);
        let mut endings = Vec::new();
        for _ in 0..10_000 {
            endings.extend(run.turn(agent).step.ending);
        }
        let terminated = endings.iter().filter(|&&ending| ending == Ending::Terminated).count();
        assert!(
            terminated > 20 && terminated + 20 < endings.len(),
            "{terminated} of {}",
            endings.len()
        );
    }
    if on_lake {
        steps(lake(), agent);
    } else {
        steps(TimeLimit::new(Gridworld::<90>::simple().unwrap(), 40), agent);
    }
}

fn bits(values: [f32; 360]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

fn q_learning(on_lake: bool) -> Vec<u32> {
    let mut values = [0.0; 360];
    learn(on_lake, &mut QLearning::new(CONFIG, ActionValues::new(&mut values, 4)));
    assert!(values.iter().filter(|&&value| value != 0.0).count() > 20, "something was learned");
    bits(values)
}

fn sarsa(on_lake: bool) -> Vec<u32> {
    let mut values = [0.0; 360];
    learn(on_lake, &mut Sarsa::new(CONFIG, ActionValues::new(&mut values, 4)));
    assert!(values.iter().filter(|&&value| value != 0.0).count() > 20, "something was learned");
    bits(values)
}

#[test]
fn replaying_nothing_is_q_learning() {
    for on_lake in LAKE_AND_GRID {
        let (mut values, mut memory) = ([0.0; 360], [Transition::default(); 100]);
        let table = ActionValues::new(&mut values, 4);
        let replay = stream(7, Role::Replay);
        learn(on_lake, &mut ReplayQLearning::new(CONFIG, 0, table, &mut memory, replay));
        assert!(bits(values) == q_learning(on_lake));
    }
}

#[test]
fn planning_nothing_is_q_learning() {
    for on_lake in LAKE_AND_GRID {
        let (mut values, mut model) = ([0.0; 360], [ModelEntry::default(); 360]);
        let table = ActionValues::new(&mut values, 4);
        learn(on_lake, &mut DynaQ::new(CONFIG, 0, table, &mut model, stream(7, Role::Learning)));
        assert!(bits(values) == q_learning(on_lake));
    }
}

#[test]
fn one_step_sarsa_is_sarsa() {
    for on_lake in LAKE_AND_GRID {
        let (mut values, mut recent) = ([0.0; 360], [Transition::default(); 1]);
        let table = ActionValues::new(&mut values, 4);
        learn(on_lake, &mut NStepSarsa::new(CONFIG, table, &mut recent));
        assert!(bits(values) == sarsa(on_lake));
    }
}

#[test]
fn sarsa_lambda_without_lambda_is_sarsa() {
    for trace in [Trace::Accumulating, Trace::Replacing] {
        for on_lake in LAKE_AND_GRID {
            let (mut values, mut traces) = ([0.0; 360], [0.0; 360]);
            let table = ActionValues::new(&mut values, 4);
            learn(on_lake, &mut SarsaLambda::new(CONFIG, 0.0, trace, table, &mut traces));
            assert!(bits(values) == sarsa(on_lake), "{trace:?}");
        }
    }
}

/// Greedy behaviour has no chance in it, and what it expects is what it does.
#[test]
fn without_exploration_expected_sarsa_is_q_learning() {
    let config = TabularConfig { exploration: Schedule::constant(0.0), ..CONFIG };
    let (mut expected, mut other) = ([0.0; 360], [0.0; 360]);
    let mut agent = ExpectedSarsa::new(config, ActionValues::new(&mut expected, 4));
    let (mut observation, mut other_observation) = ([0], [0]);
    let mut run = Run::new(lake(), &mut observation, 7);
    run.episodes(&mut agent, 200, |_| {});
    let mut agent = QLearning::new(config, ActionValues::new(&mut other, 4));
    let mut run = Run::new(lake(), &mut other_observation, 7);
    run.episodes(&mut agent, 200, |_| {});
    assert!(bits(expected) == bits(other));
}

#[test]
fn a_run_that_was_saved_goes_on_as_if_nothing_had_happened() {
    let grid = || TimeLimit::new(Gridworld::<90>::obstacle().unwrap(), 60);
    let (mut values, mut recent, mut observation) = ([0.0; 360], [Transition::default(); 4], [0]);
    let table = ActionValues::new(&mut values, 4);
    let mut agent = NStepSarsa::new(CONFIG, table, &mut recent);
    let mut run = Run::new(grid(), &mut observation, 3);
    // In the middle of an episode, with steps not yet learned from.
    for _ in 0..1_234 {
        run.turn(&mut agent);
    }
    assert!(run.state.length > 3 && agent.pending == 3);
    let saved = serde_json::to_string(&(
        (&agent.progress, &agent.recent[..], agent.pending, agent.values.all()),
        (&run.env, &run.state, run.observation[0]),
    ));
    for _ in 0..2_000 {
        run.turn(&mut agent);
    }

    type Saved =
        ((Progress, Vec<Transition>, u32, Vec<f32>), (TimeLimit<Gridworld>, RunState, u32));
    let ((progress, mut recent, pending, mut saved_values), (env, state, cell)): Saved =
        serde_json::from_str(&saved.unwrap()).unwrap();
    let mut resumed_observation = [cell];
    let mut resumed_run = Run { env, observation: &mut resumed_observation, state };
    let table = ActionValues::new(&mut saved_values, 4);
    let mut resumed = NStepSarsa::new(CONFIG, table, &mut recent);
    (resumed.progress, resumed.pending) = (progress, pending);
    for _ in 0..2_000 {
        resumed_run.turn(&mut resumed);
    }
    assert_eq!(resumed_run.state, run.state);
    assert_eq!(resumed.progress, agent.progress);
    assert_eq!(resumed.values.all(), agent.values.all());
}

/// Pictures of the grid, 270 numbers each, against the numbers of its cells: only the rows of the table are in another
/// order, the order in which cells were first seen.
#[test]
fn expected_sarsa_learns_from_pictures_what_it_learns_from_cells() {
    let grid = Gridworld::<90>::obstacle().unwrap();
    let (mut values, mut observation) = ([0.0; 360], [0]);
    let mut agent = ExpectedSarsa::new(CONFIG, ActionValues::new(&mut values, 4));
    let mut run = Run::new(grid.clone(), &mut observation, 7);

    const WIDTH: usize = 270 * size_of::<f32>();
    let (mut keys, mut slots) = (vec![0; 60 * WIDTH], [0; 120]);
    let mut table = ObservationTable::new(&mut keys, &mut slots, WIDTH);
    let (mut picture_values, mut picture) = ([0.0; 240], [0.0; 270]);
    let mut from_pictures = ExpectedSarsa::new(CONFIG, ActionValues::new(&mut picture_values, 4));
    let mut picture_run = Run::new(Viewed::new(grid, View::Planes), &mut picture, 7);

    for _ in 0..20_000 {
        let turn = run.turn(&mut agent);
        assert_eq!(picture_run.turn_numbered(&mut table, &mut from_pictures), Ok(turn));
        let number = table.find(picture_run.observation).unwrap();
        assert_eq!(from_pictures.values.of(number), agent.values.of(run.observation[0]));
    }
    assert_eq!(table.count(), 50);
}

#[test]
fn a_table_too_small_for_the_task_says_so() {
    let (mut keys, mut slots, mut values) = ([0; 40], [0; 20], [0.0; 40]);
    let mut table = ObservationTable::new(&mut keys, &mut slots, 4);
    let mut agent = ExpectedSarsa::new(CONFIG, ActionValues::new(&mut values, 4));
    let mut observation = [0];
    let mut run = Run::new(Gridworld::<90>::obstacle().unwrap(), &mut observation, 7);
    let answer = (0..1_000).find_map(|_| run.turn_numbered(&mut table, &mut agent).err());
    assert_eq!(answer, Some(Full { capacity: 10 }));
    assert_eq!(
        Full { capacity: 10 }.to_string(),
        "there is room for 10 different observations, and another one came"
    );
}
