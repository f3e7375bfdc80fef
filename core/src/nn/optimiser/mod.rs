//! Optimisers: one loop over the flat slice of parameters.
//!
//! [`Optimiser`] is the configuration, [`OptimiserState`] the few numbers that change a step, and the moments (one
//! or two numbers a parameter) are a slice of the caller's. Formulas and defaults are PyTorch's unless a variant
//! says otherwise. What is the same for all parameters is computed once a step in `f64`; the loop is in `f32`.
//!
//! A moment whose magnitude falls below [`SMALLEST_MOMENT`] becomes 0. The moments of a weight behind a dead relu
//! decay for ever, and the denormal numbers that they would become are some twenty times slower on a PC. Flushing
//! them here instead of by the processor's own mode is the same on every target.

mod adam;
mod clip;
mod rms_prop;
mod sgd;

pub use clip::{clip_norm, clip_value};

use pulp::Simd;

/// A moment of a smaller magnitude is stored as 0. It could no longer move a parameter by a bit.
pub const SMALLEST_MOMENT: f32 = 1e-30;

/// How gradients move parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum Optimiser {
    /// Kingma and Ba (2015).
    Adam {
        /// Step size.
        learning_rate: f64,
        /// Decay of the mean of the gradients.
        #[cfg_attr(feature = "serde", serde(default = "default_beta1"))]
        beta1: f64,
        /// Decay of the mean of their squares.
        #[cfg_attr(feature = "serde", serde(default = "default_beta2"))]
        beta2: f64,
        /// Added to the root of the mean square.
        #[cfg_attr(feature = "serde", serde(default = "default_epsilon"))]
        epsilon: f64,
    },
    /// Gradient descent.
    Sgd {
        /// Step size.
        learning_rate: f64,
        /// How much of the last step's velocity is kept; 0 needs no moments.
        #[cfg_attr(feature = "serde", serde(default))]
        momentum: f64,
    },
    /// Hinton's RMSProp, in one of three forms.
    RmsProp {
        /// Step size.
        learning_rate: f64,
        /// Decay of the means; PyTorch's `alpha`.
        decay: f64,
        /// Keeps the root from being zero.
        epsilon: f64,
        /// Which means there are and where epsilon stands.
        form: RmsPropForm,
    },
}

/// The forms of RMSProp that published agents use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum RmsPropForm {
    /// `g / (sqrt(s) + epsilon)`: PyTorch's default.
    Plain,
    /// `g / (sqrt(s - m^2) + epsilon)`: PyTorch with `centered=True`.
    Centred,
    /// `g / sqrt(s - m^2 + epsilon)` with `s` starting at one: TensorFlow 1's `centered=True`, as TF-Agents uses it.
    CentredEpsilonInside,
}

#[cfg(feature = "serde")]
fn default_beta1() -> f64 {
    0.9
}

#[cfg(feature = "serde")]
fn default_beta2() -> f64 {
    0.999
}

#[cfg(feature = "serde")]
fn default_epsilon() -> f64 {
    1e-8
}

/// What changes from step to step besides the moments.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OptimiserState {
    /// Steps taken.
    pub steps: u64,
    /// Adam's `beta1` to the power `steps`, by repeated multiplication; 1 for the others.
    pub beta1_power: f64,
    /// Adam's `beta2` to the power `steps`.
    pub beta2_power: f64,
}

impl Optimiser {
    /// Adam with PyTorch's defaults.
    pub const fn adam(learning_rate: f64) -> Self {
        Self::Adam { learning_rate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }

    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let kept = |share: f64| (0.0..1.0).contains(&share);
        let (Self::Adam { learning_rate, .. }
        | Self::Sgd { learning_rate, .. }
        | Self::RmsProp { learning_rate, .. }) = *self;
        if !(learning_rate.is_finite() && learning_rate >= 0.0) {
            return Some("optimiser.learning_rate must be a number that is not negative");
        }
        match *self {
            Self::Adam { beta1, beta2, .. } if !kept(beta1) || !kept(beta2) => {
                Some("optimiser.beta1 and beta2 must be at least 0 and less than 1")
            }
            Self::Sgd { momentum, .. } if !kept(momentum) => {
                Some("optimiser.momentum must be at least 0 and less than 1")
            }
            Self::RmsProp { decay, .. } if !kept(decay) => {
                Some("optimiser.decay must be at least 0 and less than 1")
            }
            // In f32, as it is used: a smaller one is zero and divides zero by zero.
            Self::Adam { epsilon, .. } | Self::RmsProp { epsilon, .. }
                if !(epsilon.is_finite() && epsilon as f32 > 0.0) =>
            {
                Some("optimiser.epsilon must be a number greater than 0")
            }
            _ => None,
        }
    }

    /// The same with its learning rate multiplied by `factor`: what a schedule asks for.
    pub const fn scaled(mut self, factor: f64) -> Self {
        match &mut self {
            Self::Adam { learning_rate, .. }
            | Self::Sgd { learning_rate, .. }
            | Self::RmsProp { learning_rate, .. } => *learning_rate *= factor,
        }
        self
    }

    /// Length of the moments of this many parameters.
    pub const fn moment_count(&self, parameters: usize) -> usize {
        match *self {
            Optimiser::Adam { .. } => 2 * parameters,
            Optimiser::Sgd { momentum, .. } => {
                if momentum == 0.0 {
                    0
                } else {
                    parameters
                }
            }
            Optimiser::RmsProp { form: RmsPropForm::Plain, .. } => parameters,
            Optimiser::RmsProp { .. } => 2 * parameters,
        }
    }

    /// The state before the first step; writes the first moments.
    pub fn start(&self, moments: &mut [f32]) -> OptimiserState {
        moments.fill(0.0);
        if let Optimiser::RmsProp { form: RmsPropForm::CentredEpsilonInside, .. } = self {
            let half = moments.len() / 2;
            moments[..half].fill(1.0);
        }
        OptimiserState { steps: 0, beta1_power: 1.0, beta2_power: 1.0 }
    }

    /// One step: moves `parameters` against `gradients`.
    ///
    /// # Panics
    /// If the gradients are not as many as the parameters, or the moments not `moment_count` of them.
    #[inline(always)]
    pub fn step<S: Simd>(
        &self,
        simd: S,
        state: &mut OptimiserState,
        parameters: &mut [f32],
        gradients: &[f32],
        moments: &mut [f32],
    ) {
        assert_eq!(gradients.len(), parameters.len(), "a gradient a parameter");
        assert_eq!(
            moments.len(),
            self.moment_count(parameters.len()),
            "moments of another optimiser"
        );
        state.steps += 1;
        match *self {
            Optimiser::Adam { learning_rate, beta1, beta2, epsilon } => {
                state.beta1_power *= beta1;
                state.beta2_power *= beta2;
                let corrections = (1.0 - state.beta1_power, 1.0 - state.beta2_power);
                let step = adam::Step::new(learning_rate, beta1, beta2, epsilon, corrections);
                adam::step(simd, step, parameters, gradients, moments);
            }
            Optimiser::Sgd { learning_rate, momentum } => {
                sgd::step(
                    simd,
                    learning_rate as f32,
                    momentum as f32,
                    parameters,
                    gradients,
                    moments,
                );
            }
            Optimiser::RmsProp { learning_rate, decay, epsilon, form } => {
                let step = rms_prop::Step::new(learning_rate, decay, epsilon, form);
                rms_prop::step(simd, step, parameters, gradients, moments);
            }
        }
    }
}

/// Zero where a moment has become too small to matter.
#[inline(always)]
fn flush<S: Simd>(simd: S, moment: S::f32s) -> S::f32s {
    let below = simd.less_than_f32s(moment, simd.splat_f32s(SMALLEST_MOMENT));
    let above = simd.less_than_f32s(simd.splat_f32s(-SMALLEST_MOMENT), moment);
    simd.select_f32s(simd.and_m32s(below, above), simd.splat_f32s(0.0), moment)
}

#[cfg(test)]
mod tests {
    use super::{Optimiser, RmsPropForm};

    #[test]
    fn settings_that_make_numbers_of_no_use_are_complained_about() {
        let rms_prop = |decay, epsilon| Optimiser::RmsProp {
            learning_rate: 1e-3,
            decay,
            epsilon,
            form: RmsPropForm::Plain,
        };
        let adam =
            |beta1, epsilon| Optimiser::Adam { learning_rate: 1e-3, beta1, beta2: 0.999, epsilon };
        for (optimiser, expected) in [
            (Optimiser::adam(1e-3), None),
            (Optimiser::adam(0.0), None),
            (Optimiser::adam(-1e-3), Some("learning_rate")),
            (Optimiser::adam(f64::NAN), Some("learning_rate")),
            (Optimiser::adam(f64::INFINITY), Some("learning_rate")),
            (adam(1.0, 1e-8), Some("beta1")),
            (adam(f64::NAN, 1e-8), Some("beta1")),
            (adam(0.9, 0.0), Some("epsilon")),
            (adam(0.9, 1e-60), Some("epsilon")),
            (Optimiser::Sgd { learning_rate: 0.1, momentum: 0.0 }, None),
            (Optimiser::Sgd { learning_rate: 0.1, momentum: 1.0 }, Some("momentum")),
            (rms_prop(0.95, 0.01), None),
            (rms_prop(1.0, 0.01), Some("decay")),
            (rms_prop(0.95, f64::NAN), Some("epsilon")),
        ] {
            let found = optimiser.complaint();
            assert_eq!(found.is_some(), expected.is_some(), "{optimiser:?}: {found:?}");
            assert!(found.unwrap_or_default().contains(expected.unwrap_or_default()), "{found:?}");
        }
    }
}
