//! `solve`: the optimal values and actions of a task whose rules are known, by Q-value iteration.
//!
//! Core plans; here are the tasks by name, and tables and arrows for people.

use crate::failure::{Failure, Outcome};
use crate::floor_plan::{FloorPlan, OnFloor};
use embedded_rl_core::dynamic_programming::{
    Convergence, Planning, greedy_policy, q_value_iteration,
};
use embedded_rl_core::envs::finite::FiniteModel;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::toy_text::{CliffWalking, FrozenLake, LakeOptions, Taxi};
use std::fmt;

/// What can be solved, and what it is.
pub const MODELS: &[(&str, &str)] = &[
    (
        "hands-on-mdp",
        "three states, three actions, some of them impossible (Hands-On Machine Learning, chapter 18)",
    ),
    ("gridworld-simple", "9 x 10 cells, a block in the middle"),
    ("gridworld-obstacle", "9 x 10 cells, the goal behind walls"),
    ("FrozenLake-v1", "Gymnasium's slippery 4 x 4 lake"),
    ("FrozenLake8x8-v1", "Gymnasium's slippery 8 x 8 lake"),
    ("CliffWalking-v1", "Gymnasium's cliff"),
    ("Taxi-v4", "Gymnasium's taxi, without rain"),
];

/// Tables of more states are not printed but for their size.
const PRINTED_STATES: usize = 12;

/// A solved task.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// How many actions there are.
    pub actions: usize,
    /// `[states][actions]`, minus infinity where an action is impossible.
    pub q: Vec<f64>,
    /// The best action of each state, the first of equals.
    pub policy: Vec<u32>,
    /// How the sweeps went.
    pub convergence: Convergence,
    /// How it looks, if its states are cells.
    pub floor: Option<FloorPlan>,
}

/// Solves the task called `name` with a discount in `[0, 1]`.
pub fn solve(name: &str, discount: f64) -> Outcome<Solution> {
    if !(0.0..=1.0).contains(&discount) {
        return Err(Failure::wrong_use(format!(
            "--discount {discount}: it must be between 0 and 1"
        )));
    }
    // The maps are constants of the program; should one ever be wrong, that is said like any failure.
    let map_error = |error| Failure::failed(format!("{name}: {error}"));
    let solution = match name {
        "hands-on-mdp" => plan(&Mdp::three_states(), discount, None),
        "gridworld-simple" | "gridworld-obstacle" => {
            let world = if name == "gridworld-simple" {
                Gridworld::simple()
            } else {
                Gridworld::obstacle()
            };
            let world: Gridworld = world.map_err(map_error)?;
            plan(&world, discount, Some(world.floor_plan()))
        }
        "FrozenLake-v1" | "FrozenLake8x8-v1" => {
            let options = LakeOptions::default();
            let lake = if name == "FrozenLake-v1" {
                FrozenLake::small(options)
            } else {
                FrozenLake::large(options)
            };
            let lake: FrozenLake = lake.map_err(map_error)?;
            plan(&lake, discount, Some(lake.floor_plan()))
        }
        "CliffWalking-v1" => {
            let cliff = CliffWalking::new(false);
            plan(&cliff, discount, Some(cliff.floor_plan()))
        }
        "Taxi-v4" => plan(&Taxi::default(), discount, None),
        _ => {
            let names: Vec<_> = MODELS.iter().map(|(name, _)| *name).collect();
            return Err(Failure::wrong_use(format!(
                "there is nothing called '{name}' to solve; there are: {}",
                names.join(", ")
            )));
        }
    };
    if solution.convergence.converged {
        return Ok(solution);
    }
    Err(Failure::failed(format!(
        "{name} did not converge in {} sweeps (the last one still changed a value by {:e}); try a smaller --discount",
        solution.convergence.sweeps, solution.convergence.change
    )))
}

fn plan<M: FiniteModel>(model: &M, discount: f64, floor: Option<FloorPlan>) -> Solution {
    let (states, actions) = (model.state_count() as usize, model.action_count() as usize);
    let (mut values, mut q) = (vec![0.0; states], vec![0.0; states * actions]);
    let planning = Planning::with_discount(discount);
    let convergence = q_value_iteration(model, &planning, &mut values, &mut q, |_, _| {});
    let mut policy = vec![0; states];
    greedy_policy(model, discount, &values, &mut policy);
    Solution { actions, q, policy, convergence, floor }
}

impl fmt::Display for Solution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let states = self.policy.len();
        if let Some(floor) = &self.floor {
            writeln!(f, "{}", floor.arrows(&self.policy, &[]))?;
        } else if states <= PRINTED_STATES {
            for (state, (row, action)) in self.q.chunks(self.actions).zip(&self.policy).enumerate()
            {
                let row: Vec<_> = row.iter().map(|q| format!("{q:.8}")).collect();
                writeln!(f, "s{state}: Q = [{}], best a{action}", row.join(", "))?;
            }
        }
        let Convergence { sweeps, change, .. } = self.convergence;
        write!(
            f,
            "{states} states, {} actions: {sweeps} sweeps, the last one changed no value by more than {change:.1e}",
            self.actions
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The book's Q-values: Hands-On Machine Learning, chapter 18.
    #[test]
    fn the_three_state_process_has_the_books_values() {
        let solution = solve("hands-on-mdp", 0.9).expect("a known name");
        let text = solution.to_string();
        for line in [
            "s0: Q = [18.91891892, 17.02702703, 13.62162162], best a0",
            "s1: Q = [0.00000000, -inf, -4.87971488], best a0",
            "s2: Q = [-inf, 50.13365013, -inf], best a1",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(solve("hands-on-mdp", 0.95).expect("a known name").policy, [0, 2, 1]);
    }

    #[test]
    fn every_name_can_be_solved_and_another_one_is_refused_with_the_names() {
        for (name, _) in MODELS {
            assert!(solve(name, 0.9).expect(name).convergence.converged);
        }
        let failure = solve("gridworld", 0.9).expect_err("no such model");
        assert!(failure.to_string().contains("hands-on-mdp") && failure.exit_status() == 2);
        assert_eq!(solve("hands-on-mdp", 1.5).expect_err("no discount").exit_status(), 2);
    }

    #[test]
    fn arrows_lead_along_the_cliff() {
        let text = solve("CliffWalking-v1", 0.99).expect("a known name").to_string();
        let row = text.lines().nth(2).expect("the row above the cliff");
        assert_eq!(row.trim(), "→ → → → → → → → → → → ↓");
        assert!(text.lines().nth(3).expect("the cliff").starts_with("↑ C C"));
    }
}
