//! The gradients of a network of dense layers in three launches: what `update.rs` does layer by layer, with the same bits.
//!
//! Small networks are bound by launches and not by arithmetic, so this is what most updates take.

use super::buffers::Buffer;
use super::device::Device;
use super::kernels::{self as k, Learned, Rows, Sums};
use super::launch::Launcher;
use super::storage::Storage;
use crate::failure::Outcome;
use embedded_rl_core::dqn::{Distribution, DqnConfig};
use embedded_rl_core::nn::{self, Layer, NetworkSpec};
use embedded_rl_kernels::{Activation, Baseline, Mlp};
use std::rc::Rc;

/// A network that the kernels see as a whole, and what is left of each transition on the way.
#[derive(Debug)]
pub(super) struct Fused {
    network: Mlp,
    values: Buffer<f32>,
    deltas: Buffer<f32>,
    terms: Buffer<f32>,
    taken: Buffer<f32>,
}

impl Fused {
    /// Nothing if the network or what it learns is not as these kernels see it.
    pub(super) fn new(
        device: &Rc<Device>,
        spec: &NetworkSpec,
        config: &DqnConfig,
        batch: usize,
    ) -> Outcome<Option<Self>> {
        let of_means = config.distribution == Distribution::Mean;
        let Some(network) = of_means.then(|| seen(spec)).flatten() else { return Ok(None) };
        let zeros = |count| Buffer::zeros(device, batch * count, "the batch");
        Ok(Some(Self {
            values: zeros(network.value_count())?,
            deltas: zeros(network.delta_count())?,
            terms: zeros(1)?,
            taken: zeros(1)?,
            network,
        }))
    }

    /// From slots to gradients; nothing if the transitions are not whole.
    pub(super) fn gradients(
        &self,
        launcher: &Launcher,
        storage: &Storage<'_>,
        learned: Learned<'_>,
        errors: &Buffer<f32>,
        gradients: &Buffer<f32>,
    ) -> Outcome<()> {
        let Storage::Whole(stored) = storage else { return Ok(()) };
        let rows = self.rows(errors);
        k::mlp_rows(launcher, &self.network, stored, learned, rows)?;
        k::mlp_parameter_gradient(launcher, &self.network, rows, gradients)
    }

    /// Behind that, everything that an update adds up.
    pub(super) fn sums(
        &self,
        launcher: &Launcher,
        errors: &Buffer<f32>,
        gradients: &Buffer<f32>,
        sums: Sums<'_>,
    ) -> Outcome<()> {
        k::update_sums(launcher, gradients, self.rows(errors), sums)
    }

    fn rows<'a>(&'a self, errors: &'a Buffer<f32>) -> Rows<'a> {
        let Self { values, deltas, terms, taken, .. } = self;
        Rows { values, deltas, errors, terms, taken }
    }
}

/// The network as a table, if it is dense layers with an activation behind each, and at most the end of a dueling network.
fn seen(spec: &NetworkSpec) -> Option<Mlp> {
    let mut layers: Vec<(usize, Activation)> = Vec::new();
    let mut baseline = Baseline::None;
    for layer in spec.layers() {
        if baseline != Baseline::None {
            return None;
        }
        match layer {
            Layer::Dense { outputs, .. } => layers.push((*outputs, Activation::None)),
            Layer::Activation(function) => match layers.last_mut() {
                Some((_, activation @ Activation::None)) => *activation = named(*function),
                _ => return None,
            },
            Layer::Dueling { width: 1, baseline: from, .. } => {
                baseline = match from {
                    nn::Baseline::Mean => Baseline::Mean,
                    nn::Baseline::Max => Baseline::Max,
                };
            }
            _ => return None,
        }
    }
    Mlp::new(spec.inputs(), &layers, baseline)
}

fn named(function: nn::Activation) -> Activation {
    match function {
        nn::Activation::Relu => Activation::Relu,
        nn::Activation::Elu => Activation::Elu,
        nn::Activation::Tanh => Activation::Tanh,
        nn::Activation::Sigmoid => Activation::Sigmoid,
    }
}
