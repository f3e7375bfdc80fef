//! What happens to an observation between the environment and everything that learns from it.

mod normalise;

pub use normalise::Normalise;
