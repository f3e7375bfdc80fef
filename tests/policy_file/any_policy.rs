//! Any policy that the format can hold: networks of every kind of layer, small enough to run.

use crate::policy::Policy;
use embedded_rl_core::nn::{
    Activation, Atoms, Baseline, Branches, Channels, Expectation, Image, NetworkSpec,
};
use proptest::prelude::*;

const FUNCTIONS: [Activation; 4] =
    [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid];

pub(crate) const ATOMS: Atoms = Atoms { count: 5, lowest: -1.0, highest: 0.5 };

fn finite() -> impl Strategy<Value = f32> {
    use prop::num::f32::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO
}

fn specs() -> impl Strategy<Value = NetworkSpec> {
    let mlp = (prop::collection::vec(1usize..12, 2..8), 0usize..4)
        .prop_map(|(sizes, function)| NetworkSpec::mlp(&sizes, FUNCTIONS[function]));
    // Dense layers and functions in any order: 0 to 3 is a function, more is a size.
    let any_order = (1usize..9, 1usize..9, prop::collection::vec(0usize..12, 0..=23)).prop_map(
        |(inputs, first, layers)| {
            layers.iter().fold(NetworkSpec::input(inputs).dense(first), |spec, &layer| {
                match FUNCTIONS.get(layer) {
                    Some(&function) => spec.activation(function),
                    None => spec.dense(layer - 3),
                }
            })
        },
    );
    prop_oneof![mlp, any_order, picture_networks()]
}

/// Networks of images with every kind of layer, small enough to run.
fn picture_networks() -> impl Strategy<Value = NetworkSpec> {
    let pair = |least| (least..4u16, least..4u16).prop_map(|(first, second)| [first, second]);
    let image =
        (1u16..4, 1u16..7, 1u16..7, any::<bool>()).prop_map(|(channels, height, width, last)| {
            let order = if last { Channels::Last } else { Channels::First };
            Image { channels, height, width, order }
        });
    let convolutions = prop::collection::vec((1u16..5, pair(1), pair(1), pair(0)), 1..4);
    (image, convolutions, 0usize..4, any::<bool>(), 1usize..5).prop_map(
        |(image, convolutions, function, normalised, actions)| {
            let mut spec = NetworkSpec::image(image);
            let mut seen = image;
            for (filters, kernel, stride, padding) in convolutions {
                let fits =
                    [seen.height, seen.width].map(|size| size + 2 * padding[0].min(padding[1]));
                let kernel = [kernel[0].min(fits[0]), kernel[1].min(fits[1])];
                spec = spec.conv2d(filters, kernel, stride, padding);
                if normalised {
                    spec = spec.batch_norm();
                }
                seen = Image::channels_last(
                    (seen.height + 2 * padding[0] - kernel[0]) / stride[0] + 1,
                    (seen.width + 2 * padding[1] - kernel[1]) / stride[1] + 1,
                    filters,
                );
                spec = spec.activation(FUNCTIONS[function]);
            }
            match (function, normalised) {
                (0, true) => spec.dense(actions).batch_norm().softmax(),
                (0, false) => spec.softmax(),
                (1, _) => spec.dueling(actions, Baseline::Mean),
                (2, true) => spec.dueling(actions, Baseline::Max).softmax(),
                (3, true) if actions > 2 => spec
                    .cosine_embedding(3, 5)
                    .dense(4)
                    .dueling(2, Baseline::Max)
                    .mean_of_fractions(),
                (2, false) => spec
                    .wide_dueling(actions, 3, Baseline::Mean)
                    .expectation(Expectation::OverQuantiles { count: 3 }),
                (3, false) if actions > 2 => {
                    let branches = Branches::new(&[actions as u32 - 1, 3]).expect("two branches");
                    spec.dense(actions + 2).joint_values(branches)
                }
                (_, true) => spec.dense(actions * 5).expectation(Expectation::OverAtoms(ATOMS)),
                _ => spec,
            }
        },
    )
}

pub(crate) fn policies() -> impl Strategy<Value = Policy> {
    (specs(), any::<bool>(), "[!-~]{0,32}").prop_flat_map(|(spec, normalised, environment)| {
        let elements = if normalised { spec.inputs() } else { 0 };
        let numbers = |count| prop::collection::vec(finite(), count);
        (numbers(elements), numbers(elements), numbers(spec.parameter_count())).prop_map(
            move |(offset, scale, parameters)| Policy {
                environment: environment.clone(),
                spec,
                offset,
                scale,
                parameters,
            },
        )
    })
}
