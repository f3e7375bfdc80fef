//! `solve`: the best values and actions of a task whose rules are known, and what playing them brings.
//!
//! Core plans; here are the tasks by name, the methods side by side, and tables and arrows for people.

pub mod records;

use crate::failure::{Failure, Outcome};
use crate::floor_plan::FloorPlan;
use crate::registry::{self, OnEnvironment, Registered};
use embedded_rl_core::dynamic_programming::{
    Planning, PolicyIteration, action_values, greedy_policy, policy_iteration, q_value_iteration,
    value_iteration,
};
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::finite::FiniteModel;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::run::online::play;
use serde_json::Value;
use std::fmt;

/// What can be solved as it stands, and what it is. Tasks with a map of their own can be solved with their options.
pub const MODELS: &[(&str, &str)] = &[
    (
        "hands-on-mdp",
        "three states, three actions, some of them impossible (Hands-On Machine Learning, chapter 18)",
    ),
    ("markov-chain", "four states and no choice (the same chapter)"),
    ("gridworld-simple", "9 x 10 cells, a block in the middle"),
    ("gridworld-obstacle", "9 x 10 cells, the goal behind walls"),
    ("FrozenLake-v1", "Gymnasium's slippery 4 x 4 lake"),
    ("FrozenLake8x8-v1", "Gymnasium's slippery 8 x 8 lake"),
    ("CliffWalking-v1", "Gymnasium's cliff"),
    ("CliffWalkingSlippery-v1", "the same, on ice"),
    ("Taxi-v4", "Gymnasium's taxi, without rain"),
];

/// Tables of more states are not printed but for their size.
const PRINTED_STATES: usize = 12;

/// How to plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Method {
    /// Sweeps over the values of all actions.
    #[default]
    QValueIteration,
    /// Sweeps over the values of all states.
    ValueIteration,
    /// A policy's values and a better policy in turn.
    PolicyIteration,
}

/// What is to be solved how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    /// Factor between the values of two steps that follow each other, in `[0, 1]`.
    pub discount: f64,
    /// How to plan.
    pub method: Method,
    /// Episodes in which the plan is then played, each from Gymnasium's `reset(seed)` with the next seed from 0.
    pub episodes: u64,
}

/// A solved task.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// How many actions there are.
    pub actions: usize,
    /// The value of each state.
    pub values: Vec<f64>,
    /// `[states][actions]`, minus infinity where an action is impossible.
    pub q: Vec<f64>,
    /// The best action of each state, the first of equals.
    pub policy: Vec<u32>,
    /// Sweeps over all states.
    pub sweeps: u32,
    /// Policies evaluated, by policy iteration.
    pub policies: Option<u32>,
    /// Whether the last sweep changed no value by more than the tolerance.
    pub converged: bool,
    /// `[sweeps][states x actions]`, by Q-value iteration of small tasks.
    pub history: Vec<Vec<f64>>,
    /// Returns of the episodes played.
    pub returns: Vec<f64>,
    /// What the plan is worth in them: its exact expected return from where each began, until the time limit.
    pub expected: Vec<f64>,
    /// How it looks, if its states are cells.
    pub floor: Option<FloorPlan>,
}

/// Steps of an episode of a task without a time limit.
const PATIENCE: u32 = 10_000;
/// Values of tasks up to this size are kept sweep by sweep.
const REMEMBERED_VALUES: usize = 1 << 10;
/// Sweeps that are kept.
const REMEMBERED_SWEEPS: usize = 1 << 10;

/// Solves the task called `name` with `options`, Gymnasium's keyword arguments as a JSON object.
pub fn solve(name: &str, options: &Value, question: &Question) -> Outcome<Solution> {
    struct Solving<'a>(&'a Question);
    impl OnEnvironment for Solving<'_> {
        type Output = Option<Solution>;
        fn run<E: Registered>(self, env: E) -> Option<Solution> {
            env.solve(None, self.0)
        }
    }
    let discount = question.discount;
    if !(0.0..=1.0).contains(&discount) {
        return Err(Failure::wrong_use(format!(
            "--discount {discount}: it must be between 0 and 1"
        )));
    }
    let names = || MODELS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let registration = registry::find(name).map_err(|_| {
        let names = names();
        Failure::wrong_use(format!("there is nothing called '{name}' to solve; there are: {names}"))
    })?;
    let solution = registration
        .run(options, Solving(question))
        .map_err(|refusal| Failure::wrong_use(refusal.to_string()))?;
    let Some(solution) = solution else {
        let names = names();
        return Err(Failure::wrong_use(format!(
            "the rules of {name} are no table that can be solved; those of these are: {names}"
        )));
    };
    if solution.converged {
        return Ok(solution);
    }
    Err(Failure::failed(format!(
        "{name} did not converge in {} sweeps; try a smaller --discount",
        solution.sweeps
    )))
}

/// Solves the task whose rules are `model`, and plays it until `limit` steps.
pub(crate) fn solve_model<M>(model: &M, limit: Option<u32>, question: &Question) -> Solution
where
    M: FiniteModel + Env<Action = u32> + Clone,
{
    let (states, actions) = (model.state_count() as usize, model.action_count() as usize);
    let planning = Planning::with_discount(question.discount);
    let (mut values, mut q) = (vec![0.0; states], vec![0.0; states * actions]);
    let (mut policy, mut history) = (vec![0; states], Vec::new());
    let (sweeps, converged, policies) = match question.method {
        Method::QValueIteration => {
            let remembered = q.len() <= REMEMBERED_VALUES;
            let record = |_: u32, q: &[f64]| {
                if remembered && history.len() < REMEMBERED_SWEEPS {
                    history.push(q.to_vec());
                }
            };
            let done = q_value_iteration(model, &planning, &mut values, &mut q, record);
            (done.sweeps, done.converged, None)
        }
        Method::ValueIteration => {
            let done = value_iteration(model, &planning, &mut values);
            action_values(model, question.discount, &values, &mut q);
            (done.sweeps, done.converged, None)
        }
        Method::PolicyIteration => {
            let PolicyIteration { policies, sweeps, converged } =
                policy_iteration(model, &planning, &mut values, &mut policy);
            action_values(model, question.discount, &values, &mut q);
            (sweeps, converged, Some(policies))
        }
    };
    greedy_policy(model, question.discount, &values, &mut policy);
    let (returns, expected) = play_plan(model, limit, &policy, question.episodes);
    Solution {
        actions,
        values,
        q,
        policy,
        sweeps,
        policies,
        converged,
        history,
        returns,
        expected,
        floor: None,
    }
}

/// Plays `policy`, and computes what that should bring from the same starts.
fn play_plan<M>(
    model: &M,
    limit: Option<u32>,
    policy: &[u32],
    episodes: u64,
) -> (Vec<f64>, Vec<f64>)
where
    M: FiniteModel + Env<Action = u32> + Clone,
{
    let (mut returns, mut expected) = (Vec::new(), Vec::new());
    if episodes == 0 {
        return (returns, expected);
    }
    let limit = limit.unwrap_or(PATIENCE);
    // After n rounds: what the policy brings in n steps from each state.
    let mut worth = vec![0.0; policy.len()];
    for _ in 0..limit {
        let next = (0u32..).zip(policy).map(|(state, &action)| {
            let outcomes = model.outcomes(state, action);
            outcomes.fold(0.0, |sum, outcome| {
                let follows =
                    if outcome.terminated { 0.0 } else { worth[outcome.next_state as usize] };
                sum + outcome.probability * (outcome.reward + follows)
            })
        });
        worth = next.collect();
    }
    let mut env = TimeLimit::new(model.clone(), limit);
    let mut observation = vec![M::Element::default(); env.observation_space().len()];
    for seed in 0..episodes {
        let mut start = None;
        let rng = &mut NumpyGenerator::new(seed);
        let episode = play(&mut env, rng, &mut observation, |seen| {
            let state: f64 = seen[0].into();
            let state = state as usize;
            start.get_or_insert(state);
            policy[state]
        });
        returns.push(episode.total_reward);
        expected.push(worth[start.unwrap_or_default()]);
    }
    (returns, expected)
}

impl Solution {
    /// The mean of the returns played, its standard error, and what it should be; `None` if none was played.
    pub fn played(&self) -> Option<(f64, f64, f64)> {
        let count = self.returns.len() as f64;
        if self.returns.is_empty() {
            return None;
        }
        let mean = |of: &[f64]| of.iter().sum::<f64>() / count;
        let (played, expected) = (mean(&self.returns), mean(&self.expected));
        let squares = self.returns.iter().map(|x| (x - played) * (x - played)).sum::<f64>();
        Some((played, squares.sqrt() / count, expected))
    }
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
        write!(f, "{states} states, {} actions: {} sweeps", self.actions, self.sweeps)?;
        if let Some(policies) = self.policies {
            write!(f, ", {policies} policies")?;
        }
        if let Some((mean, error, expected)) = self.played() {
            write!(
                f,
                "\nplayed {} episodes: return {mean:.5}, standard error {error:.5}; computed {expected:.5}",
                self.returns.len()
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ask(name: &str, discount: f64, method: Method) -> Outcome<Solution> {
        solve(name, &json!({}), &Question { discount, method, episodes: 0 })
    }

    fn q_values(name: &str, discount: f64) -> Outcome<Solution> {
        ask(name, discount, Method::QValueIteration)
    }

    /// The book's Q-values: Hands-On Machine Learning, chapter 18.
    #[test]
    fn the_three_state_process_has_the_books_values() {
        let solution = q_values("hands-on-mdp", 0.9).expect("a known name");
        let text = solution.to_string();
        for line in [
            "s0: Q = [18.91891892, 17.02702703, 13.62162162], best a0",
            "s1: Q = [0.00000000, -inf, -4.87971488], best a0",
            "s2: Q = [-inf, 50.13365013, -inf], best a1",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(solution.history.last(), Some(&solution.q));
        assert_eq!(q_values("hands-on-mdp", 0.95).expect("a known name").policy, [0, 2, 1]);
    }

    #[test]
    fn every_method_finds_the_same_policy_of_every_model() {
        for (name, _) in MODELS {
            let policy = |method| ask(name, 0.9, method).expect(name).policy;
            let expected = policy(Method::QValueIteration);
            assert_eq!(policy(Method::ValueIteration), expected, "{name}");
            assert_eq!(policy(Method::PolicyIteration), expected, "{name}");
        }
    }

    #[test]
    fn what_cannot_be_solved_is_refused_with_the_names_of_what_can() {
        for name in ["nothing", "Blackjack-v1", "CartPole-v1"] {
            let failure = q_values(name, 0.9).expect_err(name);
            assert!(failure.to_string().contains("hands-on-mdp") && failure.exit_status() == 2);
        }
        assert_eq!(q_values("hands-on-mdp", 1.5).expect_err("no discount").exit_status(), 2);
        let question = Question { discount: 0.9, method: Method::ValueIteration, episodes: 0 };
        assert!(solve("gridworld", &json!({"map": ["S..", "##G"]}), &question).is_ok());
        assert_eq!(solve("gridworld", &json!({}), &question).expect_err("no map").exit_status(), 2);
    }

    #[test]
    fn arrows_lead_along_the_cliff() {
        let text = q_values("CliffWalking-v1", 0.99).expect("a known name").to_string();
        let row = text.lines().nth(2).expect("the row above the cliff");
        assert_eq!(row.trim(), "→ → → → → → → → → → → ↓");
        assert!(text.lines().nth(3).expect("the cliff").starts_with("↑ C C"));
    }

    /// The probability of .894 is computed another way in tests/planning.rs.
    #[test]
    fn a_plan_that_is_played_brings_what_was_computed() {
        let question =
            Question { discount: 0.995, method: Method::ValueIteration, episodes: 10_000 };
        let solution = solve("FrozenLake8x8-v1", &json!({}), &question).expect("a known name");
        let (mean, error, expected) = solution.played().expect("it was played");
        assert!((expected - 0.894).abs() < 1e-3 && (mean - expected).abs() < 2.0 * error);
        assert!((error - 0.0031).abs() < 1e-3, "{error}");
    }
}
