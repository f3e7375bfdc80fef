//! Programs that hold the code of some layers only: they play what they can with the same bits and refuse the rest.

use crate::damage::{LAYERS, repair, word};
use crate::files_of_the_document::{
    DISTRIBUTIONS, EVERY_FIELD, EVERY_KIND, EVERY_LAYER, FRACTIONS,
};
use crate::policy::{Placed, outputs};
use embedded_rl_core::nn::kinds;
use embedded_rl_core::weights::{PolicyError, PolicyView, kinds_in};

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
