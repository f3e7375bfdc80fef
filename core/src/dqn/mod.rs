//! Deep Q-networks: Mnih et al. (2015), with the variants people use as fields of one configuration.
//!
//! [`DqnAgent`] acts, remembers and decides when to learn; a [`Learner`] holds the transitions and the networks
//! and does the arithmetic, on the CPU ([`CpuLearner`]) or elsewhere. Neither touches an environment.

mod agent;
mod config;
mod cpu_learner;
mod distribution;
mod learner;
mod learner_memory;
mod memory;
mod returns;
mod settings;
mod target_network;

pub use agent::{AgentState, DqnAgent};
pub use config::{Behaviour, DqnConfig, Sampling, TargetUpdate};
pub use cpu_learner::CpuLearner;
pub use distribution::Distribution;
pub use learner::{Learner, Update};
pub use learner_memory::LearnerMemory;
pub use memory::AgentMemory;
pub use returns::Backup;
pub use settings::Settings;
pub use target_network::{hard_copy, soft_update};
