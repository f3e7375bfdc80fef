//! The policy file on disk. Its bytes are core's business (`weights.rs`).

use crate::config::Config;
use crate::failure::{Failure, Outcome};
use crate::record::write_atomically;
use embedded_rl_core::nn::NetworkSpec;
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::weights::{PolicyError, PolicyView, encode, encoded_len};
use std::path::{Path, PathBuf};

/// Writes the policy of a run.
pub fn write_policy(
    path: &Path,
    config: &Config,
    spec: &NetworkSpec,
    parameters: &[f32],
) -> Outcome<()> {
    let normalise = Normalise::new(&config.observation.offset, &config.observation.scale);
    write_network(path, &config.environment, normalise, spec, parameters)
}

/// Writes a network as the policy for an environment. One that has diverged is none: no reader would take it.
pub fn write_network(
    path: &Path,
    environment: &str,
    normalise: Normalise<'_>,
    spec: &NetworkSpec,
    parameters: &[f32],
) -> Outcome<()> {
    if parameters.iter().any(|parameter| !parameter.is_finite()) {
        return Err(Failure::failed(format!(
            "there is no policy to write to {}: the network has diverged, its parameters are no longer numbers; \
             try a smaller learning rate",
            path.display()
        )));
    }
    let mut bytes = vec![0; encoded_len(spec, normalise)];
    encode(environment, spec, normalise, parameters, &mut bytes);
    write_atomically(path, &bytes)
}

/// A policy file's bytes, read whole and checked.
#[derive(Debug)]
pub struct PolicyFile {
    path: PathBuf,
    /// Words, so that the bytes are aligned as the format wants them.
    words: Vec<u32>,
    length: usize,
}

impl PolicyFile {
    /// Reads the file at `path` and checks it.
    pub fn read(path: &Path) -> Outcome<Self> {
        let bytes = std::fs::read(path)
            .map_err(|error| Failure::failed(format!("cannot read {}: {error}", path.display())))?;
        let mut words = vec![0u32; bytes.len().div_ceil(4)];
        bytemuck::cast_slice_mut(&mut words)[..bytes.len()].copy_from_slice(&bytes);
        let file = Self { path: path.to_owned(), words, length: bytes.len() };
        file.parse().map_err(|error| {
            Failure::failed(format!("the policy {} cannot be used: {error}", path.display()))
        })?;
        Ok(file)
    }

    /// Where it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The bytes, as they are on disk.
    pub fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.words)[..self.length]
    }

    /// The checked content.
    pub fn view(&self) -> PolicyView<'_> {
        self.parse().expect("checked when it was read")
    }

    fn parse(&self) -> Result<PolicyView<'_>, PolicyError> {
        PolicyView::parse(self.bytes())
    }
}
