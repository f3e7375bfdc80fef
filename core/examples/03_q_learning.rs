//! Q-learning and SARSA in one file: the same loop over the same table, and one line in which they differ.
//!
//!     cargo run --release --example 03_q_learning
//!
//! Q-learning learns the values of the best policy, SARSA those of the policy it follows, stumbles included. On a
//! grid with walls that hurt and on a cliff that difference is a way one can see. What is left out here and is in the
//! library: the other rules (`tabular`), schedules, impossible actions, checkpoints. 04 has a network for its table.

use embedded_rl_core::bellman;
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::toy_text::CliffWalking;
use embedded_rl_core::policy::{epsilon_greedy, greedy};
use embedded_rl_core::replay::Accumulator;
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::play;

const ACTIONS: usize = 4;
const ARROWS: [char; ACTIONS] = ['↑', '→', '↓', '←'];
const EPSILON: f64 = 0.1;
const SEED: u64 = 0;

/// The values of a state's actions, a row a state.
type Table<const STATES: usize> = [[f32; ACTIONS]; STATES];

/// What the two tasks are learned with.
#[derive(Clone, Copy)]
struct Settings {
    discount: f32,
    step_size: f32,
    episodes: u32,
}

#[derive(Clone, Copy)]
enum Rule {
    QLearning,
    Sarsa,
}

fn main() {
    let grid = Gridworld::<90>::obstacle().expect("a map of 90 cells");
    println!("the obstacle map: 10 for the goal, -5 for a bump");
    let settings = Settings { discount: 0.9, step_size: 0.1, episodes: 5_000 };
    compare::<90, _>(&grid, settings, grid.map().tiles(), grid.map().columns() as usize);

    let mut cliff = [b'.'; 48];
    cliff[37..47].fill(b'C');
    cliff[47] = b'G';
    println!("\nthe cliff: -1 a step, -100 for falling down");
    let settings = Settings { discount: 1.0, step_size: 0.5, episodes: 500 };
    compare::<48, _>(&CliffWalking::new(false), settings, &cliff, 12);
}

/// Learns by both rules and prints what came of it side by side.
fn compare<const STATES: usize, E>(env: &E, settings: Settings, letters: &[u8], columns: usize)
where
    E: Env<Action = u32, Element = u32> + Clone,
{
    let mut tables = [[[0.0; ACTIONS]; STATES]; 2];
    for ((name, rule), table) in
        [("Q-learning", Rule::QLearning), ("SARSA", Rule::Sarsa)].into_iter().zip(&mut tables)
    {
        let mean_return = learn(env.clone(), rule, settings, table);
        let mut limited = TimeLimit::new(env.clone(), 200);
        let choose = |cell: &[u32]| greedy(&table[cell[0] as usize]);
        let way = play(&mut limited, &mut stream(SEED, Role::Environment), &mut [0], choose);
        println!(
            "{name}: {mean_return:.1} an episode while learning; the greedy way has {} steps",
            way.length
        );
    }
    println!(" {:<width$} SARSA", "Q-learning", width = 2 * columns + 3);
    for row in 0..letters.len() / columns {
        for (index, table) in tables.iter().enumerate() {
            print!("{}", ["", "    "][index]);
            for cell in row * columns..(row + 1) * columns {
                let shown = match letters[cell] {
                    b'.' | b'S' => ARROWS[greedy(&table[cell]) as usize],
                    other => char::from(other),
                };
                print!(" {shown}");
            }
        }
        println!();
    }
}

/// Learns in `table` and returns the mean return of the episodes.
fn learn<const STATES: usize, E>(
    mut env: E,
    rule: Rule,
    settings: Settings,
    table: &mut Table<STATES>,
) -> f64
where
    E: Env<Action = u32, Element = u32>,
{
    let mut env_rng = stream(SEED, Role::Environment);
    let mut exploration_rng = stream(SEED, Role::Exploration);
    let mut choose = |row: &[f32]| epsilon_greedy(&mut exploration_rng, EPSILON, 4, || row);
    let accumulator = Accumulator::new(settings.discount);
    let (mut total, mut episodes) = (0.0, 0u32);
    let mut observation = [0];
    let mut next = None;
    while episodes < settings.episodes {
        let (state, action) = next.unwrap_or_else(|| {
            env.reset(&mut env_rng, &mut observation);
            let state = observation[0] as usize;
            (state, choose(&table[state]))
        });
        let step = env.step(action, &mut env_rng, &mut observation);
        let next_state = observation[0] as usize;
        let next_action = choose(&table[next_state]);

        // The one line: the best next action, or the one that will be taken.
        let (reward, discount) = (step.reward as f32, accumulator.discount_after(step));
        let target = match rule {
            Rule::QLearning => bellman::q_learning(reward, discount, &table[next_state]),
            Rule::Sarsa => {
                bellman::one_step(reward, discount, table[next_state][next_action as usize])
            }
        };
        let value = &mut table[state][action as usize];
        *value = bellman::move_toward(*value, settings.step_size, target);

        total += step.reward;
        next = Some((next_state, next_action));
        if step.ending.is_some() {
            episodes += 1;
            next = None;
        }
    }
    total / f64::from(episodes)
}
