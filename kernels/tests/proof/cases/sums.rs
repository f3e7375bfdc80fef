use super::optimiser::kernel_and_rates;
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::Optimiser;
use embedded_rl_core::nn::optimiser::clip_norm;
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(22);
    let sizes =
        [(1, 1), (15, 16), (16, 17), (17, 31), (255, 32), (257, 256), (700, 300), (33, 700)];
    sizes.into_iter().map(|(count, batch)| case(numbers, count, batch)).collect()
}

fn case(numbers: &mut Numbers, count: usize, batch: usize) -> Case {
    let gradients = numbers.floats(count);
    let (terms, taken) = (numbers.magnitudes(batch), numbers.floats(batch));
    let sum = |values: &[f32]| values.iter().fold(0.0, |sum, &value| sum + value);
    let (loss, mean) = (sum(&terms) * (1.0 / batch as f32), sum(&taken) / batch as f32);
    let norm = clip_norm(Scalar, f32::INFINITY, &mut gradients.clone());
    let sgd = Optimiser::Sgd { learning_rate: 0.1, momentum: 0.9 };
    let adam = Optimiser::adam(0.1);
    let mut state = adam.start(&mut []);
    adam.step(Scalar, &mut state, &mut [], &[], &mut []);
    let is_adam = count % 2 == 1;

    let mut case = Case::new(format!("sums of {count} gradients and a batch of {batch}"));
    let powers = match is_adam {
        true => case.changed("powers", &[1.0, 1.0], &[state.beta1_power, state.beta2_power]),
        false => Argument::Null,
    };
    let rate = (0.1 * f64::from(0.5_f32)) as f32;
    let step = match is_adam {
        // What Adam's powers lead to is compared by `prepare_step`.
        true => case.between("step", 5),
        false => case.written("step", &[1.0, 0.9, (1.0 - 0.9_f64) as f32, rate, 0.0]),
    };
    let norm = if count == 17 { Argument::Null } else { case.written("norm", &[norm]) };
    let arguments = [
        case.given("gradients", &gradients),
        norm,
        case.given("terms", &terms),
        case.given("taken_values", &taken),
        case.written("loss", &[loss]),
        case.written("mean_q", &[mean]),
        powers,
        step,
        case.given("factor", &[0.5_f32]),
        kernel_and_rates(if is_adam { adam } else { sgd }).1,
        size(count),
        size(batch),
    ];
    let threads = 16 * numbers.size(1, 16) as u32;
    let launch = Launch { threads: [threads, 1, 1], shared_bytes: 4 * threads, ..Launch::sums() };
    case.launch("update_sums", launch, &arguments);
    case
}
