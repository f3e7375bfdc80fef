//! One safe function a kernel, with the kernel's name: it knows how long each buffer has to be and how many threads to start,
//! which the heads of the `.cu` files say, and asks for nothing that would reach beyond.
//!
//! The unsafe blocks here all have the same reason: the counts that a call's buffers are given with are those that the
//! kernel's head names for these sizes. Each function stands on the lines that its kernel is described by there.

mod branches;
mod cosine_embedding;
mod layers;
mod losses;
mod mlp;
mod noisy;
mod steps;
mod targets;

pub(super) use branches::*;
pub(super) use cosine_embedding::*;
pub(super) use layers::*;
pub(super) use losses::*;
pub(super) use mlp::*;
pub(super) use noisy::*;
pub(super) use steps::*;
pub(super) use targets::*;
