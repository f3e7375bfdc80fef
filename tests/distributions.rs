//! Learning of distributions, implicit ones too, Munchausen targets and noise in weights against RLax and JAX
//! (tests/golden/distribution/make_distribution_golden.py), against finite differences, and on every choice of lanes.

use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN};
use embedded_rl_checks::golden_network::{numbers, single, sizes};
use embedded_rl_checks::tolerance::{
    FINITE_DIFFERENCE, GRADIENT, LOSS, NETWORK_OUTPUT, Tolerance, assert_close,
};
use embedded_rl_core::bellman::{Munchausen, one_step};
use embedded_rl_core::distribution::{categorical, quantile};
use embedded_rl_core::dqn::{Distribution, DqnConfig, Learner, TargetUpdate};
use embedded_rl_core::nn::cosine_embedding::Fractions;
use embedded_rl_core::nn::{
    Activation, Atoms, Lanes, Loss, NetworkSpec, Optimiser, Simd, WithSimd, cross_entropy_of_row,
    network, noisy, softmax,
};
use embedded_rl_core::policy::{Per, greedy};
use embedded_rl_core::rng::{Generator, SeedableRng, normal};
use serde_json::Value;

/// Probabilities in `f32` against `f64`: where a moved atom falls is rounded in units of the spacing.
const PROJECTION: Tolerance = Tolerance { absolute: 2e-6, relative: 1e-5 };

fn cases(name: &str) -> Vec<Value> {
    let all = include_str!("golden/distribution/distribution.json");
    let all: Value = serde_json::from_str(all).unwrap();
    all[name].as_array().unwrap().clone()
}

fn float(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

/// Rows of numbers, one after another.
fn flat(rows: &Value) -> Vec<f64> {
    rows.as_array().unwrap().iter().flat_map(numbers).collect()
}

struct Step {
    action: usize,
    reward: f32,
    discount: f32,
}

fn step(case: &Value) -> Step {
    let action = case["action"].as_u64().unwrap() as usize;
    Step { action, reward: float(&case["reward"]), discount: float(&case["discount"]) }
}

#[test]
fn categorical_targets_losses_and_gradients_are_rlaxs() {
    for case in cases("categorical") {
        let Step { action, reward, discount } = step(&case);
        let count = case["atoms"].as_u64().unwrap() as usize;
        let [lowest, highest] = ["lowest", "highest"].map(|end| float(&case[end]));
        let atoms = Atoms { count: count as u32, lowest, highest };
        let what = format!("{count} atoms from {lowest} to {highest}");

        let follows = greedy(&single(&numbers(&case["chooser"]))) as usize;
        let mut probabilities =
            single(&flat(&case["next_logits"]))[follows * count..][..count].to_vec();
        softmax::forward(count, &mut probabilities);
        let mut target = vec![f32::NAN; count];
        categorical::project(&atoms, reward, discount, &probabilities, &mut target);
        assert_close(&what, &target, &numbers(&case["target"]), PROJECTION);

        let logits = single(&flat(&case["logits"]));
        let mut gradient = vec![0.0; logits.len()];
        let row = action * count..(action + 1) * count;
        let loss = cross_entropy_of_row(&logits[row.clone()], &target, 1.0, &mut gradient[row]);
        assert_close(&what, &[loss], &[case["loss"].as_f64().unwrap()], LOSS);
        assert_close(&what, &gradient, &flat(&case["grad"]), PROJECTION);
    }
}

struct Quantiles<'a> {
    values: &'a [f32],
    fractions: &'a [f32],
    targets: &'a [f32],
    factor: f32,
}

impl WithSimd for &Quantiles<'_> {
    type Output = (f32, Vec<f32>);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Quantiles { values, fractions, targets, factor } = *self;
        let (mut losses, mut d) = (vec![f32::NAN; values.len()], vec![f32::NAN; values.len()]);
        let loss = quantile::huber(simd, values, fractions, targets, factor, &mut losses, &mut d);
        (loss, d)
    }
}

fn midpoints(count: usize) -> Vec<f32> {
    (0..count).map(|index| quantile::midpoint(index, count)).collect()
}

#[test]
fn quantile_losses_and_gradients_are_rlaxs() {
    for case in cases("quantiles") {
        let Step { action, reward, discount } = step(&case);
        let rows = |name: &str| single(&flat(&case[name]));
        let (values, next_values) = (rows("values"), rows("next_values"));
        let count = values.len() / case["values"].as_array().unwrap().len();
        let means: Vec<f32> = next_values.chunks(count).map(|row| row.iter().sum()).collect();
        let follows = &next_values[greedy(&means) as usize * count..][..count];
        let targets: Vec<f32> = follows.iter().map(|&v| one_step(reward, discount, v)).collect();
        let values = &values[action * count..][..count];
        let all =
            Quantiles { values, fractions: &midpoints(count), targets: &targets, factor: 1.0 };
        let (loss, d) = Lanes::best().dispatch(&all);
        let what = format!("{count} quantiles");
        assert_close(&what, &[loss], &[case["loss"].as_f64().unwrap()], LOSS);
        let gradient = &flat(&case["grad"])[action * count..][..count];
        assert_close(&what, &d, gradient, GRADIENT);
    }
}

#[test]
fn munchausen_targets_are_those_of_scipys_logarithms() {
    for case in cases("munchausen") {
        let Step { action, reward, discount } = step(&case);
        let [alpha, temperature, lowest] =
            ["alpha", "temperature", "lowest"].map(|name| float(&case[name]));
        let munchausen = Munchausen { alpha, temperature, lowest };
        let [q, next_q] = ["q", "next_q"].map(|name| single(&numbers(&case[name])));
        let reward = reward + munchausen.bonus(&q, action as u32);
        let target = one_step(reward, discount, munchausen.soft_value(&next_q));
        assert_close("target", &[target], &[case["target"].as_f64().unwrap()], LOSS);
    }
}

struct Noisy<'a> {
    spec: NetworkSpec,
    batch: usize,
    means: &'a [f32],
    deviations: &'a [f32],
    noise: &'a [f32],
    input: &'a [f32],
}

impl WithSimd for &Noisy<'_> {
    type Output = [Vec<f32>; 3];

    /// The output, and the gradients of the sum of its squares: of the means and of the deviations.
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        let Noisy { spec, batch, means, deviations, noise, input } = self;
        let count = spec.parameter_count();
        let (mut effective, mut d_means) = (vec![f32::NAN; count], vec![0.0; count]);
        let mut d_deviations = vec![f32::NAN; count];
        noisy::perturb(simd, spec, means, deviations, noise, &mut effective);
        let mut activations = vec![f32::NAN; spec.activation_count(*batch)];
        network::forward(simd, spec, &effective, *batch, input, &mut activations);
        let output = network::output(spec, *batch, &activations).to_vec();
        let d_output: Vec<f32> = output.iter().map(|y| 2.0 * y).collect();
        network::backward(
            simd,
            spec,
            &effective,
            *batch,
            input,
            &activations,
            &d_output,
            &mut vec![f32::NAN; spec.workspace_count(*batch)],
            &mut d_means,
        );
        noisy::deviation_gradient(simd, spec, noise, &d_means, &mut d_deviations);
        [output, d_means, d_deviations]
    }
}

#[test]
fn noisy_networks_and_their_gradients_are_jaxs_on_all_lanes() {
    for case in cases("noisy") {
        let spec = NetworkSpec::mlp(&sizes(&case["sizes"]), Activation::Relu);
        let list = |name: &str| single(&numbers(&case[name]));
        let [means, deviations, noise] = ["means", "deviations", "noise"].map(list);
        let noise: Vec<f32> = noise.iter().map(|x| x.abs().sqrt() * x.signum()).collect();
        let input = single(&flat(&case["input"]));
        let batch = input.len() / spec.inputs();
        let network = Noisy {
            spec,
            batch,
            means: &means,
            deviations: &deviations,
            noise: &noise,
            input: &input,
        };
        let [output, d_means, d_deviations] = Lanes::scalar().dispatch(&network);
        assert_close("output", &output, &flat(&case["output"]), NETWORK_OUTPUT);
        for (name, found) in [("d_means", &d_means), ("d_deviations", &d_deviations)] {
            assert_close(
                name,
                found,
                &numbers(&case[name]),
                Tolerance { absolute: 1e-5, ..GRADIENT },
            );
        }
        for lanes in Lanes::available() {
            let same =
                lanes.dispatch(&network) == [&output, &d_means, &d_deviations].map(Vec::clone);
            assert!(same, "other bits on {}", lanes.name());
        }
    }
}

/// Equation 10 of the paper in plain `f64`.
fn naive_huber(values: &[f64], fractions: &[f32], targets: &[f32]) -> f64 {
    let mut total = 0.0;
    for (value, &fraction) in values.iter().zip(fractions) {
        for &target in targets {
            let u = f64::from(target) - value;
            let h = if u.abs() <= 1.0 { u * u / 2.0 } else { u.abs() - 0.5 };
            total += (f64::from(fraction) - f64::from(u < 0.0)).abs() * h / targets.len() as f64;
        }
    }
    total
}

#[test]
fn quantile_gradients_equal_finite_differences_with_the_same_bits_on_all_lanes() {
    let rng = &mut Generator::seed_from_u64(21);
    for (count, others) in [(1, 1), (3, 8), (8, 64), (32, 32), (51, 5), (17, 1)] {
        let mut random =
            |count: usize| (0..count).map(|_| 1.5 * normal(rng) as f32).collect::<Vec<_>>();
        let (values, targets, factor) = (random(count), random(others), 0.75);
        for fractions in [midpoints(count), random(count).iter().map(|x| x.sin().abs()).collect()] {
            let all =
                Quantiles { values: &values, fractions: &fractions, targets: &targets, factor };
            let (loss, d) = Lanes::scalar().dispatch(&all);
            let wide: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
            let what = format!("{count} values, {others} targets");
            assert_close(&what, &[loss], &[naive_huber(&wide, &fractions, &targets)], LOSS);
            // Both the loss and its slope are continuous, so differences are good everywhere.
            let differences: Vec<f64> = (0..count)
                .map(|index| {
                    let at = |step: f64| {
                        let mut moved = wide.clone();
                        moved[index] += step;
                        naive_huber(&moved, &fractions, &targets)
                    };
                    f64::from(factor) * (at(1e-6) - at(-1e-6)) / 2e-6
                })
                .collect();
            assert_close(&what, &d, &differences, FINITE_DIFFERENCE);
            for lanes in Lanes::available() {
                assert_eq!(lanes.dispatch(&all), (loss, d.clone()), "{what} on {}", lanes.name());
            }
        }
    }
}

#[test]
fn the_middle_quantiles_of_a_sample_are_found_by_descent() {
    // Twenty returns 0, 1, .. 19 under a Huber loss that is nearly absolute at their scale: the values settle near the
    // quantiles 10 %, 30 %, .. of the sample.
    let targets: Vec<f32> = (0..20).map(|value| value as f32 * 10.0).collect();
    let fractions = midpoints(5);
    let mut values = vec![90.0; 5];
    for _ in 0..4_000 {
        let all =
            Quantiles { values: &values, fractions: &fractions, targets: &targets, factor: 1.0 };
        let (_, d) = Lanes::best().dispatch(&all);
        values.iter_mut().zip(d).for_each(|(value, d)| *value -= d);
    }
    for (value, expected) in values.iter().zip([15.0, 55.0, 95.0, 135.0, 175.0]) {
        assert!((value - expected).abs() <= 5.5, "{values:?}");
    }
}

/// An implicit quantile network's update, put together from its parts.
struct Implicit<'a> {
    network: NetworkSpec,
    parameters: &'a [f32],
    target_parameters: &'a [f32],
    batch: &'a Transitions,
    /// `[B][N]` and `[B][N']`
    fractions: [&'a [f32]; 2],
    midpoints: u32,
}

struct Transitions {
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    next_observations: Vec<f32>,
}

#[derive(Debug, PartialEq)]
struct OfImplicit {
    loss: f32,
    gradient: Vec<f32>,
    policy: Vec<f32>,
}

impl WithSimd for &Implicit<'_> {
    type Output = OfImplicit;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> OfImplicit {
        let Implicit { network, parameters, target_parameters, batch, fractions, .. } = self;
        let count = batch.actions.len();
        let [asked, asked_next] = fractions.map(|fractions| (fractions.len() / count) as u32);
        let policy_spec = network.with_fractions(self.midpoints).mean_of_fractions();
        let actions = policy_spec.outputs();
        let infer = |spec: &NetworkSpec, fractions, parameters, input: &[f32]| {
            let mut activations = vec![f32::NAN; spec.activation_count(count)];
            network::infer_batch_at(
                simd,
                spec,
                fractions,
                parameters,
                count,
                input,
                &mut activations,
            );
            network::output(spec, count, &activations).to_vec()
        };
        let midpoints = Fractions::Midpoints;
        let policy = infer(&policy_spec, midpoints, parameters, &batch.observations);
        let chooser = infer(&policy_spec, midpoints, target_parameters, &batch.next_observations);
        let following = network.with_fractions(asked_next);
        let given = Fractions::Given(fractions[1]);
        let next = infer(&following, given, target_parameters, &batch.next_observations);

        let spec = network.with_fractions(asked);
        let mut activations = vec![f32::NAN; spec.activation_count(count)];
        let given = Fractions::Given(fractions[0]);
        network::forward_at(
            simd,
            &spec,
            given,
            parameters,
            count,
            &batch.observations,
            &mut activations,
        );
        let outputs = network::output(&spec, count, &activations);
        let mut d_outputs = vec![0.0; outputs.len()];
        let (mut total, scale) = (0.0, 1.0 / count as f32);
        for (i, &action) in batch.actions.iter().enumerate() {
            let follows = greedy(&chooser[i * actions..][..actions]) as usize;
            let column = |outputs: &[f32], asked: u32, action: usize| -> Vec<f32> {
                let rows = outputs.chunks(asked as usize * actions).nth(i).unwrap();
                rows.chunks(actions).map(|row| row[action]).collect()
            };
            let targets: Vec<f32> = column(&next, asked_next, follows)
                .iter()
                .map(|&v| one_step(batch.rewards[i], batch.discounts[i], v))
                .collect();
            let values = column(outputs, asked, action as usize);
            let fractions = &fractions[0][i * values.len()..][..values.len()];
            let one = Quantiles { values: &values, fractions, targets: &targets, factor: scale };
            let (loss, d) = one.with_simd(simd);
            total += loss;
            for (k, d) in d.iter().enumerate() {
                d_outputs[(i * values.len() + k) * actions + action as usize] = *d;
            }
        }
        let mut gradient = vec![0.0; parameters.len()];
        network::backward(
            simd,
            &spec,
            parameters,
            count,
            &batch.observations,
            &activations,
            &d_outputs,
            &mut vec![f32::NAN; spec.workspace_count(count)],
            &mut gradient,
        );
        OfImplicit { loss: total * scale, gradient, policy }
    }
}

/// Layers of these sizes with an embedding between them, one fraction for now.
fn implicit_network(body: &[usize], head: &[usize], cosines: u32) -> NetworkSpec {
    let mut spec = NetworkSpec::mlp(body, Activation::Relu).activation(Activation::Relu);
    spec = spec.cosine_embedding(cosines, 1);
    for (index, &size) in head.iter().enumerate() {
        spec = if index > 0 {
            spec.activation(Activation::Relu).dense(size)
        } else {
            spec.dense(size)
        };
    }
    spec
}

#[test]
fn implicit_networks_losses_and_gradients_are_rlaxs_on_all_lanes() {
    for case in cases("implicit") {
        let whole = |name: &str| case[name].as_u64().unwrap() as u32;
        let list = |name: &str| single(&numbers(&case[name]));
        let rows = |name: &str| single(&flat(&case[name]));
        let network =
            implicit_network(&sizes(&case["body"]), &sizes(&case["head"]), whole("cosines"));
        let batch = Transitions {
            observations: rows("input"),
            actions: numbers(&case["action"]).iter().map(|&action| action as u32).collect(),
            rewards: list("reward"),
            discounts: list("discount"),
            next_observations: rows("next_input"),
        };
        let [fractions, next_fractions] = ["fractions", "next_fractions"].map(rows);
        let implicit = Implicit {
            network,
            parameters: &list("parameters"),
            target_parameters: &list("target_parameters"),
            batch: &batch,
            fractions: [&fractions, &next_fractions],
            midpoints: whole("midpoints"),
        };
        let found = Lanes::scalar().dispatch(&implicit);
        assert_close(
            "policy",
            &found.policy,
            &flat(&case["policy"]),
            Tolerance { absolute: 1e-5, ..NETWORK_OUTPUT },
        );
        assert_close("loss", &[found.loss], &[case["loss"].as_f64().unwrap()], LOSS);
        let gradient = numbers(&case["grad"]);
        assert_close(
            "gradient",
            &found.gradient,
            &gradient,
            Tolerance { absolute: 1e-5, ..GRADIENT },
        );
        for lanes in Lanes::available() {
            assert_eq!(lanes.dispatch(&implicit), found, "other bits on {}", lanes.name());
        }
    }
}

#[test]
fn a_learners_update_of_an_implicit_network_is_the_one_put_together_from_its_parts() {
    const RATE: f32 = 0.125;
    let (cosines, fractions, target_fractions, policy_fractions) = (6, 3, 5, 4);
    let distribution =
        Distribution::Implicit { cosines, fractions, target_fractions, policy_fractions };
    let optimiser = Optimiser::Sgd { learning_rate: RATE.into(), momentum: 0.0 };
    let target = TargetUpdate::Hard { every: 1, per: Per::Step };
    let config = DqnConfig { loss: Loss::Huber, target, distribution, optimiser, ..PLAIN };
    let network = implicit_network(&[5, 12], &[7, 3], cosines).with_fractions(policy_fractions);
    let mut memory = DqnUpdate::of(config.distribution.policy(network), 9, config);
    let (mut learner, slots) = memory.start(Lanes::best());
    let mut batch = Transitions {
        observations: vec![],
        actions: vec![],
        rewards: vec![],
        discounts: vec![],
        next_observations: vec![],
    };
    for &slot in slots {
        let transition = learner.storage.as_whole().expect("no frames").get(slot);
        batch.observations.extend_from_slice(transition.observation);
        batch.actions.push(transition.action);
        batch.rewards.push(transition.reward);
        batch.discounts.push(transition.discount);
        batch.next_observations.extend_from_slice(transition.next_observation);
    }
    let before = learner.parameters().to_vec();
    let draws = &mut Generator::seed_from_u64(4);
    let again = &mut draws.clone();
    let (mut of_loss, mut of_targets) = ([0.0; 9 * 3], [0.0; 9 * 5]);
    quantile::draw(again, &mut of_targets);
    quantile::draw(again, &mut of_loss);
    let expected = Lanes::scalar().dispatch(&Implicit {
        network,
        parameters: &before,
        target_parameters: &before,
        batch: &batch,
        fractions: [&of_loss, &of_targets],
        midpoints: policy_fractions,
    });
    let q = learner.q_values(&batch.observations[..5], None).to_vec();
    assert_eq!(q, expected.policy[..3], "one observation is a row of the batch");
    let update = learner.learn(slots, None, 1.0, draws);
    assert_eq!((update.loss, &*draws), (expected.loss, &*again));
    let moved: Vec<f32> =
        before.iter().zip(&expected.gradient).map(|(p, g)| p - RATE * g).collect();
    assert_eq!(learner.parameters(), moved);
}
