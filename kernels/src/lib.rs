//! The CUDA text of the twins of core's functions, and what a program has to know to run it.
//!
//! Each `.cu` file beside this folder is one concept and says at its head what its kernels compute, who computes which
//! element, and how much shared memory that takes. [`KERNELS`] lists them with their parameters, [`translation_unit`] is
//! a file's text as a compiler takes it, [`Launch`] how many threads it needs. Nothing here touches a device: compiling
//! and launching is the host's.

pub mod ladder;
mod launch;
mod list;
mod mlp;
pub mod roofline;
mod text;

pub use launch::{Launch, TILE};
pub use list::{KERNELS, Kernel, Parameter, kernel};
pub use mlp::{Activation, Baseline, MOST_LAYERS, Mlp};
pub use text::{EXACT_OPTIONS, FAST_OPTIONS, FILES, translation_unit, translation_unit_among};
