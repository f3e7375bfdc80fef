//! What is learned of returns, their mean or their distribution: the targets and the loss of a batch.
//!
//! ```text
//! legend  B transitions, A actions, W numbers an action: 1 for a mean, the atoms or the quantiles of a distribution;
//!         N and N' fractions drawn for the loss and for what follows (implicit)
//!
//!                  what follows (a* the chooser's action of the largest mean)        loss
//! mean             y    = reward + discount q[a*]                                    as configured
//! categorical      y[.] = projection of reward + discount z with p[a*][.]            cross-entropy
//! quantiles        y[j] = reward + discount v[a*][j]                                 quantile Huber
//! implicit         y[j] = reward + discount v(t'[j])[a*], j < N'                     quantile Huber of v(t[i])[a], i < N
//! branches         one for all, see `branches.rs`                                    the mean of theirs
//! Munchausen       reward with a bonus, and for q[a*] or v[a*][j] the sum over all actions of
//!                  policy(a) (q[a] or v[a][j] - temperature ln policy(a))
//! ```
//!
//! The formulas themselves are those of `bellman.rs`, `branches.rs` and `distribution/`; here they meet a batch. Networks are run
//! elsewhere; what a distribution is stands in `distribution.rs`.

use super::{Distribution, DqnConfig};
use crate::bellman::{self, Munchausen, SoftPolicy};
use crate::branches;
use crate::distribution::{categorical, quantile};
use crate::nn::cosine_embedding::Fractions;
use crate::nn::{Atoms, Branches, Simd, cross_entropy_of_row, softmax};
use crate::policy::greedy;
use crate::replay::Batch;

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
    /// `[B][A][W]` or `[B][N'][A]`: the target network's outputs after the step.
    pub(super) outputs: &'a [f32],
    /// `[B][A]`: the means by which an action is chosen, or all of them weighed: these outputs', or with double Q-learning
    /// the online network's after the step.
    pub(super) chooser: &'a [f32],
    /// `[B][A]`: the target network's means before the step, for a Munchausen backup; else empty.
    pub(super) before: &'a [f32],
}

/// Writes the targets `[B][W]` or `[B][N']` of a batch. `scratch` has W places.
#[inline(always)]
pub(super) fn write_targets(
    config: &DqnConfig,
    branches: Option<&Branches>,
    batch: &Batch<'_>,
    following: Following<'_>,
    scratch: &mut [f32],
    targets: &mut [f32],
) {
    let Following { outputs, chooser, before } = following;
    let (count, distribution) = (batch.actions.len(), config.distribution);
    let (actions, width) = (chooser.len() / count, distribution.target_width());
    let rows = outputs.chunks_exact(outputs.len() / count).zip(chooser.chunks_exact(actions));
    for (i, ((outputs, chooser), y)) in rows.zip(targets.chunks_exact_mut(width)).enumerate() {
        let (reward, discount) = (batch.rewards[i], batch.discounts[i]);
        let bonus = |munchausen: Munchausen| {
            munchausen.bonus(&before[i * actions..][..actions], batch.actions[i])
        };
        let of_action = |action: u32| distribution.of_action(outputs, actions, action);
        match (config.distribution, config.backup) {
            (Distribution::Mean, Backup::Largest) => {
                y[0] = match branches {
                    Some(branches) => {
                        branches::target(branches, reward, discount, chooser, outputs)
                    }
                    None => bellman::double_q_learning(reward, discount, chooser, outputs),
                };
            }
            (Distribution::Mean, Backup::Munchausen(munchausen)) => {
                let reward = reward + bonus(munchausen);
                y[0] = bellman::one_step(reward, discount, munchausen.soft_value(chooser));
            }
            (Distribution::Categorical { atoms: count, lowest, highest }, _) => {
                let probabilities = &mut scratch[..width];
                for (probability, &logit) in
                    probabilities.iter_mut().zip(of_action(greedy(chooser)))
                {
                    *probability = logit;
                }
                softmax::forward(width, probabilities);
                let atoms = Atoms { count, lowest, highest };
                categorical::project(&atoms, reward, discount, probabilities, y);
            }
            (Distribution::Quantiles { .. } | Distribution::Implicit { .. }, Backup::Largest) => {
                for (y, &v) in y.iter_mut().zip(of_action(greedy(chooser))) {
                    *y = bellman::one_step(reward, discount, v);
                }
            }
            (
                Distribution::Quantiles { .. } | Distribution::Implicit { .. },
                Backup::Munchausen(munchausen),
            ) => {
                let reward = reward + bonus(munchausen);
                let policy = SoftPolicy::new(chooser, munchausen.temperature);
                y.fill(0.0);
                for (action, &value) in (0..).zip(chooser) {
                    let (share, logarithm) =
                        (policy.probability(value), policy.scaled_logarithm(value));
                    for (y, &v) in y.iter_mut().zip(of_action(action)) {
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

/// The loss of `outputs` `[B][A][W]` against `targets` `[B][W]`, or of `[B][N][A]` at the fractions that were `asked` about against
/// `[B][N']`; writes its gradient to `d_outputs` and how wrong each transition was to `errors` `[B]`: target minus mean, or of
/// distributions the transition's own loss, as Hessel et al. (2018) do. `scratch` is as long as
/// [`Distribution::row_count`] says.
#[inline(always)]
pub(super) fn evaluate<S: Simd>(
    simd: S,
    config: &DqnConfig,
    branches: Option<&Branches>,
    outputs: &[f32],
    actions: &[u32],
    asked: Fractions<'_>,
    targets: &[f32],
    weights: Option<&[f32]>,
    scratch: &mut [f32],
    d_outputs: &mut [f32],
    errors: &mut [f32],
) -> f32 {
    let distribution = config.distribution;
    if let Some(branches) = branches {
        let loss = config.loss;
        return branches::evaluate(
            loss, branches, outputs, actions, targets, weights, d_outputs, errors,
        );
    }
    if distribution == Distribution::Mean {
        return config.loss.evaluate(outputs, actions, targets, weights, d_outputs, errors);
    }
    let (batch, width) = (actions.len(), distribution.width());
    let (stride, scale) = (outputs.len() / batch, 1.0 / batch as f32);
    let count = distribution.asked_count();
    let (midpoints, scratch) = scratch.split_at_mut(count);
    let (losses, scratch) = scratch.split_at_mut(count);
    for (index, fraction) in midpoints.iter_mut().enumerate() {
        *fraction = quantile::midpoint(index, count);
    }
    d_outputs.fill(0.0);
    let mut total = 0.0;
    let rows = targets.chunks_exact(distribution.target_width());
    for (i, (&action, y)) in actions.iter().zip(rows).enumerate() {
        let outputs = &outputs[i * stride..][..stride];
        let d_outputs = &mut d_outputs[i * stride..][..stride];
        let taken = action as usize * width..(action as usize + 1) * width;
        let weight = weights.map_or(1.0, |weights| weights[i]);
        let factor = weight * scale;
        let loss = match distribution {
            Distribution::Quantiles { .. } => {
                let (x, dx) = (&outputs[taken.clone()], &mut d_outputs[taken]);
                quantile::huber(simd, x, midpoints, y, factor, losses, dx)
            }
            Distribution::Implicit { .. } => {
                // The values of one action stand apart from each other.
                let (x, dx) = scratch.split_at_mut(count);
                let actions = stride / count;
                let fractions = match asked {
                    Fractions::Given(fractions) => &fractions[i * count..][..count],
                    Fractions::Midpoints => midpoints,
                };
                let values = distribution.of_action(outputs, actions, action);
                x.iter_mut().zip(values).for_each(|(x, &value)| *x = value);
                let loss = quantile::huber(simd, x, fractions, y, factor, losses, dx);
                let places = d_outputs.iter_mut().skip(action as usize).step_by(actions);
                places.zip(dx).for_each(|(place, &mut d)| *place = d);
                loss
            }
            _ => cross_entropy_of_row(&outputs[taken.clone()], y, factor, &mut d_outputs[taken]),
        };
        errors[i] = loss;
        total += weight * loss;
    }
    total * scale
}

/// The mean over a batch of the means of the taken actions, from `outputs` `[B][A][W]` or `[B][N][A]`.
pub(super) fn mean_of_taken(
    distribution: Distribution,
    branches: Option<&Branches>,
    outputs: &[f32],
    actions: &[u32],
) -> f32 {
    let (width, stride) = (distribution.width(), outputs.len() / actions.len());
    let sum = actions.iter().enumerate().fold(0.0, |sum, (i, &action)| {
        let outputs = &outputs[i * stride..][..stride];
        if let Some(branches) = branches {
            return sum + branches::value_of(branches, outputs, action);
        }
        if let Distribution::Implicit { fractions, .. } = distribution {
            let taken = distribution.of_action(outputs, stride / fractions as usize, action);
            return sum + taken.fold(0.0, |sum, &value| sum + value) / fractions as f32;
        }
        let taken = &outputs[action as usize * width..][..width];
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
        write_targets(config, None, &batch, following, &mut [0.0; W], &mut targets);
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

    const IMPLICIT: Distribution = Distribution::Implicit {
        cosines: 8,
        fractions: 3,
        target_fractions: 2,
        policy_fractions: 4,
    };

    #[test]
    fn values_of_an_action_are_found_among_those_of_all_fractions() {
        let implicit = DqnConfig { distribution: IMPLICIT, ..DqnConfig::PLAIN };
        // Two fractions of two actions: 2 and 4 of the first, 0 and 10 of the second.
        let outputs = [2.0, 0.0, 4.0, 10.0];
        assert_eq!(targets(&implicit, &outputs, &[3.0, 5.0], &[]), [1.0, 6.0]);
        assert_eq!(targets(&implicit, &outputs, &[1.0, 0.0], &[]), [2.0, 3.0]);

        let backup = Backup::Munchausen(MUNCHAUSEN);
        let quantiles = Distribution::Quantiles { count: 2 };
        let quantiles = DqnConfig { distribution: quantiles, backup, ..DqnConfig::PLAIN };
        let (q, before) = ([3.0, 5.0], [0.0, 1.0]);
        let expected = targets::<2>(&quantiles, &[2.0, 4.0, 0.0, 10.0], &q, &before);
        assert_eq!(targets(&DqnConfig { backup, ..implicit }, &outputs, &q, &before), expected);
    }

    /// Three fractions of two actions against two targets: u is 1/2 and -1/2, then 3 and 2, then -4 and -5.
    #[test]
    fn the_loss_of_drawn_fractions_is_the_one_by_hand() {
        let config = DqnConfig { distribution: IMPLICIT, ..DqnConfig::PLAIN };
        let outputs = [9.0, 0.5, 9.0, -2.0, 9.0, 5.0];
        let (mut d, mut errors, mut scratch) = ([7.0; 6], [7.0], [0.0; 12]);
        let loss = evaluate(
            pulp::Scalar,
            &config,
            None,
            &outputs,
            &[1],
            Fractions::Given(&[0.25, 0.5, 0.875]),
            &[1.0, 0.0],
            Some(&[2.0]),
            &mut scratch,
            &mut d,
            &mut errors,
        );
        let first = (0.25 * 0.125 + 0.75 * 0.125) / 2.0;
        let second = (0.5 * 2.5 + 0.5 * 1.5) / 2.0;
        let third = (0.125 * 3.5 + 0.125 * 4.5) / 2.0;
        assert!((errors[0] - (first + second + third)).abs() < 1e-6, "{errors:?}");
        assert_eq!(loss, 2.0 * errors[0]);
        // -2/2 (0.25 / 2 - 0.75 / 2), -2/2 (0.5 + 0.5), -2/2 (-0.125 - 0.125)
        assert_eq!(d, [0.0, 0.25, 0.0, -1.0, 0.0, 0.25]);
        let mean = mean_of_taken(config.distribution, None, &outputs, &[1]);
        assert!((mean - 3.5 / 3.0).abs() < 1e-6, "{mean}");
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
                    None,
                    outputs,
                    &[1],
                    Fractions::Midpoints,
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
