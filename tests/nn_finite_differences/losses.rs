//! Losses and their gradients: of values, of probabilities, of classes. That of implicit networks is beside them.

use crate::differences::{BATCHES, assert_gradient, differences, double, random};
use embedded_rl_checks::tolerance::{LOSS, assert_close};
use embedded_rl_core::nn::{
    Categories, Loss, binary_cross_entropy, categorical_cross_entropy, softmax,
};
use embedded_rl_core::rng::{Generator, SeedableRng, integers};

#[test]
fn loss_gradients_equal_finite_differences() {
    for loss in [Loss::SquaredError, Loss::Huber] {
        for batch in BATCHES {
            let rng = &mut Generator::seed_from_u64(11);
            let (q, targets, weights) =
                (random(rng, batch * 3), random(rng, batch), random(rng, batch));
            let targets: Vec<f32> = targets.iter().map(|target| target * 3.0).collect();
            let actions: Vec<u32> = (0..batch).map(|_| integers(rng, 0, 3) as u32).collect();
            let (mut d_q, mut errors) = (vec![f32::NAN; batch * 3], vec![f32::NAN; batch]);
            let naive = |q: &[f64]| {
                let term = |b: usize| {
                    let error = f64::from(targets[b]) - q[b * 3 + actions[b] as usize];
                    let value = match loss {
                        Loss::SquaredError => error.powi(2),
                        Loss::Huber if error.abs() <= 1.0 => error.powi(2) / 2.0,
                        Loss::Huber => error.abs() - 0.5,
                    };
                    f64::from(weights[b]) * value
                };
                (0..batch).map(term).sum::<f64>() / batch as f64
            };
            let value =
                loss.evaluate(&q, &actions, &targets, Some(&weights), &mut d_q, &mut errors);
            let what = format!("{loss:?}, batch {batch}");
            assert_close(&what, &[value], &[naive(&double(&q))], LOSS);
            assert_gradient(&what, &d_q, &differences(&double(&q), naive));
        }
    }
}

#[test]
fn cross_entropy_gradients_equal_finite_differences() {
    let rng = &mut Generator::seed_from_u64(14);
    for (batch, classes) in [(1, 1), (1, 2), (7, 5), (64, 3)] {
        let weights = random(rng, batch);
        let share = |x: f32| 1.0 / (1.0 + (-2.0 * x).exp());
        let probabilities: Vec<f32> = random(rng, batch).into_iter().map(share).collect();
        let targets: Vec<f32> = random(rng, batch).into_iter().map(share).collect();
        let naive = |p: &[f64]| {
            let term = |b: usize| {
                let (y, w) = (f64::from(targets[b]), f64::from(weights[b]));
                -w * (y * p[b].ln() + (1.0 - y) * (1.0 - p[b]).ln())
            };
            (0..batch).map(term).sum::<f64>() / batch as f64
        };
        let mut d = vec![f32::NAN; batch];
        let value = binary_cross_entropy(&probabilities, &targets, Some(&weights), &mut d);
        let what = format!("binary, batch {batch}");
        assert_close(&what, &[value], &[naive(&double(&probabilities))], LOSS);
        assert_gradient(&what, &d, &differences(&double(&probabilities), naive));

        let logits = random(rng, batch * classes);
        let classes_of: Vec<u32> =
            (0..batch).map(|_| integers(rng, 0, classes as i64) as u32).collect();
        let mut distributions = random(rng, batch * classes);
        softmax::forward(classes, &mut distributions);
        for targets in [Categories::Classes(&classes_of), Categories::Distributions(&distributions)]
        {
            let naive = |x: &[f64]| {
                let term = |b: usize| {
                    let row = &x[b * classes..][..classes];
                    let shift = row.iter().map(|x| x.exp()).sum::<f64>().ln();
                    let of_target = |i: usize| match targets {
                        Categories::Classes(of_rows) if of_rows[b] as usize == i => 1.0,
                        Categories::Classes(_) => 0.0,
                        Categories::Distributions(all) => f64::from(all[b * classes + i]),
                    };
                    let terms = (0..classes).map(|i| of_target(i) * (row[i] - shift));
                    -f64::from(weights[b]) * terms.sum::<f64>()
                };
                (0..batch).map(term).sum::<f64>() / batch as f64
            };
            let mut d = vec![f32::NAN; batch * classes];
            let value =
                categorical_cross_entropy(&logits, classes, targets, Some(&weights), &mut d);
            let what = format!("{targets:?}, batch {batch}");
            assert_close(&what, &[value], &[naive(&double(&logits))], LOSS);
            assert_gradient(&what, &d, &differences(&double(&logits), naive));
        }
    }
}
