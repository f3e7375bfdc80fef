//! Noise in weights on the card: core's `nn/noisy.rs`. What is drawn is in `draws.rs`; nothing is drawn here.
//!
//! Legend: P parameters, n numbers of one draw of noise.

use super::buffers::Buffer;
use super::device::Device;
use super::kernels as k;
use super::launch::Launcher;
use crate::failure::Outcome;
use embedded_rl_core::nn::{Layer, NetworkSpec, noisy};
use std::rc::Rc;

/// In place of where a factor of a parameter's noise is: NONE in `noisy.cu`.
const NONE: u32 = u32::MAX;

/// Where noise goes, and the parameters with noise in them.
#[derive(Debug)]
pub(super) struct Noise {
    /// `[P][2]`: where in a draw the two factors of each parameter's noise are.
    pub(super) places: Buffer<u32>,
    /// Numbers of one draw: n.
    pub(super) count: usize,
    /// `[P]` for each pass of an update; acting takes the first.
    disturbed: [Buffer<f32>; 3],
}

impl Noise {
    pub(super) fn new(device: &Rc<Device>, spec: &NetworkSpec) -> Outcome<Self> {
        let places = Buffer::of(device, &places(spec), "noise")?;
        let zeros = || Buffer::zeros(device, spec.parameter_count(), "noise");
        let count = noisy::noise_count(spec);
        Ok(Self { places, count, disturbed: [zeros()?, zeros()?, zeros()?] })
    }

    /// The means of `parameters` `[2][P]` with this `noise` `[n]` in them, until this `pass` is asked for again.
    pub(super) fn disturb(
        &self,
        launcher: &Launcher,
        pass: usize,
        parameters: &Buffer<f32>,
        noise: &Buffer<f32>,
    ) -> Outcome<&Buffer<f32>> {
        let disturbed = &self.disturbed[pass];
        k::noisy_perturb(launcher, parameters, self, noise, disturbed)?;
        Ok(disturbed)
    }
}

/// As `noisy.cu` takes them: two numbers a parameter.
fn places(spec: &NetworkSpec) -> Vec<u32> {
    let (mut places, mut first) = (Vec::with_capacity(2 * spec.parameter_count()), 0);
    for layer in spec.layers() {
        let Layer::Dense { inputs, outputs } = *layer else {
            places.extend(core::iter::repeat_n(NONE, 2 * layer.parameter_count()));
            continue;
        };
        for input in 0..=inputs {
            let of_input = if input < inputs { (first + input) as u32 } else { NONE };
            places.extend((0..outputs).flat_map(|o| [of_input, (first + inputs + o) as u32]));
        }
        first += inputs + outputs;
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weight_has_a_factor_of_its_input_and_one_of_its_output_and_a_bias_only_that() {
        let spec = NetworkSpec::input(2).dense(3).batch_norm().dense(1);
        let places = places(&spec);
        assert_eq!(places[..12], [0, 2, 0, 3, 0, 4, 1, 2, 1, 3, 1, 4]);
        assert_eq!(places[12..18], [NONE, 2, NONE, 3, NONE, 4]);
        assert_eq!(places[18..42], [NONE; 24]);
        assert_eq!(places[42..], [5, 8, 6, 8, 7, 8, NONE, 8]);
    }
}
