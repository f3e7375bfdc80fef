//! Noise in weights: `noisy.cu`.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::{Call, Launcher};
use crate::cuda::noise::Noise;
use crate::failure::Outcome;
use embedded_rl_kernels::Launch;

/// `effective` `[P]`: the means of `parameters` `[2][P]` with one draw of noise in them.
pub(in crate::cuda) fn noisy_perturb(
    launcher: &Launcher,
    parameters: &Buffer<f32>,
    of: &Noise,
    noise: &Buffer<f32>,
    effective: &Buffer<f32>,
) -> Outcome<()> {
    let count = effective.len();
    let call = Call::of("noisy_perturb")
        .buffer(parameters, 2 * count)
        .buffer(&of.places, 2 * count)
        .buffer(noise, of.count)
        .buffer(effective, count)
        .size(count);
    // SAFETY: as the module says; a thread a parameter. Places are within a draw.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}

/// The second half of `gradients` `[2][P]` from the first, which is of the parameters with this noise in them.
pub(in crate::cuda) fn noisy_deviation_gradient(
    launcher: &Launcher,
    gradients: &Buffer<f32>,
    of: &Noise,
    noise: &Buffer<f32>,
) -> Outcome<()> {
    let count = gradients.len() / 2;
    let call = Call::of("noisy_deviation_gradient")
        .buffer(gradients, 2 * count)
        .buffer(&of.places, 2 * count)
        .buffer(noise, of.count)
        .size(count);
    // SAFETY: as the module says; a thread a parameter. Places are within a draw.
    unsafe { call.start(launcher, Launch::elements(count as u32)) }
}
