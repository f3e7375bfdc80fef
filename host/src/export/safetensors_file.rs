//! A policy as safetensors, with the names and the layout that PyTorch gives an `nn.Sequential` called `network`:
//! `network.0.weight` is `[out][in]`. In Python: `model.load_state_dict(safetensors.torch.load_file(path))`.
//!
//! There, images have channels first and an `nn.Flatten` stands between them and the first dense layer; the weights
//! are turned accordingly. A dueling end is one module with the linear layers `value` and `advantage`. A cosine
//! embedding is one module with the tensors of its linear layer. The means behind a distribution have no tensors.

use crate::failure::{Failure, Outcome};
use crate::record::write_atomically;
use embedded_rl_core::nn::{Channels, Layer};
use embedded_rl_core::weights::PolicyView;
use safetensors::tensor::{Dtype, TensorView};
use std::collections::HashMap;
use std::path::Path;

/// Writes `policy` to `path`; offset and scale of the observation go with it where there are any.
pub fn write_safetensors(path: &Path, policy: &PolicyView<'_>) -> Outcome<()> {
    let cannot = |error: safetensors::SafeTensorError| {
        Failure::failed(format!("cannot write {}: {error}", path.display()))
    };
    let tensors = tensors_of(policy);
    let views = tensors
        .iter()
        .map(|(name, shape, bytes)| {
            Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(cannot)?;
    let metadata = HashMap::from([("environment".to_owned(), policy.environment().to_owned())]);
    let bytes = safetensors::serialize(views, Some(metadata)).map_err(cannot)?;
    write_atomically(path, &bytes)
}

fn tensors_of(policy: &PolicyView<'_>) -> Vec<(String, Vec<usize>, Vec<u8>)> {
    let mut tensors = Vec::new();
    let mut add = |name: String, shape: Vec<usize>, values: &[f32]| {
        tensors.push((name, shape, bytes_of(values.iter().copied())));
    };
    let mut rest = policy.parameters();
    let layers = policy.spec().layers();
    // Channels of the image that a convolution made, until a dense layer takes them; something may flatten them before.
    let (mut index, mut image, mut is_flat) = (0, None, false);
    for (layer, next) in layers.iter().zip(layers[1..].iter().map(Some).chain([None])) {
        let (own, after) = rest.split_at(layer.parameter_count());
        rest = after;
        match layer {
            Layer::Dense { inputs, outputs } => {
                let channels = image.take();
                if channels.is_some() && !is_flat {
                    // Where PyTorch flattens.
                    index += 1;
                }
                let weights = turned(*inputs, *outputs, channels.unwrap_or(1), own);
                let bias = &own[inputs * outputs..];
                if let Some(Layer::Dueling { width, .. }) = next {
                    let heads = [("value", 0..*width), ("advantage", *width..*outputs)];
                    for (head, rows) in heads {
                        let weights = &weights[rows.start * inputs..rows.end * inputs];
                        let name = format!("network.{index}.{head}");
                        add(format!("{name}.weight"), vec![rows.len(), *inputs], weights);
                        add(format!("{name}.bias"), vec![rows.len()], &bias[rows]);
                    }
                } else {
                    add(format!("network.{index}.weight"), vec![*outputs, *inputs], &weights);
                    add(format!("network.{index}.bias"), vec![*outputs], bias);
                }
            }
            Layer::Conv2d(conv) => {
                let filters = usize::from(conv.filters);
                let depth = usize::from(conv.input.channels);
                let last = if conv.input.order == Channels::Last { depth } else { 1 };
                let [height, width] = conv.kernel.map(usize::from);
                let shape = vec![filters, depth, height, width];
                let weights = turned(conv.inner(), filters, last, own);
                add(format!("network.{index}.weight"), shape, &weights);
                add(format!("network.{index}.bias"), vec![filters], &own[conv.weight_count()..]);
                (image, is_flat) = (Some(filters), false);
            }
            Layer::CosineEmbedding(embedding) => {
                if image.is_some() && !is_flat {
                    index += 1;
                    is_flat = true;
                }
                let (cosines, width) = (embedding.cosines as usize, embedding.width as usize);
                let weights = turned(cosines, width, 1, own);
                // What it multiplies is an image with channels first there, as far as it is one.
                let channels = image.unwrap_or(1);
                let weights = channels_first(channels, cosines, &weights);
                let bias = channels_first(channels, 1, &own[cosines * width..]);
                add(format!("network.{index}.weight"), vec![width, cosines], &weights);
                add(format!("network.{index}.bias"), vec![width], &bias);
            }
            Layer::BatchNorm(norm) => {
                let names = ["weight", "bias", "running_mean", "running_var"];
                for (name, values) in names.iter().zip(own.chunks(norm.feature_count())) {
                    add(format!("network.{index}.{name}"), vec![values.len()], values);
                }
            }
            // Part of the module before.
            Layer::Dueling { .. } => continue,
            Layer::Activation(_)
            | Layer::Softmax
            | Layer::Expectation { .. }
            | Layer::MeanOfFractions { .. }
            | Layer::JointValues(_) => {}
        }
        index += 1;
    }
    let normalise = policy.normalise();
    for (name, values) in
        [("observation.offset", normalise.offset()), ("observation.scale", normalise.scale())]
    {
        if !values.is_empty() {
            tensors.push((name.to_owned(), vec![values.len()], bytes_of(values.iter().copied())));
        }
    }
    tensors
}

/// Weights `[in][out]` as `[out][in]`; the inputs are an image of so many channels, which become first.
fn turned(inputs: usize, outputs: usize, channels: usize, weights: &[f32]) -> Vec<f32> {
    let pixels = inputs / channels;
    let place = |o: usize, i: usize| ((i % pixels * channels + i / pixels) * outputs) + o;
    (0..outputs).flat_map(|o| (0..inputs).map(move |i| weights[place(o, i)])).collect()
}

/// Rows of `width` numbers, one a number of an image with so many channels last, in the order of one with channels first.
fn channels_first(channels: usize, width: usize, rows: &[f32]) -> Vec<f32> {
    let pixels = rows.len() / width / channels;
    let place = |index: usize| index % pixels * channels + index / pixels;
    let row = |index: usize| &rows[place(index) * width..][..width];
    (0..pixels * channels).flat_map(row).copied().collect()
}

fn bytes_of(values: impl Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_le_bytes).collect()
}
