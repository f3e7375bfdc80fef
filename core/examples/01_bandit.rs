//! A bandit in one file: twenty doors, unknown rewards behind them, and two answers to how much one should try.
//!
//!     cargo run --release --example 01_bandit
//!
//! Epsilon-greedy tries a door at random in a fixed share of its choices, for ever. UCB1 tries the door that could
//! still be the best as far as it knows, and so tries less and less. What is left out here and is in the library: the
//! other rules (`bandit_agents`), drifting arms.

use embedded_rl_core::bellman::move_toward;
use embedded_rl_core::env::Env;
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::policy::{epsilon_greedy, upper_confidence};
use embedded_rl_core::rng::{Generator, Role, stream};

const ROOMS: usize = 20;
/// Share of its length that a room's interval of rewards has in common with the next higher one's.
const OVERLAP: f64 = 0.9;
const LARGEST_REWARD: f64 = 10.0;
const EPISODES: usize = 3_000;
/// The table has a row for so many episodes.
const BLOCK: usize = 500;
const SEEDS: u64 = 50;

/// How the next room is chosen.
#[derive(Clone, Copy)]
enum Rule {
    EpsilonGreedy {
        epsilon: f64,
    },
    /// Doubt counts `confidence` units of reward.
    Ucb {
        confidence: f32,
    },
}

/// Averages over the seeds.
#[derive(Clone, Copy, Default)]
struct Block {
    /// Share of the choices that were the best room.
    best_share: f64,
    /// What the best room would have paid more, summed over the block.
    regret: f64,
}

fn main() {
    let rules = [Rule::EpsilonGreedy { epsilon: 0.07 }, Rule::Ucb { confidence: 2.0 }];
    let [greedy, ucb] = rules.map(average_over_seeds);
    println!(
        "{ROOMS} rooms, mean of {SEEDS} seeds: share of the best room, regret of these episodes"
    );
    println!("{:>13} {:>20} {:>20}", "episodes", "epsilon-greedy .07", "UCB1");
    for (index, (greedy, ucb)) in greedy.iter().zip(&ucb).enumerate() {
        let (first, last) = (index * BLOCK + 1, (index + 1) * BLOCK);
        let cell =
            |block: &Block| format!("{:.1} % {:7.1}", 100.0 * block.best_share, block.regret);
        println!("{:>13} {:>20} {:>20}", format!("{first} to {last}"), cell(greedy), cell(ucb));
    }
    let total = |blocks: &[Block]| blocks.iter().map(|block| block.regret).sum::<f64>();
    println!("regret in all: {:.0} and {:.0}", total(&greedy), total(&ucb));
}

fn average_over_seeds(rule: Rule) -> [Block; EPISODES / BLOCK] {
    let mut blocks = [Block::default(); EPISODES / BLOCK];
    for seed in 0..SEEDS {
        let draws = &mut stream(seed, Role::Initialisation);
        let mut rooms = BanditRooms::new(ROOMS as u32, OVERLAP, LARGEST_REWARD, draws)
            .expect("twenty rooms that overlap");
        play(rule, &mut rooms, seed, &mut blocks);
    }
    blocks
}

/// One run: choose, see what it pays, move the estimate of that room.
fn play(rule: Rule, rooms: &mut BanditRooms, seed: u64, blocks: &mut [Block]) {
    let mut estimates = [0.0f32; ROOMS];
    let mut counts = [0u32; ROOMS];
    let mut env_rng = stream(seed, Role::Environment);
    let mut exploration_rng = stream(seed, Role::Exploration);
    let best = rooms.best();
    let mut observation = [0];
    rooms.reset(&mut env_rng, &mut observation);
    for episode in 0..EPISODES {
        let room = choose(rule, &estimates, &counts, &mut exploration_rng);
        let step = rooms.step(room, &mut env_rng, &mut observation);

        // The step size 1 / count makes the estimate the average of the room's rewards.
        let (count, estimate) = (&mut counts[room as usize], &mut estimates[room as usize]);
        *count += 1;
        *estimate = move_toward(*estimate, 1.0 / *count as f32, step.reward as f32);

        let block = &mut blocks[episode / BLOCK];
        if room == best {
            block.best_share += 1.0 / (BLOCK as u64 * SEEDS) as f64;
        }
        block.regret += (mean(rooms, best) - mean(rooms, room)) / SEEDS as f64;
    }
}

fn choose(rule: Rule, estimates: &[f32], counts: &[u32], rng: &mut Generator) -> u32 {
    match rule {
        Rule::EpsilonGreedy { epsilon } => epsilon_greedy(rng, epsilon, ROOMS as u32, || estimates),
        Rule::Ucb { confidence } => upper_confidence(estimates, counts, confidence),
    }
}

/// What a room pays on average: known here, but not to who chooses.
fn mean(rooms: &BanditRooms, room: u32) -> f64 {
    let interval = rooms.interval(room);
    (interval.start + interval.end) / 2.0
}
