//! The document's rules for the records of layers, each broken alone: of images, of joint values, of distributions, of
//! fractions.

use crate::any_policy::ATOMS;
use crate::damage::{LAYERS, repair, word};
use crate::policy::{Policy, example, parse};
use embedded_rl_core::nn::{Baseline, BatchNorm, Branches, Expectation, Image, NetworkSpec};
use embedded_rl_core::weights::PolicyError;

/// Where a word of a layer's record is.
const fn layer(index: usize, word: usize) -> usize {
    LAYERS + 32 * index + 4 * word
}

/// `convolution 2 x (5 x 4) -> 3`, batch normalisation, `convolution 3 -> 2`, a dueling sum, softmax.
fn pictures() -> Policy {
    let norm = BatchNorm { features: 3, rows: 8, momentum: 0.5, epsilon: 0.25 };
    let spec = NetworkSpec::image(Image::channels_first(2, 5, 4))
        .conv2d(3, [2, 1], [1, 2], [0, 0])
        .batch_norm_of(norm)
        .conv2d(2, [4, 2], [1, 1], [0, 0])
        .dueling_sum(1, Baseline::Mean)
        .softmax();
    Policy {
        environment: String::new(),
        spec,
        offset: Vec::new(),
        scale: Vec::new(),
        parameters: (0..spec.parameter_count()).map(|index| index as f32).collect(),
    }
}

#[test]
fn each_broken_rule_of_the_layers_of_images_is_refused_for_its_own_reason() {
    use PolicyError::{Layer, Sizes};
    let float = |x: f32| x.to_bits();
    assert_eq!(parse(&pictures().encode()), Ok(()));
    for (offset, value, expected) in [
        (layer(0, 1), 4 | 4 << 16, Layer { index: 0 }), // another image than the inputs
        (layer(0, 1), 0, Layer { index: 0 }),
        (layer(0, 1), 0xFFFF | 0xFFFF << 16, Layer { index: 0 }),
        (layer(0, 2), 2, Layer { index: 0 }), // no filters
        (layer(0, 2), 3 << 16, Layer { index: 0 }),
        (layer(0, 2), 2 | 4 << 16, Layer { index: 1 }), // a filter more than the next layer takes
        (layer(0, 2), 2 | 0xFFFF << 16, Sizes),         // more parameters than there are
        (layer(0, 3), 1 << 16, Layer { index: 0 }),     // a kernel of no rows
        (layer(0, 3), 6 | 1 << 16, Layer { index: 0 }), // a kernel larger than the image
        (layer(0, 3), 0xFFFF | 0xFFFF << 16, Layer { index: 0 }),
        (layer(0, 4), 1, Layer { index: 0 }), // a step of nothing
        (layer(0, 4), 1 << 16, Layer { index: 0 }),
        (layer(0, 5), 0xFFFF | 0xFFFF << 16, Layer { index: 0 }), // an output beyond u16
        (layer(0, 5), 0x7000 | 0x7000 << 16, Layer { index: 0 }), // beyond 2^24
        (layer(0, 5), 2, Layer { index: 1 }),
        (layer(0, 6), 2, Layer { index: 0 }), // no order
        (layer(0, 7), 1, Layer { index: 0 }),
        (layer(1, 1), 0, Layer { index: 1 }), // no features
        (layer(1, 1), 4, Layer { index: 1 }),
        (layer(1, 1), u32::MAX, Layer { index: 1 }),
        (layer(1, 2), u32::MAX, Layer { index: 1 }),
        (layer(1, 3), float(-0.5), Layer { index: 1 }),
        (layer(1, 3), float(1.5), Layer { index: 1 }),
        (layer(1, 3), float(f32::NAN), Layer { index: 1 }),
        (layer(1, 4), float(0.0), Layer { index: 1 }),
        (layer(1, 4), float(f32::INFINITY), Layer { index: 1 }),
        (layer(1, 5), 1, Layer { index: 1 }),
        (layer(2, 6), 0, Layer { index: 2 }), // channels first behind a layer
        (layer(3, 1), 2, Layer { index: 3 }), // another number of actions
        (layer(3, 1), u32::MAX, Layer { index: 3 }),
        (layer(3, 2), 2, Layer { index: 3 }), // no baseline
        (layer(3, 3), 1, Layer { index: 3 }),
        (layer(4, 1), 1, Layer { index: 4 }),
        (layer(4, 0), 11, Layer { index: 4 }), // no kind
    ] {
        let mut bytes = pictures().encode();
        word(&mut bytes, offset, value);
        repair(&mut bytes);
        assert_eq!(parse(&bytes), Err(expected), "{value:#x} at {offset}");
    }
    for kind in [5, 6, 7, 8, 9, 10, 11] {
        let mut bytes = example().encode();
        for (index, value) in [kind, 2, 2].into_iter().enumerate() {
            word(&mut bytes, layer(0, index), value);
        }
        repair(&mut bytes);
        assert_eq!(parse(&bytes), Err(Layer { index: 0 }), "kind {kind} came first");
    }
}

#[test]
fn each_broken_rule_of_joint_values_is_refused() {
    let branches = Branches::new(&[2, 3, 2]).expect("three branches");
    let policy = Policy {
        environment: String::new(),
        spec: NetworkSpec::input(2).dense(7).joint_values(branches),
        offset: Vec::new(),
        scale: Vec::new(),
        parameters: vec![0.5; 21],
    };
    let encoded = policy.encode();
    assert_eq!(parse(&encoded), Ok(()));
    let broken = |places: &[(usize, u32)]| {
        let mut bytes = encoded.clone();
        for &(place, value) in places {
            word(&mut bytes, layer(1, place), value);
        }
        repair(&mut bytes);
        parse(&bytes)
    };
    let pair = |low: u32, high: u32| low | high << 16;
    assert_eq!(broken(&[(1, pair(3, 3)), (2, 1)]), Ok(()), "other branches of as many values");
    for places in [
        &[(1, pair(2, 2))][..],              // another sum than the outputs before
        &[(1, pair(2, 5)), (2, pair(0, 2))], // a branch behind the last
        &[(1, pair(0, 3))],
        &[(3, 1)],
        &[(5, 1)],
        &[(6, 1)],
        &[(7, 1)],
    ] {
        assert_eq!(broken(places), Err(PolicyError::Layer { index: 1 }), "{places:?}");
    }
}

/// `dense 2 -> 30`, a dueling sum of 2 actions 10 wide, quantiles in twos, atoms in fives.
fn distributions() -> Policy {
    let spec = NetworkSpec::input(2)
        .wide_dueling(2, 10, Baseline::Mean)
        .expectation(Expectation::OverQuantiles { count: 2 })
        .expectation(Expectation::OverAtoms(ATOMS));
    Policy {
        environment: String::new(),
        spec,
        offset: Vec::new(),
        scale: Vec::new(),
        parameters: (0..spec.parameter_count()).map(|index| index as f32).collect(),
    }
}

#[test]
fn each_broken_rule_of_the_layers_of_distributions_is_refused() {
    let float = |x: f32| x.to_bits();
    assert_eq!(parse(&distributions().encode()), Ok(()));
    for (index, place, value) in [
        (1, 3, 9), // another width than the outputs before
        (1, 3, 0),
        (1, 3, u32::MAX),
        (1, 4, 1),
        (2, 1, 9), // groups
        (2, 1, 0),
        (2, 2, 3), // quantiles of each
        (2, 2, 0),
        (2, 2, u32::MAX),
        (2, 3, 1),
        (3, 1, 3),
        (3, 2, 4), // atoms of each
        (3, 2, 0),
        (3, 3, float(f32::NAN)),
        (3, 3, float(0.5)), // no distance
        (3, 4, float(-1.5)),
        (3, 4, float(f32::INFINITY)),
        (3, 5, 1),
    ] {
        let mut bytes = distributions().encode();
        word(&mut bytes, layer(index, place), value);
        repair(&mut bytes);
        assert_eq!(parse(&bytes), Err(PolicyError::Layer { index }), "{value:#x} at {place}");
    }
    // One number an action has one way to be written.
    let mut bytes = pictures().encode();
    word(&mut bytes, layer(3, 3), 1);
    repair(&mut bytes);
    assert_eq!(parse(&bytes), Err(PolicyError::Layer { index: 3 }));
}

/// `dense 2 -> 3`, an embedding of 4 cosines at 5 fractions, `dense 3 -> 2`, their mean.
fn implicit() -> Policy {
    let spec = NetworkSpec::input(2).dense(3).cosine_embedding(4, 5).dense(2).mean_of_fractions();
    Policy {
        environment: String::new(),
        spec,
        offset: Vec::new(),
        scale: Vec::new(),
        parameters: (0..spec.parameter_count()).map(|index| index as f32).collect(),
    }
}

#[test]
fn each_broken_rule_of_the_layers_of_fractions_is_refused() {
    use PolicyError::{Layer, Sizes};
    assert_eq!(parse(&implicit().encode()), Ok(()));
    for (offset, value, expected) in [
        (layer(1, 1), 2, Layer { index: 1 }), // another width than the outputs before
        (layer(1, 2), 0, Layer { index: 1 }), // no cosine
        (layer(1, 2), 5, Sizes),              // more parameters than there are
        (layer(1, 2), u32::MAX, Layer { index: 1 }),
        (layer(1, 3), 0, Layer { index: 1 }), // no fraction
        (layer(1, 3), 4, Layer { index: 3 }), // fewer than the mean joins
        (layer(1, 3), 1 << 23, Layer { index: 1 }), // more numbers than a layer may have
        (layer(1, 3), u32::MAX, Layer { index: 1 }),
        (layer(1, 4), 1, Layer { index: 1 }),
        (layer(3, 1), 4, Layer { index: 3 }),
        (layer(3, 2), 3, Layer { index: 3 }),
        (layer(3, 3), 1, Layer { index: 3 }),
        (layer(2, 0), 9, Layer { index: 2 }), // another embedding before the mean
    ] {
        let mut bytes = implicit().encode();
        word(&mut bytes, offset, value);
        repair(&mut bytes);
        assert_eq!(parse(&bytes), Err(expected), "{value:#x} at {offset}");
    }
    // The rows of all fractions count together: 3 x 2^22 numbers are few enough, 8 x 2^22 are not.
    let spec =
        NetworkSpec::input(2).dense(3).cosine_embedding(4, 1 << 22).dense(8).mean_of_fractions();
    let wide = Policy { spec, parameters: vec![0.0; spec.parameter_count()], ..implicit() };
    assert_eq!(parse(&wide.encode()), Err(Layer { index: 2 }));
    // No mean before an embedding, and none missing behind it.
    let spec = NetworkSpec::input(2).dense(3).cosine_embedding(4, 5).dense(2);
    let open = Policy { spec, parameters: vec![0.0; spec.parameter_count()], ..implicit() };
    assert_eq!(parse(&open.encode()), Err(Sizes));
    let mut bytes = example().encode();
    for (index, value) in [10, 1, 3, 0, 0].into_iter().enumerate() {
        word(&mut bytes, layer(1, index), value);
    }
    repair(&mut bytes);
    assert_eq!(parse(&bytes), Err(Layer { index: 1 }));
}
