//! Planning in one file: the best thing to do, computed from the rules of a task without a step taken in it.
//!
//!     cargo run --release --example 02_planning
//!
//! First policy iteration, its two halves in turn, on a grid with walls that hurt; then Q-value iteration on three
//! states where patience decides. 03 learns the same grid without knowing its rules. What is left out here and is in
//! the library: value iteration, `policy_iteration` as one call, Gymnasium's tasks (`embedded-rl solve`).

use embedded_rl_core::dynamic_programming::{
    Planning, evaluate_policy, greedy_policy, q_value_iteration,
};
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::mdp::Mdp;

const CELLS: usize = 90;
const ARROWS: [char; 4] = ['↑', '→', '↓', '←'];
const START: usize = 22;

fn main() {
    grid_by_policy_iteration();
    println!();
    for discount in [0.9, 0.95] {
        three_states_by_q_value_iteration(discount);
    }
}

/// Sutton and Barto (2018), section 4.3: value a policy, then take the best action of every state by these values,
/// until none changes.
fn grid_by_policy_iteration() {
    let grid = Gridworld::<CELLS>::obstacle().expect("a map of 90 cells");
    let planning = Planning::with_discount(Gridworld::<CELLS>::DISCOUNT);
    let mut values = [0.0; CELLS];
    // Action 0 everywhere: up, into the walls.
    let mut policy = [0; CELLS];
    println!("policy iteration on the obstacle map: 10 for the goal, -5 for a bump");
    for round in 1.. {
        let follows = |state: u32, action: u32| {
            if policy[state as usize] == action { 1.0 } else { 0.0 }
        };
        let evaluation = evaluate_policy(&grid, follows, &planning, &mut values);
        let before = policy;
        let improved = greedy_policy(&grid, planning.discount, &values, &mut policy);
        let changed = before.iter().zip(&policy).filter(|(before, after)| before != after).count();
        // To hundredths; adding zero makes a negative zero a plain one.
        let worth = (100.0 * values[START]).round() / 100.0 + 0.0;
        println!(
            "policy {round}, valued in sweeps: {:3}; worth of the start: {worth:6.2}; cells to improve: {changed:2}",
            evaluation.sweeps
        );
        if !improved {
            break;
        }
    }
    println!("the goal pays 10 in the eighth step: 10 x .9^7 = 4.78");
    let columns = grid.map().columns() as usize;
    for (letters, actions) in grid.map().tiles().chunks(columns).zip(policy.chunks(columns)) {
        for (&letter, &action) in letters.iter().zip(actions) {
            let shown = match letter {
                b'#' | b'G' => char::from(letter),
                _ => ARROWS[action as usize],
            };
            print!(" {shown}");
        }
        println!();
    }
}

/// After sweep n the table holds what the best policy gets in n steps. Impossible actions are worth minus infinity.
fn three_states_by_q_value_iteration(discount: f64) {
    let model = Mdp::three_states();
    let planning = Planning::with_discount(discount);
    let (mut values, mut q) = ([0.0; 3], [0.0; 9]);
    println!("Q-value iteration on three states, discount {discount}");
    let convergence = q_value_iteration(&model, &planning, &mut values, &mut q, |sweep, q| {
        if [1, 10, 100].contains(&sweep) {
            print_action_values(sweep, q);
        }
    });
    print_action_values(convergence.sweeps, &q);
    let mut policy = [0; 3];
    greedy_policy(&model, discount, &values, &mut policy);
    println!("best actions: a{} in s0, a{} in s1, a{} in s2", policy[0], policy[1], policy[2]);
}

fn print_action_values(sweep: u32, q: &[f64]) {
    print!("after sweep {sweep:3}:");
    for (state, row) in q.chunks(3).enumerate() {
        print!("  s{state} [{:7.3} {:7.3} {:7.3}]", row[0], row[1], row[2]);
    }
    println!();
}
