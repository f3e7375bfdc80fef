use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{
    Categories, binary_cross_entropy, categorical_cross_entropy, cross_entropy_of_row,
};
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(14);
    let mut cases = Vec::new();
    for batch in [1, 7, 32, 65, 200] {
        for is_weighted in [false, true] {
            cases.push(case(numbers, batch, is_weighted));
            cases.push(of_taken(numbers, batch, is_weighted));
        }
    }
    cases
}

fn case(numbers: &mut Numbers, batch: usize, is_weighted: bool) -> Case {
    let classes = numbers.size(1, 20);
    let weights = numbers.floats(batch);
    let given = is_weighted.then_some(&weights[..]);
    // Certain and wrong, certain and right, and between.
    let shares: Vec<f32> = numbers.magnitudes(2 * batch).into_iter().map(|p| p.min(1.0)).collect();
    let (probabilities, labels) = shares.split_at(batch);
    let (logits, of_rows) = (numbers.floats(batch * classes), numbers.indices(batch, classes));
    let distributions = numbers.magnitudes(batch * classes);
    let mut d_probabilities = vec![0.0; batch];
    let mut gradients = [vec![0.0; batch * classes], vec![0.0; batch * classes]];
    let binary = binary_cross_entropy(probabilities, labels, given, &mut d_probabilities);
    let [of_classes, of_distributions] = &mut gradients;
    let targets = Categories::Classes(&of_rows);
    let first = categorical_cross_entropy(&logits, classes, targets, given, of_classes);
    let targets = Categories::Distributions(&distributions);
    let second = categorical_cross_entropy(&logits, classes, targets, given, of_distributions);

    let mut case = Case::new(format!("cross-entropy of {batch} rows of {classes}"));
    let weights = if is_weighted { case.given("weights", &weights) } else { Argument::Null };
    let block = Launch::one_block().with_threads(numbers.size(1, 96) as u32);
    let arguments = [
        case.given("probabilities", probabilities),
        case.given("labels", labels),
        weights.clone(),
        case.written("d_probabilities", &d_probabilities),
        case.written("binary", &[binary]),
        size(batch),
    ];
    case.launch("binary_cross_entropy", block, &arguments);
    let logits = case.given("logits", &logits);
    let sizes = [size(classes), size(batch)];
    let arguments = [
        logits.clone(),
        case.given("classes", &of_rows),
        weights.clone(),
        case.written("d_logits of classes", &gradients[0]),
        case.written("loss of classes", &[first]),
    ];
    case.launch("cross_entropy_of_classes", block, &[&arguments[..], &sizes[..]].concat());
    let arguments = [
        logits,
        case.given("distributions", &distributions),
        weights,
        case.written("d_logits of distributions", &gradients[1]),
        case.written("loss of distributions", &[second]),
    ];
    case.launch("cross_entropy_of_distributions", block, &[&arguments[..], &sizes[..]].concat());
    case
}

/// As core's `dqn/returns.rs` evaluates atoms.
fn of_taken(numbers: &mut Numbers, batch: usize, is_weighted: bool) -> Case {
    let (classes, actions) = (numbers.size(1, 20), numbers.size(1, 5));
    let (logits, taken) =
        (numbers.floats(batch * actions * classes), numbers.indices(batch, actions));
    let (targets, weights) = (numbers.magnitudes(batch * classes), numbers.floats(batch));
    let (mut d_logits, mut errors) = (vec![0.0; logits.len()], vec![0.0; batch]);
    let mut total = 0.0;
    for (b, &action) in taken.iter().enumerate() {
        let row = (b * actions + action as usize) * classes..;
        let (x, d) = (&logits[row.clone()][..classes], &mut d_logits[row][..classes]);
        let weight = if is_weighted { weights[b] } else { 1.0 };
        let factor = weight * (1.0 / batch as f32);
        errors[b] = cross_entropy_of_row(x, &targets[b * classes..][..classes], factor, d);
        total += weight * errors[b];
    }
    total *= 1.0 / batch as f32;

    let mut case = Case::new(format!("cross-entropy of {batch} rows of {actions} times {classes}"));
    let of = [
        case.given("logits", &logits),
        case.given("taken", &taken),
        case.given("targets", &targets),
        if is_weighted { case.given("weights", &weights) } else { Argument::Null },
        case.written("d_logits", &d_logits),
        case.written("errors", &errors),
        case.written("total", &[total]),
        size(classes),
        size(actions),
        size(batch),
    ];
    let block = Launch::one_block().with_threads(numbers.size(1, 96) as u32);
    case.launch("cross_entropy_of_taken", block, &of);
    case
}
