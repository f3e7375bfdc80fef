//! Policies in and out of files: the policy file that firmware and `eval` read, and safetensors for Python.

mod policy_file;
mod safetensors_file;
mod widen;

pub use policy_file::{PolicyFile, write_network, write_policy};
pub use safetensors_file::write_safetensors;
pub use widen::widened;
