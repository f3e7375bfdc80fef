//! A policy as safetensors is the golden network it came from: PyTorch's names, shapes and numbers, bit for bit, whatever
//! order of channels the network has inside.

use embedded_rl::export::{PolicyFile, write_safetensors};
use embedded_rl_checks::golden_network::{flat, json_files, network_of, numbers, single, sizes};
use embedded_rl_checks::tolerance::{NETWORK_OUTPUT, assert_close};
use embedded_rl_core::nn::{Activation, Channels, Image, Lanes, NetworkSpec, network};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{encode, encoded_len};
use safetensors::SafeTensors;
use serde_json::Value;
use std::path::Path;

/// In f64 from the tensors alone, as PyTorch would: the image has channels first.
#[test]
fn an_embedding_behind_an_image_multiplies_channels_first() {
    const NET: NetworkSpec = NetworkSpec::image(Image::channels_first(2, 3, 2))
        .conv2d(3, [1, 1], [1, 1], [0, 0])
        .activation(Activation::Relu)
        .cosine_embedding(4, 5)
        .dense(2)
        .mean_of_fractions();
    let parameters: Vec<f32> =
        (0..NET.parameter_count()).map(|index| ((index * 7 % 19) as f32 - 9.0) / 8.0).collect();
    let input: Vec<f32> = (0..12).map(|index| (index * 5 % 11) as f32 / 4.0 - 1.0).collect();
    let mut bytes = vec![0; encoded_len(&NET, Normalise::IDENTITY)];
    encode("", &NET, Normalise::IDENTITY, &parameters, &mut bytes);
    let tensors = tensors_of("embedding", &bytes);
    let tensors = SafeTensors::deserialize(&tensors).expect("safetensors");
    let tensor = |name: &str, shape: &[usize]| -> Vec<f64> {
        let tensor = tensors.tensor(name).expect(name);
        assert_eq!(tensor.shape(), shape, "{name}");
        let words = tensor.data().as_chunks::<4>().0.iter();
        words.map(|&bytes| f64::from(f32::from_le_bytes(bytes))).collect()
    };
    assert_eq!(tensors.len(), 6);
    let (weights, bias) =
        (tensor("network.0.weight", &[3, 2, 1, 1]), tensor("network.0.bias", &[3]));
    let pixels = input.len() / 2;
    let x: Vec<f64> = (0..3 * pixels)
        .map(|place| {
            let (filter, pixel) = (place / pixels, place % pixels);
            let sum = (0..2)
                .map(|channel| {
                    weights[filter * 2 + channel] * f64::from(input[channel * pixels + pixel])
                })
                .sum::<f64>();
            (bias[filter] + sum).max(0.0)
        })
        .collect();
    // 2 is where PyTorch flattens.
    let (embed, embed_bias) =
        (tensor("network.3.weight", &[18, 4]), tensor("network.3.bias", &[18]));
    let (head, head_bias) = (tensor("network.4.weight", &[2, 18]), tensor("network.4.bias", &[2]));
    let mut q = [0.0; 2];
    for k in 0..5 {
        let fraction = (f64::from(k) + 0.5) / 5.0;
        for (a, q) in q.iter_mut().enumerate() {
            *q += head_bias[a] / 5.0;
            for (h, x) in x.iter().enumerate() {
                let products = (0..4).map(|i| {
                    (core::f64::consts::PI * i as f64 * fraction).cos() * embed[h * 4 + i]
                });
                let factor = (embed_bias[h] + products.sum::<f64>()).max(0.0);
                *q += head[a * 18 + h] * x * factor / 5.0;
            }
        }
    }
    let mut scratch = vec![0.0; NET.scratch_count()];
    let got = network::infer(Lanes::best(), &NET, &parameters, &input, &mut scratch);
    assert_close("means", got, &q, NETWORK_OUTPUT);
}

#[test]
fn safetensors_of_golden_networks_are_pytorch_s_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/nn");
    let mut checked = 0;
    for file in json_files(&folder) {
        let case: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        for input in inputs_of(&case) {
            check(&case, input);
            checked += 1;
        }
    }
    assert!(checked >= 12, "only {checked} networks in {}", folder.display());
}

/// An image may stand in either order.
fn inputs_of(case: &Value) -> Vec<NetworkSpec> {
    let shape = sizes(&case["batch"]["shape"]);
    if shape.len() == 1 {
        return vec![NetworkSpec::input(shape[0])];
    }
    let [channels, height, width] = [shape[0], shape[1], shape[2]].map(|size| size as u16);
    let image = Image::channels_first(channels, height, width);
    vec![NetworkSpec::image(image), NetworkSpec::image(Image { order: Channels::Last, ..image })]
}

/// The safetensors file of a policy file.
fn tensors_of(name: &str, policy: &[u8]) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nn_safetensors");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.rlp"));
    std::fs::write(&path, policy).unwrap();
    let policy = PolicyFile::read(&path).expect("a policy");
    let path = folder.join(format!("{name}.safetensors"));
    write_safetensors(&path, &policy.view()).expect("tensors");
    std::fs::read(path).unwrap()
}

fn check(case: &Value, input: NetworkSpec) {
    let name = case["name"].as_str().unwrap();
    let (spec, names) = network_of(case, input).unwrap();
    let parameters = single(&flat(&spec, &names, |name| numbers(&case["init"][name]["data"])));
    let mut bytes = vec![0; encoded_len(&spec, Normalise::IDENTITY)];
    encode("", &spec, Normalise::IDENTITY, &parameters, &mut bytes);

    let bytes = tensors_of(name, &bytes);
    let tensors = SafeTensors::deserialize(&bytes).expect("safetensors");
    let expected = case["init"].as_object().unwrap();
    assert_eq!(tensors.len(), expected.len(), "{name}");
    for (parameter, expected) in expected {
        let tensor = tensors.tensor(&format!("network.{parameter}")).expect(parameter);
        assert_eq!(tensor.shape(), sizes(&expected["shape"]), "{name}: {parameter}");
        let want: Vec<u8> =
            single(&numbers(&expected["data"])).into_iter().flat_map(f32::to_le_bytes).collect();
        assert!(tensor.data() == want, "{name}: {parameter} has other numbers");
    }
}
