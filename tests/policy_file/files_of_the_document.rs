//! Files that a writer in another language made from the document alone (`tests/golden/policy`): read, played and
//! written again byte for byte.

use crate::policy::{Placed, outputs, parse};
use embedded_rl_core::nn::{
    Activation, Atoms, Baseline, BatchNorm, Branches, Expectation, Image, NetworkSpec,
};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::PolicyView;
use serde_json::Value;

pub(crate) const EVERY_FIELD: &[u8] = include_bytes!("../golden/policy/every_field.rlp");
pub(crate) const EVERY_LAYER: &[u8] = include_bytes!("../golden/policy/every_layer.rlp");
pub(crate) const EVERY_KIND: &[u8] = include_bytes!("../golden/policy/every_kind.rlp");
pub(crate) const DISTRIBUTIONS: &[u8] = include_bytes!("../golden/policy/distributions.rlp");
pub(crate) const FRACTIONS: &[u8] = include_bytes!("../golden/policy/fractions.rlp");
const BRANCHES: &[u8] = include_bytes!("../golden/policy/branches.rlp");

/// The observations of a golden file with the outputs that belong to them.
fn expected(name: &str) -> Vec<[Vec<f64>; 2]> {
    let all: Value = serde_json::from_str(include_str!("../golden/policy/expected.json")).unwrap();
    let numbers = |value: &Value| {
        value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>()
    };
    let cases = all[name].as_array().unwrap().iter();
    cases.map(|case| [numbers(&case["observation"]), numbers(&case["outputs"])]).collect()
}

fn as_f32(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

#[test]
fn the_document_s_own_file_is_read_played_and_written_byte_for_byte() {
    assert_eq!(parse(EVERY_FIELD), Ok(()));
    let placed = Placed::new(EVERY_FIELD, 0);
    let view = PolicyView::parse(placed.bytes()).unwrap();
    assert_eq!(view.environment(), "CartPole-v1");
    assert_eq!(view.spec(), &NetworkSpec::mlp(&[4, 3, 2], Activation::Relu));
    assert_eq!(view.normalise().offset(), [0.5, -1.0, 0.0, 2.0]);
    assert_eq!(view.normalise().scale(), [2.0, 0.5, 1.0, 0.25]);
    let mut actions = [false; 2];
    for [observation, want] in expected("every_field") {
        // Every number on the way is a small multiple of a power of two: equal, not near.
        let got = outputs(&view, &as_f32(&observation));
        assert_eq!(got, as_f32(&want), "{observation:?}");
        actions[greedy(&got) as usize] = true;
    }
    assert_eq!(actions, [true; 2], "the observations ask for both actions");
}

#[test]
fn the_document_s_codes_of_layers_are_ours() {
    use Activation::{Elu, Relu, Sigmoid, Tanh};
    assert_eq!(parse(EVERY_LAYER), Ok(()));
    let placed = Placed::new(EVERY_LAYER, 0);
    let view = PolicyView::parse(placed.bytes()).unwrap();
    let spec = NetworkSpec::input(2).dense(3).activation(Tanh).dense(4).activation(Elu);
    let spec = spec.dense(3).activation(Sigmoid).dense(2).activation(Relu).dense(3);
    assert_eq!((view.environment(), view.spec()), ("", &spec));
    assert_eq!(view.normalise(), Normalise::IDENTITY);
    for [observation, want] in expected("every_layer") {
        let got = outputs(&view, &as_f32(&observation));
        embedded_rl_checks::tolerance::assert_close(
            "every_layer.rlp",
            &got,
            &want,
            embedded_rl_checks::tolerance::NETWORK_OUTPUT,
        );
    }
}

#[test]
fn the_document_s_kinds_of_layers_are_ours() {
    assert_eq!(parse(EVERY_KIND), Ok(()));
    let placed = Placed::new(EVERY_KIND, 0);
    let view = PolicyView::parse(placed.bytes()).unwrap();
    let norm = |features, rows, momentum, epsilon| BatchNorm { features, rows, momentum, epsilon };
    let spec = NetworkSpec::image(Image::channels_first(2, 5, 6))
        .conv2d(3, [2, 3], [1, 2], [1, 0])
        .batch_norm_of(norm(3, 12, 0.25, 0.5))
        .activation(Activation::Elu)
        .conv2d(2, [3, 1], [2, 1], [0, 1])
        .dense(4)
        .batch_norm_of(norm(4, 1, 0.125, 0.0625))
        .dueling_sum(1, Baseline::Max)
        .dueling(3, Baseline::Mean)
        .softmax();
    assert_eq!((view.environment(), view.spec()), ("pictures", &spec));
    for [observation, want] in expected("every_kind") {
        let got = outputs(&view, &as_f32(&observation));
        embedded_rl_checks::tolerance::assert_close(
            "every_kind.rlp",
            &got,
            &want,
            embedded_rl_checks::tolerance::NETWORK_OUTPUT,
        );
    }
}

#[test]
fn the_document_s_embedding_is_ours() {
    assert_eq!(parse(FRACTIONS), Ok(()));
    let placed = Placed::new(FRACTIONS, 0);
    let view = PolicyView::parse(placed.bytes()).unwrap();
    let spec = NetworkSpec::input(3)
        .dense(4)
        .activation(Activation::Elu)
        .cosine_embedding(6, 5)
        .dense(3)
        .activation(Activation::Tanh)
        .dueling(2, Baseline::Mean)
        .mean_of_fractions();
    assert_eq!(view.spec(), &spec);
    for [observation, want] in expected("fractions") {
        let got = outputs(&view, &as_f32(&observation));
        embedded_rl_checks::tolerance::assert_close(
            "fractions.rlp",
            &got,
            &want,
            embedded_rl_checks::tolerance::NETWORK_OUTPUT,
        );
    }
}

#[test]
fn the_document_s_branches_are_ours() {
    assert_eq!(parse(BRANCHES), Ok(()));
    let placed = Placed::new(BRANCHES, 0);
    let view = PolicyView::parse(placed.bytes()).unwrap();
    let branches = Branches::new(&[2, 3, 2]).expect("three branches");
    assert_eq!(view.spec(), &NetworkSpec::input(4).dense(7).joint_values(branches));
    for [observation, want] in expected("branches") {
        let got = outputs(&view, &as_f32(&observation));
        embedded_rl_checks::tolerance::assert_close(
            "branches.rlp",
            &got,
            &want,
            embedded_rl_checks::tolerance::NETWORK_OUTPUT,
        );
    }
}

#[test]
fn the_document_s_distributions_are_ours() {
    assert_eq!(parse(DISTRIBUTIONS), Ok(()));
    let placed = Placed::new(DISTRIBUTIONS, 0);
    let view = PolicyView::parse(placed.bytes()).unwrap();
    let spec = NetworkSpec::input(3)
        .wide_dueling(4, 3, Baseline::Mean)
        .expectation(Expectation::OverQuantiles { count: 2 })
        .expectation(Expectation::OverAtoms(Atoms { count: 3, lowest: -1.5, highest: 2.0 }));
    assert_eq!(view.spec(), &spec);
    for [observation, want] in expected("distributions") {
        let got = outputs(&view, &as_f32(&observation));
        embedded_rl_checks::tolerance::assert_close(
            "distributions.rlp",
            &got,
            &want,
            embedded_rl_checks::tolerance::NETWORK_OUTPUT,
        );
    }
}
