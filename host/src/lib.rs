//! What the `embedded-rl` command is made of.

pub mod registry;
pub mod replay_trace;
