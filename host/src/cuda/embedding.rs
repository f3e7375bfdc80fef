//! The embedding of fractions on the card: core's `nn/cosine_embedding.rs` forward, a layer of `network.rs`.

use super::buffers::Buffer;
use super::device::Device;
use super::kernels as k;
use super::launch::Launcher;
use super::network::PURPOSE;
use crate::failure::Outcome;
use embedded_rl_core::nn::{Activation, CosineEmbedding, cosine_embedding, midpoint};
use std::rc::Rc;

/// What an embedding makes of fractions, of a batch.
#[derive(Debug)]
pub(super) struct Embedded {
    /// `[B][fractions][cosines]`
    pub(super) cosines: Buffer<f32>,
    /// `[fractions][cosines]`: those of the midpoints.
    midpoints: Buffer<f32>,
    /// `[B][fractions][width]`: behind weights, bias and relu.
    pub(super) factors: Buffer<f32>,
}

impl Embedded {
    pub(super) fn new(
        device: &Rc<Device>,
        embedding: &CosineEmbedding,
        batch: usize,
    ) -> Outcome<Self> {
        let [width, cosines, fractions] =
            [embedding.width, embedding.cosines, embedding.fractions].map(|size| size as usize);
        let mut midpoints = vec![0.0; fractions * cosines];
        for (index, cosines) in midpoints.chunks_exact_mut(cosines).enumerate() {
            cosine_embedding::write_cosines(midpoint(index, fractions), cosines);
        }
        let zeros = |count| Buffer::zeros(device, batch * fractions * count, PURPOSE);
        Ok(Self {
            cosines: zeros(cosines)?,
            midpoints: Buffer::of(device, &midpoints, PURPOSE)?,
            factors: zeros(width)?,
        })
    }
}

/// An embedding of given fractions, or of the midpoints, once for all rows.
pub(super) fn embed(
    launcher: &Launcher,
    embedding: &CosineEmbedding,
    embedded: &Embedded,
    asked: Option<&Buffer<f32>>,
    parameters: &Buffer<f32>,
    input: &Buffer<f32>,
    output: &Buffer<f32>,
    rows: usize,
) -> Outcome<()> {
    let [width, each, fractions] =
        [embedding.width, embedding.cosines, embedding.fractions].map(|size| size as usize);
    let (cosines, groups) = match asked {
        Some(asked) => {
            k::write_cosines(launcher, asked, &embedded.cosines, each)?;
            (&embedded.cosines, rows)
        }
        None => (&embedded.midpoints, 1),
    };
    let (factors, sizes) = (&embedded.factors, [each, width, groups * fractions]);
    k::dense_forward(launcher, parameters, cosines, factors, Some(Activation::Relu), sizes)?;
    let sizes = [width, fractions, rows];
    k::cosine_embedding_forward(launcher, factors, groups, input, output, sizes)
}
