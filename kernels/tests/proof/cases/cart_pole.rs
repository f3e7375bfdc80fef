use crate::case::{Case, size};
use crate::numbers::{Numbers, Xoshiro};
use embedded_rl_core::env::Env;
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(16);
    vec![episodes(numbers, 1, 20), episodes(numbers, 33, 60), anywhere(numbers)]
}

/// What happens to all carts between two observations.
struct Round {
    begins: Vec<u32>,
    started: Vec<f32>,
    actions: Vec<u32>,
    observed: Vec<f32>,
    terminated: Vec<u32>,
}

/// Carts that are started, and again whenever they have ended.
fn episodes(numbers: &mut Numbers, carts: usize, rounds: usize) -> Case {
    let mut generators: Vec<Xoshiro> = (0..carts).map(|_| Xoshiro::new(&mut numbers.0)).collect();
    let of_generators =
        |all: &[Xoshiro]| -> Vec<u64> { all.iter().flat_map(|g| g.state).collect() };
    let before = of_generators(&generators);
    let mut all = vec![CartPole::new(); carts];
    let mut begins = vec![1; carts];
    let mut played = Vec::new();
    for _ in 0..rounds {
        // Where no cart is started, nothing is written.
        let mut started = vec![f32::from_bits(u32::MAX); 4 * carts];
        let observations = started.chunks_exact_mut(4);
        let beginning = all.iter_mut().zip(&mut generators).zip(observations).zip(&begins);
        for (((cart, generator), observation), _) in beginning.filter(|(_, begins)| **begins == 1) {
            cart.reset(generator, observation);
        }
        let actions = numbers.indices(carts, 2);
        let (observed, terminated) = step(&mut all, &actions, &mut numbers.0);
        played.push(Round { begins, started, actions, observed, terminated: terminated.clone() });
        begins = terminated;
    }
    let ends = played.iter().flat_map(|round| &round.terminated).sum::<u32>();
    assert!(ends as usize >= carts / 2, "{ends} of {carts} carts came to an end");

    let mut case = Case::new(format!("{carts} carts, {rounds} rounds"));
    let states = case.changed("states", &vec![0.0_f64; 4 * carts], &states_of(&all));
    let generators = case.changed("generators", &before, &of_generators(&generators));
    let grid = Launch::elements(carts as u32).with_threads(16);
    for Round { begins, started, actions, observed, terminated } in &played {
        let begins = case.given("begins", begins);
        let started = case.written("observations of starts", started);
        let of = [begins, generators.clone(), states.clone(), started, size(carts)];
        case.launch("cart_pole_reset", grid, &of);
        let actions = case.given("actions", actions);
        let observed = case.written("observations", observed);
        let terminated = case.written("terminated", terminated);
        let of = [actions, states.clone(), observed, terminated, size(carts)];
        case.launch("cart_pole_step", grid, &of);
    }
    case
}

/// Carts far from where a task would have ended: poles that have turned round many times, or hang still.
fn anywhere(numbers: &mut Numbers) -> Case {
    let quarter = core::f64::consts::FRAC_PI_2;
    let mut angles = vec![0.0, -0.0, 1e-9, -1e-9, 1e-300, 0.5, f64::NAN, f64::INFINITY, 1e6];
    for turns in -24..24 {
        let near = quarter * f64::from(turns) / 2.0;
        angles.extend([near, near * (1.0 + 1e-15), near + 1e-7, near - 0.2]);
    }
    angles.extend(numbers.floats(300).into_iter().map(|x| 1e4 * f64::from(x)));
    let mut all: Vec<CartPole> = Vec::new();
    for &angle in &angles {
        let [x, v, w] = [(); 3].map(|()| f64::from(numbers.floats(1)[0]));
        all.push(CartPole { state: [x, v, angle, w] });
    }
    // Exactly at the limits, at rest: still inside.
    let limit = 12.0 * 2.0 * core::f64::consts::PI / 360.0;
    for state in [
        [2.4, 0.0, 0.0, 0.0],
        [-2.4, 0.0, 0.0, 0.0],
        [0.0, 0.0, limit, 0.0],
        [0.0, 0.0, -limit, 0.0],
    ] {
        all.push(CartPole { state });
    }
    let carts = all.len();
    let before = states_of(&all);
    let actions = numbers.indices(carts, 2);
    let (observed, terminated) = step(&mut all, &actions, &mut numbers.0);

    let mut case = Case::new(format!("{carts} carts with poles at any angle"));
    let arguments = [
        case.given("actions", &actions),
        case.changed("states", &before, &states_of(&all)),
        case.written("observations", &observed),
        case.written("terminated", &terminated),
        size(carts),
    ];
    case.launch("cart_pole_step", Launch::elements(carts as u32), &arguments);
    case
}

fn states_of(all: &[CartPole]) -> Vec<f64> {
    all.iter().flat_map(|cart| cart.state).collect()
}

/// A step of all: what is observed, and which have ended.
fn step(
    all: &mut [CartPole],
    actions: &[u32],
    unused: &mut embedded_rl_core::rng::Generator,
) -> (Vec<f32>, Vec<u32>) {
    let (mut observed, mut terminated) = (vec![0.0; 4 * all.len()], Vec::new());
    for ((cart, &action), observation) in all.iter_mut().zip(actions).zip(observed.chunks_mut(4)) {
        let step = cart.step(action, unused, observation);
        terminated.push(u32::from(step.ending.is_some()));
    }
    (observed, terminated)
}
