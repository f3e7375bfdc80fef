//! Bounds of targets, losses, distributions and carts.

use super::{Bound, Bounds, U, U_OF_DOUBLE, largest, scaled, twice_gamma};
use crate::single::Single;

pub(super) const BOUNDS: &[Bound] = &[
    Bound {
        kernel: "q_learning",
        formula: "4 u (|r| + discount max |next_q|)",
        of: |single| vec![(3, scaled(4.0, of_targets(single, 2, single.size(4), 1)))],
    },
    Bound {
        kernel: "double_q_learning",
        formula: "4 u (|r| + discount max |next_q|)",
        of: |single| vec![(4, scaled(4.0, of_targets(single, 3, single.size(5), 1)))],
    },
    Bound {
        kernel: "branched_targets",
        formula: "4 u (|r| + discount max |next_q|)",
        of: |single| {
            let values = single.words(5)[1] as usize;
            vec![(4, scaled(4.0, of_targets(single, 3, values, 1)))]
        },
    },
    Bound { kernel: "branched_squared_error", formula: LOSS_OF_BRANCHES, of: branched_loss },
    Bound { kernel: "branched_huber", formula: LOSS_OF_BRANCHES, of: branched_loss },
    Bound {
        kernel: "quantile_targets",
        formula: "4 u (|r| + discount max |next|)",
        of: |single| {
            let (width, actions) = (single.size(6), single.size(7));
            vec![(4, scaled(4.0, of_targets(single, 3, actions * width, width)))]
        },
    },
    Bound {
        kernel: "munchausen",
        formula: "(64 + 8 A) u (|r| + alpha |lowest| + discount (3 max |next_q| + temperature ln A))",
        of: |single| {
            let (actions, numbers) = (single.size(7), single.floats(6));
            let entropy = numbers[1] * (actions as f64).ln();
            let (rewards, discounts, next_q) =
                (single.before(0), single.before(1), single.before(4));
            let rows = next_q.chunks(actions).zip(rewards.iter().zip(&discounts));
            let of = rows.map(|(q, (r, discount))| {
                let following = 3.0 * largest(q) + entropy;
                r.abs() + (numbers[0] * numbers[2]).abs() + discount.abs() * following
            });
            vec![(5, scaled(64.0 + 8.0 * actions as f64, of.collect()))]
        },
    },
    Bound {
        kernel: "mean_of_atoms",
        formula: "(32 + 4 W) u (|lowest| + W |spacing|)",
        of: |single| {
            let (atoms, width) = (single.floats(2), single.size(3) as f64);
            let magnitude = atoms[0].abs() + width * atoms[2].abs();
            vec![(1, scaled(32.0 + 4.0 * width, vec![magnitude; single.size(4)]))]
        },
    },
    Bound {
        kernel: "categorical_project",
        formula: "(32 + 4 W) u (1 + (|r| + (1 + discount) largest |atom|) / spacing): a share follows its place with slope 1",
        of: |single| {
            let (atoms, width) = (single.floats(5), single.size(6));
            let (rewards, discounts) = (single.before(0), single.before(1));
            let atom = atoms[0].abs().max(atoms[1].abs());
            let mut of = Vec::new();
            for (r, discount) in rewards.iter().zip(&discounts) {
                let magnitude = 1.0 + (r.abs() + (1.0 + discount.abs()) * atom) / atoms[2];
                of.extend(vec![magnitude; width]);
            }
            vec![(4, scaled(32.0 + 4.0 * width as f64, of))]
        },
    },
    Bound {
        kernel: "quantile_huber",
        formula: "losses: (2 T + 8) u loss; gradients: (2 T + 8) u w / B",
        of: |single| {
            let (targets, width) = (single.size(8), single.size(9));
            let (actions, batch) = (single.size(10), single.size(11));
            let c = 2.0 * targets as f64 + 8.0;
            let weights = weights(single, 4, batch);
            let of = weights.iter().flat_map(|w| vec![w / batch as f64; actions * width]);
            vec![(5, scaled(c, of.collect())), (6, scaled(c, single.after(6)))]
        },
    },
    Bound {
        kernel: "binary_cross_entropy",
        formula: "loss: (16 + 2 B) u mean of w (y |ln p| + (1 - y) |ln (1 - p)|); gradients: 8 u |d|",
        of: |single| {
            let (p, y, batch) = (single.before(0), single.before(1), single.size(5));
            let logarithm = |x: f64| x.ln().abs().min(100.0);
            let weights = weights(single, 2, batch);
            let terms = (0..batch).map(|b| {
                weights[b]
                    * (y[b].abs() * logarithm(p[b]) + (1.0 - y[b]).abs() * logarithm(1.0 - p[b]))
            });
            let loss = terms.sum::<f64>() / batch as f64;
            let of_gradients = single.after(3).into_iter().map(f64::abs).collect();
            vec![(3, scaled(8.0, of_gradients)), (4, scaled(16.0 + 2.0 * batch as f64, vec![loss]))]
        },
    },
    Bound {
        kernel: "cross_entropy_of_classes",
        formula: "loss: (16 + 4 C + 2 B) u mean of w (2 max |x| + ln C); gradients: (32 + 4 C) u w / B",
        of: |single| cross_entropy(single, |_| 1.0),
    },
    Bound {
        kernel: "cross_entropy_of_distributions",
        formula: "the same times sum of |t|",
        of: |single| {
            let (targets, classes) = (single.before(1), single.size(5));
            cross_entropy(single, |b| {
                targets[b * classes..][..classes].iter().map(|target| target.abs()).sum()
            })
        },
    },
    Bound {
        kernel: "cross_entropy_of_taken",
        formula: "the same of the action taken; errors: (16 + 4 C) u (2 max |x| + ln C) sum of |t|",
        of: |single| {
            let (logits, targets) = (single.before(0), single.before(2));
            let (classes, actions) = (single.size(7), single.size(8));
            let (batch, logarithm) = (single.size(9), (classes as f64).ln());
            let weights = weights(single, 3, batch);
            let (mut gradients, mut errors, mut loss) = (Vec::new(), Vec::new(), 0.0);
            for (b, logits) in logits.chunks(actions * classes).enumerate() {
                let of_row = &targets[b * classes..][..classes];
                let target = of_row.iter().map(|t| t.abs()).sum::<f64>().max(1e-6);
                let factor = weights[b] * target / batch as f64;
                gradients.extend(vec![factor; actions * classes]);
                errors.push(target * (2.0 * largest(logits) + logarithm));
                loss += factor * (2.0 * largest(logits) + logarithm);
            }
            let c = 16.0 + twice_gamma(2.0 * classes as f64);
            vec![
                (4, scaled(32.0 + 4.0 * classes as f64, gradients)),
                (5, scaled(c, errors)),
                (6, scaled(c + twice_gamma(batch as f64), vec![loss])),
            ]
        },
    },
    Bound {
        kernel: "cart_pole_reset",
        formula: "states: 4 u' 0.05, u' = 2^-53; observations: one float",
        of: |single| {
            let starts = vec![4.0 * U_OF_DOUBLE * 0.1; single.before(2).len()];
            vec![(3, rounded(single, 3, &starts)), (2, starts)]
        },
    },
    Bound {
        kernel: "cart_pole_step",
        formula: "states: 256 u' (|state| + 0.02 |velocity or acceleration|) with |accelerations| from 10 N, g and the spin; observations: one float",
        of: |single| {
            let states = single.before(1);
            let mut of = Vec::new();
            for cart in states.chunks(4) {
                let thrust = (10.0 + 0.05 * cart[3] * cart[3]) / 1.1;
                let spin = (9.8 + thrust) / (0.5 * (4.0 / 3.0 - 0.1 / 1.1));
                let acceleration = thrust + 0.05 * spin / 1.1;
                let change = [cart[1].abs(), acceleration, cart[3].abs(), spin];
                let both = cart.iter().zip(change);
                of.extend(both.map(|(state, c)| 256.0 * U_OF_DOUBLE * (state.abs() + 0.02 * c)));
            }
            vec![(2, rounded(single, 2, &of)), (1, of)]
        },
    },
];

const LOSS_OF_BRANCHES: &str = "(2 K + 2 B + 8) u L, of weights that are not negative";

fn branched_loss(single: &Single) -> Bounds {
    let c = 2.0 * f64::from(single.words(7)[0]) + 2.0 * single.size(8) as f64 + 8.0;
    vec![(6, scaled(c, single.after(6)))]
}

/// |r| + discount max |next| of each row, `each` times; parameters 0 and 1 are rewards and discounts.
fn of_targets(single: &Single, next: usize, row: usize, each: usize) -> Vec<f64> {
    let (rewards, discounts, next) = (single.before(0), single.before(1), single.before(next));
    let mut of = Vec::new();
    for (b, next) in next.chunks(row).enumerate() {
        let magnitude = rewards[b].abs() + discounts[b].abs() * largest(next);
        of.extend(vec![magnitude; each]);
    }
    of
}

/// |w|, or 1 each.
fn weights(single: &Single, parameter: usize, batch: usize) -> Vec<f64> {
    let weights = single.before(parameter);
    (0..batch).map(|b| weights.get(b).map_or(1.0, |weight| weight.abs())).collect()
}

fn cross_entropy(single: &Single, of_targets: impl Fn(usize) -> f64) -> Bounds {
    let (logits, classes, batch) = (single.before(0), single.size(5), single.size(6));
    let (weights, mut of, mut loss) = (weights(single, 2, batch), Vec::new(), 0.0);
    let share = 1.0 / batch as f64;
    for (b, logits) in logits.chunks(classes).enumerate() {
        let factor = weights[b] * share * of_targets(b).max(1e-6);
        of.extend(vec![factor; classes]);
        loss += factor * (2.0 * largest(logits) + (classes as f64).ln());
    }
    let c = 16.0 + twice_gamma(2.0 * classes as f64 + batch as f64);
    vec![(3, scaled(32.0 + 4.0 * classes as f64, of)), (4, scaled(c, vec![loss]))]
}

/// Doubles that are off by so much, as floats.
fn rounded(single: &Single, parameter: usize, off: &[f64]) -> Vec<f64> {
    let numbers = single.after(parameter);
    numbers.iter().zip(off).map(|(number, off)| 2.0 * U * number.abs() + off).collect()
}
