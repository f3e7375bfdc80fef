use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::Optimiser;
use embedded_rl_kernels::Launch;
use pulp::Scalar;

/// Steps in a row: moments and powers are carried on.
const STEPS: usize = 3;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(8);
    let mut cases = Vec::new();
    for count in [1, 255, 257, 1_000] {
        cases.push(adam(numbers, count));
    }
    cases
}

/// Gradients with some so small that moments end in zeros.
fn gradients(numbers: &mut Numbers, count: usize) -> Vec<f32> {
    let gradients = numbers.floats(count).into_iter().enumerate();
    gradients.map(|(i, g)| if i % 7 == 3 { g * 1e-30 } else { g }).collect()
}

fn adam(numbers: &mut Numbers, count: usize) -> Case {
    let (rate, beta1, beta2, epsilon) = (3e-3, 0.9, 0.999, 1e-8);
    let optimiser = Optimiser::Adam { learning_rate: rate, beta1, beta2, epsilon };
    let before = numbers.floats(count);
    let (mut parameters, mut moments) = (before.clone(), vec![0.0; 2 * count]);
    let mut state = optimiser.start(&mut moments);
    let of_steps: Vec<Vec<f32>> = (0..STEPS).map(|_| gradients(numbers, count)).collect();
    for gradients in &of_steps {
        optimiser.step(Scalar, &mut state, &mut parameters, gradients, &mut moments);
    }

    let mut case = Case::new(format!("Adam, {count} parameters"));
    let parameters = case.changed("parameters", &before, &parameters);
    let moments = case.changed("moments", &vec![0.0; 2 * count], &moments);
    let powers = [state.beta1_power, state.beta2_power];
    let powers = case.changed("powers", &[1.0, 1.0], &powers);
    let (c1, c2) = (1.0 - state.beta1_power, 1.0 - state.beta2_power);
    let step = [1.0 - beta1, beta2, 1.0 - beta2, rate * c2.sqrt() / c1, epsilon * c2.sqrt()];
    let step = case.written("step", &step.map(|number| number as f32));
    for gradients in &of_steps {
        let gradients = case.given("gradients", gradients);
        let rates = [rate, beta1, beta2, epsilon].map(Argument::F64);
        let arguments = [&[powers.clone(), step.clone()][..], &rates[..]].concat();
        case.launch("adam_correct", Launch::one_thread(), &arguments);
        case.launch(
            "adam_step",
            Launch::elements(count as u32),
            &[step.clone(), parameters.clone(), gradients, moments.clone(), size(count)],
        );
    }
    case
}
