use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::bellman::{self, Munchausen};
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(3);
    let mut cases: Vec<Case> = (0..30).map(|_| case(numbers)).collect();
    for munchausen in [
        Munchausen::PAPER,
        Munchausen { alpha: 0.5, temperature: 2.0, lowest: -3.0 },
        Munchausen { alpha: 1.0, temperature: 0.3, lowest: 0.0 },
    ] {
        cases.extend((0..5).map(|_| soft(numbers, munchausen)));
    }
    cases
}

fn soft(numbers: &mut Numbers, munchausen: Munchausen) -> Case {
    let (actions, batch) = (numbers.size(1, 9), numbers.size(1, 300));
    let (rewards, discounts) = (numbers.floats(batch), numbers.magnitudes(batch));
    let (q, next_q) = (numbers.floats(batch * actions), numbers.floats(batch * actions));
    let taken = numbers.indices(batch, actions);
    let rows = q.chunks_exact(actions).zip(next_q.chunks_exact(actions)).enumerate();
    let targets: Vec<f32> = rows
        .map(|(b, (q, next_q))| {
            let reward = rewards[b] + munchausen.bonus(q, taken[b]);
            bellman::one_step(reward, discounts[b], munchausen.soft_value(next_q))
        })
        .collect();

    let mut case = Case::new(format!("{munchausen:?}, {batch} with {actions} actions"));
    let three = [munchausen.alpha, munchausen.temperature, munchausen.lowest];
    let arguments = [
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("taken", &taken),
        case.given("q", &q),
        case.given("next_q", &next_q),
        case.written("targets", &targets),
        Argument::Struct(three.map(f32::to_bits).to_vec()),
        size(actions),
        size(batch),
    ];
    let grid = Launch::elements(batch as u32).with_threads(numbers.size(1, 64) as u32);
    case.launch("munchausen", grid, &arguments);
    case
}

fn case(numbers: &mut Numbers) -> Case {
    let (actions, batch) = (numbers.size(1, 9), numbers.size(1, 300));
    let (rewards, discounts) = (numbers.floats(batch), numbers.magnitudes(batch));
    // Rounded, so that equal values are common; and a NaN or an infinity now and then.
    let mut values = || -> Vec<f32> {
        let coarse = numbers.floats(batch * actions).into_iter().map(|q| (2.0 * q).trunc());
        let mut values: Vec<f32> = coarse.collect();
        for index in numbers.indices(3, values.len()) {
            values[index as usize] = [f32::NAN, f32::NEG_INFINITY][index as usize % 2];
        }
        values
    };
    let (chooser, next_q) = (values(), values());
    let rows = || next_q.chunks_exact(actions).zip(chooser.chunks_exact(actions));
    let steps = || rewards.iter().zip(&discounts).zip(rows());
    let single = steps().map(|((&r, &d), (q, _))| bellman::q_learning(r, d, q));
    let double = steps().map(|((&r, &d), (q, by))| bellman::double_q_learning(r, d, by, q));
    let (single, double): (Vec<f32>, Vec<f32>) = (single.collect(), double.collect());

    let mut case = Case::new(format!("targets of {batch} with {actions} actions"));
    let (rewards, discounts) =
        (case.given("rewards", &rewards), case.given("discounts", &discounts));
    let (chooser, next_q) = (case.given("next_q_chooser", &chooser), case.given("next_q", &next_q));
    let (single, double) = (case.written("targets", &single), case.written("double", &double));
    let grid = Launch::elements(batch as u32).with_threads(numbers.size(1, 64) as u32);
    let [actions, batch] = [size(actions), size(batch)];
    let of = [rewards.clone(), discounts.clone(), next_q.clone(), single];
    case.launch("q_learning", grid, &[&of[..], &[actions.clone(), batch.clone()]].concat());
    let of = [rewards, discounts, chooser, next_q, double];
    case.launch("double_q_learning", grid, &[&of[..], &[actions, batch]].concat());
    case
}
