//! Implicit quantile networks: an update put together from its parts is RLax's, and a learner's.

use crate::quantiles::Quantiles;
use crate::recorded::{cases, flat};
use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN};
use embedded_rl_checks::golden_network::{numbers, single, sizes};
use embedded_rl_checks::tolerance::{GRADIENT, LOSS, NETWORK_OUTPUT, Tolerance, assert_close};
use embedded_rl_core::bellman::one_step;
use embedded_rl_core::distribution::quantile;
use embedded_rl_core::dqn::{Distribution, DqnConfig, Learner, TargetUpdate};
use embedded_rl_core::nn::cosine_embedding::Fractions;
use embedded_rl_core::nn::{
    Activation, Lanes, Loss, NetworkSpec, Optimiser, Simd, WithSimd, network,
};
use embedded_rl_core::policy::{Per, greedy};
use embedded_rl_core::rng::{Generator, SeedableRng};

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
