//! The layers of a policy file: records of eight words, written and read.

use super::{LARGEST_SIZE, LAYER, PolicyError};
use crate::nn::{
    Activation, Atoms, Baseline, BatchNorm, Branches, Channels, Conv2d, CosineEmbedding,
    Expectation, Image, Layer, MAX_BRANCHES, NetworkSpec, kinds,
};

const WORDS: usize = LAYER / 4;

pub(super) fn record_of(layer: &Layer) -> [u32; WORDS] {
    match *layer {
        Layer::Dense { inputs, outputs } => [1, inputs as u32, outputs as u32, 0, 0, 0, 0, 0],
        Layer::Activation(activation) => {
            let code = match activation {
                Activation::Relu => 0,
                Activation::Elu => 1,
                Activation::Tanh => 2,
                Activation::Sigmoid => 3,
            };
            [2, code, 0, 0, 0, 0, 0, 0]
        }
        Layer::Conv2d(Conv2d { input, filters, kernel, stride, padding }) => {
            let order = match input.order {
                Channels::First => 0,
                Channels::Last => 1,
            };
            let size = pair([input.height, input.width]);
            let depths = pair([input.channels, filters]);
            [3, size, depths, pair(kernel), pair(stride), pair(padding), order, 0]
        }
        Layer::BatchNorm(BatchNorm { features, rows, momentum, epsilon }) => {
            [4, features, rows, momentum.to_bits(), epsilon.to_bits(), 0, 0, 0]
        }
        Layer::Dueling { actions, width, baseline } => {
            let code = match baseline {
                Baseline::Mean => 0,
                Baseline::Max => 1,
            };
            // One number an action is written as 0, as it was before there were more.
            [5, actions as u32, code, if width == 1 { 0 } else { width as u32 }, 0, 0, 0, 0]
        }
        Layer::Softmax => [6, 0, 0, 0, 0, 0, 0, 0],
        Layer::Expectation { groups, expectation } => match expectation {
            Expectation::OverAtoms(Atoms { count, lowest, highest }) => {
                [7, groups as u32, count, lowest.to_bits(), highest.to_bits(), 0, 0, 0]
            }
            Expectation::OverQuantiles { count } => [8, groups as u32, count, 0, 0, 0, 0, 0],
        },
        Layer::CosineEmbedding(CosineEmbedding { width, cosines, fractions }) => {
            [9, width, cosines, fractions, 0, 0, 0, 0]
        }
        Layer::MeanOfFractions { fractions, values } => {
            [10, fractions as u32, values as u32, 0, 0, 0, 0, 0]
        }
        Layer::JointValues(branches) => {
            let mut counts = [0; MAX_BRANCHES];
            counts.iter_mut().zip(branches.counts()).for_each(|(kept, count)| *kept = count as u16);
            let [a, b, c, d, e, f, g, h] = counts;
            [11, pair([a, b]), pair([c, d]), pair([e, f]), pair([g, h]), 0, 0, 0]
        }
    }
}

/// The words of a record.
pub(super) const fn words_of(record: &[u8; LAYER]) -> [u32; WORDS] {
    let (bytes, _) = record.as_chunks::<4>();
    let (mut words, mut index) = ([0; WORDS], 0);
    while index < WORDS {
        words[index] = u32::from_le_bytes(bytes[index]);
        index += 1;
    }
    words
}

/// The set of the one kind of layer that a record is of; empty if this reader does not know it.
pub(super) const fn kind_of(words: [u32; WORDS]) -> u32 {
    match words {
        [1, ..] => kinds::DENSE,
        [2, 0, ..] => kinds::RELU,
        [2, 1, ..] => kinds::ELU,
        [2, 2, ..] => kinds::TANH,
        [2, 3, ..] => kinds::SIGMOID,
        [3, ..] => kinds::CONV2D,
        [4, ..] => kinds::BATCH_NORM,
        [5, ..] => kinds::DUELING,
        [6, ..] => kinds::SOFTMAX,
        [7 | 8, ..] => kinds::EXPECTATION,
        [9, ..] => kinds::COSINE_EMBEDDING,
        [10, ..] => kinds::MEAN_OF_FRACTIONS,
        [11, ..] => kinds::JOINT_VALUES,
        _ => 0,
    }
}

/// Builds the spec only as far as the file's own number of parameters allows, so that no size overflows.
pub(super) fn read_layers<const KINDS: u32>(
    inputs: u32,
    records: &[u8],
    parameters: u64,
) -> Result<NetworkSpec<KINDS>, PolicyError> {
    let mut spec = NetworkSpec::input(inputs as usize);
    let (mut left, mut rows) = (parameters, 1);
    for (index, record) in records.as_chunks::<LAYER>().0.iter().enumerate() {
        let words = words_of(record);
        if kind_of(words) & !KINDS != 0 {
            return Err(PolicyError::LeftOut { index });
        }
        let apart = spec.has_fractions().then_some(rows);
        let layer = read_layer::<KINDS>(words, index == 0, spec.outputs() as u64 / rows, apart);
        let layer = layer.ok_or(PolicyError::Layer { index })?;
        rows = match layer {
            Layer::CosineEmbedding(CosineEmbedding { fractions, .. }) => fractions.into(),
            Layer::MeanOfFractions { .. } => 1,
            _ => rows,
        };
        // Of all rows together; the mean's and the embedding's own outputs count them already.
        if let Some((_, outputs)) = layer.inputs_and_outputs()
            && apart.unwrap_or(1) * outputs as u64 > LARGEST_SIZE.into()
        {
            return Err(PolicyError::Layer { index });
        }
        left = left.checked_sub(parameters_of(&layer)).ok_or(PolicyError::Sizes)?;
        spec = match layer {
            Layer::Dense { outputs, .. } => spec.dense(outputs),
            Layer::Activation(function) => spec.activation(function),
            Layer::Conv2d(conv) => spec.conv2d_of(conv),
            Layer::BatchNorm(norm) => spec.batch_norm_of(norm),
            Layer::Dueling { width, baseline, .. } => spec.dueling_sum(width, baseline),
            Layer::Softmax => spec.softmax(),
            Layer::Expectation { expectation, .. } => spec.expectation(expectation),
            Layer::CosineEmbedding(CosineEmbedding { cosines, fractions, .. }) => {
                spec.cosine_embedding(cosines, fractions)
            }
            Layer::MeanOfFractions { .. } => spec.mean_of_fractions(),
            Layer::JointValues(branches) => spec.joint_values(branches),
        };
    }
    if left == 0 && !spec.has_fractions() { Ok(spec.only()) } else { Err(PolicyError::Sizes) }
}

/// The layer of a record, if there is such a one and it fits `inputs` outputs of the layer before, of each of the rows that
/// stand apart.
fn read_layer<const KINDS: u32>(
    words: [u32; WORDS],
    first: bool,
    inputs: u64,
    apart: Option<u64>,
) -> Option<Layer> {
    match words {
        [1, width, outputs, 0, 0, 0, 0, 0] if KINDS & kinds::DENSE != 0 => {
            let fits = u64::from(width) == inputs && (1..=LARGEST_SIZE).contains(&outputs);
            fits.then_some(Layer::Dense { inputs: width as usize, outputs: outputs as usize })
        }
        [2, code, 0, 0, 0, 0, 0, 0] if !first => Some(Layer::Activation(match code {
            0 => Activation::Relu,
            1 => Activation::Elu,
            2 => Activation::Tanh,
            3 => Activation::Sigmoid,
            _ => return None,
        })),
        [3, size, depths, kernel, stride, padding, order, 0] if KINDS & kinds::CONV2D != 0 => {
            let ([height, width], [channels, filters]) = (halves(size), halves(depths));
            let order = match order {
                0 if first => Channels::First,
                1 => Channels::Last,
                _ => return None,
            };
            let input = Image { channels, height, width, order };
            let [kernel, stride, padding] = [kernel, stride, padding].map(halves);
            let conv = Conv2d { input, filters, kernel, stride, padding };
            let output = conv.try_output()?;
            let fits = numbers_of(input) == inputs && numbers_of(output) <= LARGEST_SIZE.into();
            fits.then_some(Layer::Conv2d(conv))
        }
        [4, features, rows, momentum, epsilon, 0, 0, 0] if KINDS & kinds::BATCH_NORM != 0 => {
            let [momentum, epsilon] = [momentum, epsilon].map(f32::from_bits);
            let fits = u64::from(features) * u64::from(rows) == inputs;
            let sound = (0.0..=1.0).contains(&momentum) && epsilon > 0.0 && epsilon.is_finite();
            let norm = BatchNorm { features, rows, momentum, epsilon };
            (fits && sound).then_some(Layer::BatchNorm(norm))
        }
        [5, actions, code, width, 0, 0, 0, 0]
            if !first && width != 1 && KINDS & kinds::DUELING != 0 =>
        {
            let width = width.max(1);
            let baseline = match code {
                0 => Baseline::Mean,
                1 => Baseline::Max,
                _ => return None,
            };
            let fits = actions > 0 && (u64::from(actions) + 1) * u64::from(width) == inputs;
            let (actions, width) = (actions as usize, width as usize);
            fits.then_some(Layer::Dueling { actions, width, baseline })
        }
        [6, 0, 0, 0, 0, 0, 0, 0] if !first && KINDS & kinds::SOFTMAX != 0 => Some(Layer::Softmax),
        [7, groups, count, lowest, highest, 0, 0, 0]
            if !first && KINDS & kinds::EXPECTATION != 0 =>
        {
            let [lowest, highest] = [lowest, highest].map(f32::from_bits);
            let atoms = Atoms { count, lowest, highest };
            let fits = u64::from(groups) * u64::from(count) == inputs && atoms.are_sound();
            let expectation = Expectation::OverAtoms(atoms);
            fits.then_some(Layer::Expectation { groups: groups as usize, expectation })
        }
        [8, groups, count, 0, 0, 0, 0, 0] if !first && KINDS & kinds::EXPECTATION != 0 => {
            let fits = u64::from(groups) * u64::from(count) == inputs;
            let expectation = Expectation::OverQuantiles { count };
            fits.then_some(Layer::Expectation { groups: groups as usize, expectation })
        }
        [9, width, cosines, fractions, 0, 0, 0, 0]
            if !first && apart.is_none() && KINDS & kinds::COSINE_EMBEDDING != 0 =>
        {
            let sizes = 1..=LARGEST_SIZE;
            let fits = u64::from(width) == inputs
                && sizes.contains(&cosines)
                && sizes.contains(&fractions)
                && u64::from(cosines) * u64::from(fractions) <= LARGEST_SIZE.into()
                && u64::from(width) * u64::from(fractions) <= LARGEST_SIZE.into();
            let embedding = CosineEmbedding { width, cosines, fractions };
            fits.then_some(Layer::CosineEmbedding(embedding))
        }
        [10, fractions, values, 0, 0, 0, 0, 0] if KINDS & kinds::MEAN_OF_FRACTIONS != 0 => {
            let fits = apart == Some(fractions.into()) && u64::from(values) == inputs;
            let (fractions, values) = (fractions as usize, values as usize);
            fits.then_some(Layer::MeanOfFractions { fractions, values })
        }
        [11, first_two, second_two, third_two, last_two, 0, 0, 0]
            if !first && apart.is_none() && KINDS & kinds::JOINT_VALUES != 0 =>
        {
            let counts = [first_two, second_two, third_two, last_two].map(halves);
            let counts = counts.as_flattened();
            let used = counts.iter().position(|&count| count == 0).unwrap_or(MAX_BRANCHES);
            let mut wide = [0; MAX_BRANCHES];
            wide.iter_mut().zip(counts).for_each(|(wide, &count)| *wide = count.into());
            let branches = Branches::new(&wide[..used])?;
            let fits = branches.value_count() as u64 == inputs
                && counts[used..].iter().all(|&count| count == 0);
            fits.then_some(Layer::JointValues(branches))
        }
        _ => None,
    }
}

/// In 64 bits, which no sizes that a record can hold overflow.
fn parameters_of(layer: &Layer) -> u64 {
    match *layer {
        Layer::Dense { inputs, outputs } => (inputs as u64 + 1) * outputs as u64,
        Layer::Conv2d(Conv2d { input, filters, kernel: [height, width], .. }) => {
            let kernel = u64::from(input.channels) * u64::from(height) * u64::from(width);
            (kernel + 1) * u64::from(filters)
        }
        Layer::BatchNorm(norm) => 4 * u64::from(norm.features),
        Layer::CosineEmbedding(CosineEmbedding { width, cosines, .. }) => {
            (u64::from(cosines) + 1) * u64::from(width)
        }
        Layer::Activation(_)
        | Layer::Dueling { .. }
        | Layer::Softmax
        | Layer::Expectation { .. }
        | Layer::MeanOfFractions { .. }
        | Layer::JointValues(_) => 0,
    }
}

fn numbers_of(image: Image) -> u64 {
    u64::from(image.channels) * u64::from(image.height) * u64::from(image.width)
}

/// Two halves of a word, the first one low.
fn pair([low, high]: [u16; 2]) -> u32 {
    u32::from(low) | u32::from(high) << 16
}

fn halves(word: u32) -> [u16; 2] {
    [word as u16, (word >> 16) as u16]
}
