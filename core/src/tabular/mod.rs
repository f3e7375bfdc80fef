//! Agents that keep one number for every state and action, and learn it from what they see.
//!
//! | file | learns | its target is |
//! |---|---|---|
//! | `q_learning` | the best policy, whatever it does meanwhile | the largest next value |
//! | `double_q` | the same without its optimism | one table's value of the other's choice |
//! | `replay_q`, `dyna_q` | the same from what is remembered, too | the same |
//! | `sarsa` | the policy it follows | the value of the next action |
//! | `expected_sarsa` | the policy it follows | the mean of the next values |
//! | `n_step`, `sarsa_lambda` | the policy it follows | several rewards and what comes after |
//! | `monte_carlo` | the policy it follows | all rewards to the end |
//! | `policy_evaluation` | a policy it does not follow | the mean of the next values under that |
//!
//! All of them explore epsilon-greedily, take a state's number as their observation, and write into the caller's
//! slices: the [`ActionValues`]. Numbers are `f32`, as in the networks: half the memory on a microcontroller, whose
//! hardware computes no others. Impossible actions have the value minus infinity and are never taken. What an agent
//! remembers besides its slices is small, public and can be saved; the two together are a checkpoint.
//! [`ObservationTable`] numbers observations that are no state numbers. Environments and loops are not here:
//! [`run::online`](crate::run::online) turns the wheel.
//!
//! Source: Sutton and Barto (2018), chapters 5 to 8.

mod action_values;
mod double_q;
mod dyna_q;
mod expected_sarsa;
mod monte_carlo;
mod n_step;
mod observation_table;
mod policy_evaluation;
mod progress;
mod q_learning;
mod replay_q;
mod sarsa;
mod sarsa_lambda;

pub use action_values::ActionValues;
pub use double_q::DoubleQLearning;
pub use dyna_q::{DynaQ, ModelEntry};
pub use expected_sarsa::ExpectedSarsa;
pub use monte_carlo::{MonteCarlo, MonteCarloMemory};
pub use n_step::NStepSarsa;
pub use observation_table::{Full, ObservationTable};
pub use policy_evaluation::PolicyEvaluation;
pub use progress::{Progress, TabularConfig, Transition};
pub use q_learning::QLearning;
pub use replay_q::ReplayQLearning;
pub use sarsa::Sarsa;
pub use sarsa_lambda::{SarsaLambda, Trace};

use crate::agent::Agent;
use crate::policy::greedy_by;

/// What all agents with tables show of what they have learned.
pub trait TabularAgent: Agent<u32> {
    /// Its table.
    fn table(&self) -> &ActionValues<'_>;

    /// How far the agent is.
    fn progress(&self) -> &Progress;

    /// What is thought of an action in a state.
    fn value(&self, state: u32, action: u32) -> f32 {
        self.table().value(state, action)
    }

    /// The best action of a state, the first of equals.
    fn greedy_action(&self, state: u32) -> u32 {
        greedy_by(self.table().action_count(), |action| self.value(state, action))
    }
}
