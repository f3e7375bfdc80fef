//! How gradients move parameters on the card: core's `nn/optimiser`, as the name of a kernel and what it is configured with.
//!
//! What changes from step to step is in memory on the card, because a recorded launch has always the same arguments.

use embedded_rl_core::nn::{Optimiser, RmsPropForm};

/// An optimiser as kernels take it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// The kernel of its step.
    pub(super) kernel: &'static str,
    /// `struct Rates` of `optimiser.cuh`: rate, beta1, what the second mean keeps, epsilon.
    pub(super) rates: [f64; 4],
    /// Whether it corrects its means by powers of what they keep.
    pub(super) has_powers: bool,
    /// Moments a parameter.
    pub(super) moments: usize,
}

impl Rule {
    pub(super) fn of(optimiser: &Optimiser) -> Self {
        let (kernel, rates) = match *optimiser {
            Optimiser::Adam { learning_rate, beta1, beta2, epsilon } => {
                ("adam", [learning_rate, beta1, beta2, epsilon])
            }
            Optimiser::Sgd { learning_rate, momentum } => {
                ("sgd", [learning_rate, 0.0, momentum, 0.0])
            }
            Optimiser::RmsProp { learning_rate, decay, epsilon, form } => {
                let kernel = match form {
                    RmsPropForm::Plain => "rms_prop_plain",
                    RmsPropForm::Centred => "rms_prop_centred",
                    RmsPropForm::CentredEpsilonInside => "rms_prop_centred_epsilon_inside",
                };
                (kernel, [learning_rate, 0.0, decay, epsilon])
            }
        };
        let has_powers = matches!(optimiser, Optimiser::Adam { .. });
        Self { kernel, rates, has_powers, moments: optimiser.moment_count(1) }
    }
}
