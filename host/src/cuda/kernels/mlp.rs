//! The update of a network of dense layers in few launches: `mlp.cu` and `sums.cu`.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::cuda::transitions::Transitions;
use crate::failure::Outcome;
use embedded_rl_core::bellman::Munchausen;
use embedded_rl_core::nn::Loss;
use embedded_rl_kernels::{Launch, Mlp};

/// What is learned from, and what of.
#[derive(Clone, Copy, Debug)]
pub(in crate::cuda) struct Learned<'a> {
    pub(in crate::cuda) slots: &'a Buffer<u32>,
    /// `[B]`, or all count as much.
    pub(in crate::cuda) weights: Option<&'a Buffer<f32>>,
    /// The parameters that value what follows.
    pub(in crate::cuda) target: &'a Buffer<f32>,
    /// Those that choose what follows, if they are others.
    pub(in crate::cuda) chooser: Option<&'a Buffer<f32>>,
    /// Those that learn.
    pub(in crate::cuda) parameters: &'a Buffer<f32>,
    pub(in crate::cuda) loss: Loss,
    pub(in crate::cuda) munchausen: Option<Munchausen>,
}

/// What `mlp_rows` leaves of each transition.
#[derive(Clone, Copy, Debug)]
pub(in crate::cuda) struct Rows<'a> {
    /// `[B][V]`
    pub(in crate::cuda) values: &'a Buffer<f32>,
    /// `[B][D]`
    pub(in crate::cuda) deltas: &'a Buffer<f32>,
    /// `[B]`
    pub(in crate::cuda) errors: &'a Buffer<f32>,
    /// `[B]`: terms of the loss.
    pub(in crate::cuda) terms: &'a Buffer<f32>,
    /// `[B]`: values of the actions that were taken.
    pub(in crate::cuda) taken: &'a Buffer<f32>,
}

/// From stored transitions to the deltas of every layer.
pub(in crate::cuda) fn mlp_rows(
    launcher: &Launcher,
    network: &Mlp,
    stored: &Transitions,
    of: Learned<'_>,
    to: Rows<'_>,
) -> Outcome<()> {
    let (width, capacity, count) = (stored.width(), stored.capacity(), of.slots.len());
    let parameters = of.parameters.len();
    let unused = Munchausen { alpha: 0.0, temperature: 1.0, lowest: 0.0 };
    let Munchausen { alpha, temperature, lowest } = of.munchausen.unwrap_or(unused);
    let [alpha, temperature, lowest] = [alpha, temperature, lowest].map(f32::to_bits);
    let is_huber = u32::from(of.loss == Loss::Huber);
    let rule = [is_huber, u32::from(of.munchausen.is_some()), alpha, temperature, lowest];
    let call = Call::of("mlp_rows")
        .buffer(&stored.observations, capacity * width)
        .buffer(&stored.actions, capacity)
        .buffer(&stored.rewards, capacity)
        .buffer(&stored.discounts, capacity)
        .buffer(&stored.next_observations, capacity * width)
        .buffer(of.slots, count)
        .optional(of.weights, count)
        .buffer(of.target, parameters)
        .optional(of.chooser, parameters)
        .buffer(of.parameters, parameters)
        .buffer(to.values, count * network.value_count())
        .buffer(to.deltas, count * network.delta_count())
        .buffer(to.errors, count)
        .buffer(to.terms, count)
        .buffer(to.taken, count)
        .structure(&network.words())
        .structure(&rule)
        .size(capacity)
        .size(count);
    // SAFETY: as the module says; the launch is the network's own, whose parameters are all as many. Stored actions have an
    // output each, and the kernel leaves slots beyond the capacity alone.
    unsafe { call.start(launcher, network.rows(count as u32)) }
}

/// The gradients of all parameters; what was there is lost.
pub(in crate::cuda) fn mlp_parameter_gradient(
    launcher: &Launcher,
    network: &Mlp,
    rows: Rows<'_>,
    gradients: &Buffer<f32>,
) -> Outcome<()> {
    let count = rows.errors.len();
    let call = Call::of("mlp_parameter_gradient")
        .buffer(rows.values, count * network.value_count())
        .buffer(rows.deltas, count * network.delta_count())
        .buffer(gradients, gradients.len())
        .structure(&network.words())
        .size(count);
    // SAFETY: as the module says; the launch is the network's own, whose parameters the gradients are one of each of.
    unsafe { call.start(launcher, network.parameter_tiles()) }
}

/// Where the sums of an update go.
#[derive(Clone, Copy, Debug)]
pub(in crate::cuda) struct Sums<'a> {
    /// The gradients' norm, if they are clipped.
    pub(in crate::cuda) norm: Option<&'a Buffer<f32>>,
    pub(in crate::cuda) loss: &'a Buffer<f32>,
    pub(in crate::cuda) mean_q: &'a Buffer<f32>,
    /// As for [`prepare_step`](super::prepare_step).
    pub(in crate::cuda) powers: Option<&'a Buffer<f64>>,
    pub(in crate::cuda) step: &'a Buffer<f32>,
    pub(in crate::cuda) factor: &'a Buffer<f32>,
    pub(in crate::cuda) rates: [f64; 4],
}

/// Norm, loss, mean value, and the numbers of the optimiser's step.
pub(in crate::cuda) fn update_sums(
    launcher: &Launcher,
    gradients: &Buffer<f32>,
    rows: Rows<'_>,
    to: Sums<'_>,
) -> Outcome<()> {
    let (parameters, count) = (gradients.len(), rows.terms.len());
    let call = Call::of("update_sums")
        .buffer(gradients, parameters)
        .optional(to.norm, 1)
        .buffer(rows.terms, count)
        .buffer(rows.taken, count)
        .buffer(to.loss, 1)
        .buffer(to.mean_q, 1)
        .optional(to.powers, 2)
        .buffer(to.step, 5)
        .buffer(to.factor, 1)
        .doubles(&to.rates)
        .size(parameters)
        .size(count);
    // SAFETY: as the module says; its own launch.
    unsafe { call.start(launcher, Launch::sums()) }
}
