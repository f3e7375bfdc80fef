//! Bounds of cars, pendulums, noise, and what follows distributions.

use super::{Bound, U, U_OF_DOUBLE, largest, scaled};
use crate::single::Single;

pub(super) const BOUNDS: &[Bound] = &[
    Bound {
        kernel: "munchausen_quantiles",
        formula: "(64 + 8 A) u (|r| + alpha |lowest| + discount (max |next| + 2 max |next_means| + temperature ln A))",
        of: |single| {
            let (width, actions) = (single.size(9), single.size(10));
            let numbers = single.floats(7);
            let entropy = numbers[1] * (actions as f64).ln();
            let (rewards, discounts) = (single.before(0), single.before(1));
            let (means, next) = (single.before(4), single.before(5));
            let rows = means.chunks(actions).zip(next.chunks(actions * width));
            let mut of = Vec::new();
            for (b, (means, next)) in rows.enumerate() {
                let following = largest(next) + 2.0 * largest(means) + entropy;
                let bonus = (numbers[0] * numbers[2]).abs();
                let magnitude = rewards[b].abs() + bonus + discounts[b].abs() * following;
                of.extend(vec![magnitude; width]);
            }
            vec![(6, scaled(64.0 + 8.0 * actions as f64, of))]
        },
    },
    Bound {
        kernel: "mean_of_atoms_backward",
        formula: "(64 + 8 W) u |d_mean| (|lowest| + W |spacing|)",
        of: |single| {
            let (atoms, width) = (single.floats(3), single.size(4));
            let reach = atoms[0].abs() + width as f64 * atoms[2].abs();
            let of = single.before(1).into_iter().flat_map(|d| vec![d.abs() * reach; width]);
            vec![(2, scaled(64.0 + 8.0 * width as f64, of.collect()))]
        },
    },
    Bound {
        kernel: "noisy_perturb",
        formula: "4 u (|mean| + |deviation| max(1, |noise|)^2)",
        of: |single| {
            let (parameters, count) = (single.before(0), single.size(4));
            let noise = largest(&single.before(2)).max(1.0);
            let (means, deviations) = parameters.split_at(count);
            let both = means.iter().zip(deviations);
            let of = both.map(|(mean, d)| mean.abs() + d.abs() * noise * noise);
            vec![(3, scaled(4.0, of.collect()))]
        },
    },
    Bound {
        kernel: "mountain_car_reset",
        formula: "states: 4 u', u' = 2^-53; observations: one float",
        of: |single| {
            let starts = vec![4.0 * U_OF_DOUBLE; single.before(2).len()];
            vec![(3, rounded(single, 3, &starts)), (2, starts)]
        },
    },
    Bound {
        kernel: "mountain_car_step",
        formula: "states: 8 u' (|position| + |velocity| + 0.0035); observations: one float",
        of: |single| {
            let states = single.before(1);
            let cars = states.chunks(2).map(|car| car[0].abs() + car[1].abs() + 0.0035);
            let of: Vec<f64> = cars.flat_map(|m| vec![8.0 * U_OF_DOUBLE * m; 2]).collect();
            vec![(2, rounded(single, 2, &of)), (1, of)]
        },
    },
    Bound {
        kernel: "acrobot_reset",
        formula: "states: one float of 0.1; observations: the same, and one float",
        of: |single| {
            let states = vec![2.0 * U * 0.1; single.before(2).len()];
            let observed = vec![2.0 * U * 0.1; single.before(3).len()];
            vec![(3, rounded(single, 3, &observed)), (2, states)]
        },
    },
    Bound {
        kernel: "acrobot_step",
        formula: "states: 2^20 u' (1 + speed^2), what four stages make of the last bits of fast links; observations: the same, and one float",
        of: |single| {
            let (mut states, mut observed) = (Vec::new(), Vec::new());
            for links in single.before(1).chunks(4) {
                let speed = largest(&links[2..]);
                let off = f64::from(1u32 << 20) * U_OF_DOUBLE * (1.0 + speed * speed);
                states.extend([off; 4]);
                observed.extend([off; 6]);
            }
            vec![(2, rounded(single, 2, &observed)), (1, states)]
        },
    },
];

/// Doubles that are off by so much, as floats.
fn rounded(single: &Single, parameter: usize, off: &[f64]) -> Vec<f64> {
    let numbers = single.after(parameter);
    numbers.iter().zip(off).map(|(number, off)| 2.0 * U * number.abs() + off).collect()
}
