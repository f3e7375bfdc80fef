//! What a card cannot train, by the name of the setting that asks for it: nothing is ever trained there otherwise than on the
//! processor.

use super::network::Network;
use embedded_rl_core::dqn::DqnConfig;
use embedded_rl_core::nn::NetworkSpec;

/// What stands in the way; `None` if nothing does. `policy` is the network as it acts.
pub(crate) fn complaint(policy: &NetworkSpec, config: &DqnConfig, batch: usize) -> Option<String> {
    let distribution = config.distribution;
    let passes = [*policy, distribution.trained(policy), distribution.following(policy)];
    passes.iter().find_map(|spec| Network::complaint(spec, batch))
}
