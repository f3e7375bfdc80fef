//! What planners are told about a task is what its steps do.

use core::fmt::Debug;
use embedded_rl_core::env::{Ending, Env};
use embedded_rl_core::envs::finite::{FiniteModel, Outcome};
use embedded_rl_core::envs::gridworld::{GridRewards, Gridworld};
use embedded_rl_core::envs::markov_chain::MarkovChain;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::toy_text::{CliffWalking, FrozenLake, LakeOptions, Taxi, TaxiOptions};
use embedded_rl_core::rng::{Generator, SeedableRng, integers};

/// Every row of the model is one of probabilities, and 5,000 random steps bring nothing that it does not hold.
fn model_and_steps_agree<E>(mut env: E)
where
    E: FiniteModel + Env<Action = u32, Element = u32> + Clone + Debug,
{
    let (states, actions) = (env.state_count(), env.action_count());
    let mut possible = 0;
    for state in 0..states {
        for action in 0..actions {
            let outcomes: Vec<Outcome> = env.outcomes(state, action).collect();
            assert_eq!(env.is_possible(state, action), !outcomes.is_empty());
            possible += u32::from(!outcomes.is_empty());
            let sum: f64 = outcomes.iter().map(|outcome| outcome.probability).sum();
            assert!(outcomes.is_empty() || (sum - 1.0).abs() < 1e-12, "{outcomes:?}");
            assert!(outcomes.iter().all(|outcome| outcome.next_state < states), "{outcomes:?}");
        }
    }
    assert!(possible >= states, "{possible} of {states} x {actions} are possible");

    let rng = &mut Generator::seed_from_u64(8);
    let (mut observation, mut over) = ([0], true);
    for _ in 0..5_000 {
        if over {
            env.reset(rng, &mut observation);
        }
        let state = observation[0];
        let action = loop {
            let action = integers(rng, 0, i64::from(actions)) as u32;
            if env.is_possible(state, action) {
                break action;
            }
        };
        let model = env.clone();
        let step = env.step(action, rng, &mut observation);
        over = step.ending.is_some();
        let held = model.outcomes(state, action).any(|outcome| {
            (outcome.next_state, outcome.reward) == (observation[0], step.reward)
                && outcome.terminated.then_some(Ending::Terminated) == step.ending
        });
        assert!(held, "state {state}, action {action}: {step:?} to {observation:?} in {model:?}");
    }
}

#[test]
fn toy_text() {
    let firm = LakeOptions { slippery: false, ..LakeOptions::default() };
    model_and_steps_agree(FrozenLake::<16>::small(LakeOptions::default()).unwrap());
    model_and_steps_agree(FrozenLake::<64>::large(firm).unwrap());
    model_and_steps_agree(CliffWalking::new(false));
    model_and_steps_agree(CliffWalking::new(true));
    model_and_steps_agree(Taxi::default());
    model_and_steps_agree(Taxi::new(TaxiOptions { rainy: true, ..TaxiOptions::default() }));
}

#[test]
fn textbook() {
    model_and_steps_agree(Gridworld::<90>::simple().unwrap());
    model_and_steps_agree(Gridworld::<90>::obstacle().unwrap());
    model_and_steps_agree(Gridworld::<90>::random_goal().unwrap());
    model_and_steps_agree(Gridworld::<6>::new("S..\n..G", GridRewards::default()).unwrap());
    model_and_steps_agree(MarkovChain::four_states());
    model_and_steps_agree(Mdp::three_states());
}
