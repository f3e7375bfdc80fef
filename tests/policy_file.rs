//! The policy file: any bytes are refused or read, never a panic; every network survives writing and reading; and
//! the format is the one of the document, as a writer in another language understood it.

use embedded_rl_core::nn::{
    Activation, Atoms, Baseline, BatchNorm, Branches, Channels, Expectation, Image, Lanes,
    NetworkSpec, kinds, network,
};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{
    MAX_ENVIRONMENT, PolicyError, PolicyView, encode, encoded_len, kinds_in,
};
use proptest::prelude::*;
use serde_json::Value;

const FUNCTIONS: [Activation; 4] =
    [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid];

const ATOMS: Atoms = Atoms { count: 5, lowest: -1.0, highest: 0.5 };

/// A policy that owns its numbers.
#[derive(Clone, Debug)]
struct Policy {
    environment: String,
    spec: NetworkSpec,
    offset: Vec<f32>,
    scale: Vec<f32>,
    parameters: Vec<f32>,
}

impl Policy {
    fn normalise(&self) -> Normalise<'_> {
        Normalise::new(&self.offset, &self.scale)
    }

    fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0xAA; encoded_len(&self.spec, self.normalise())];
        encode(&self.environment, &self.spec, self.normalise(), &self.parameters, &mut bytes);
        bytes
    }
}

/// Bytes that start `shift` bytes after a multiple of four.
struct Placed {
    words: Vec<u32>,
    shift: usize,
    length: usize,
}

impl Placed {
    fn new(bytes: &[u8], shift: usize) -> Self {
        let mut words = vec![0; (shift + bytes.len()).div_ceil(4)];
        bytemuck::cast_slice_mut(&mut words)[shift..shift + bytes.len()].copy_from_slice(bytes);
        Self { words, shift, length: bytes.len() }
    }

    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[self.shift..self.shift + self.length]
    }
}

/// What reading says of `bytes` where they are aligned. What is read must be usable and write the same bytes again.
fn parse(bytes: &[u8]) -> Result<(), PolicyError> {
    let placed = Placed::new(bytes, 0);
    let view = PolicyView::parse(placed.bytes())?;
    assert_eq!(outputs(&view, &vec![0.5; view.spec().inputs()]).len(), view.spec().outputs());
    let mut again = vec![0; encoded_len(view.spec(), view.normalise())];
    encode(view.environment(), view.spec(), view.normalise(), view.parameters(), &mut again);
    assert!(again == bytes, "what was read is written in other bytes");
    Ok(())
}

fn outputs<const KINDS: u32>(view: &PolicyView<'_, KINDS>, observation: &[f32]) -> Vec<f32> {
    let mut observation = observation.to_vec();
    view.normalise().apply(&mut observation);
    let mut scratch = vec![0.0; view.spec().scratch_count()];
    network::infer(Lanes::scalar(), view.spec(), view.parameters(), &observation, &mut scratch)
        .to_vec()
}

/// CRC-32 (ISO-HDLC), bit by bit.
fn checksum(content: &[u8]) -> u32 {
    !content.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// Makes length and checksum those of the bytes, so that the checks behind them are reached.
fn repair(bytes: &mut [u8]) {
    let length = bytes.len();
    if length >= 20 {
        bytes[12..16].copy_from_slice(&(length as u32).to_le_bytes());
        let sum = checksum(&bytes[..length - 4]);
        bytes[length - 4..].copy_from_slice(&sum.to_le_bytes());
    }
}

fn word(bytes: &mut [u8], offset: usize, value: u32) {
    bytes[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
}

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

fn policies() -> impl Strategy<Value = Policy> {
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

/// Values at the edges of what a field may hold, some that are floats of the wrong kind, and any.
fn field_values() -> impl Strategy<Value = u32> {
    const EDGES: &[u32] = &[
        0,
        1,
        2,
        3,
        4,
        24,
        25,
        1 << 16,
        (1 << 24) - 1,
        1 << 24,
        (1 << 24) + 1,
        1 << 30,
        1 << 31,
        u32::MAX - 1,
        u32::MAX,
        0x7F80_0000,
        0xFF80_0000,
        0x7FC0_0000,
        0x7F80_0001,
    ];
    prop_oneof![prop::sample::select(EDGES), any::<u32>(), 0u32..40]
}

proptest! {
    #[test]
    fn every_network_is_read_as_it_was_written(policy in policies()) {
        let bytes = policy.encode();
        prop_assert_eq!(parse(&bytes), Ok(()));
        let placed = Placed::new(&bytes, 0);
        let view = PolicyView::parse(placed.bytes()).unwrap();
        prop_assert_eq!(view.environment(), &policy.environment);
        prop_assert_eq!(view.spec(), &policy.spec);
        prop_assert_eq!(kinds_in(&bytes), policy.spec.kinds());
        prop_assert_eq!(view.normalise(), policy.normalise());
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(view.parameters()), bits(&policy.parameters));
        for shift in 1..4 {
            let shifted = Placed::new(&bytes, shift);
            prop_assert_eq!(PolicyView::parse(shifted.bytes()), Err(PolicyError::Misaligned));
        }
    }

    #[test]
    fn a_file_cut_anywhere_or_with_a_tail_is_refused(
        policy in policies(),
        tail in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        let bytes = policy.encode();
        for length in 0..bytes.len() {
            let mut cut = bytes[..length].to_vec();
            prop_assert!(parse(&cut).is_err(), "{length} of {} bytes", bytes.len());
            repair(&mut cut);
            prop_assert!(parse(&cut).is_err(), "{length} of {} bytes, repaired", bytes.len());
        }
        let mut longer = [bytes, tail].concat();
        prop_assert!(parse(&longer).is_err());
        repair(&mut longer);
        prop_assert!(parse(&longer).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), shift in 0usize..4) {
        prop_assert!(PolicyView::parse(Placed::new(&bytes, shift).bytes()).is_err());
    }

    #[test]
    fn any_bytes_behind_a_right_beginning_are_read_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 100..400),
        layers in 0u16..4,
        shift in 0usize..4,
    ) {
        bytes.truncate(bytes.len() / 4 * 4);
        bytes[..8].copy_from_slice(b"\x89RLP\r\n\x1a\n");
        bytes[8..10].copy_from_slice(&1u16.to_le_bytes());
        bytes[10..12].copy_from_slice(&layers.to_le_bytes());
        repair(&mut bytes);
        let _ = parse(&bytes);
        let _ = PolicyView::parse(Placed::new(&bytes, shift).bytes());
    }

    #[test]
    fn damaged_fields_behind_a_right_checksum_are_read_or_refused(
        policy in policies(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), field_values()), 1..4),
        small in any::<bool>(),
        shift in 0usize..4,
    ) {
        let mut bytes = policy.encode();
        // Header and layers are hit as often as the many more numbers behind them.
        let words = if small { 16 + 8 * policy.spec.layers().len() } else { bytes.len() / 4 };
        for (place, value) in damages {
            word(&mut bytes, 4 * (2 + place.index(words - 2)).min(words - 1), value);
        }
        repair(&mut bytes);
        let _ = parse(&bytes);
        let _ = PolicyView::parse(Placed::new(&bytes, shift).bytes());
    }

    #[test]
    fn a_changed_bit_is_noticed(
        policy in policies(),
        place in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let mut bytes = policy.encode();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(parse(&bytes).is_err());
    }
}

/// Two layers with normalisation: `dense 2 -> 3`, tanh.
fn example() -> Policy {
    let spec = NetworkSpec::input(2).dense(3).activation(Activation::Tanh);
    Policy {
        environment: "CartPole-v1".to_owned(),
        spec,
        offset: vec![1.0, 2.0],
        scale: vec![3.0, 4.0],
        parameters: (0..spec.parameter_count()).map(|index| index as f32).collect(),
    }
}

const LAYERS: usize = 64;
const NUMBERS: usize = 64 + 2 * 32;

#[test]
fn each_broken_rule_of_the_document_is_refused_for_its_own_reason() {
    use PolicyError::{Environment, Layer, NotAPolicy, NotFinite, Reserved, Sizes, Version};
    let nan = f32::NAN.to_bits();
    for (offset, value, expected) in [
        (0, 0x474E_5089, NotAPolicy),
        (8, 2 | 2 << 16, Version { found: 2 }),
        (8, 2 << 16, Version { found: 0 }),
        (8, 1, Sizes),            // no layer
        (8, 1 | 1 << 16, Sizes),  // one layer fewer
        (8, 1 | 3 << 16, Sizes),  // one more
        (8, 1 | 25 << 16, Sizes), // more than there may be
        (8, 1 | 0xFFFF << 16, Sizes),
        (16, 0, Sizes), // no input
        (16, 3, Sizes), // inputs that are not the normalised ones
        (16, (1 << 24) + 1, Sizes),
        (16, u32::MAX, Sizes),
        (20, 0, Sizes), // normalisation missing
        (20, 1, Sizes),
        (20, u32::MAX, Sizes),
        (24, 8, Sizes), // parameters
        (24, 10, Sizes),
        (24, u32::MAX, Sizes),
        (28, 1, Reserved),
        (32, u32::from_le_bytes(*b"Car "), Environment),
        (32, u32::from_le_bytes(*b"Ca\0t"), Environment),
        (32, u32::from_le_bytes(*b"Ca\xC3\xA4"), Environment),
        (LAYERS, 0, Layer { index: 0 }),
        (LAYERS, 2, Layer { index: 0 }), // an activation first
        (LAYERS, 3, Layer { index: 0 }),
        (LAYERS + 4, 3, Layer { index: 0 }), // inputs that are not the network's
        (LAYERS + 8, 0, Layer { index: 0 }),
        (LAYERS + 8, (1 << 24) + 1, Layer { index: 0 }),
        (LAYERS + 8, 2, Sizes), // parameters left over
        (LAYERS + 8, 4, Sizes), // too few
        (LAYERS + 8, 1 << 24, Sizes),
        (LAYERS + 28, 1, Layer { index: 0 }),
        (LAYERS + 32, 1, Layer { index: 1 }),
        (LAYERS + 32 + 4, 4, Layer { index: 1 }),
        (LAYERS + 32 + 8, 1, Layer { index: 1 }),
        (NUMBERS, nan, NotFinite),                          // an offset
        (NUMBERS + 12, f32::INFINITY.to_bits(), NotFinite), // a scale
        (NUMBERS + 16, f32::NEG_INFINITY.to_bits(), NotFinite),
        (NUMBERS + 16 + 4 * 8, nan, NotFinite), // the last parameter
    ] {
        let mut bytes = example().encode();
        word(&mut bytes, offset, value);
        repair(&mut bytes);
        assert_eq!(parse(&bytes), Err(expected), "{value:#x} at {offset}");
        assert!(expected.to_string().split(' ').count() > 3, "{expected}");
    }
    let mut damaged = example().encode();
    damaged[NUMBERS] ^= 1;
    assert_eq!(parse(&damaged), Err(PolicyError::Checksum));
    let length = damaged.len();
    word(&mut damaged, 12, u32::MAX);
    let declared = PolicyError::Length { declared: u32::MAX, bytes: length };
    assert_eq!(parse(&damaged), Err(declared));
    assert_eq!(parse(&[]), Err(PolicyError::TooShort { bytes: 0 }));
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
    let layer = |index: usize, word: usize| LAYERS + 32 * index + 4 * word;
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
            word(&mut bytes, LAYERS + 32 + 4 * place, value);
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
    let layer = |index: usize, word: usize| LAYERS + 32 * index + 4 * word;
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
    let layer = |index: usize, word: usize| LAYERS + 32 * index + 4 * word;
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

/// So that `encode` writes nothing that `parse` would refuse.
#[test]
fn an_id_that_no_reader_takes_is_not_written() {
    for environment in ["Cart Pole", "Cart\0Pole", "C\u{e4}rt", "Cart\n"] {
        let policy = Policy { environment: environment.to_owned(), ..example() };
        let refused = std::panic::catch_unwind(|| policy.encode());
        assert!(refused.is_err(), "{environment:?} was written");
    }
    for length in [MAX_ENVIRONMENT, MAX_ENVIRONMENT + 1] {
        let policy = Policy { environment: "x".repeat(length), ..example() };
        let written = std::panic::catch_unwind(|| policy.encode());
        assert_eq!(written.is_ok(), length == MAX_ENVIRONMENT);
    }
}

const EVERY_FIELD: &[u8] = include_bytes!("golden/policy/every_field.rlp");
const EVERY_LAYER: &[u8] = include_bytes!("golden/policy/every_layer.rlp");
const EVERY_KIND: &[u8] = include_bytes!("golden/policy/every_kind.rlp");
const DISTRIBUTIONS: &[u8] = include_bytes!("golden/policy/distributions.rlp");
const FRACTIONS: &[u8] = include_bytes!("golden/policy/fractions.rlp");
const BRANCHES: &[u8] = include_bytes!("golden/policy/branches.rlp");

/// The observations of a golden file with the outputs that belong to them.
fn expected(name: &str) -> Vec<[Vec<f64>; 2]> {
    let all: Value = serde_json::from_str(include_str!("golden/policy/expected.json")).unwrap();
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

/// A file read by a program that has the code of these layers and of no others: it plays with the bits of one that has all.
fn plays_alike<const KINDS: u32>(file: &[u8]) {
    let placed = Placed::new(file, 0);
    let (all, some) = (
        PolicyView::parse(placed.bytes()).unwrap(),
        PolicyView::<KINDS>::parse_only(placed.bytes()).unwrap(),
    );
    let observation: Vec<f32> = (0..all.spec().inputs()).map(|index| index as f32 - 1.5).collect();
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<_>>();
    assert_eq!(bits(outputs(&some, &observation)), bits(outputs(&all, &observation)));
}

/// What a program without the code of some layers says of a file.
fn refusal<const KINDS: u32>(file: &[u8]) -> Option<PolicyError> {
    PolicyView::<KINDS>::parse_only(Placed::new(file, 0).bytes()).err()
}

#[test]
fn a_program_of_the_layers_of_a_file_plays_it_with_the_same_bits_and_refuses_others() {
    plays_alike::<{ kinds_in(EVERY_FIELD) }>(EVERY_FIELD);
    plays_alike::<{ kinds_in(EVERY_LAYER) }>(EVERY_LAYER);
    plays_alike::<{ kinds_in(EVERY_KIND) }>(EVERY_KIND);
    plays_alike::<{ kinds_in(DISTRIBUTIONS) }>(DISTRIBUTIONS);
    plays_alike::<{ kinds_in(FRACTIONS) }>(FRACTIONS);

    const MLP: u32 = kinds::DENSE | kinds::RELU;
    let left_out = |index| Some(PolicyError::LeftOut { index });
    assert_eq!(refusal::<MLP>(EVERY_LAYER), left_out(1), "tanh");
    assert_eq!(refusal::<MLP>(EVERY_KIND), left_out(0), "a convolution");
    assert_eq!(refusal::<{ kinds_in(EVERY_KIND) & !kinds::SOFTMAX }>(EVERY_KIND), left_out(9));
    let without_means = refusal::<{ kinds::ANY & !kinds::MEAN_OF_FRACTIONS }>(FRACTIONS);
    assert!(
        matches!(without_means, Some(PolicyError::LeftOut { index: 3.. })),
        "{without_means:?}"
    );
    // What is no kind at all is unknown, whatever there is code for.
    let mut unknown = EVERY_FIELD.to_vec();
    word(&mut unknown, LAYERS, 99);
    repair(&mut unknown);
    assert_eq!(refusal::<MLP>(&unknown), Some(PolicyError::Layer { index: 0 }));
    // And what is no file at all has none.
    assert_eq!([kinds_in(&[]), kinds_in(&EVERY_KIND[..70])], [0, 0]);
}
