//! Bounds of what moves parameters.

use super::{Bound, Bounds, TINY, U, scaled};
use crate::single::Single;

pub(super) const BOUNDS: &[Bound] = &[
    Bound {
        kernel: "adam",
        formula: "m, v: 8 u (|m| + first (|g| + |m|)), 8 u v; p: 24 u (|p| + rate (|m| + first (|g| + |m|)) / root); target as soft_update",
        of: adam,
    },
    Bound {
        kernel: "rms_prop_plain",
        formula: "s: 8 u s; p: 24 u (|p| + rate |g| / root); target as soft_update",
        of: |single| {
            let count = single.size(8);
            let of_moments = scaled(8.0, single.after(4));
            moved(
                single,
                of_moments,
                |i, g| {
                    let [_, _, _, rate, epsilon] = step(single);
                    (rate * g / (single_after(single, i).sqrt() + epsilon), 0.0)
                },
                count,
            )
        },
    },
    Bound {
        kernel: "rms_prop_centred",
        formula: "s, m: 8 u (kept |.| + share ..); p: 24 u (|p| + step) + what root is off by, whose square is off by 16 u (s + m m); target as soft_update",
        of: |single| centred(single, false),
    },
    Bound {
        kernel: "rms_prop_centred_epsilon_inside",
        formula: "the same",
        of: |single| centred(single, true),
    },
    Bound {
        kernel: "sgd",
        formula: "v: 8 u (kept |v| + |g|); p: 24 u (|p| + rate (kept |v| + |g|)); target as soft_update",
        of: |single| {
            let [_, kept, _, rate, _] = step(single);
            let (count, velocities, gradients) =
                (single.size(8), single.before(4), gradients(single));
            let magnitude = |i: usize| {
                velocities.get(i).map_or(gradients[i], |v| kept * v.abs() + gradients[i])
            };
            let of_moments = scaled(8.0, (0..velocities.len()).map(magnitude).collect());
            moved(single, of_moments, |i, _| (rate * magnitude(i), 0.0), count)
        },
    },
    Bound {
        kernel: "soft_update",
        formula: "6 u (tau |online| + (1 - tau) |target|)",
        of: |single| {
            let tau = single.number(2);
            let pairs = single.before(0).into_iter().zip(single.before(1));
            let of = pairs.map(|(online, target)| tau * online.abs() + (1.0 - tau) * target.abs());
            vec![(1, scaled(6.0, of.collect()))]
        },
    },
];

/// first, kept, share, rate, epsilon
fn step(single: &Single) -> [f64; 5] {
    single.before(0).try_into().expect("five numbers of a step")
}

/// |g|, not clipped: clipping makes none larger.
fn gradients(single: &Single) -> Vec<f64> {
    single.before(1).into_iter().map(f64::abs).collect()
}

fn single_after(single: &Single, i: usize) -> f64 {
    single.after(4)[i]
}

/// Bounds of moments, parameters and the target network. `change(i, |g|)` is by how much a parameter moves at most, in
/// absolute values, and what that is off by besides.
fn moved(
    single: &Single,
    of_moments: Vec<f64>,
    change: impl Fn(usize, f64) -> (f64, f64),
    count: usize,
) -> Bounds {
    let (parameters, target) = (single.before(3), single.before(5));
    let (gradients, tau) = (gradients(single), single.number(7));
    let mut bounds = vec![(4, of_moments.into_iter().map(|bound| bound + 2e-30).collect())];
    let (mut of_parameters, mut of_target) = (Vec::new(), Vec::new());
    for i in 0..count {
        let (change, besides) = change(i, gradients[i]);
        let magnitude = parameters[i].abs() + change;
        let bound = 24.0 * U * magnitude + besides + TINY;
        of_parameters.push(bound);
        if let Some(target) = target.get(i) {
            let of = tau * magnitude + (1.0 - tau) * target.abs();
            of_target.push(6.0 * U * of + tau * bound);
        }
    }
    bounds.push((3, of_parameters));
    bounds.push((5, of_target));
    bounds
}

fn adam(single: &Single) -> Bounds {
    let [first, _, _, rate, epsilon] = step(single);
    let (count, before, after) = (single.size(8), single.before(4), single.after(4));
    let g = gradients(single);
    let mean = |i: usize| before[i].abs() + first * (g[i] + before[i].abs());
    let of_means = (0..count).map(mean);
    let of_moments = scaled(8.0, of_means.chain(after[count..].iter().copied()).collect());
    let change = |i: usize, _| (rate * mean(i) / (after[count + i].sqrt() + epsilon), 0.0);
    moved(single, of_moments, change, count)
}

fn centred(single: &Single, is_inside: bool) -> Bounds {
    let [_, kept, share, rate, epsilon] = step(single);
    let (count, before, after) = (single.size(8), single.before(4), single.after(4));
    let g = gradients(single);
    let mean = |i: usize| kept * before[count + i].abs() + share * g[i];
    let of_moments = after[..count].iter().copied().chain((0..count).map(mean));
    let of_moments = scaled(8.0, of_moments.collect());
    let root_of = |variance: f64| match is_inside {
        true => (variance.max(0.0) + epsilon).sqrt(),
        false => variance.max(0.0).sqrt() + epsilon,
    };
    let change = |i: usize, g: f64| {
        let (s, m) = (after[i], after[count + i]);
        // Nearly equal squares: nothing may be left of the difference.
        let off = 16.0 * U * (s + mean(i) * mean(i));
        let (low, high) = (root_of(s - m * m - off), root_of(s - m * m + off));
        (rate * g / high, rate * g / low - rate * g / high + 24.0 * U * rate * g / low)
    };
    moved(single, of_moments, change, count)
}
