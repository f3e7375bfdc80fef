//! The golden networks of tests/golden/nn in this project's terms: their layers, and PyTorch's named parameters as one
//! flat slice.

use embedded_rl_core::nn::{Activation, Baseline, BatchNorm, Channels, Layer, NetworkSpec};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The JSON files of a folder, in order of their names.
pub fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// The network, and the name that each of its layers with parameters has among PyTorch's.
pub fn network_of(case: &Value, input: NetworkSpec) -> Result<(NetworkSpec, Vec<String>), String> {
    let (mut spec, mut names) = (input, Vec::new());
    for (index, layer) in case["layers"].as_array().unwrap().iter().enumerate() {
        let layer = layer.as_str().unwrap();
        let kind = layer.split('(').next().unwrap();
        let size_of =
            |parameter: &str| sizes(&case["init"][format!("{index}.{parameter}")]["shape"])[0];
        let before = spec.parameter_count();
        spec = match kind {
            "Linear" => spec.dense(size_of("bias")),
            "Conv2d" => {
                let kernel = setting(layer, "kernel_size").expect("a kernel");
                let stride = setting(layer, "stride").unwrap_or([1, 1]);
                let padding = setting(layer, "padding").unwrap_or([0, 0]);
                spec.conv2d(size_of("bias") as u16, kernel, stride, padding)
            }
            "BatchNorm1d" => spec.batch_norm(),
            "Dueling" => {
                let kind = if case["name"].as_str().unwrap().contains("max") {
                    Baseline::Max
                } else {
                    Baseline::Mean
                };
                spec.dueling(size_of("advantage.bias"), kind)
            }
            "ReLU" => spec.activation(Activation::Relu),
            "ELU" => spec.activation(Activation::Elu),
            "Tanh" => spec.activation(Activation::Tanh),
            "Sigmoid" => spec.activation(Activation::Sigmoid),
            "Flatten" => spec,
            other => return Err(format!("layer {other}")),
        };
        if spec.parameter_count() > before {
            names.push(index.to_string());
        }
    }
    Ok((spec, names))
}

/// The pair of numbers behind `name=(` in PyTorch's description of a layer.
fn setting(layer: &str, name: &str) -> Option<[u16; 2]> {
    let (_, behind) = layer.split_once(&format!("{name}=("))?;
    let (first, second) = behind.split_once(')')?.0.split_once(", ")?;
    Some([first.parse().unwrap(), second.parse().unwrap()])
}

/// The flat parameters from PyTorch's named ones, whose weights are `[out][in]` and whose images have channels first.
pub fn flat(spec: &NetworkSpec, names: &[String], of: impl Fn(&str) -> Vec<f64>) -> Vec<f64> {
    let mut all = Vec::new();
    let mut names = names.iter();
    let mut channels = 1;
    for (index, layer) in spec.layers().iter().enumerate() {
        if layer.parameter_count() == 0 {
            continue;
        }
        let name = names.next().unwrap();
        let heads = matches!(spec.layers().get(index + 1), Some(Layer::Dueling { .. }));
        let of = |parameter: &str| -> Vec<f64> {
            if heads {
                let both =
                    ["value", "advantage"].map(|head| of(&format!("{name}.{head}.{parameter}")));
                both.concat()
            } else {
                of(&format!("{name}.{parameter}"))
            }
        };
        match layer {
            Layer::Dense { inputs, outputs } => {
                extend_weights(&mut all, *inputs, *outputs, channels, &of("weight"));
                all.extend(of("bias"));
                channels = 1;
            }
            Layer::Conv2d(conv) => {
                let turned = match conv.input.order {
                    Channels::First => 1,
                    Channels::Last => usize::from(conv.input.channels),
                };
                let filters = usize::from(conv.filters);
                extend_weights(&mut all, conv.inner(), filters, turned, &of("weight"));
                all.extend(of("bias"));
                channels = filters;
            }
            Layer::BatchNorm(norm) => {
                assert_eq!(
                    (norm.momentum, norm.epsilon),
                    (BatchNorm::MOMENTUM, BatchNorm::EPSILON)
                );
                for parameter in ["weight", "bias", "running_mean", "running_var"] {
                    all.extend(of(parameter));
                }
            }
            _ => unreachable!("a layer without parameters"),
        }
    }
    assert_eq!(all.len(), spec.parameter_count());
    all
}

/// Weights `[out][in]` as `[in][out]`, the inputs being an image of so many channels, which become last.
fn extend_weights(
    all: &mut Vec<f64>,
    inputs: usize,
    outputs: usize,
    channels: usize,
    weights: &[f64],
) {
    let rows: Vec<f64> =
        weights.chunks(inputs).flat_map(|row| channels_last(channels, row)).collect();
    for i in 0..inputs {
        all.extend((0..outputs).map(|o| rows[o * inputs + i]));
    }
}

/// `[C][pixels]` as `[pixels][C]`.
pub fn channels_last(channels: usize, image: &[f64]) -> Vec<f64> {
    let pixels = image.len() / channels;
    (0..image.len()).map(|index| image[index % channels * pixels + index / channels]).collect()
}

/// A list of sizes.
pub fn sizes(values: &Value) -> Vec<usize> {
    numbers(values).iter().map(|&size| size as usize).collect()
}

/// A list of numbers.
pub fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

/// As the network takes them.
pub fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}
