//! Bounds of layers.

use super::{Bound, Bounds, U, U_OF_DOUBLE, largest, scaled, twice_gamma};
use crate::single::Single;

pub(super) const BOUNDS: &[Bound] = &[
    Bound { kernel: "dense_forward", formula: PRODUCT, of: |s| product(s, 2, s.size(3)) },
    Bound { kernel: "dense_input_gradient", formula: PRODUCT, of: |s| product(s, 2, s.size(5)) },
    Bound {
        kernel: "dense_parameter_gradient",
        formula: PRODUCT,
        of: |s| product(s, 2, s.size(5)),
    },
    Bound { kernel: "conv2d_forward", formula: PRODUCT, of: |s| product(s, 2, inner(s, 3)) },
    Bound { kernel: "conv2d_forward_u8", formula: PRODUCT, of: |s| product(s, 2, inner(s, 4)) },
    Bound {
        kernel: "conv2d_parameter_gradient",
        formula: PRODUCT,
        of: |s| product(s, 2, positions(s, 3) * s.size(4)),
    },
    Bound {
        kernel: "conv2d_parameter_gradient_u8",
        formula: PRODUCT,
        of: |s| product(s, 2, positions(s, 4) * s.size(5)),
    },
    Bound {
        kernel: "conv2d_input_gradient",
        formula: "2 gamma(n + 5) times the sum of |a b|, n the filters times the positions that reach a pixel",
        of: |s| {
            let n = (s.words(4)[4] * s.words(4)[5] * s.words(4)[6]) as f64;
            vec![(2, scaled(twice_gamma(n + 5.0), magnitudes(s, 2)))]
        },
    },
    Bound { kernel: "mlp_parameter_gradient", formula: PRODUCT, of: |s| product(s, 2, s.size(4)) },
    Bound {
        kernel: "mlp_rows",
        formula: "held, not derived: 2^-16 times the largest of its buffer. A maximum chooses, and a slope jumps: no formula is a bound",
        of: |s| {
            let held = |parameter| {
                let after = s.after(parameter);
                (parameter, vec![256.0 * U * largest(&after); after.len()])
            };
            (10..15).map(held).collect()
        },
    },
    Bound { kernel: "elu_forward", formula: "8 u |y|", of: |s| relative(s, 0, 8.0) },
    Bound { kernel: "tanh_forward", formula: "8 u |y|", of: |s| relative(s, 0, 8.0) },
    Bound { kernel: "sigmoid_forward", formula: "16 u y", of: |s| relative(s, 0, 16.0) },
    Bound {
        kernel: "tanh_backward",
        formula: "4 u |dy| (1 + y y)",
        of: |s| {
            let both = s.before(0).into_iter().zip(s.before(1));
            vec![(1, scaled(4.0, both.map(|(y, dy)| dy.abs() * (1.0 + y * y)).collect()))]
        },
    },
    Bound {
        kernel: "write_cosines",
        formula: "16 (n + 1)^2 u' + 2 u, u' = 2^-53: an error of the first cosine grows with the square of their number",
        of: |s| {
            let number = s.size(2) as f64 + 1.0;
            let of = 16.0 * number * number * U_OF_DOUBLE + 2.0 * U;
            vec![(1, vec![of; s.after(1).len()])]
        },
    },
    Bound {
        kernel: "cosine_embedding_backward",
        formula: "d_input: 2 gamma(N) times the sum of |dy e|",
        of: |s| {
            let (embedded, d_output) = (s.before(0), s.before(2));
            let (width, fractions) = (s.size(4), s.size(5));
            let mut of = vec![0.0; s.after(3).len()];
            for (i, (e, d)) in embedded.iter().zip(d_output).enumerate() {
                of[i / (fractions * width) * width + i % width] += (e * d).abs();
            }
            vec![(3, scaled(twice_gamma(fractions as f64), of))]
        },
    },
    Bound {
        kernel: "softmax_forward",
        formula: "(16 + 2 W) u p",
        of: |s| relative(s, 0, 16.0 + 2.0 * s.size(1) as f64),
    },
    Bound {
        kernel: "softmax_backward",
        formula: "(8 + 2 W) u p (|dp| + sum of |dp| p)",
        of: |s| {
            let (p, d, width) = (s.before(0), s.before(1), s.size(2));
            let rows = p.chunks(width).zip(d.chunks(width));
            let of = rows.flat_map(|(p, d)| {
                let mean: f64 = p.iter().zip(d).map(|(p, d)| (p * d).abs()).sum();
                p.iter().zip(d).map(move |(p, d)| p * (d.abs() + mean)).collect::<Vec<_>>()
            });
            vec![(1, scaled(8.0 + 2.0 * width as f64, of.collect()))]
        },
    },
    Bound {
        kernel: "batch_norm_statistics",
        formula: "(8 + 2 R) u times the mean of |x|, or the variance",
        of: |s| {
            let (x, features, rows) = (s.before(0), s.size(2), s.size(3));
            let mean = |f| x.iter().skip(f).step_by(features).map(|x| x.abs()).sum::<f64>();
            let of_means = (0..features).map(|f| mean(f) / rows as f64);
            let variances = s.after(1)[features..].to_vec();
            vec![(1, scaled(8.0 + 2.0 * rows as f64, of_means.chain(variances).collect()))]
        },
    },
    Bound {
        kernel: "batch_norm_forward",
        formula: "16 u (|gamma h| + |beta|)",
        of: |s| {
            let (parameters, features) = (s.before(0), s.size(5));
            let h = normalised(s, 2, 1, s.number(4), features);
            let of = h.iter().enumerate().map(|(i, (h, _))| {
                let f = i % features;
                (parameters[f] * h).abs() + parameters[features + f].abs()
            });
            vec![(3, scaled(16.0, of.collect()))]
        },
    },
    Bound {
        kernel: "batch_norm_parameter_gradient",
        formula: "(16 + 2 R) u (what was there + sum of |dy h|), and of |dy|",
        of: |s| {
            let (dy, before, features) = (s.before(2), s.before(3), s.size(6));
            let h = normalised(s, 1, 0, s.number(5), features);
            let mut sums = vec![0.0; 2 * features];
            for (i, dy) in dy.iter().enumerate() {
                sums[i % features] += dy.abs();
                sums[features + i % features] += (dy * h[i].0).abs();
            }
            // d_parameters has the products first, sums second, and running statistics behind.
            let of = before.iter().enumerate().map(|(i, before)| {
                let sum =
                    if i < 2 * features { sums[(i + features) % (2 * features)] } else { 0.0 };
                before.abs() + sum
            });
            let c = 16.0 + 2.0 * s.size(7) as f64;
            vec![(3, scaled(c, of.collect())), (4, scaled(c, sums))]
        },
    },
    Bound {
        kernel: "batch_norm_input_gradient",
        formula: "24 u |gamma| / root (|dy| + |sum of dy| / R + |h sum of dy h| / R)",
        of: |s| {
            let (gamma, dy, sums) = (s.before(0), s.before(3), s.before(4));
            let (features, rows) = (s.size(7), s.size(8) as f64);
            let h = normalised(s, 2, 1, s.number(6), features);
            let of = dy.iter().enumerate().map(|(i, dy)| {
                let (f, (h, scale)) = (i % features, h[i]);
                let along = (h * sums[features + f]).abs() / rows;
                (gamma[f] * scale).abs() * (dy.abs() + sums[f].abs() / rows + along)
            });
            vec![(5, scaled(24.0, of.collect()))]
        },
    },
    Bound {
        kernel: "batch_norm_follow",
        formula: "8 u (|running| + |statistic| R / (R - 1))",
        of: |s| {
            let (statistics, running, features) = (s.before(0), s.before(1), s.size(3));
            let rows = s.size(4) as f64;
            let unbiased = if rows > 1.0 { rows / (rows - 1.0) } else { 1.0 };
            let of = running.iter().enumerate().map(|(i, running)| {
                let statistic = i.checked_sub(2 * features).map_or(0.0, |at| statistics[at]);
                running.abs() + statistic.abs() * unbiased
            });
            vec![(1, scaled(8.0, of.collect()))]
        },
    },
];

const PRODUCT: &str = "(2^-10 + 2^-22 + gamma'(n + 16) + gamma(n + 1)) times the sum of |a b| (tensor_cores.cuh; gamma' with 2^-22)";

/// Of a sum of n products on tensor cores, and one in order.
fn product(single: &Single, parameter: usize, n: usize) -> Bounds {
    let n = n as f64 + 1.0;
    let gamma = |n: f64, unit: f64| n * unit / (1.0 - n * unit);
    let tensor = 1.0 / 1024.0 + 4.0 * U + gamma(n + 16.0, 4.0 * U);
    vec![(parameter, scaled((tensor + gamma(n, U)) / U, magnitudes(single, parameter)))]
}

/// The sums of absolute products, a little more for what they are off by themselves.
fn magnitudes(single: &Single, parameter: usize) -> Vec<f64> {
    let of_buffer = single.buffer(parameter).expect("a result");
    let sums = single.magnitudes[of_buffer].iter();
    sums.map(|sum| sum * 1.001).collect()
}

fn relative(single: &Single, parameter: usize, c: f64) -> Bounds {
    let after = single.after(parameter).into_iter().map(f64::abs).collect();
    vec![(parameter, scaled(c, after))]
}

fn inner(single: &Single, parameter: usize) -> usize {
    let conv = single.words(parameter);
    (conv[0] * conv[5] * conv[6]) as usize
}

fn positions(single: &Single, parameter: usize) -> usize {
    let conv = single.words(parameter);
    (conv[11] * conv[12]) as usize
}

/// |h| = |x - mean| / sqrt(variance + epsilon), and one over that root, of each number.
fn normalised(
    single: &Single,
    input: usize,
    statistics: usize,
    epsilon: f64,
    features: usize,
) -> Vec<(f64, f64)> {
    let statistics = single.before(statistics);
    let of = |(i, x): (usize, &f64)| {
        let scale = 1.0 / (statistics[features + i % features] + epsilon).sqrt();
        // Not what is left of the difference, but what goes into it.
        ((x.abs() + statistics[i % features].abs()) * scale, scale)
    };
    single.before(input).iter().enumerate().map(of).collect()
}
