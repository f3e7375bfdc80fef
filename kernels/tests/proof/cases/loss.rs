use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::Loss;
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(5);
    let mut cases = Vec::new();
    for batch in [1, 2, 31, 32, 33, 256, 300, 700] {
        for loss in [(Loss::SquaredError, "squared_error"), (Loss::Huber, "huber")] {
            for is_weighted in [false, true] {
                cases.push(case(numbers, loss, batch, is_weighted));
            }
        }
    }
    cases
}

fn case(
    numbers: &mut Numbers,
    (loss, name): (Loss, &'static str),
    batch: usize,
    is_weighted: bool,
) -> Case {
    let actions = numbers.size(1, 7);
    let (mut q, taken) = (numbers.floats(batch * actions), numbers.indices(batch, actions));
    let mut targets = numbers.floats(batch);
    // Errors of exactly zero, one and minus one.
    for b in 0..batch.min(9) {
        q[b * actions + taken[b] as usize] = 0.5;
        targets[b] = [0.5, 1.5, -0.5][b % 3];
    }
    let weights = numbers.magnitudes(batch);
    let (mut d_q, mut errors) = (vec![0.0; q.len()], vec![0.0; batch]);
    let given = is_weighted.then_some(&weights[..]);
    let total = loss.evaluate(&q, &taken, &targets, given, &mut d_q, &mut errors);
    let of_taken = taken.iter().enumerate().map(|(b, &action)| q[b * actions + action as usize]);
    let mean = of_taken.fold(0.0, |sum, q| sum + q) / batch as f32;

    let mut case = Case::new(format!("{name} of {batch} with {actions} actions"));
    let (q, taken) = (case.given("q", &q), case.given("taken", &taken));
    let targets = case.given("targets", &targets);
    let weights = if is_weighted { case.given("weights", &weights) } else { Argument::Null };
    let (d_q, errors) = (case.written("d_q", &d_q), case.written("errors", &errors));
    let (total, mean) = (case.written("total", &[total]), case.written("mean", &[mean]));
    let sizes = [size(actions), size(batch)];
    let block = Launch::one_block().with_threads(numbers.size(1, 256) as u32);
    let of = [q.clone(), taken.clone(), targets, weights, d_q, errors, total];
    case.launch(name, block, &[&of[..], &sizes[..]].concat());
    case.launch(
        "mean_of_taken",
        Launch::one_thread(),
        &[&[q, taken, mean][..], &sizes[..]].concat(),
    );
    case
}
