//! Tile coding and semi-gradient SARSA: the car on the mountain, and the table that one tiling is.

use embedded_rl_core::env::{Ending, Env, Step, TimeLimit};
use embedded_rl_core::envs::classic::MountainCar;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::linear::{LinearMemory, SemiGradientSarsa, TileCoder};
use embedded_rl_core::policy::{Per, Schedule};
use embedded_rl_core::rng::{Rng, Role, stream};
use embedded_rl_core::run::online::{Run, play};
use embedded_rl_core::space::Space;
use embedded_rl_core::tabular::{ActionValues, Sarsa, TabularConfig};

/// The book's tiles: 8 of them cover 1.7 of position and .14 of velocity.
const fn book(tilings: u32, tiles: u32) -> TileCoder<2> {
    TileCoder::new(tilings, tiles, [-1.2, -0.07], [0.5, 0.07])
}

/// The returns of the episodes that a new agent learns from.
fn returns(
    coder: TileCoder<2>,
    config: TabularConfig,
    limit: u32,
    episodes: u64,
    seed: u64,
) -> Vec<f64> {
    let mut weights = vec![0.0; 3 * coder.tile_count()];
    let (mut active, mut next_active) = (vec![0; coder.tilings()], vec![0; coder.tilings()]);
    let memory =
        LinearMemory { weights: &mut weights, active: &mut active, next_active: &mut next_active };
    let mut agent = SemiGradientSarsa::new(config, coder, 3, memory);
    let mut observation = [0.0; 2];
    let mut run = Run::new(TimeLimit::new(MountainCar::new(), limit), &mut observation, seed);
    let mut returns = Vec::new();
    run.episodes(&mut agent, episodes, |episode| returns.push(episode.total_reward));
    returns
}

fn mean_of_last_100(returns: &[f64]) -> f64 {
    returns[returns.len() - 100..].iter().sum::<f64>() / 100.0
}

/// 8 tilings of 8 x 8, a step size of .5 / 8, no epsilon: figure 10.2 of Sutton and Barto, as `MountainCar-v0` with its
/// limit of 200 steps and, as in the book, without one.
#[test]
fn the_car_learns_the_mountain_in_five_hundred_episodes() {
    for limit in [MountainCar::STEPS, 100_000] {
        let means: Vec<f64> = (0..40)
            .map(|seed| {
                let config = TabularConfig::constant(1.0, 0.5, 0.0);
                mean_of_last_100(&returns(book(8, 8), config, limit, 500, seed))
            })
            .collect();
        let good = means.iter().filter(|&&mean| mean >= -125.0).count();
        assert!(good >= 36, "limit {limit}: {good} of 40 in {means:?}");
        let mean = means.iter().sum::<f64>() / 40.0;
        assert!((-121.0..-116.0).contains(&mean), "limit {limit}: {mean}");
    }
}

/// Finer tiles and a step size that falls from 1 to nothing.
#[test]
fn the_car_comes_close_to_the_best_way_in_two_thousand_episodes() {
    let step_size = Schedule::Linear { from: 1.0, to: 0.0, over: 2_000, per: Per::Episode };
    let config = TabularConfig { step_size, ..TabularConfig::constant(1.0, 0.5, 0.0) };
    for seed in 0..3 {
        let returns = returns(book(16, 16), config, MountainCar::STEPS, 2_000, seed);
        let mean = mean_of_last_100(&returns);
        assert!(mean >= -106.0, "seed {seed}: {mean}");
    }
}

/// What was learned can be followed without learning, and gets there from every start.
#[test]
fn the_learned_way_up_works_from_every_start() {
    let coder = book(8, 8);
    let mut weights = vec![0.0; 3 * coder.tile_count()];
    let memory =
        LinearMemory { weights: &mut weights, active: &mut [0; 8], next_active: &mut [0; 8] };
    let config = TabularConfig::constant(1.0, 0.5, 0.0);
    let mut agent = SemiGradientSarsa::new(config, coder, 3, memory);
    let mut observation = [0.0; 2];
    let mut run =
        Run::new(TimeLimit::new(MountainCar::new(), MountainCar::STEPS), &mut observation, 0);
    run.episodes(&mut agent, 500, |_| {});
    let rng = &mut stream(1, Role::Environment);
    for _ in 0..100 {
        let episode =
            play(&mut run.env, rng, &mut [0.0; 2], |seen| agent.greedy_action(seen, &mut [0; 8]));
        assert_eq!(episode.ending, Ending::Terminated);
    }
}

/// Cells as real numbers in the middle of their tiles.
struct Real(Gridworld);

impl Env for Real {
    type Action = u32;
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        self.0.action_space()
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &[0.0], high: &[90.0] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, rng: &mut R, observation: &mut [f32]) {
        let mut cell = [0];
        self.0.reset(rng, &mut cell);
        observation[0] = cell[0] as f32 + 0.5;
    }

    fn step<R: Rng + ?Sized>(&mut self, action: u32, rng: &mut R, observation: &mut [f32]) -> Step {
        let mut cell = [0];
        let step = self.0.step(action, rng, &mut cell);
        observation[0] = cell[0] as f32 + 0.5;
        step
    }
}

#[test]
fn one_tiling_with_a_tile_a_cell_is_a_table() {
    let config = TabularConfig::constant(0.9, 0.1, 0.1);
    let (mut values, mut observation) = ([0.0; 360], [0]);
    let mut table = Sarsa::new(config, ActionValues::new(&mut values, 4));
    let grid = Gridworld::obstacle().unwrap();
    let mut table_run = Run::new(grid.clone(), &mut observation, 4);

    let (coder, mut weights) = (TileCoder::new(1, 90, [0.0], [90.0]), [0.0; 364]);
    let memory = LinearMemory { weights: &mut weights, active: &mut [0], next_active: &mut [0] };
    let mut linear = SemiGradientSarsa::new(config, coder, 4, memory);
    let mut observation = [0.0];
    let mut linear_run = Run::new(Real(grid), &mut observation, 4);

    for _ in 0..20_000 {
        assert_eq!(linear_run.turn(&mut linear), table_run.turn(&mut table));
    }
    assert_eq!(linear.memory.weights[..360], *table.values.all());
}
