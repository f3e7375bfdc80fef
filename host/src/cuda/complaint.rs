//! What a card cannot train yet, by the name of the setting that asks for it: nothing is ever trained there otherwise than on
//! the processor.

use super::network::Network;
use embedded_rl_core::dqn::{Distribution, DqnConfig};
use embedded_rl_core::nn::NetworkSpec;

/// What stands in the way; `None` if nothing does. `policy` is the network as it acts.
pub(crate) fn complaint(policy: &NetworkSpec, config: &DqnConfig, batch: usize) -> Option<String> {
    let setting = match config.distribution {
        Distribution::Implicit { .. } => Some("agent.distribution: an implicit distribution"),
        _ if policy.branches().is_some() => Some("network.actions: branched values"),
        _ => None,
    };
    let setting = setting.map(|setting| format!("{setting} cannot be trained on a device yet"));
    setting.or_else(|| Network::complaint(policy, batch))
}
