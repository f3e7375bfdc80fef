use crate::case::{Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::{Activation, Baseline, Image, Layer, NetworkSpec, noisy};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(26);
    let image = NetworkSpec::image(Image::channels_first(1, 5, 4))
        .conv2d(3, [2, 2], [1, 1], [0, 0])
        .activation(Activation::Relu)
        .dense(7)
        .dueling(3, Baseline::Mean);
    let mlp = |sizes: &[usize]| NetworkSpec::mlp(sizes, Activation::Relu);
    [mlp(&[1, 1]), mlp(&[8, 33, 17, 4]), image].map(|spec| case(numbers, &spec)).into()
}

/// The places of the two factors of each parameter's noise: `struct Places`, two numbers a parameter.
pub(crate) fn places(spec: &NetworkSpec) -> Vec<u32> {
    let (mut places, mut first) = (Vec::new(), 0);
    for layer in spec.layers() {
        let Layer::Dense { inputs, outputs } = *layer else {
            places.extend(core::iter::repeat_n(u32::MAX, 2 * layer.parameter_count()));
            continue;
        };
        for input in 0..=inputs {
            let of_input = if input < inputs { (first + input) as u32 } else { u32::MAX };
            places.extend((0..outputs).flat_map(|o| [of_input, (first + inputs + o) as u32]));
        }
        first += inputs + outputs;
    }
    places
}

fn case(numbers: &mut Numbers, spec: &NetworkSpec) -> Case {
    let count = spec.parameter_count();
    let (means, deviations) = (numbers.floats(count), numbers.floats(count));
    let (gradients, mut noise) = (numbers.floats(count), vec![0.0; noisy::noise_count(spec)]);
    noisy::draw(spec, &mut numbers.0, &mut noise);
    let (mut effective, mut of_deviations) = (vec![0.0; count], vec![0.0; count]);
    noisy::perturb(Scalar, spec, &means, &deviations, &noise, &mut effective);
    noisy::deviation_gradient(Scalar, spec, &noise, &gradients, &mut of_deviations);

    let mut case = Case::new(format!("noise in {count} weights"));
    let places = case.given("places", &places(spec));
    let noise = case.given("noise", &noise);
    let grid = Launch::elements(count as u32).with_threads(numbers.size(1, 256) as u32);
    let parameters = case.given("parameters", &[means, deviations].concat());
    let effective = case.written("effective", &effective);
    let of = [parameters, places.clone(), noise.clone(), effective, size(count)];
    case.launch("noisy_perturb", grid, &of);
    let before = [&gradients[..], &vec![f32::NAN; count]].concat();
    let gradients = case.changed("gradients", &before, &[gradients, of_deviations].concat());
    case.launch("noisy_deviation_gradient", grid, &[gradients, places, noise, size(count)]);
    case
}
