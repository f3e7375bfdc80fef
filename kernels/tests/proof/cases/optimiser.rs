use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::optimiser::SMALLEST_MOMENT;
use embedded_rl_core::nn::{Optimiser, RmsPropForm};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

/// Steps in a row: moments and powers are carried on.
const STEPS: usize = 3;

const FORMS: [(RmsPropForm, &str); 3] = [
    (RmsPropForm::Plain, "rms_prop_plain"),
    (RmsPropForm::Centred, "rms_prop_centred"),
    (RmsPropForm::CentredEpsilonInside, "rms_prop_centred_epsilon_inside"),
];

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(8);
    let mut cases = Vec::new();
    for count in [1, 255, 257, 1_000] {
        cases.push(adam(numbers, count));
        cases.push(gradient_descent(numbers, count));
        for (form, name) in FORMS {
            cases.push(rms_prop(numbers, count, form, name));
        }
    }
    cases
}

/// Gradients with some so small that moments end in zeros, and some whose first moment of Adam is just not that small.
fn gradients(numbers: &mut Numbers, count: usize) -> Vec<f32> {
    let share = (1.0 - 0.9_f64) as f32;
    let near = (0..8).map(|bits| f32::from_bits((SMALLEST_MOMENT / share).to_bits() - 4 + bits));
    let limit = near.into_iter().find(|&g| share * g == SMALLEST_MOMENT).expect("such a number");
    let gradients = numbers.floats(count).into_iter().enumerate();
    let small = |(i, g): (usize, f32)| match i % 7 {
        3 => g * 1e-30,
        4 => limit,
        5 => -limit,
        6 => SMALLEST_MOMENT,
        _ => g,
    };
    gradients.map(small).collect()
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

fn rms_prop(numbers: &mut Numbers, count: usize, form: RmsPropForm, name: &'static str) -> Case {
    let (rate, decay, epsilon) = (2.5e-3, 0.95, 0.01);
    let optimiser = Optimiser::RmsProp { learning_rate: rate, decay, epsilon, form };
    let before = numbers.floats(count);
    let mut moments = vec![0.0; optimiser.moment_count(count)];
    let (mut parameters, mut state) = (before.clone(), optimiser.start(&mut moments));
    let moments_before = moments.clone();
    let of_steps: Vec<Vec<f32>> = (0..STEPS).map(|_| gradients(numbers, count)).collect();
    for gradients in &of_steps {
        optimiser.step(Scalar, &mut state, &mut parameters, gradients, &mut moments);
    }

    let mut case = Case::new(format!("{name}, {count} parameters"));
    let parameters = case.changed("parameters", &before, &parameters);
    let moments = case.changed("moments", &moments_before, &moments);
    let numbers = [rate, decay, 1.0 - decay, epsilon].map(|number| Argument::F32(number as f32));
    for gradients in &of_steps {
        let of = [parameters.clone(), case.given("gradients", gradients), moments.clone()];
        let arguments = [&of[..], &numbers[..], &[size(count)]].concat();
        case.launch(name, Launch::elements(count as u32), &arguments);
    }
    case
}

fn gradient_descent(numbers: &mut Numbers, count: usize) -> Case {
    let (rate, momentum) = (0.01, 0.9);
    let before = numbers.floats(count);
    let of_steps: Vec<Vec<f32>> = (0..STEPS).map(|_| gradients(numbers, count)).collect();
    let descended = |momentum: f64| {
        let optimiser = Optimiser::Sgd { learning_rate: rate, momentum };
        let mut velocities = vec![0.0; optimiser.moment_count(count)];
        let (mut parameters, mut state) = (before.clone(), optimiser.start(&mut velocities));
        for gradients in &of_steps {
            optimiser.step(Scalar, &mut state, &mut parameters, gradients, &mut velocities);
        }
        (parameters, velocities)
    };
    let ((plain, _), (fast, velocities)) = (descended(0.0), descended(momentum));

    let mut case = Case::new(format!("gradient descent, {count} parameters"));
    let plain = case.changed("plain", &before, &plain);
    let fast = case.changed("with momentum", &before, &fast);
    let velocities = case.changed("velocities", &vec![0.0; count], &velocities);
    let [rate, momentum] = [rate, momentum].map(|number| Argument::F32(number as f32));
    let grid = Launch::elements(count as u32);
    for gradients in &of_steps {
        let gradients = case.given("gradients", gradients);
        let of = [plain.clone(), gradients.clone(), rate.clone(), size(count)];
        case.launch("sgd", grid, &of);
        let of = [fast.clone(), gradients, velocities.clone(), rate.clone(), momentum.clone()];
        case.launch("sgd_momentum", grid, &[&of[..], &[size(count)]].concat());
    }
    case
}
