//! What several tests share.

pub mod contract;
