//! Plans against closed forms, against published numbers, against each other and against simulated play.

use embedded_rl_core::dynamic_programming::{
    Planning, action_values, evaluate_policy, greedy_policy, policy_iteration, q_value_iteration,
    value_iteration,
};
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::finite::FiniteModel;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::envs::mdp::Mdp;
use embedded_rl_core::envs::toy_text::{CliffWalking, FrozenLake, LakeOptions, Taxi};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::play;

/// Values and policy of value iteration, which must have converged.
fn plan<M: FiniteModel>(model: &M, planning: &Planning) -> (Vec<f64>, Vec<u32>) {
    let states = model.state_count() as usize;
    let (mut values, mut policy) = (vec![0.0; states], vec![0; states]);
    assert!(value_iteration(model, planning, &mut values).converged);
    greedy_policy(model, planning.discount, &values, &mut policy);
    (values, policy)
}

fn assert_close(got: &[f64], want: &[f64], within: f64) {
    assert_eq!(got.len(), want.len());
    for (index, (&got, &want)) in got.iter().zip(want).enumerate() {
        assert!(got == want || (got - want).abs() <= within, "[{index}]: got {got}, want {want}");
    }
}

#[test]
fn three_states_have_the_book_s_action_values_and_policy() {
    let never = f64::NEG_INFINITY;
    let model = Mdp::three_states();
    let (mut values, mut q, mut sweeps_seen) = ([0.0; 3], [0.0; 9], 0);
    let planning = Planning::with_discount(0.9);
    let convergence =
        q_value_iteration(&model, &planning, &mut values, &mut q, |sweep, _| sweeps_seen = sweep);
    assert!(convergence.converged && convergence.sweeps == sweeps_seen);
    #[rustfmt::skip]
    assert_close(&q, &[
        18.91891892, 17.02702703, 13.62162162,
        0.0, never, -4.87971488,
        never, 50.13365013, never,
    ], 1e-6);

    let (values, policy) = plan(&model, &planning);
    assert_eq!(policy, [0, 0, 1]);
    let mut from_values = [0.0; 9];
    action_values(&model, 0.9, &values, &mut from_values);
    assert_close(&from_values, &q, 1e-9);
    // More patience makes the walk through the loss worth it.
    assert_eq!(plan(&model, &Planning::with_discount(0.95)).1, [0, 2, 1]);
}

fn policy_and_value_iteration_agree<M: FiniteModel>(model: &M, discount: f64) {
    let planning = Planning::with_discount(discount);
    let (values, policy) = plan(model, &planning);
    let (mut other_values, mut other_policy) = (vec![0.0; values.len()], vec![0; policy.len()]);
    let iteration = policy_iteration(model, &planning, &mut other_values, &mut other_policy);
    assert!(iteration.converged, "{iteration:?}");
    assert_close(&other_values, &values, 1e-9);
    assert_eq!(other_policy, policy);
}

#[test]
fn policy_iteration_and_value_iteration_find_the_same() {
    policy_and_value_iteration_agree(&Gridworld::<90>::obstacle().unwrap(), 0.9);
    policy_and_value_iteration_agree(&Gridworld::<90>::simple().unwrap(), 0.9);
    policy_and_value_iteration_agree(&Mdp::three_states(), 0.9);
    policy_and_value_iteration_agree(&Mdp::three_states(), 0.95);
    policy_and_value_iteration_agree(&CliffWalking::new(true), 0.99);
    policy_and_value_iteration_agree(
        &FrozenLake::<64>::large(LakeOptions::default()).unwrap(),
        0.99,
    );
    policy_and_value_iteration_agree(&Taxi::default(), 0.95);
}

/// The goal pays 10 with the eighth step: the value of the start is 10 * .9^7.
#[test]
fn the_best_way_around_the_obstacle_takes_eight_steps() {
    let mut grid = Gridworld::<90>::obstacle().unwrap();
    let (values, policy) = plan(&grid, &Planning::with_discount(Gridworld::DISCOUNT));
    assert!((values[22] - 10.0 * 0.9f64.powi(7)).abs() < 1e-9);
    let rng = &mut stream(0, Role::Environment);
    let episode = play(&mut grid, rng, &mut [0], |cell| policy[cell[0] as usize]);
    assert_eq!((episode.length, episode.total_reward), (8, 10.0));
}

/// Example 4.1 of Sutton and Barto: the equiprobable policy on four by four cells whose corners end the episode. The
/// cliff's world has other corners, so it is a lake here whose ice costs one a step.
#[test]
fn the_random_policy_s_values_are_those_of_the_book_s_small_grid() {
    let mut options = LakeOptions { slippery: false, ..LakeOptions::default() };
    (options.rewards.goal, options.rewards.frozen) = (-1.0, -1.0);
    let lake = FrozenLake::<16>::new("GFFF\nFSFF\nFFFF\nFFFG", options).unwrap();
    let mut values = [0.0; 16];
    let planning = Planning::with_discount(1.0);
    assert!(evaluate_policy(&lake, |_, _| 0.25, &planning, &mut values).converged);
    #[rustfmt::skip]
    assert_close(&values, &[
        0.0, -14.0, -20.0, -22.0,
        -14.0, -18.0, -20.0, -20.0,
        -20.0, -20.0, -18.0, -14.0,
        -22.0, -20.0, -14.0, 0.0,
    ], 1e-9);
}

/// Section 6.2's random walk: five states between an end that pays nothing and one that pays 1 are worth s / 6.
#[test]
fn the_random_walk_is_worth_sixths() {
    let options = LakeOptions { slippery: false, ..LakeOptions::default() };
    let walk = FrozenLake::<7>::new("HFFSFFG", options).unwrap();
    let left_or_right = |_, action| if action == 0 || action == 2 { 0.5 } else { 0.0 };
    let mut values = [0.0; 7];
    let planning = Planning::with_discount(1.0);
    assert!(evaluate_policy(&walk, left_or_right, &planning, &mut values).converged);
    let sixths: Vec<f64> = (0..7).map(|state| f64::from(state % 6) / 6.0).collect();
    assert_close(&values, &sixths, 1e-9);
}

#[test]
fn a_task_whose_values_grow_for_ever_is_not_called_solved() {
    let planning = Planning { most_sweeps: 500, ..Planning::with_discount(1.0) };
    let convergence = value_iteration(&Mdp::three_states(), &planning, &mut [0.0; 3]);
    assert!(!convergence.converged && convergence.sweeps == 500, "{convergence:?}");
}

/// The probability that `policy` is on the goal within `steps` steps, by pushing the distribution of states ahead.
fn success_probability<M: FiniteModel>(model: &M, policy: &[u32], goal: u32, steps: u32) -> f64 {
    let mut likely = vec![0.0; model.state_count() as usize];
    likely[0] = 1.0;
    let mut arrived = 0.0;
    for _ in 0..steps {
        let mut next = vec![0.0; likely.len()];
        for (state, &probability) in (0u32..).zip(&likely) {
            for outcome in model.outcomes(state, policy[state as usize]) {
                match (outcome.terminated, outcome.next_state == goal) {
                    (true, true) => arrived += probability * outcome.probability,
                    (true, false) => {}
                    _ => next[outcome.next_state as usize] += probability * outcome.probability,
                }
            }
        }
        likely = next;
    }
    arrived
}

/// The share of 10,000 episodes that reach the goal, with actions by state and steps already taken.
fn success_rate<E>(env: &mut E, choose: impl Fn(u32, usize) -> u32) -> f64
where
    E: Env<Action = u32, Element = u32>,
{
    let rng = &mut stream(5, Role::Environment);
    let mut won = 0.0;
    for _ in 0..10_000 {
        let mut steps = 0;
        let episode = play(env, rng, &mut [0], |cell| {
            steps += 1;
            choose(cell[0], steps - 1)
        });
        won += episode.total_reward;
    }
    won / 10_000.0
}

fn within_two_standard_errors(rate: f64, probability: f64) {
    let error = (probability * (1.0 - probability) / 10_000.0).sqrt();
    assert!((rate - probability).abs() <= 2.0 * error, "{rate} played, {probability} computed");
}

#[test]
fn a_plan_for_the_large_lake_succeeds_as_often_as_the_model_says() {
    let lake = FrozenLake::<64>::large(LakeOptions::default()).unwrap();
    for (discount, steps, expected) in
        [(0.99, 200, 0.863), (0.995, 200, 0.894), (0.999, 200, 0.886)]
    {
        let (_, policy) = plan(&lake, &Planning::with_discount(discount));
        let exact = success_probability(&lake, &policy, 63, steps);
        assert!((exact - expected).abs() < 1e-3, "discount {discount}, {steps} steps: {exact}");
        let mut limited = TimeLimit::new(lake.clone(), steps);
        let rate = success_rate(&mut limited, |cell, _| policy[cell as usize]);
        within_two_standard_errors(rate, exact);
    }
}

/// Without a limit nobody need ever fall in: the optimum is 1, and a patient plan reaches it.
#[test]
fn with_patience_the_large_lake_is_always_crossed() {
    let lake = FrozenLake::<64>::large(LakeOptions::default()).unwrap();
    let (values, _) = plan(&lake, &Planning::with_discount(1.0));
    assert!((values[0] - 1.0).abs() < 1e-9, "{}", values[0]);
    let (_, policy) = plan(&lake, &Planning::with_discount(0.999));
    assert!(success_probability(&lake, &policy, 63, 10_000) > 1.0 - 1e-9);
    assert_eq!(success_rate(&mut lake.clone(), |cell, _| policy[cell as usize]), 1.0);
}

/// Within 200 steps the best is .9132, by a plan that looks at the clock: sweep n of the iteration says what to do
/// with n steps to go.
#[test]
fn a_plan_that_counts_the_steps_left_reaches_the_optimum_of_the_limited_lake() {
    let lake = FrozenLake::<64>::large(LakeOptions::default()).unwrap();
    let steps = FrozenLake::LARGE_STEPS as usize;
    let planning = Planning { most_sweeps: steps as u32, ..Planning::with_discount(1.0) };
    let (mut values, mut q, mut plans) = ([0.0; 64], [0.0; 256], Vec::new());
    q_value_iteration(&lake, &planning, &mut values, &mut q, |_, q| plans.push(q.to_vec()));
    let best = |q: &[f64]| (0..4).max_by(|&a, &b| q[a].total_cmp(&q[b])).unwrap();
    let optimum = q[best(&q[..4])];
    assert!((optimum - 0.91322).abs() < 1e-5, "{optimum}");
    let rate = success_rate(&mut TimeLimit::new(lake, steps as u32), |cell, taken| {
        best(&plans[steps - 1 - taken][4 * cell as usize..][..4]) as u32
    });
    within_two_standard_errors(rate, optimum);
}
