//! Where the settings of a DQN stand: in a value, which a host reads at run time, or in a constant that the compiler sees.

use super::DqnConfig;

/// Knows the settings of a learner or an agent.
///
/// [`DqnConfig`] is one that does: any switch may be on, so the code of all of them is there. A firmware's settings are
/// known when it is compiled, and a type of its own that says them takes flash only for what is switched on:
///
/// ```
/// use embedded_rl_core::dqn::{DqnConfig, Settings};
///
/// const CONFIG: DqnConfig = DqnConfig { double: true, ..DqnConfig::PLAIN };
///
/// #[derive(Debug)]
/// struct Constant;
///
/// impl Settings for Constant {
///     #[inline(always)]
///     fn config(&self) -> &DqnConfig {
///         &CONFIG
///     }
/// }
/// ```
pub trait Settings {
    /// The settings, the same ones at every call.
    fn config(&self) -> &DqnConfig;
}

impl Settings for DqnConfig {
    #[inline(always)]
    fn config(&self) -> &DqnConfig {
        self
    }
}
