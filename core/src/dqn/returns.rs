//! What is learned of returns, their mean or their distribution: the targets and the loss of a batch.
//!
//! ```text
//! legend  B transitions, A actions, W numbers an action: 1 for a mean, the atoms or the quantiles of a distribution
//!
//!                  what follows (a* the chooser's action of the largest mean)        loss
//! mean             y    = reward + discount q[a*]                                    as configured
//! categorical      y[.] = projection of reward + discount z with p[a*][.]            cross-entropy
//! quantiles        y[j] = reward + discount v[a*][j]                                 quantile Huber
//! Munchausen       reward with a bonus, and for q[a*] or v[a*][j] the sum over all actions of
//!                  policy(a) (q[a] or v[a][j] - temperature ln policy(a))
//! ```
//!
//! The formulas themselves are those of `bellman.rs` and `distribution/`; here they meet a batch. Networks are run
//! elsewhere.

use super::DqnConfig;
use crate::bellman::{self, Munchausen, SoftPolicy};
use crate::distribution::{categorical, quantile};
use crate::nn::{Atoms, Expectation, Layer, NetworkSpec, Simd, cross_entropy_of_row, softmax};
use crate::policy::greedy;
use crate::replay::Batch;

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
}

/// What follows a step, where several actions could.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case"))]
pub enum Backup {
    /// The action of the largest mean.
    #[default]
    Largest,
    /// All of them as a soft policy would take them, and a bonus for what it was sure of.
    Munchausen(Munchausen),
}

impl Distribution {
    /// Numbers an action.
    pub const fn width(&self) -> usize {
        match self.expectation() {
            Some(expectation) => expectation.width(),
            None => 1,
        }
    }

    /// The layer behind which the numbers are means, where they are none already.
    pub const fn expectation(&self) -> Option<Expectation> {
        match *self {
            Distribution::Mean => None,
            Distribution::Categorical { atoms, lowest, highest } => {
                Some(Expectation::OverAtoms(Atoms { count: atoms, lowest, highest }))
            }
            Distribution::Quantiles { count } => Some(Expectation::OverQuantiles { count }),
        }
    }

    /// `network`, which has [`Distribution::width`] outputs an action, with the layer behind it that makes a policy of it:
    /// one mean an action.
    ///
    /// # Panics
    /// If the outputs are not as many, or there is no room for a layer.
    pub const fn policy(&self, network: NetworkSpec) -> NetworkSpec {
        match self.expectation() {
            Some(expectation) => network.expectation(expectation),
            None => network,
        }
    }

    /// The part of a [policy](Distribution::policy) that is trained: what was there before its means.
    pub(super) const fn trained(&self, policy: &NetworkSpec) -> NetworkSpec {
        match self {
            Distribution::Mean => *policy,
            _ => policy.without_last(),
        }
    }

    /// Whether `policy` ends in the means of this distribution.
    pub(super) fn ends(&self, policy: &NetworkSpec) -> bool {
        let last = match policy.layers().last() {
            Some(Layer::Expectation { expectation, .. }) => Some(*expectation),
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
        }
    }

    /// The means `[B][A]` of `outputs` `[B][A][W]`: themselves, or made in `means`.
    #[inline(always)]
    pub(super) fn values<'a>(&self, outputs: &'a [f32], means: &'a mut [f32]) -> &'a [f32] {
        let Some(expectation) = self.expectation() else { return outputs };
        crate::nn::expectation::forward(&expectation, outputs, means);
        means
    }
}

impl Backup {
    pub(super) fn complaint(&self, config: &DqnConfig) -> Option<&'static str> {
        let Backup::Munchausen(Munchausen { alpha, temperature, lowest }) = *self else {
            return None;
        };
        if !(0.0..=1.0).contains(&alpha) {
            Some("backup.alpha must be between 0 and 1")
        } else if !(temperature > 0.0 && temperature.is_finite()) {
            Some("backup.temperature must be greater than 0")
        } else if !(lowest <= 0.0 && lowest.is_finite()) {
            Some("backup.lowest must be a number and at most 0")
        } else if config.double {
            Some(
                "double does not go with a Munchausen backup, which weighs all actions and chooses none",
            )
        } else if config.n_step > 1 {
            Some(
                "a Munchausen backup goes with n_step 1: each step on the way would need a bonus of its own",
            )
        } else if matches!(config.distribution, Distribution::Categorical { .. }) {
            Some(
                "a Munchausen backup goes with means or quantiles: it shifts each action by another amount, off the atoms",
            )
        } else {
            None
        }
    }
}

/// What the networks say of a batch, for its targets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Following<'a> {
    /// `[B][A][W]`: the target network's outputs after the step.
    pub(super) outputs: &'a [f32],
    /// `[B][A]`: the means by which an action is chosen, or all of them weighed: these outputs', or with double Q-learning
    /// the online network's after the step.
    pub(super) chooser: &'a [f32],
    /// `[B][A]`: the target network's means before the step, for a Munchausen backup; else empty.
    pub(super) before: &'a [f32],
}

/// Writes the targets `[B][W]` of a batch. `scratch` has W places.
#[inline(always)]
pub(super) fn write_targets(
    config: &DqnConfig,
    batch: &Batch<'_>,
    following: Following<'_>,
    scratch: &mut [f32],
    targets: &mut [f32],
) {
    let Following { outputs, chooser, before } = following;
    let (width, actions) = (config.distribution.width(), chooser.len() / batch.actions.len());
    let rows = outputs.chunks_exact(actions * width).zip(chooser.chunks_exact(actions));
    for (i, ((outputs, chooser), y)) in rows.zip(targets.chunks_exact_mut(width)).enumerate() {
        let (reward, discount) = (batch.rewards[i], batch.discounts[i]);
        let bonus = |munchausen: Munchausen| {
            munchausen.bonus(&before[i * actions..][..actions], batch.actions[i])
        };
        let of_action = |action: u32| &outputs[action as usize * width..][..width];
        match (config.distribution, config.backup) {
            (Distribution::Mean, Backup::Largest) => {
                y[0] = bellman::double_q_learning(reward, discount, chooser, outputs);
            }
            (Distribution::Mean, Backup::Munchausen(munchausen)) => {
                let reward = reward + bonus(munchausen);
                y[0] = bellman::one_step(reward, discount, munchausen.soft_value(chooser));
            }
            (Distribution::Categorical { atoms: count, lowest, highest }, _) => {
                let probabilities = &mut scratch[..width];
                probabilities.copy_from_slice(of_action(greedy(chooser)));
                softmax::forward(width, probabilities);
                let atoms = Atoms { count, lowest, highest };
                categorical::project(&atoms, reward, discount, probabilities, y);
            }
            (Distribution::Quantiles { .. }, Backup::Largest) => {
                for (y, &v) in y.iter_mut().zip(of_action(greedy(chooser))) {
                    *y = bellman::one_step(reward, discount, v);
                }
            }
            (Distribution::Quantiles { .. }, Backup::Munchausen(munchausen)) => {
                let reward = reward + bonus(munchausen);
                let policy = SoftPolicy::new(chooser, munchausen.temperature);
                y.fill(0.0);
                for (&value, outputs) in chooser.iter().zip(outputs.chunks_exact(width)) {
                    let (share, logarithm) =
                        (policy.probability(value), policy.scaled_logarithm(value));
                    for (y, &v) in y.iter_mut().zip(outputs) {
                        *y += share * (v - logarithm);
                    }
                }
                for y in y.iter_mut() {
                    *y = bellman::one_step(reward, discount, *y);
                }
            }
        }
    }
}

/// The loss of `outputs` `[B][A][W]` against `targets` `[B][W]`; writes its gradient to `d_outputs` and how wrong each
/// transition was to `errors` `[B]`: target minus mean, or of distributions the transition's own loss, as Hessel et al.
/// (2018) do. `scratch` has 2 W places.
#[inline(always)]
pub(super) fn evaluate<S: Simd>(
    simd: S,
    config: &DqnConfig,
    outputs: &[f32],
    actions: &[u32],
    targets: &[f32],
    weights: Option<&[f32]>,
    scratch: &mut [f32],
    d_outputs: &mut [f32],
    errors: &mut [f32],
) -> f32 {
    let width = match config.distribution {
        Distribution::Mean => {
            return config.loss.evaluate(outputs, actions, targets, weights, d_outputs, errors);
        }
        distribution => distribution.width(),
    };
    let (batch, stride) = (actions.len(), outputs.len() / actions.len());
    let scale = 1.0 / batch as f32;
    let (fractions, losses) = scratch.split_at_mut(width);
    for (index, fraction) in fractions.iter_mut().enumerate() {
        *fraction = quantile::midpoint(index, width);
    }
    d_outputs.fill(0.0);
    let mut total = 0.0;
    for (i, (&action, y)) in actions.iter().zip(targets.chunks_exact(width)).enumerate() {
        let taken = i * stride + action as usize * width;
        let (x, dx) = (&outputs[taken..taken + width], &mut d_outputs[taken..taken + width]);
        let weight = weights.map_or(1.0, |weights| weights[i]);
        let factor = weight * scale;
        let loss = match config.distribution {
            Distribution::Quantiles { .. } => {
                quantile::huber(simd, x, fractions, y, factor, losses, dx)
            }
            _ => cross_entropy_of_row(x, y, factor, dx),
        };
        errors[i] = loss;
        total += weight * loss;
    }
    total * scale
}

/// The mean over a batch of the means of the taken actions, from `outputs` `[B][A][W]`.
pub(super) fn mean_of_taken(distribution: Distribution, outputs: &[f32], actions: &[u32]) -> f32 {
    let (width, stride) = (distribution.width(), outputs.len() / actions.len());
    let sum = actions.iter().enumerate().fold(0.0, |sum, (i, &action)| {
        let taken = &outputs[i * stride + action as usize * width..][..width];
        sum + distribution.expectation().map_or(taken[0], |expectation| expectation.mean(taken))
    });
    sum / actions.len() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const MUNCHAUSEN: Munchausen = Munchausen { alpha: 0.5, temperature: 2.0, lowest: -8.0 };

    /// The targets of one transition with reward 1 and discount 1/2 from two actions.
    fn targets<const W: usize>(
        config: &DqnConfig,
        outputs: &[f32],
        chooser: &[f32],
        before: &[f32],
    ) -> [f32; W] {
        let batch = Batch {
            observations: &mut [],
            actions: &mut [1],
            rewards: &mut [1.0],
            discounts: &mut [0.5],
            next_observations: &mut [],
        };
        let mut targets = [7.0; W];
        let following = Following { outputs, chooser, before };
        write_targets(config, &batch, following, &mut [0.0; W], &mut targets);
        targets
    }

    #[test]
    fn the_chooser_chooses_whose_distribution_follows() {
        let plain = DqnConfig::PLAIN;
        let q = [3.0, 5.0];
        assert_eq!(targets(&plain, &q, &q, &[]), [3.5]);
        assert_eq!(targets(&plain, &q, &[1.0, 0.0], &[]), [2.5]);

        let quantiles = DqnConfig { distribution: Distribution::Quantiles { count: 2 }, ..plain };
        let outputs = [2.0, 4.0, 0.0, 10.0];
        assert_eq!(targets(&quantiles, &outputs, &q, &[]), [1.0, 6.0]);
        assert_eq!(targets(&quantiles, &outputs, &[1.0, 0.0], &[]), [2.0, 3.0]);

        let distribution = Distribution::Categorical { atoms: 3, lowest: 0.0, highest: 4.0 };
        let categorical = DqnConfig { distribution, ..plain };
        // Action 0 is sure of 4, action 1 of 0: 1 + 4/2 = 3 and 1 + 0/2 = 1.
        let outputs = [0.0, 0.0, 1e3, 1e3, 0.0, 0.0];
        assert_eq!(targets(&categorical, &outputs, &[4.0, 0.0], &[]), [0.0, 0.5, 0.5]);
        assert_eq!(targets(&categorical, &outputs, &[0.0, 1.0], &[]), [0.5, 0.5, 0.0]);
    }

    #[test]
    fn munchausen_quantiles_have_munchausens_mean() {
        let plain = DqnConfig { backup: Backup::Munchausen(MUNCHAUSEN), ..DqnConfig::PLAIN };
        let (q, before) = ([3.0, 5.0], [0.0, 1.0]);
        let [mean] = targets(&plain, &q, &q, &before);
        let wide = DqnConfig { distribution: Distribution::Quantiles { count: 2 }, ..plain };
        let [low, high] = targets(&wide, &[2.0, 4.0, 0.0, 10.0], &q, &before);
        assert!(((low + high) / 2.0 - mean).abs() < 1e-6, "{low} {high} {mean}");
        // ln of 1 / (1 + e^(-1/2)), and the logarithm of e^(3/2) + e^(5/2).
        let bonus = 0.5 * 2.0 * -(1.0 + (-0.5f64).exp()).ln();
        let value = 2.0 * ((1.5f64).exp() + (2.5f64).exp()).ln();
        assert!((f64::from(mean) - (1.0 + bonus + 0.5 * value)).abs() < 1e-5, "{mean}");
        // Both quantiles of each action move by the same amount.
        assert!((high - low - 0.5 * (2.0 * 0.268_941_4 + 10.0 * 0.731_058_6)).abs() < 1e-5);
    }

    #[test]
    fn weights_scale_gradients_and_not_errors() {
        for distribution in [
            Distribution::Mean,
            Distribution::Categorical { atoms: 2, lowest: 0.0, highest: 1.0 },
            Distribution::Quantiles { count: 2 },
        ] {
            let config = DqnConfig { distribution, ..DqnConfig::PLAIN };
            let width = distribution.width();
            let (outputs, targets) = ([0.5, -0.5, 1.0, 0.0], [0.25, 0.75]);
            let (outputs, targets) = (&outputs[..2 * width], &targets[..width]);
            let evaluate = |weights: Option<&[f32]>| {
                let (mut d, mut errors, mut scratch) = ([7.0; 4], [7.0], [0.0; 4]);
                let (d_outputs, scratch) = (&mut d[..2 * width], &mut scratch[..2 * width]);
                let loss = evaluate(
                    pulp::Scalar,
                    &config,
                    outputs,
                    &[1],
                    targets,
                    weights,
                    scratch,
                    d_outputs,
                    &mut errors,
                );
                (loss, d, errors)
            };
            let (loss, d, errors) = evaluate(None);
            let (tripled, d_tripled, same) = evaluate(Some(&[3.0]));
            assert_eq!((tripled, same), (3.0 * loss, errors), "{distribution:?}");
            assert!(d[..width].iter().all(|&d| d == 0.0), "the other action's");
            for (d, tripled) in d[width..2 * width].iter().zip(&d_tripled[width..]) {
                assert!((tripled - 3.0 * d).abs() < 1e-6, "{distribution:?}");
            }
        }
    }
}
