//! Gradients of what stands at a network's end: dueling sums, expectations, joint values, softmax.

use crate::differences::{
    BATCHES, assert_gradient, check_parameters, differences, double, random, weighted_sum,
};
use crate::naive_forward::naive_forward;
use embedded_rl_core::nn::{
    Activation, Atoms, Baseline, Branches, Expectation, NetworkSpec, dueling, expectation,
    joint_values, softmax,
};
use embedded_rl_core::rng::{Generator, SeedableRng};

#[test]
fn gradients_of_heads_equal_finite_differences() {
    for batch in BATCHES {
        for actions in [1, 2, 5, 18] {
            for baseline in [Baseline::Mean, Baseline::Max] {
                let spec = NetworkSpec::input(3).dense(4).activation(Activation::Elu);
                let width = 1 + actions % 3;
                check_parameters(
                    &format!("{baseline:?} {actions} x {width}"),
                    &spec.wide_dueling(actions, width, baseline),
                    batch,
                );
                check_parameters(
                    &format!("{baseline:?} {actions}"),
                    &spec.dueling(actions, baseline),
                    batch,
                );
            }
            let spec = NetworkSpec::input(3).dense(actions).softmax();
            check_parameters(&format!("softmax {actions}"), &spec, batch);
        }
    }
}

#[test]
fn input_gradients_of_heads_equal_finite_differences() {
    let rng = &mut Generator::seed_from_u64(13);
    for (actions, width, batch) in [(1, 1, 1), (2, 1, 7), (5, 4, 1), (18, 1, 3), (2, 51, 2)] {
        let weights = random(rng, batch * actions * width);
        // A dense layer of weights zero and an input of one lets the bias through.
        let want = |spec: &NetworkSpec, input: &[f32], weights: &[f32]| {
            let inputs = spec.parameter_count() / 2;
            differences(&double(input), |input| {
                let rows = input.chunks(inputs).zip(weights.chunks(spec.outputs()));
                rows.map(|(row, weights)| {
                    let parameters = [&vec![0.0; inputs], row].concat();
                    weighted_sum(&naive_forward(spec, &parameters, 1, &[1.0]), weights)
                })
                .sum()
            })
        };
        for baseline in [Baseline::Mean, Baseline::Max] {
            let input = random(rng, batch * (1 + actions) * width);
            let spec = NetworkSpec::input(1).wide_dueling(actions, width, baseline);
            let mut got = vec![f32::NAN; input.len()];
            dueling::backward(baseline, actions, width, &input, &weights, &mut got);
            let what = format!("{baseline:?} {actions} x {width}, batch {batch}");
            assert_gradient(&what, &got, &want(&spec, &input, &weights));
        }
        let count = 1 + width as u32;
        let atoms = Atoms { count, lowest: -1.5, highest: 2.0 };
        for of in [Expectation::OverAtoms(atoms), Expectation::OverQuantiles { count }] {
            let input = random(rng, batch * actions * of.width());
            let spec = NetworkSpec::input(1).dense(actions * of.width()).expectation(of);
            let (weights, mut got) = (&weights[..batch * actions], vec![f32::NAN; input.len()]);
            expectation::backward(&of, &input, weights, &mut got);
            let what = format!("{of:?} {actions}, batch {batch}");
            assert_gradient(&what, &got, &want(&spec, &input, weights));
        }
        for counts in [&[1][..], &[3], &[2, 3], &[2, 1, 4]] {
            let branches = Branches::new(counts).expect("branches");
            let input = random(rng, batch * branches.value_count());
            let weights = random(rng, batch * branches.combinations());
            let spec = NetworkSpec::input(1).dense(branches.value_count()).joint_values(branches);
            let mut got = vec![f32::NAN; input.len()];
            joint_values::backward(&branches, &weights, &mut got);
            let what = format!("branches {counts:?}, batch {batch}");
            assert_gradient(&what, &got, &want(&spec, &input, &weights));
        }
        let weights = weights[..batch * actions].to_vec();
        let input = random(rng, batch * actions);
        let want = differences(&double(&input), |input| {
            let sum_of_row = |row: &[f64], weights: &[f32]| {
                let exponentials: Vec<f64> = row.iter().map(|x| x.exp()).collect();
                weighted_sum(&exponentials, weights) / exponentials.iter().sum::<f64>()
            };
            let rows = input.chunks(actions).zip(weights.chunks(actions));
            rows.map(|(row, weights)| sum_of_row(row, weights)).sum()
        });
        let (mut probabilities, mut got) = (input.clone(), weights.clone());
        softmax::forward(actions, &mut probabilities);
        softmax::backward(actions, &probabilities, &mut got);
        assert_gradient(&format!("softmax {actions}, batch {batch}"), &got, &want);
    }
}
