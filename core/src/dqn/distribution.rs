//! What a network says of returns: which numbers an action has, and which layers make one mean an action of them.
//!
//! Targets and losses of these numbers are in `returns.rs`.

use crate::distribution::quantile;
use crate::nn::cosine_embedding::Fractions;
use crate::nn::{Atoms, Expectation, Layer, NetworkSpec, expectation};
use crate::rng::Generator;

/// What the network says of the return of each action.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum Distribution {
    /// Its mean alone.
    #[default]
    Mean,
    /// Probabilities of fixed values, evenly spaced: C51. Returns outside count as the nearest end.
    Categorical {
        /// How many values.
        atoms: u32,
        /// The smallest.
        lowest: f32,
        /// The largest.
        highest: f32,
    },
    /// Values below which equal shares of the returns lie: QR-DQN.
    Quantiles {
        /// How many.
        count: u32,
    },
    /// The value below which any share of the returns lies that the network is asked about: IQN. Learned at shares that
    /// are drawn for every transition of an update; acts by the mean at fixed ones, the midpoints of equal parts, where Dabney
    /// et al. (2018) draw those, too: so a policy is a function.
    Implicit {
        /// How many cosines describe a share.
        cosines: u32,
        /// Shares of the loss.
        fractions: u32,
        /// Shares of what follows.
        target_fractions: u32,
        /// Shares whose mean the policy acts by.
        policy_fractions: u32,
    },
}

impl Distribution {
    /// Numbers an action that the network's last layer has; of an implicit distribution one for each fraction.
    pub const fn width(&self) -> usize {
        match self.expectation() {
            Some(expectation) => expectation.width(),
            None => 1,
        }
    }

    /// The layer behind which the numbers are means, where they are none already.
    pub const fn expectation(&self) -> Option<Expectation> {
        match *self {
            Distribution::Mean | Distribution::Implicit { .. } => None,
            Distribution::Categorical { atoms, lowest, highest } => {
                Some(Expectation::OverAtoms(Atoms { count: atoms, lowest, highest }))
            }
            Distribution::Quantiles { count } => Some(Expectation::OverQuantiles { count }),
        }
    }

    /// `body`, the first part of a network, with what of the distribution stands between it and the layers that follow: the
    /// embedding of an implicit one.
    ///
    /// # Panics
    /// If `body` has no layer where there is something, or no room for one.
    pub const fn embedded(&self, body: NetworkSpec) -> NetworkSpec {
        match *self {
            Distribution::Implicit { cosines, policy_fractions, .. } => {
                body.cosine_embedding(cosines, policy_fractions)
            }
            _ => body,
        }
    }

    /// `network`, which is [embedded](Distribution::embedded) and has [`Distribution::width`] outputs an action, with the
    /// layer behind it that makes a policy of it: one mean an action.
    ///
    /// # Panics
    /// If the outputs are not as many, or there is no room for a layer.
    pub const fn policy(&self, network: NetworkSpec) -> NetworkSpec {
        if let Distribution::Implicit { .. } = self {
            return network.mean_of_fractions();
        }
        match self.expectation() {
            Some(expectation) => network.expectation(expectation),
            None => network,
        }
    }

    /// The part of a [policy](Distribution::policy) that is trained: what was there before its means, or before the values of
    /// combinations.
    pub const fn trained(&self, policy: &NetworkSpec) -> NetworkSpec {
        match *self {
            Distribution::Mean if policy.branches().is_some() => policy.without_last(),
            Distribution::Mean => *policy,
            Distribution::Implicit { fractions, .. } => {
                policy.without_last().with_fractions(fractions)
            }
            _ => policy.without_last(),
        }
    }

    /// The same network as it says what follows.
    pub const fn following(&self, policy: &NetworkSpec) -> NetworkSpec {
        match *self {
            Distribution::Implicit { target_fractions, .. } => {
                policy.without_last().with_fractions(target_fractions)
            }
            _ => self.trained(policy),
        }
    }

    /// The same network as it chooses: of an implicit distribution the policy itself, for there are no values of an action
    /// before someone asks.
    pub const fn choosing(&self, policy: &NetworkSpec) -> NetworkSpec {
        if self.is_implicit() { *policy } else { self.trained(policy) }
    }

    /// Whether its values are asked for at fractions.
    pub const fn is_implicit(&self) -> bool {
        matches!(self, Distribution::Implicit { .. })
    }

    pub(super) const fn has_quantiles(&self) -> bool {
        matches!(self, Distribution::Quantiles { .. } | Distribution::Implicit { .. })
    }

    /// Quantiles that the loss of a transition compares.
    pub(super) const fn asked_count(&self) -> usize {
        match *self {
            Distribution::Mean | Distribution::Categorical { .. } => 0,
            Distribution::Quantiles { count } => count as usize,
            Distribution::Implicit { fractions, .. } => fractions as usize,
        }
    }

    /// Scratch for the targets and the loss of one transition.
    pub(super) const fn row_count(&self) -> usize {
        match self {
            Distribution::Mean => 0,
            Distribution::Categorical { atoms, .. } => *atoms as usize,
            Distribution::Quantiles { .. } => 2 * self.asked_count(),
            Distribution::Implicit { .. } => 4 * self.asked_count(),
        }
    }

    /// Fractions that are drawn for a transition at a time, at most.
    pub(super) const fn drawn_count(&self) -> usize {
        match *self {
            Distribution::Implicit { fractions, target_fractions, .. } => {
                if fractions > target_fractions {
                    fractions as usize
                } else {
                    target_fractions as usize
                }
            }
            _ => 0,
        }
    }

    /// Numbers of a transition's target.
    pub const fn target_width(&self) -> usize {
        match *self {
            Distribution::Implicit { target_fractions, .. } => target_fractions as usize,
            _ => self.width(),
        }
    }

    /// Whether `policy` ends in the means of this distribution.
    pub(super) fn ends(&self, policy: &NetworkSpec) -> bool {
        if let Distribution::Implicit { cosines, policy_fractions, .. } = *self {
            let is_embedding = |layer: &Layer| match layer {
                Layer::CosineEmbedding(embedding) => {
                    (embedding.cosines, embedding.fractions) == (cosines, policy_fractions)
                }
                _ => false,
            };
            let last = policy.layers().last();
            return matches!(last, Some(Layer::MeanOfFractions { .. }))
                && policy.layers().iter().any(is_embedding);
        }
        let last = match policy.layers().last() {
            Some(Layer::Expectation { expectation, .. }) => Some(*expectation),
            Some(Layer::MeanOfFractions { .. }) => return false,
            _ => None,
        };
        last == self.expectation()
    }

    pub(super) fn complaint(&self) -> Option<&'static str> {
        match *self {
            Distribution::Categorical { atoms, lowest, highest } => {
                let sound = Atoms { count: atoms, lowest, highest }.are_sound();
                (!sound || atoms > 1_000).then_some(
                    "distribution.atoms must be 2 to 1000, from distribution.lowest to a larger distribution.highest",
                )
            }
            Distribution::Quantiles { count: 1..=1_000 } | Distribution::Mean => None,
            Distribution::Quantiles { .. } => Some("distribution.count must be 1 to 1000"),
            Distribution::Implicit { cosines, fractions, target_fractions, policy_fractions } => {
                let sound = |count| (1..=1_000).contains(&count);
                let all = [cosines, fractions, target_fractions, policy_fractions];
                (!all.into_iter().all(sound)).then_some(
                    "distribution.cosines, fractions, target_fractions and policy_fractions must be 1 to 1000",
                )
            }
        }
    }

    /// Draws what the loss of a batch asks about.
    pub(super) fn draw<'a>(
        &self,
        rng: &mut Generator,
        batch: usize,
        fractions: &'a mut [f32],
    ) -> Fractions<'a> {
        match *self {
            Distribution::Implicit { fractions: count, .. } => {
                drawn(rng, &mut fractions[..batch * count as usize])
            }
            _ => Fractions::Midpoints,
        }
    }

    /// Draws what the targets of a batch are asked about.
    pub(super) fn draw_of_targets<'a>(
        &self,
        rng: &mut Generator,
        batch: usize,
        fractions: &'a mut [f32],
    ) -> Fractions<'a> {
        match *self {
            Distribution::Implicit { target_fractions, .. } => {
                drawn(rng, &mut fractions[..batch * target_fractions as usize])
            }
            _ => Fractions::Midpoints,
        }
    }

    /// The means `[B][A]` of `outputs` `[B][A][W]`: themselves, or made in `means`. An implicit distribution's outputs are
    /// those of the policy, which are means.
    #[inline(always)]
    pub(super) fn values<'a>(&self, outputs: &'a [f32], means: &'a mut [f32]) -> &'a [f32] {
        match self {
            Distribution::Mean => return outputs,
            Distribution::Implicit { .. } => means.copy_from_slice(outputs),
            Distribution::Categorical { .. } | Distribution::Quantiles { .. } => {
                if let Some(expectation) = self.expectation() {
                    expectation::forward(&expectation, outputs, means);
                }
            }
        }
        means
    }

    /// The values of one action among `outputs` `[A][W]` or, of an implicit distribution, `[N][A]`, of one transition.
    pub(super) fn of_action<'a>(
        &self,
        outputs: &'a [f32],
        actions: usize,
        action: u32,
    ) -> impl Iterator<Item = &'a f32> + use<'a> {
        let (first, step, count) = match self {
            Distribution::Implicit { .. } => (action as usize, actions, outputs.len() / actions),
            _ => (action as usize * self.width(), 1, self.width()),
        };
        outputs.iter().skip(first).step_by(step).take(count)
    }
}

fn drawn<'a>(rng: &mut Generator, fractions: &'a mut [f32]) -> Fractions<'a> {
    quantile::draw(rng, fractions);
    Fractions::Given(fractions)
}
