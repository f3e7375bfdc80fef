//! Finite differences, as in `differences.rs`, of what distributions of returns add: means, embeddings, losses.

use super::differences::{dot, gradients, off_zero, run_softmax, slopes, wide};
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(29);
    vec![means(numbers), embedding(numbers), drawn_quantiles(numbers), atoms(numbers)]
}

/// Means of atoms and of quantiles.
fn means(numbers: &mut Numbers) -> Case {
    let (width, groups, lowest, spacing) = (6, 7, -2.0_f32, 0.75_f32);
    let (input, d) = (numbers.floats(width * groups), numbers.floats(groups));
    let of_group = |x: &[f64]| -> f64 {
        let values = (0..width).map(|i| f64::from(lowest) + i as f64 * f64::from(spacing));
        run_softmax(x).iter().zip(values).map(|(p, z)| p * z).sum()
    };
    let over =
        |x: &[f64], of: &dyn Fn(&[f64]) -> f64| x.chunks_exact(width).map(of).collect::<Vec<_>>();
    let of_logits = slopes(&input, |x| dot(&over(x, &of_group), &d));
    let mean = |x: &[f64]| x.iter().sum::<f64>() / width as f64;
    let of_quantiles = slopes(&input, |x| dot(&over(x, &mean), &d));

    let mut case = Case::new("differences of means of distributions".to_owned());
    let nothing = vec![f32::NAN; width * groups];
    let d_logits = gradients(&mut case, "d_logits", &nothing, &of_logits);
    let d_quantiles = gradients(&mut case, "d_quantiles", &nothing, &of_quantiles);
    let d = case.given("d_means", &d);
    let highest = lowest + (width - 1) as f32 * spacing;
    let support = Argument::Struct([lowest, highest, spacing].map(f32::to_bits).to_vec());
    let logits = case.given("logits", &input);
    let grid = Launch::elements((width * groups) as u32);
    let of = [logits, d.clone(), d_logits, support, size(width), size(groups)];
    case.launch("mean_of_atoms_backward", grid, &of);
    case.launch("mean_of_quantiles_backward", grid, &[d, d_quantiles, size(width), size(groups)]);
    case
}

/// The product of an embedding, whose factor is a relu of what the slopes are of.
fn embedding(numbers: &mut Numbers) -> Case {
    let (width, fractions, rows) = (5, 3, 4);
    let (input, before) =
        (numbers.floats(rows * width), off_zero(numbers, rows * fractions * width));
    let d_output = numbers.floats(rows * fractions * width);
    let run = |x: &[f64], before: &[f64]| -> Vec<f64> {
        let of =
            |(i, e): (usize, &f64)| e.max(0.0) * x[i / (fractions * width) * width + i % width];
        before.iter().enumerate().map(of).collect()
    };
    let of_input = slopes(&input, |x| dot(&run(x, &wide(&before)), &d_output));
    let of_factor = slopes(&before, |before| dot(&run(&wide(&input), before), &d_output));
    let embedded: Vec<f32> = before.iter().map(|e| e.max(0.0)).collect();

    let mut case = Case::new("differences of an embedding".to_owned());
    let d_input = gradients(&mut case, "d_input", &vec![f32::NAN; input.len()], &of_input);
    let d_output = gradients(&mut case, "d_output", &d_output, &of_factor);
    let of = [
        case.given("embedded", &embedded),
        case.given("input", &input),
        d_output,
        d_input,
        size(width),
        size(fractions),
        size(rows),
    ];
    case.launch("cosine_embedding_backward", Launch::elements((rows * width) as u32), &of);
    case
}

/// The loss of values at drawn fractions, fraction by fraction.
fn drawn_quantiles(numbers: &mut Numbers) -> Case {
    let (width, target_count, actions, batch) = (4, 3, 3, 5);
    let outputs = numbers.floats(batch * width * actions);
    let (taken, targets) = (numbers.indices(batch, actions), numbers.floats(batch * target_count));
    let weights = numbers.magnitudes(batch);
    let fractions: Vec<f32> =
        numbers.magnitudes(batch * width).into_iter().map(|f| (0.3 * f).min(1.0)).collect();
    let total = |outputs: &[f64]| {
        let mut total = 0.0;
        for (b, k) in (0..batch * width).map(|i| (i / width, i % width)) {
            let value = outputs[(b * width + k) * actions + taken[b] as usize];
            for &target in &targets[b * target_count..][..target_count] {
                let (u, fraction) =
                    (f64::from(target) - value, f64::from(fractions[b * width + k]));
                let weight = if u < 0.0 { 1.0 - fraction } else { fraction };
                let size = if u.abs() <= 1.0 { u * u / 2.0 } else { u.abs() - 0.5 };
                total += f64::from(weights[b]) * weight * size / target_count as f64;
            }
        }
        total / batch as f64
    };
    let of_outputs = slopes(&outputs, total);

    let mut case = Case::new("differences of drawn quantiles".to_owned());
    let d_outputs = gradients(&mut case, "d_outputs", &vec![f32::NAN; outputs.len()], &of_outputs);
    let of = [
        case.given("outputs", &outputs),
        case.given("fractions", &fractions),
        case.given("taken", &taken),
        case.given("targets", &targets),
        case.given("weights", &weights),
        d_outputs,
        case.between("losses", batch * width),
        Argument::U32(1),
        size(target_count),
        size(width),
        size(actions),
        size(batch),
    ];
    case.launch("quantile_huber", Launch::elements((batch * width) as u32), &of);
    case
}

/// The cross-entropy of the atoms of the actions taken.
fn atoms(numbers: &mut Numbers) -> Case {
    let (width, actions, batch) = (5, 3, 4);
    let (logits, taken) =
        (numbers.floats(batch * actions * width), numbers.indices(batch, actions));
    let (targets, weights) = (numbers.magnitudes(batch * width), numbers.magnitudes(batch));
    let total = |logits: &[f64]| {
        let of_row = |b: usize| {
            let x = &logits[(b * actions + taken[b] as usize) * width..][..width];
            let terms = run_softmax(x).into_iter().zip(&targets[b * width..]);
            -f64::from(weights[b]) * terms.map(|(p, t)| f64::from(*t) * p.ln()).sum::<f64>()
        };
        (0..batch).map(of_row).sum::<f64>() / batch as f64
    };
    let of_logits = slopes(&logits, total);

    let mut case = Case::new("differences of the cross-entropy of atoms".to_owned());
    let d_logits = gradients(&mut case, "d_logits", &vec![f32::NAN; logits.len()], &of_logits);
    let of = [
        case.given("logits", &logits),
        case.given("taken", &taken),
        case.given("targets", &targets),
        case.given("weights", &weights),
        d_logits,
        case.between("errors", batch),
        case.between("total", 1),
        size(width),
        size(actions),
        size(batch),
    ];
    case.launch("cross_entropy_of_taken", Launch::one_block(), &of);
    case
}
