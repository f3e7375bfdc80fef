use crate::case::{Argument, Case, doubles, size};
use crate::numbers::Numbers;
use embedded_rl_core::dqn::soft_update;
use embedded_rl_core::nn::optimiser::{SMALLEST_MOMENT, clip_norm};
use embedded_rl_core::nn::{Optimiser, OptimiserState, RmsPropForm};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

/// Steps in a row: moments and powers are carried on.
const STEPS: usize = 3;

/// What a schedule makes of the rate in each of them.
const FACTORS: [f32; STEPS] = [1.0, 0.3, 0.7];

const TAU: f32 = 0.3;

const ADAM: Optimiser =
    Optimiser::Adam { learning_rate: 3e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(8);
    let rms_prop =
        |form| Optimiser::RmsProp { learning_rate: 2.5e-3, decay: 0.95, epsilon: 0.01, form };
    let sgd = |momentum| Optimiser::Sgd { learning_rate: 0.01, momentum };
    let mut cases = Vec::new();
    for (index, count) in [1, 255, 257, 1_000].into_iter().enumerate() {
        for optimiser in [
            ADAM,
            rms_prop(RmsPropForm::Plain),
            rms_prop(RmsPropForm::Centred),
            rms_prop(RmsPropForm::CentredEpsilonInside),
            sgd(0.0),
            sgd(0.9),
        ] {
            // Far below, near and above the norm, and not clipped at all; with a target network and without.
            let maximum = [2.0, 0.1, 20.0, f32::INFINITY][index];
            cases.push(case(numbers, count, optimiser, maximum, index % 2 == 0));
        }
        cases.push(preparation(count as u64));
    }
    cases
}

/// The kernel of an optimiser, and what it is configured with: `struct Rates`.
pub(crate) fn kernel_and_rates(optimiser: Optimiser) -> (&'static str, Argument) {
    let (kernel, rates) = match optimiser {
        Optimiser::Adam { learning_rate, beta1, beta2, epsilon } => {
            ("adam", [learning_rate, beta1, beta2, epsilon])
        }
        Optimiser::Sgd { learning_rate, momentum } => ("sgd", [learning_rate, 0.0, momentum, 0.0]),
        Optimiser::RmsProp { learning_rate, decay, epsilon, form } => {
            let kernel = match form {
                RmsPropForm::Plain => "rms_prop_plain",
                RmsPropForm::Centred => "rms_prop_centred",
                RmsPropForm::CentredEpsilonInside => "rms_prop_centred_epsilon_inside",
            };
            (kernel, [learning_rate, 0.0, decay, epsilon])
        }
    };
    (kernel, doubles(&rates))
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

/// `struct Step` of a step that starts from this state.
fn step_of(optimiser: Optimiser, state: OptimiserState, factor: f32) -> [f32; 5] {
    let step = match optimiser.scaled(f64::from(factor)) {
        Optimiser::Adam { learning_rate, beta1, beta2, epsilon } => {
            let (c1, c2) = (1.0 - state.beta1_power * beta1, 1.0 - state.beta2_power * beta2);
            let root = c2.sqrt();
            [1.0 - beta1, beta2, 1.0 - beta2, learning_rate * root / c1, epsilon * root]
        }
        Optimiser::Sgd { learning_rate, momentum } => {
            [1.0, momentum, 1.0 - momentum, learning_rate, 0.0]
        }
        Optimiser::RmsProp { learning_rate, decay, epsilon, .. } => {
            [1.0, decay, 1.0 - decay, learning_rate, epsilon]
        }
    };
    step.map(|number| number as f32)
}

/// What core makes of gradients in a row, with the numbers of each step in front of it.
fn case(
    numbers: &mut Numbers,
    count: usize,
    optimiser: Optimiser,
    maximum: f32,
    is_followed: bool,
) -> Case {
    let (before, target_before) = (numbers.floats(count), numbers.floats(count));
    let (mut parameters, mut target) = (before.clone(), target_before.clone());
    let mut moments = vec![0.0; optimiser.moment_count(count)];
    let mut state = optimiser.start(&mut moments);
    let moments_before = moments.clone();
    let mut rounds = Vec::new();
    for factor in FACTORS {
        let gradients = gradients(numbers, count);
        let step = step_of(optimiser, state, factor);
        let mut used = gradients.clone();
        let norm = clip_norm(Scalar, maximum, &mut used);
        let scaled = optimiser.scaled(f64::from(factor));
        scaled.step(Scalar, &mut state, &mut parameters, &used, &mut moments);
        if is_followed {
            soft_update(Scalar, TAU, &parameters, &mut target);
        }
        rounds.push((gradients, norm, step));
    }

    let mut case = Case::new(format!("{optimiser:?}, {count} parameters"));
    let parameters = case.changed("parameters", &before, &parameters);
    let target = match is_followed {
        true => case.changed("target", &target_before, &target),
        false => Argument::Null,
    };
    let moments = match moments.is_empty() {
        true => Argument::Null,
        false => case.changed("moments", &moments_before, &moments),
    };
    let (kernel, _) = kernel_and_rates(optimiser);
    for (gradients, norm, step) in &rounds {
        let norm = match maximum.is_finite() {
            true => case.given("norm", &[*norm]),
            false => Argument::Null,
        };
        let of = [case.given("step", step), case.given("gradients", gradients), norm];
        let changed = [parameters.clone(), moments.clone(), target.clone()];
        let sizes = [Argument::F32(maximum), Argument::F32(TAU), size(count)];
        let grid = Launch::elements(count as u32).with_threads(numbers.size(1, 256) as u32);
        case.launch(kernel, grid, &[of, changed, sizes].concat());
    }
    case
}

/// Only the numbers of many steps.
fn preparation(steps: u64) -> Case {
    let mut case = Case::new(format!("the numbers of {steps} steps"));
    let mut state = ADAM.start(&mut []);
    let sgd = Optimiser::Sgd { learning_rate: 0.25, momentum: 0.5 };
    let (_, of_adam) = kernel_and_rates(ADAM);
    let (_, of_sgd) = kernel_and_rates(sgd);
    let (mut of_steps, mut factor) = (Vec::new(), 1.0);
    for _ in 0..steps.min(20) {
        factor *= 0.9;
        of_steps.push((factor, step_of(ADAM, state, factor), step_of(sgd, state, factor)));
        ADAM.step(Scalar, &mut state, &mut [], &[], &mut []);
    }
    let powers = [state.beta1_power, state.beta2_power];
    let powers = case.changed("powers", &[1.0, 1.0], &powers);
    for (factor, adam, sgd) in of_steps {
        let factor = case.given("factor", &[factor]);
        let (adam, sgd) = (case.written("step of Adam", &adam), case.written("step", &sgd));
        let one = Launch::one_thread();
        let of = [powers.clone(), adam, factor.clone(), of_adam.clone()];
        case.launch("prepare_step", one.with_threads(32), &of);
        case.launch("prepare_step", one, &[Argument::Null, sgd, factor, of_sgd.clone()]);
    }
    case
}
