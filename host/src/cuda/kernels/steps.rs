//! From gradients to parameters: `clip.cu`, `optimiser.cu`, `adam.cu`, `rms_prop.cu`, `sgd.cu`, `target_network.cu`.
//!
//! Legend: buffers of parameters and gradients are as long as each other.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::failure::Outcome;
use embedded_rl_kernels::Launch;

/// Every number becomes `value`.
pub(in crate::cuda) fn fill(launcher: &Launcher, values: &Buffer<f32>, value: f32) -> Outcome<()> {
    let count = values.len();
    let call = Call::of("fill").buffer(values, count).number(value).size(count);
    // SAFETY: as the module says; a thread a number.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// The norm of all gradients, to `norm` `[1]`.
pub(in crate::cuda) fn clip_norm_measure(
    launcher: &Launcher,
    gradients: &Buffer<f32>,
    norm: &Buffer<f32>,
) -> Outcome<()> {
    let count = gradients.len();
    let call = Call::of("clip_norm_measure").buffer(gradients, count).buffer(norm, 1).size(count);
    // SAFETY: as the module says; one block with a float of shared memory a thread.
    unsafe { call.start(launcher, Launch::one_block()) }
}

/// Every gradient is cut to this magnitude.
pub(in crate::cuda) fn clip_value(
    launcher: &Launcher,
    gradients: &Buffer<f32>,
    maximum: f32,
) -> Outcome<()> {
    let count = gradients.len();
    let call = Call::of("clip_value").buffer(gradients, count).number(maximum).size(count);
    // SAFETY: as the module says; a thread a number.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// Takes `powers` `[2]` one step on, if the optimiser has some, and writes the numbers of a step `[5]` whose rate is that
/// of `rates` times `factor` `[1]`. `rates` is `struct Rates` of `optimiser.cuh`.
pub(in crate::cuda) fn prepare_step(
    launcher: &Launcher,
    powers: Option<&Buffer<f64>>,
    step: &Buffer<f32>,
    factor: &Buffer<f32>,
    rates: [f64; 4],
) -> Outcome<()> {
    let call = Call::of("prepare_step")
        .optional(powers, 2)
        .buffer(step, 5)
        .buffer(factor, 1)
        .doubles(&rates);
    // SAFETY: as the module says; one thread.
    unsafe { call.start(launcher, Launch::one_thread()) }
}

/// What an optimiser's kernel works on. Parameters, gradients and target are as long as each other.
#[derive(Clone, Copy, Debug)]
pub(in crate::cuda) struct Step<'a> {
    /// What [`prepare_step`] wrote.
    pub(in crate::cuda) step: &'a Buffer<f32>,
    pub(in crate::cuda) gradients: &'a Buffer<f32>,
    /// The gradients' norm and the largest it may have, where they are clipped.
    pub(in crate::cuda) clip: Option<(&'a Buffer<f32>, f32)>,
    pub(in crate::cuda) parameters: &'a Buffer<f32>,
    pub(in crate::cuda) moments: &'a Buffer<f32>,
    /// The target network and the share by which it follows, where it follows every step.
    pub(in crate::cuda) follower: Option<(&'a Buffer<f32>, f32)>,
}

/// One step of an optimiser by the name of its kernel, with so many moments a parameter.
pub(in crate::cuda) fn optimise(
    launcher: &Launcher,
    name: &'static str,
    moments_each: usize,
    of: Step<'_>,
) -> Outcome<()> {
    let count = of.parameters.len();
    let moments = (moments_each > 0).then_some(of.moments);
    let call = Call::of(name)
        .buffer(of.step, 5)
        .buffer(of.gradients, count)
        .optional(of.clip.map(|(norm, _)| norm), 1)
        .buffer(of.parameters, count)
        .optional(moments, moments_each * count)
        .optional(of.follower.map(|(target, _)| target), count)
        .number(of.clip.map_or(0.0, |(_, maximum)| maximum))
        .number(of.follower.map_or(0.0, |(_, tau)| tau))
        .size(count);
    // SAFETY: as the module says; a thread a parameter.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// `target = online`
pub(in crate::cuda) fn hard_copy(
    launcher: &Launcher,
    online: &Buffer<f32>,
    target: &Buffer<f32>,
) -> Outcome<()> {
    let count = online.len();
    let call = Call::of("hard_copy").buffer(online, count).buffer(target, count).size(count);
    // SAFETY: as the module says; a thread a parameter.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// `target = tau online + (1 - tau) target`
pub(in crate::cuda) fn soft_update(
    launcher: &Launcher,
    tau: f32,
    online: &Buffer<f32>,
    target: &Buffer<f32>,
) -> Outcome<()> {
    let count = online.len();
    let call =
        Call::of("soft_update").buffer(online, count).buffer(target, count).number(tau).size(count);
    // SAFETY: as the module says; a thread a parameter.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}
