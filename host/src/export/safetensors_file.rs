//! A policy as safetensors, with the names and the layout that PyTorch gives an `nn.Sequential` called `network`:
//! `network.0.weight` is `[out][in]`. In Python: `model.load_state_dict(safetensors.torch.load_file(path))`.

use crate::failure::{Failure, Outcome};
use crate::record::write_atomically;
use embedded_rl_core::nn::Layer;
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
    let mut rest = policy.parameters();
    for (index, layer) in policy.spec().layers().iter().enumerate() {
        if let Layer::Dense { inputs, outputs } = *layer {
            let (weights, after) = rest.split_at(inputs * outputs);
            let (bias, after) = after.split_at(outputs);
            rest = after;
            let transposed =
                (0..outputs).flat_map(|o| (0..inputs).map(move |i| weights[i * outputs + o]));
            tensors.push((
                format!("network.{index}.weight"),
                vec![outputs, inputs],
                bytes_of(transposed),
            ));
            tensors.push((
                format!("network.{index}.bias"),
                vec![outputs],
                bytes_of(bias.iter().copied()),
            ));
        }
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

fn bytes_of(values: impl Iterator<Item = f32>) -> Vec<u8> {
    values.flat_map(f32::to_le_bytes).collect()
}
