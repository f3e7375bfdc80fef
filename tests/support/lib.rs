//! What several tests and benches share.

pub mod dqn_update;
pub mod tolerance;
