//! What several tests and benches share.

pub mod contract;
pub mod dqn_update;
pub mod firmware;
pub mod tolerance;
