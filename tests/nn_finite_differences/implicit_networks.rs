//! Gradients of networks that are asked about fractions: at midpoints, and at drawn fractions with the loss behind them.

use crate::differences::{assert_gradient, check_parameters, differences, double, random};
use crate::naive_forward::naive_forward_at;
use embedded_rl_core::distribution::quantile;
use embedded_rl_core::nn::cosine_embedding::Fractions;
use embedded_rl_core::nn::{Activation, Baseline, Lanes, NetworkSpec, Simd, WithSimd, network};
use embedded_rl_core::rng::{Generator, SeedableRng};

/// Sizes of body, embedding, fractions and head; one of everything, and more than a vector has lanes.
fn implicit_networks() -> Vec<NetworkSpec> {
    let network = |sizes: [usize; 2], cosines, fractions| {
        let body = NetworkSpec::input(3).dense(sizes[0]).activation(Activation::Elu);
        body.cosine_embedding(cosines, fractions).dense(sizes[1]).activation(Activation::Tanh)
    };
    vec![
        NetworkSpec::input(1).dense(1).cosine_embedding(1, 1).dense(1),
        network([5, 2], 7, 3).dense(2),
        network([17, 9], 3, 8).dueling(2, Baseline::Mean),
        network([9, 3], 33, 5).dueling(3, Baseline::Max),
        network([4, 6], 2, 4).dense(5).batch_norm().dense(2).softmax(),
    ]
}

#[test]
fn gradients_of_networks_that_are_asked_about_midpoints_equal_finite_differences() {
    for spec in implicit_networks() {
        for batch in [2, 5] {
            check_parameters(&format!("{:?} apart", spec.layers()), &spec, batch);
            let means = spec.mean_of_fractions();
            check_parameters(
                &format!("{:?} means", spec.layers()),
                &means.activation(Activation::Tanh),
                batch,
            );
        }
    }
}

/// What an implicit quantile network learns of one action's values at given fractions.
struct ImplicitLoss<'a> {
    spec: &'a NetworkSpec,
    batch: usize,
    parameters: &'a [f32],
    input: &'a [f32],
    fractions: &'a [f32],
    /// `[batch][targets]`
    targets: &'a [f32],
}

impl ImplicitLoss<'_> {
    const ACTION: usize = 1;

    /// The loss in plain `f64`.
    fn naive(&self, parameters: &[f64]) -> f64 {
        let Self { spec, batch, input, fractions, targets, .. } = self;
        let (batch, count) = (*batch, fractions.len() / batch);
        let outputs = naive_forward_at(spec, Some(fractions), parameters, batch, &double(input));
        let (actions, mut total) = (spec.outputs() / count, 0.0);
        for (row, &fraction) in fractions.iter().enumerate() {
            let targets = targets.chunks(targets.len() / batch).nth(row / count).unwrap();
            for &target in targets {
                let u = f64::from(target) - outputs[row * actions + Self::ACTION];
                let h = if u.abs() <= 1.0 { u * u / 2.0 } else { u.abs() - 0.5 };
                let weight = (f64::from(fraction) - f64::from(u < 0.0)).abs();
                total += weight * h / (targets.len() * batch) as f64;
            }
        }
        total
    }
}

impl WithSimd for &ImplicitLoss<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let ImplicitLoss { spec, batch, parameters, input, fractions, targets } = *self;
        let count = fractions.len() / batch;
        let actions = spec.outputs() / count;
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        let given = Fractions::Given(fractions);
        network::forward_at(simd, spec, given, parameters, batch, input, &mut activations);
        let mut d_outputs = vec![0.0; batch * spec.outputs()];
        let rows = network::output(spec, batch, &activations).chunks(count * actions);
        let fractions = fractions.chunks(count).zip(targets.chunks(targets.len() / batch));
        for ((row, d_row), (fractions, targets)) in
            rows.zip(d_outputs.chunks_mut(count * actions)).zip(fractions)
        {
            let values: Vec<f32> =
                row.chunks(actions).map(|row| row[ImplicitLoss::ACTION]).collect();
            let (mut losses, mut d) = (vec![0.0; count], vec![0.0; count]);
            let factor = 1.0 / batch as f32;
            quantile::huber(simd, &values, fractions, targets, factor, &mut losses, &mut d);
            for (d_row, d) in d_row.chunks_mut(actions).zip(d) {
                d_row[ImplicitLoss::ACTION] = d;
            }
        }
        let mut gradient = vec![0.0; parameters.len()];
        network::backward(
            simd,
            spec,
            parameters,
            batch,
            input,
            &activations,
            &d_outputs,
            &mut vec![f32::NAN; spec.workspace_count(batch)],
            &mut gradient,
        );
        gradient
    }
}

#[test]
fn gradients_of_implicit_networks_and_their_loss_equal_finite_differences() {
    let rng = &mut Generator::seed_from_u64(9);
    for spec in &implicit_networks()[1..4] {
        for (batch, targets) in [(1, 1), (3, 7), (7, 2)] {
            let count = spec.with_fractions(1).outputs();
            let count = spec.outputs() / count;
            let mut fractions = vec![0.0; batch * count];
            quantile::draw(rng, &mut fractions);
            let loss = ImplicitLoss {
                spec,
                batch,
                parameters: &random(rng, spec.parameter_count()),
                input: &random(rng, batch * spec.inputs()),
                fractions: &fractions,
                targets: &random(rng, batch * targets),
            };
            let want = differences(&double(loss.parameters), |parameters| loss.naive(parameters));
            let got = Lanes::best().dispatch(&loss);
            assert_gradient(&format!("{:?}, batch {batch}", spec.layers()), &got, &want);
        }
    }
}
