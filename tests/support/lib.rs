//! What several tests and benches share.

pub mod cart_pole;
pub mod command;
pub mod contract;
pub mod dqn_update;
pub mod firmware;
pub mod golden_network;
pub mod peak;
pub mod recorded;
pub mod stand_in_driver;
pub mod tolerance;

/// The README's example, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct Readme;
