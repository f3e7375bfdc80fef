//! The host side of embedded-rl: trains with core's agents, records, draws, exports and checks.
//!
//! The binary `embedded-rl` is a thin command line over this library; everything that computes is in
//! `embedded-rl-core`.

pub mod checkpoint;
pub mod cli;
pub mod config;
mod console;
pub mod cuda;
pub mod draw;
pub mod evaluate;
pub mod experiment;
pub mod export;
pub mod failure;
pub mod floor_plan;
pub mod plot;
pub mod record;
pub mod registry;
pub mod replay_trace;
pub mod solve;
pub mod study;
pub mod table;
pub mod task;
pub mod train;
pub mod vector_env;
