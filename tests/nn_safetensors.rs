//! A policy as safetensors is the golden network it came from: PyTorch's names, shapes and numbers, bit for bit, whatever
//! order of channels the network has inside.

use embedded_rl::export::{PolicyFile, write_safetensors};
use embedded_rl_checks::golden_network::{flat, json_files, network_of, numbers, single, sizes};
use embedded_rl_core::nn::{Channels, Image, NetworkSpec};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{encode, encoded_len};
use safetensors::SafeTensors;
use serde_json::Value;
use std::path::Path;

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

fn check(case: &Value, input: NetworkSpec) {
    let name = case["name"].as_str().unwrap();
    let (spec, names) = network_of(case, input).unwrap();
    let parameters = single(&flat(&spec, &names, |name| numbers(&case["init"][name]["data"])));
    let mut bytes = vec![0; encoded_len(&spec, Normalise::IDENTITY)];
    encode("", &spec, Normalise::IDENTITY, &parameters, &mut bytes);

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("nn_safetensors");
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.rlp"));
    std::fs::write(&path, bytes).unwrap();
    let policy = PolicyFile::read(&path).expect("a policy");
    let path = folder.join(format!("{name}.safetensors"));
    write_safetensors(&path, &policy.view()).expect("tensors");

    let bytes = std::fs::read(path).unwrap();
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
