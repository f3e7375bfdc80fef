//! How gradients move parameters on the card: core's `nn/optimiser`, as the name of a kernel and what it is configured with.
//!
//! What changes from step to step is in memory on the card, because a recorded launch has always the same arguments.

use super::buffers::Buffer;
use super::kernels::{self as k, Step};
use super::launch::Launcher;
use crate::failure::Outcome;
use embedded_rl_core::nn::{Optimiser, RmsPropForm};

/// Prepares a step whose rate is multiplied by `factor` `[1]`, and makes it.
pub(super) fn step(
    launcher: &Launcher,
    optimiser: &Optimiser,
    factor: &Buffer<f32>,
    powers: &Buffer<f64>,
    of: Step<'_>,
) -> Outcome<()> {
    // `struct Rates` of optimiser.cuh: rate, beta1, what the second mean keeps, epsilon.
    let (kernel, rates) = match *optimiser {
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
    let powers = matches!(optimiser, Optimiser::Adam { .. }).then_some(powers);
    k::prepare_step(launcher, powers, of.step, factor, rates)?;
    k::optimise(launcher, kernel, optimiser.moment_count(1), of)
}
