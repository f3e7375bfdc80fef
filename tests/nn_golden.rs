//! Networks, losses and optimisers against PyTorch: output, first gradients, ten losses of ten updates on one batch,
//! and the parameters after them, running statistics included. tests/golden/nn/make_nn_golden.py made the files and
//! describes them. Images go in with channels first, as they stand in the files, and with channels last.

use embedded_rl_checks::golden_network::{
    channels_last, flat, json_files, network_of, numbers, single, sizes,
};
use embedded_rl_checks::tolerance::{self, assert_close};
use embedded_rl_core::nn::{
    Channels, Image, Lanes, Loss, NetworkSpec, Optimiser, RmsPropForm, Simd, WithSimd,
    binary_cross_entropy, network,
};
use serde_json::Value;
use std::path::Path;

#[test]
fn every_golden_network_trains_as_in_pytorch() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/nn");
    let mut checked = 0;
    for file in json_files(&folder) {
        check(&file).unwrap_or_else(|missing| panic!("{}: {missing} is not built", file.display()));
        checked += 1;
    }
    assert!(checked >= 10, "only {checked} golden networks in {}", folder.display());
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

/// Checks one case; the name of what it needs and the crate lacks, otherwise.
fn check(file: &Path) -> Result<(), String> {
    let case: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let shape = sizes(&case["batch"]["shape"]);
    if shape.len() == 1 {
        return check_with(&case, NetworkSpec::input(shape[0]), &numbers(&case["batch"]["input"]));
    }
    let [channels, height, width] = [shape[0], shape[1], shape[2]];
    let first = Image::channels_first(channels as u16, height as u16, width as u16);
    check_with(&case, NetworkSpec::image(first), &numbers(&case["batch"]["input"]))?;
    let last = Image { order: Channels::Last, ..first };
    let input = numbers(&case["batch"]["input"]);
    let images = input.chunks(first.count());
    let turned: Vec<f64> = images.flat_map(|image| channels_last(shape[0], image)).collect();
    check_with(&case, NetworkSpec::image(last), &turned)
}

fn check_with(case: &Value, input: NetworkSpec, images: &[f64]) -> Result<(), String> {
    let name = case["name"].as_str().unwrap();
    let (spec, names) = network_of(case, input)?;
    let loss = match case["loss"].as_str().unwrap() {
        "mse" => Criterion::OfActions(Loss::SquaredError),
        "huber" => Criterion::OfActions(Loss::Huber),
        "bce" => Criterion::BinaryCrossEntropy,
        other => return Err(format!("loss {other}")),
    };
    let optimiser = optimiser_of(&case["optimiser"])?;
    let input = single(images);
    let training = Training { case, spec, loss, optimiser, input: &input, names: &names };
    let plainest = Lanes::scalar().dispatch(&training);
    for lanes in Lanes::available() {
        let name = format!("{name} on {}", lanes.name());
        let trained = lanes.dispatch(&training);
        assert!(trained == plainest, "{name}: other bits than on one lane");
        assert_close(
            &format!("{name}: output"),
            &trained.output,
            &numbers(&case["output"]),
            tolerance::NETWORK_OUTPUT,
        );
        let gradient = flat(&spec, &names, |parameter| match &case["grad"][parameter] {
            // Running statistics have none.
            Value::Null => vec![0.0; numbers(&case["init"][parameter]["data"]).len()],
            gradient => numbers(gradient),
        });
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
        let last = flat(&spec, &names, |parameter| numbers(&case["final"][parameter]["data"]));
        let what = format!("{name}: parameters after ten updates");
        assert_close(&what, &trained.parameters, &last, tolerance::UPDATED_PARAMETERS);
    }
    Ok(())
}

enum Criterion {
    /// Of the values of the taken actions.
    OfActions(Loss),
    BinaryCrossEntropy,
}

struct Training<'a> {
    case: &'a Value,
    spec: NetworkSpec,
    loss: Criterion,
    optimiser: Optimiser,
    input: &'a [f32],
    names: &'a [String],
}

#[derive(PartialEq)]
struct Trained {
    output: Vec<f32>,
    gradient: Vec<f32>,
    losses: Vec<f32>,
    parameters: Vec<f32>,
}

impl WithSimd for &Training<'_> {
    type Output = Trained;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Trained {
        let Training { case, spec, loss, optimiser, input, names } = self;
        let batch = case["batch"]["size"].as_u64().unwrap() as usize;
        let targets = single(&numbers(&case["batch"]["target"]));
        let actions: Vec<u32> =
            numbers(&case["batch"]["action"]).iter().map(|&a| a as u32).collect();
        let mut parameters =
            single(&flat(spec, names, |name| numbers(&case["init"][name]["data"])));
        let mut moments = vec![0.0; optimiser.moment_count(parameters.len())];
        let mut state = optimiser.start(&mut moments);
        let mut activations = vec![f32::NAN; spec.activation_count(batch)];
        let mut workspace = vec![f32::NAN; spec.workspace_count(batch)];
        let (mut d_output, mut errors) = (vec![0.0; batch * spec.outputs()], vec![0.0; batch]);
        let (mut first_output, mut first_gradient, mut losses) =
            (Vec::new(), Vec::new(), Vec::new());
        for update in 0..10 {
            network::forward(simd, spec, &parameters, batch, input, &mut activations);
            let output = network::output(spec, batch, &activations);
            losses.push(match loss {
                Criterion::OfActions(loss) => {
                    loss.evaluate(output, &actions, &targets, None, &mut d_output, &mut errors)
                }
                Criterion::BinaryCrossEntropy => {
                    let weights = single(&numbers(&case["batch"]["weight"]));
                    binary_cross_entropy(output, &targets, Some(&weights), &mut d_output)
                }
            });
            let mut gradient = vec![0.0; parameters.len()];
            network::backward(
                simd,
                spec,
                &parameters,
                batch,
                input,
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
            network::follow_statistics(spec, batch, &activations, &mut parameters);
        }
        Trained { output: first_output, gradient: first_gradient, losses, parameters }
    }
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
