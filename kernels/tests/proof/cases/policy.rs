use crate::case::{Argument, Case, size};
use crate::numbers::{Numbers, Xoshiro};
use embedded_rl_core::policy::{epsilon_greedy, greedy};
use embedded_rl_kernels::Launch;

/// Choices in a row: generators are carried on.
const CHOICES: usize = 6;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(15);
    let mut cases = Vec::new();
    for epsilon in [0.0, 0.3, 1.0] {
        for actions in [1, 2, 5, 18] {
            cases.push(case(numbers, epsilon, actions));
        }
    }
    cases
}

fn case(numbers: &mut Numbers, epsilon: f64, actions: usize) -> Case {
    let batch = numbers.size(1, 100);
    let q: Vec<f32> = numbers.floats(batch * actions).into_iter().map(f32::round).collect();
    let rows = || q.chunks_exact(actions);
    let mut generators: Vec<Xoshiro> = (0..batch).map(|_| Xoshiro::new(&mut numbers.0)).collect();
    // The first one's first number is zero, which is not below an epsilon of zero.
    generators[0] = Xoshiro::of_state([0, 1, 2, 0]);
    let states = |generators: &[Xoshiro]| -> Vec<u64> {
        generators.iter().flat_map(|generator| generator.state).collect()
    };
    let before = states(&generators);
    let mut taken = Vec::new();
    for _ in 0..CHOICES {
        let of_rows = generators.iter_mut().zip(rows());
        let choice = |(generator, q)| epsilon_greedy(generator, epsilon, actions as u32, || q);
        taken.push(of_rows.map(choice).collect::<Vec<u32>>());
    }
    let greedy: Vec<u32> = rows().map(greedy).collect();

    let mut case = Case::new(format!("{batch} choices of {actions} actions, epsilon {epsilon}"));
    let q = case.given("q", &q);
    let greedy = case.written("greedy", &greedy);
    let generators = case.changed("generators", &before, &states(&generators));
    let grid = Launch::elements(batch as u32).with_threads(numbers.size(1, 64) as u32);
    let sizes = [size(actions), size(batch)];
    case.launch("greedy_actions", grid, &[&[q.clone(), greedy][..], &sizes[..]].concat());
    for taken in &taken {
        let taken = case.written("taken", taken);
        let of = [q.clone(), generators.clone(), taken, Argument::F64(epsilon)];
        case.launch("epsilon_greedy", grid, &[&of[..], &sizes[..]].concat());
    }
    case
}
