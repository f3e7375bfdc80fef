//! Cars and pendulums of two links: episodes from the start, and single steps from anywhere.

use crate::case::{Argument, Case, size};
use crate::numbers::{Numbers, Xoshiro};
use core::f64::consts::PI;
use embedded_rl_core::env::Env;
use embedded_rl_core::envs::classic::{Acrobot, MountainCar};
use embedded_rl_core::math;
use embedded_rl_kernels::Launch;

/// An environment as its kernels see it.
struct Kind<E> {
    kernels: [&'static str; 2],
    state: fn(&mut E) -> &mut [f64],
    /// Numbers of an observation.
    width: usize,
    /// What `step` takes besides, in front of the number of environments.
    own: Vec<Argument>,
}

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(24);
    let car = |goal_velocity| Kind {
        kernels: ["mountain_car_reset", "mountain_car_step"],
        state: |car: &mut MountainCar| &mut car.state,
        width: 2,
        own: vec![Argument::F64(goal_velocity)],
    };
    let acrobot = Kind {
        kernels: ["acrobot_reset", "acrobot_step"],
        state: |acrobot: &mut Acrobot| &mut acrobot.state,
        width: 6,
        own: Vec::new(),
    };
    let fast = MountainCar::with_goal_velocity(0.03);
    let (cars, pendulums) = (car_states(numbers), pendulum_states(numbers));
    vec![
        episodes(numbers, &car(0.0), MountainCar::new(), 1, 5),
        episodes(numbers, &car(0.0), MountainCar::new(), 33, 20),
        anywhere(numbers, "anywhere", &car(0.0), MountainCar::new(), &cars),
        anywhere(numbers, "anywhere", &car(0.03), fast.clone(), &cars),
        anywhere(numbers, "on an edge", &car(0.0), MountainCar::new(), &cars_on_the_edge()),
        anywhere(numbers, "on an edge", &car(0.03), fast, &cars_on_the_edge()),
        episodes(numbers, &acrobot, Acrobot::new(), 1, 5),
        episodes(numbers, &acrobot, Acrobot::new(), 33, 20),
        anywhere(numbers, "anywhere", &acrobot, Acrobot::new(), &pendulums),
    ]
}

/// All over the valley, at the wall, and on the step to the goal.
fn car_states(numbers: &mut Numbers) -> Vec<f64> {
    let mut states = vec![
        -1.2, 0.0, -1.2, -0.07, -1.2, 0.07, 0.6, 0.07, 0.49, 0.07, 0.5, 0.03, 0.5, 0.001, 0.45,
        0.06,
    ];
    for _ in 0..400 {
        let [x, v] =
            [1.8, 0.14].map(|range| range * f64::from(numbers.size(0, 1_000) as u32) / 1e3);
        states.extend([x - 1.2, v - 0.07]);
    }
    states
}

/// Cars that come to stand on the goal, and that reach it at exactly the goal velocity of 0.03.
fn cars_on_the_edge() -> Vec<f64> {
    let push = |action: f64| (action - 1.0) * 0.001 + math::cos(3.0 * 0.5) * -0.0025;
    let pushes = [0.0, 1.0, 2.0].map(push);
    pushes.iter().flat_map(|push| [0.5, -push, 0.5, 0.03 - push]).collect()
}

/// Links at any angle and speed, upright, and faster than they may be.
fn pendulum_states(numbers: &mut Numbers) -> Vec<f64> {
    let mut states = vec![
        PI, 0.0, 0.0, 0.0, -PI, 0.0, 0.0, 0.0, 0.0, PI, 12.0, -28.0, 3.0, 3.0, 40.0, -80.0, 150.0,
        -333.0, 1.0, 3.0, 0.5, 0.5, -1.0, 30.0, 0.0, 0.0, 0.0, 0.0,
    ];
    for _ in 0..300 {
        let random = numbers.floats(4).into_iter().map(f64::from);
        states.extend(random.zip([1.5, 1.5, 6.0, 12.0]).map(|(x, range)| x * range));
    }
    states
}

/// Environments that are started, and again whenever they have ended or are told to.
fn episodes<E: Env<Action = u32, Element = f32> + Clone>(
    numbers: &mut Numbers,
    kind: &Kind<E>,
    environment: E,
    count: usize,
    rounds: usize,
) -> Case {
    let [reset, step] = kind.kernels;
    let mut generators: Vec<Xoshiro> = (0..count).map(|_| Xoshiro::new(&mut numbers.0)).collect();
    let of_generators =
        |all: &[Xoshiro]| -> Vec<u64> { all.iter().flat_map(|g| g.state).collect() };
    let before = of_generators(&generators);
    let mut all = vec![environment; count];
    let mut played = Vec::new();
    let mut begins = vec![1; count];
    for _ in 0..rounds {
        // Where nothing is started, nothing is written.
        let mut started = vec![f32::from_bits(u32::MAX); kind.width * count];
        for (i, observation) in started.chunks_exact_mut(kind.width).enumerate() {
            if begins[i] == 1 {
                all[i].reset(&mut generators[i], observation);
            }
        }
        let actions = numbers.indices(count, 3);
        let (observed, terminated) = step_all(numbers, &mut all, &actions, kind.width);
        let again = numbers.indices(count, 8);
        let next = terminated.iter().zip(again).map(|(&end, again)| end.max(u32::from(again == 0)));
        let next = next.collect();
        played.push((
            core::mem::replace(&mut begins, next),
            started,
            actions,
            observed,
            terminated,
        ));
    }

    let mut case = Case::new(format!("{count} of {step}, {rounds} rounds"));
    let after = states_of(kind, &mut all);
    let states = case.changed("states", &vec![0.0; after.len()], &after);
    let generators = case.changed("generators", &before, &of_generators(&generators));
    let grid = Launch::elements(count as u32).with_threads(16);
    for (begins, started, actions, observed, terminated) in &played {
        let begins = case.given("begins", begins);
        let started = case.written("observations of starts", started);
        let of = [begins, generators.clone(), states.clone(), started, size(count)];
        case.launch(reset, grid, &of);
        let four = [
            case.given("actions", actions),
            states.clone(),
            case.written("observations", observed),
            case.written("terminated", terminated),
        ];
        case.launch(step, grid, &[&four[..], &kind.own, &[size(count)]].concat());
    }
    case
}

/// A step from each of these states.
fn anywhere<E: Env<Action = u32, Element = f32> + Clone>(
    numbers: &mut Numbers,
    place: &str,
    kind: &Kind<E>,
    environment: E,
    states: &[f64],
) -> Case {
    let mut one = environment;
    let width = (kind.state)(&mut one).len();
    let mut all = Vec::new();
    for state in states.chunks_exact(width) {
        (kind.state)(&mut one).copy_from_slice(state);
        all.extend([one.clone(), one.clone(), one.clone()]);
    }
    let count = all.len();
    let before = states_of(kind, &mut all);
    let actions: Vec<u32> = (0..count as u32).map(|i| i % 3).collect();
    let (observed, terminated) = step_all(numbers, &mut all, &actions, kind.width);
    let ends = terminated.iter().sum::<u32>();
    assert!(ends > 0 && (ends as usize) < count, "{ends} of {count} come to an end");

    let [_, step] = kind.kernels;
    let mut case = Case::new(format!("{count} of {step} {place}"));
    let four = [
        case.given("actions", &actions),
        case.changed("states", &before, &states_of(kind, &mut all)),
        case.written("observations", &observed),
        case.written("terminated", &terminated),
    ];
    let all = [&four[..], &kind.own, &[size(count)]].concat();
    case.launch(step, Launch::elements(count as u32).with_threads(128), &all);
    case
}

fn states_of<E>(kind: &Kind<E>, all: &mut [E]) -> Vec<f64> {
    all.iter_mut().flat_map(|one| (kind.state)(one).to_vec()).collect()
}

/// A step of all: what is observed, and which have ended.
fn step_all<E: Env<Action = u32, Element = f32>>(
    unused: &mut Numbers,
    all: &mut [E],
    actions: &[u32],
    width: usize,
) -> (Vec<f32>, Vec<u32>) {
    let (mut observed, mut terminated) = (vec![0.0; width * all.len()], Vec::new());
    for ((one, &action), observation) in all.iter_mut().zip(actions).zip(observed.chunks_mut(width))
    {
        let step = one.step(action, &mut unused.0, observation);
        terminated.push(u32::from(step.ending.is_some()));
    }
    (observed, terminated)
}
