//! A policy that owns its numbers, its bytes in memory, and what reading them says.

use embedded_rl_core::nn::{Activation, Lanes, NetworkSpec, network};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{PolicyError, PolicyView, encode, encoded_len};

/// A policy that owns its numbers.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) environment: String,
    pub(crate) spec: NetworkSpec,
    pub(crate) offset: Vec<f32>,
    pub(crate) scale: Vec<f32>,
    pub(crate) parameters: Vec<f32>,
}

impl Policy {
    pub(crate) fn normalise(&self) -> Normalise<'_> {
        Normalise::new(&self.offset, &self.scale)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = vec![0xAA; encoded_len(&self.spec, self.normalise())];
        encode(&self.environment, &self.spec, self.normalise(), &self.parameters, &mut bytes);
        bytes
    }
}

/// Bytes that start `shift` bytes after a multiple of four.
pub(crate) struct Placed {
    words: Vec<u32>,
    shift: usize,
    length: usize,
}

impl Placed {
    pub(crate) fn new(bytes: &[u8], shift: usize) -> Self {
        let mut words = vec![0; (shift + bytes.len()).div_ceil(4)];
        bytemuck::cast_slice_mut(&mut words)[shift..shift + bytes.len()].copy_from_slice(bytes);
        Self { words, shift, length: bytes.len() }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[self.shift..self.shift + self.length]
    }
}

/// What reading says of `bytes` where they are aligned. What is read must be usable and write the same bytes again.
pub(crate) fn parse(bytes: &[u8]) -> Result<(), PolicyError> {
    let placed = Placed::new(bytes, 0);
    let view = PolicyView::parse(placed.bytes())?;
    assert_eq!(outputs(&view, &vec![0.5; view.spec().inputs()]).len(), view.spec().outputs());
    let mut again = vec![0; encoded_len(view.spec(), view.normalise())];
    encode(view.environment(), view.spec(), view.normalise(), view.parameters(), &mut again);
    assert!(again == bytes, "what was read is written in other bytes");
    Ok(())
}

pub(crate) fn outputs<const KINDS: u32>(
    view: &PolicyView<'_, KINDS>,
    observation: &[f32],
) -> Vec<f32> {
    let mut observation = observation.to_vec();
    view.normalise().apply(&mut observation);
    let mut scratch = vec![0.0; view.spec().scratch_count()];
    network::infer(Lanes::scalar(), view.spec(), view.parameters(), &observation, &mut scratch)
        .to_vec()
}

/// Two layers with normalisation: `dense 2 -> 3`, tanh.
pub(crate) fn example() -> Policy {
    let spec = NetworkSpec::input(2).dense(3).activation(Activation::Tanh);
    Policy {
        environment: "CartPole-v1".to_owned(),
        spec,
        offset: vec![1.0, 2.0],
        scale: vec![3.0, 4.0],
        parameters: (0..spec.parameter_count()).map(|index| index as f32).collect(),
    }
}
