//! Networks, losses and optimisers against PyTorch: output, first gradients, ten losses of ten updates on one batch,
//! and the parameters after them. tests/golden/nn/make_nn_golden.py made the files and describes them.

use embedded_rl_checks::tolerance::{self, assert_close};
use embedded_rl_core::nn::{
    Activation, Lanes, Layer, Loss, NetworkSpec, Optimiser, RmsPropForm, Simd, WithSimd, network,
};
use serde_json::Value;
use std::path::{Path, PathBuf};

#[test]
fn every_golden_network_trains_as_in_pytorch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/nn");
    let mut checked = 0;
    for file in json_files(&folder) {
        check(&file).unwrap_or_else(|missing| panic!("{}: {missing} is not built", file.display()));
        checked += 1;
    }
    assert!(checked >= 4, "only {checked} golden files in {}", folder.display());
}

/// A folder of more cases, some of which may need layers that do not exist yet: those are counted.
#[test]
fn golden_networks_of_the_folder_in_the_environment_train_as_in_pytorch() {
    let Some(folder) = std::env::var_os("EMBEDDED_RL_GOLDEN") else { return };
    let folder = Path::new(&folder).join("nn");
    let (mut checked, mut missing) = (0, Vec::new());
    for file in json_files(&folder) {
        match check(&file) {
            Ok(()) => checked += 1,
            Err(what) => missing.push(format!("{}: {what}", file.display())),
        }
    }
    assert!(checked + missing.len() > 0, "no golden files in {}", folder.display());
    println!("{checked} golden networks checked, {} not built yet", missing.len());
    for line in missing {
        println!("not built yet: {line}");
    }
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// Checks one case; the name of what it needs and the crate lacks, otherwise.
fn check(file: &Path) -> Result<(), String> {
    let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let name = case["name"].as_str().unwrap();
    let (spec, dense_names) = network_of(&case)?;
    let loss = match case["loss"].as_str().unwrap() {
        "mse" => Loss::SquaredError,
        "huber" => Loss::Huber,
        other => return Err(format!("loss {other}")),
    };
    let optimiser = optimiser_of(&case["optimiser"])?;
    for lanes in Lanes::available() {
        let name = format!("{name} on {}", lanes.name());
        let training = Training { case: &case, spec, loss, optimiser, dense_names: &dense_names };
        let trained = lanes.dispatch(training);
        assert_close(
            &format!("{name}: output"),
            &trained.output,
            &numbers(&case["output"]),
            tolerance::NETWORK_OUTPUT,
        );
        let gradient = flat(&spec, &dense_names, |parameter| numbers(&case["grad"][parameter]));
        assert_close(
            &format!("{name}: gradient"),
            &trained.gradient,
            &gradient,
            tolerance::GRADIENT,
        );
        assert_close(
            &format!("{name}: losses"),
            &trained.losses,
            &numbers(&case["losses"]),
            tolerance::LOSS,
        );
        let last =
            flat(&spec, &dense_names, |parameter| numbers(&case["final"][parameter]["data"]));
        let what = format!("{name}: parameters after ten updates");
        assert_close(&what, &trained.parameters, &last, tolerance::UPDATED_PARAMETERS);
    }
    Ok(())
}

struct Training<'a> {
    case: &'a Value,
    spec: NetworkSpec,
    loss: Loss,
    optimiser: Optimiser,
    dense_names: &'a [String],
}

struct Trained {
    output: Vec<f32>,
    gradient: Vec<f32>,
    losses: Vec<f32>,
    parameters: Vec<f32>,
}

impl WithSimd for Training<'_> {
    type Output = Trained;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Trained {
        let Self { case, spec, loss, optimiser, dense_names } = self;
        let batch = case["batch"]["size"].as_u64().unwrap() as usize;
        let input = single(&numbers(&case["batch"]["input"]));
        let targets = single(&numbers(&case["batch"]["target"]));
        let actions: Vec<u32> =
            numbers(&case["batch"]["action"]).iter().map(|&a| a as u32).collect();
        let mut parameters =
            single(&flat(&spec, dense_names, |name| numbers(&case["init"][name]["data"])));
        let mut moments = vec![0.0; optimiser.moment_count(parameters.len())];
        let mut state = optimiser.start(&mut moments);
        let mut activations = vec![0.0; spec.activation_count(batch)];
        let mut workspace = vec![0.0; spec.workspace_count(batch)];
        let (mut d_output, mut errors) = (vec![0.0; batch * spec.outputs()], vec![0.0; batch]);
        let (mut first_output, mut first_gradient, mut losses) =
            (Vec::new(), Vec::new(), Vec::new());
        for update in 0..10 {
            network::forward(simd, &spec, &parameters, batch, &input, &mut activations);
            let output = network::output(&spec, batch, &activations);
            losses.push(loss.evaluate(
                output,
                &actions,
                &targets,
                None,
                &mut d_output,
                &mut errors,
            ));
            let mut gradient = vec![0.0; parameters.len()];
            network::backward(
                simd,
                &spec,
                &parameters,
                batch,
                &input,
                &activations,
                &d_output,
                &mut workspace,
                &mut gradient,
            );
            if update == 0 {
                first_output = output.to_vec();
                first_gradient = gradient.clone();
            }
            optimiser.step(simd, &mut state, &mut parameters, &gradient, &mut moments);
        }
        Trained { output: first_output, gradient: first_gradient, losses, parameters }
    }
}

/// The network, and the name that each of its dense layers has among the parameters.
fn network_of(case: &Value) -> Result<(NetworkSpec, Vec<String>), String> {
    let shape = numbers(&case["batch"]["shape"]);
    let mut spec = NetworkSpec::input(shape[0] as usize);
    let mut names = Vec::new();
    for (index, layer) in case["layers"].as_array().unwrap().iter().enumerate() {
        let layer = layer.as_str().unwrap();
        let kind = layer.split('(').next().unwrap();
        spec = match kind {
            "Linear" => {
                names.push(index.to_string());
                let outputs = case["init"][format!("{index}.bias")]["shape"][0].as_u64().unwrap();
                spec.dense(outputs as usize)
            }
            "ReLU" => spec.activation(Activation::Relu),
            "ELU" => spec.activation(Activation::Elu),
            "Tanh" => spec.activation(Activation::Tanh),
            "Sigmoid" => spec.activation(Activation::Sigmoid),
            other => return Err(format!("layer {other}")),
        };
    }
    Ok((spec, names))
}

fn optimiser_of(settings: &Value) -> Result<Optimiser, String> {
    let number = |name: &str| settings[name].as_f64().unwrap();
    let beta = |index: usize| settings["betas"][index].as_f64().unwrap();
    let learning_rate = number("lr");
    let rms_prop = |decay, form| {
        let epsilon = number("eps");
        Optimiser::RmsProp { learning_rate, decay, epsilon, form }
    };
    Ok(match settings["name"].as_str().unwrap() {
        "adam" => Optimiser::Adam {
            learning_rate,
            beta1: beta(0),
            beta2: beta(1),
            epsilon: number("eps"),
        },
        "sgd" => Optimiser::Sgd { learning_rate, momentum: number("momentum") },
        "rmsprop_centred_eps_outside" => rms_prop(number("alpha"), RmsPropForm::Centred),
        "rmsprop_centred_eps_inside" => {
            rms_prop(number("decay"), RmsPropForm::CentredEpsilonInside)
        }
        other => return Err(format!("optimiser {other}")),
    })
}

/// The flat parameters from PyTorch's named ones, whose weights are `[out][in]`.
fn flat(spec: &NetworkSpec, names: &[String], of: impl Fn(&str) -> Vec<f64>) -> Vec<f64> {
    let mut all = Vec::new();
    let dense = spec.layers().iter().filter_map(|layer| match *layer {
        Layer::Dense { inputs, outputs } => Some((inputs, outputs)),
        _ => None,
    });
    for ((inputs, outputs), name) in dense.zip(names) {
        let weights = of(&format!("{name}.weight"));
        for i in 0..inputs {
            all.extend((0..outputs).map(|o| weights[o * inputs + i]));
        }
        all.extend(of(&format!("{name}.bias")));
    }
    assert_eq!(all.len(), spec.parameter_count());
    all
}

fn numbers(values: &Value) -> Vec<f64> {
    values.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn single(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}
