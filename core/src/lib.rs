#![no_std]
#![forbid(unsafe_code)]
//! Reinforcement learning that runs the same, bit for bit, from a GPU host down to a microcontroller.
//!
//! The tour, in the order data flows; ARCHITECTURE.md draws it.

pub mod bellman;
pub mod dqn;
pub mod env;
pub mod envs;
pub mod math;
pub mod nn;
pub mod policy;
pub mod preprocess;
pub mod replay;
pub mod rng;
pub mod run;
pub mod space;
pub mod weights;
