//! Q-learning on the obstacle gridworld in fixed memory: from zeros to the shortest way around the walls.

use core::fmt;
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::{Run, play};
use embedded_rl_core::tabular::{ActionValues, QLearning, TabularAgent, TabularConfig};
use embedded_rl_core::weights;

/// Steps of the environment.
pub const STEPS: u64 = 100_000;
/// Cells of the map: the states.
pub const CELLS: usize = 90;
/// Up, right, down, left.
pub const ACTIONS: usize = 4;
const SEED: u64 = 0;

/// How it learns.
pub const CONFIG: TabularConfig =
    TabularConfig::constant(Gridworld::<CELLS>::DISCOUNT as f32, 0.1, 0.5);

/// The table and what is observed: all memory but for the map and a few counters.
pub struct Memory {
    values: [f32; CELLS * ACTIONS],
    observation: [u32; 1],
}

impl Memory {
    /// Zeros; usable as the value of a `static`.
    #[expect(clippy::new_without_default, reason = "made where it stays, like training's")]
    pub const fn new() -> Self {
        Self { values: [0.0; CELLS * ACTIONS], observation: [0] }
    }
}

/// An agent that has learned nothing yet, and the map before the first episode.
pub fn start(memory: &mut Memory) -> (QLearning<'_>, Run<'_, Gridworld<CELLS>>) {
    let agent = QLearning::new(CONFIG, ActionValues::new(&mut memory.values, ACTIONS as u32));
    (agent, Run::new(obstacle(), &mut memory.observation, SEED))
}

/// Turns the wheel until the agent has seen [`STEPS`] steps.
pub fn train(agent: &mut QLearning<'_>, run: &mut Run<'_, Gridworld<CELLS>>) {
    while agent.progress.steps < STEPS {
        run.turn(agent);
    }
}

fn obstacle() -> Gridworld<CELLS> {
    Gridworld::obstacle().expect("a map of 90 cells")
}

/// Steps of the greedy way from the start to the goal; [`Gridworld::STEPS`] if it does not get there.
pub fn greedy_length(agent: &QLearning<'_>) -> u64 {
    let mut env = TimeLimit::new(obstacle(), Gridworld::<CELLS>::STEPS);
    let choose = |cell: &[u32]| agent.greedy_action(cell[0]);
    play(&mut env, &mut stream(SEED, Role::Environment), &mut [0], choose).length
}

/// What an agent has learned, in words, and the greedy action of each cell as an arrow on the map.
pub struct Learned<'a>(pub &'a QLearning<'a>);

impl fmt::Display for Learned<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(agent) = self;
        let values = agent.values.all();
        writeln!(
            f,
            "learned: {} steps, {} episodes",
            agent.progress.steps, agent.progress.episodes
        )?;
        writeln!(f, "{} values: hash {:016x}", values.len(), weights::hash(values))?;
        writeln!(f, "greedy way: {} steps", greedy_length(agent))?;
        let grid = obstacle();
        let columns = grid.map().columns();
        for (cell, &tile) in (0u32..).zip(grid.map().tiles()) {
            let shown = match tile {
                b'#' | b'G' => char::from(tile),
                _ => ['↑', '→', '↓', '←'][agent.greedy_action(cell) as usize],
            };
            write!(f, "{shown}")?;
            if (cell + 1).is_multiple_of(columns) {
                writeln!(f)?;
            }
        }
        Ok(())
    }
}
