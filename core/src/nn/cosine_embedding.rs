//! A network that is asked about fractions: implicit quantile networks (Dabney, Ostrovski, Silver and Munos, 2018).
//!
//! ```text
//! R rows, N fractions of each, n cosines, H numbers of a row; W [n][H] and bias [H] are the layer's part of the parameters
//! embedding   c[r][k][i] = cos(pi i t[r][k]), i = 0 .. n - 1
//!             e[r][k][h] = relu(bias[h] + sum over i of c[r][k][i] W[i][h])                     (equation 4)
//! forward     y[r][k][h] = x[r][h] e[r][k][h]
//! backward    dx[r][h]   = sum over k of dy[r][k][h] e[r][k][h]
//!             de = dy x where e > 0, and of W and bias as in dense.rs
//!
//! mean of fractions   q[r][a] = (sum over k of y[r][k][a]) / N           dy[r][k][a] = dq[r][a] / N
//! ```
//!
//! Between the two a row of x is N rows, and what stands there sees them apart. Sums run in the order of their index.
//! The fractions are the caller's, or the midpoints `(k + 1/2) / N`, the same for every row: then the network is a function of
//! its input alone, which is what a policy has to be. What is below a fraction is not known here.
//!
//! The cosines follow from the first one, `cos((i + 1) a) = 2 cos(a) cos(i a) - cos((i - 1) a)`, in `f64`: a thousandth
//! of them is still right to more digits than `f32` holds, and a microcontroller computes one cosine a fraction.

use super::{Activation, activation, dense};
use crate::math;
use core::f64::consts::PI;
use pulp::{Scalar, Simd};

/// The sizes of an embedding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CosineEmbedding {
    /// Length of a row: H.
    pub width: u32,
    /// How many cosines describe a fraction: n.
    pub cosines: u32,
    /// How many fractions a row is asked about: N.
    pub fractions: u32,
}

/// The fractions that a network is asked about.
#[derive(Clone, Copy, Debug)]
pub enum Fractions<'a> {
    /// The midpoints of equal parts, for every row.
    Midpoints,
    /// `[R][N]`, each of `0..=1`.
    Given(&'a [f32]),
}

/// The middle of the `index`-th of `count` equal parts of `0..=1`.
#[inline]
pub const fn midpoint(index: usize, count: usize) -> f32 {
    (index as f32 + 0.5) / count as f32
}

impl CosineEmbedding {
    pub(super) const fn weight_count(&self) -> usize {
        self.cosines as usize * self.width as usize
    }

    /// Weights and bias.
    pub const fn parameter_count(&self) -> usize {
        self.weight_count() + self.width as usize
    }

    /// What a training pass keeps in front of the outputs: c and e.
    pub(super) const fn before_count(&self, rows: usize) -> usize {
        rows * self.fractions as usize * (self.cosines as usize + self.width as usize)
    }

    /// What inference needs besides: c of one row.
    pub(super) const fn scratch_count(&self) -> usize {
        self.fractions as usize * self.cosines as usize
    }

    /// c and e among what [`forward`] kept.
    fn parts<'a>(&self, rows: usize, kept: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        let cosines = rows * self.scratch_count();
        kept[..self.before_count(rows)].split_at(cosines)
    }
}

/// `cos(pi i fraction)` for i from 0 on.
pub fn write_cosines(fraction: f32, cosines: &mut [f32]) {
    let first = math::cos(PI * f64::from(fraction));
    let (mut before, mut here) = (first, 1.0);
    for cosine in cosines {
        *cosine = here as f32;
        (before, here) = (here, 2.0 * first * here - before);
    }
}

/// Writes c, e and y, in this order, to `kept`; `input` is `[rows][width]`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn forward<S: Simd>(
    simd: S,
    embedding: &CosineEmbedding,
    parameters: &[f32],
    fractions: Fractions<'_>,
    input: &[f32],
    kept: &mut [f32],
) {
    let (width, count) = (embedding.width as usize, embedding.fractions as usize);
    let rows = input.len() / width;
    let (before, output) = kept.split_at_mut(embedding.before_count(rows));
    let (cosines, embedded) = before.split_at_mut(rows * embedding.scratch_count());
    assert_eq!(output.len(), rows * count * width, "a row of outputs a fraction");
    match fractions {
        Fractions::Given(fractions) => {
            assert_eq!(fractions.len(), rows * count, "fractions are [rows][fractions]");
            let each = cosines.chunks_exact_mut(embedding.cosines as usize);
            for (cosines, &fraction) in each.zip(fractions) {
                write_cosines(fraction, cosines);
            }
            embed(simd, embedding, parameters, cosines, embedded);
        }
        Fractions::Midpoints => {
            // Once for all rows.
            let (first, others) = cosines.split_at_mut(embedding.scratch_count());
            let (first_embedded, others_embedded) = embedded.split_at_mut(count * width);
            embed_midpoints(simd, embedding, parameters, first, first_embedded);
            others.chunks_exact_mut(first.len()).for_each(|row| row.copy_from_slice(first));
            others_embedded
                .chunks_exact_mut(first_embedded.len())
                .for_each(|row| row.copy_from_slice(first_embedded));
        }
    }
    output.copy_from_slice(embedded);
    multiply_rows(simd, embedding, input, output);
}

/// y alone, of one row at the midpoints. `scratch` has a place a cosine of every fraction.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn infer<S: Simd>(
    simd: S,
    embedding: &CosineEmbedding,
    parameters: &[f32],
    input: &[f32],
    output: &mut [f32],
    scratch: &mut [f32],
) {
    assert_eq!(input.len(), embedding.width as usize, "one row");
    embed_midpoints(simd, embedding, parameters, scratch, output);
    multiply_rows(simd, embedding, input, output);
}

/// The gradients of a [`forward`] with this `input` that wrote `kept`: ADDS to `d_parameters`, and writes `d_input` where
/// one is wanted. `d_output` `[rows][fractions][width]` becomes that of e before its relu. `workspace` has a place a weight.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    embedding: &CosineEmbedding,
    parameters: &[f32],
    input: &[f32],
    kept: &[f32],
    d_output: &mut [f32],
    d_input: Option<&mut [f32]>,
    d_parameters: &mut [f32],
    workspace: &mut [f32],
) {
    let (width, count) = (embedding.width as usize, embedding.fractions as usize);
    let rows = input.len() / width;
    let (cosines, embedded) = embedding.parts(rows, kept);
    if let Some(d_input) = d_input {
        assert_eq!(d_input.len(), input.len(), "a gradient a number of the input");
        d_input.fill(0.0);
        let rows = d_output.chunks_exact(count * width).zip(embedded.chunks_exact(count * width));
        for ((d_rows, rows), d_input) in rows.zip(d_input.chunks_exact_mut(width)) {
            for (d_row, row) in d_rows.chunks_exact(width).zip(rows.chunks_exact(width)) {
                add_products(simd, d_row, row, d_input);
            }
        }
    }
    multiply_rows(simd, embedding, input, d_output);
    activation::backward(simd, Activation::Relu, embedded, d_output);
    dense::backward(
        simd,
        embedding.cosines as usize,
        width,
        rows * count,
        parameters,
        cosines,
        d_output,
        None,
        d_parameters,
        workspace,
    );
}

/// The mean over `fractions` rows: `input` is `[rows][fractions][values]`, `output` `[rows][values]`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn mean(fractions: usize, values: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(input.len(), output.len() * fractions, "a row a fraction");
    let rows = input.chunks_exact(fractions * values);
    for (rows, q) in rows.zip(output.chunks_exact_mut(values)) {
        q.fill(0.0);
        for row in rows.chunks_exact(values) {
            q.iter_mut().zip(row).for_each(|(q, y)| *q += y);
        }
        q.iter_mut().for_each(|q| *q /= fractions as f32);
    }
}

/// Writes the gradient `[rows][fractions][values]` of a [`mean`] from `d_output` `[rows][values]`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn mean_backward(fractions: usize, values: usize, d_output: &[f32], d_input: &mut [f32]) {
    assert_eq!(d_input.len(), d_output.len() * fractions, "a row a fraction");
    let rows = d_input.chunks_exact_mut(fractions * values);
    for (rows, dq) in rows.zip(d_output.chunks_exact(values)) {
        for row in rows.chunks_exact_mut(values) {
            row.iter_mut().zip(dq).for_each(|(d, dq)| *d = dq / fractions as f32);
        }
    }
}

/// c and e of the midpoints.
#[inline(always)]
fn embed_midpoints<S: Simd>(
    simd: S,
    embedding: &CosineEmbedding,
    parameters: &[f32],
    cosines: &mut [f32],
    embedded: &mut [f32],
) {
    let each = cosines.chunks_exact_mut(embedding.cosines as usize);
    for (index, cosines) in each.enumerate() {
        write_cosines(midpoint(index, embedding.fractions as usize), cosines);
    }
    embed(simd, embedding, parameters, cosines, embedded);
}

/// e from c.
#[inline(always)]
fn embed<S: Simd>(
    simd: S,
    embedding: &CosineEmbedding,
    parameters: &[f32],
    cosines: &[f32],
    embedded: &mut [f32],
) {
    let (inputs, width) = (embedding.cosines as usize, embedding.width as usize);
    let rows = embedded.len() / width;
    dense::forward(simd, inputs, width, rows, parameters, cosines, embedded);
    activation::forward(simd, Activation::Relu, embedded);
}

/// Multiplies each of the `count` rows that belong to a row of `factors` by it.
#[inline(always)]
fn multiply_rows<S: Simd>(simd: S, embedding: &CosineEmbedding, factors: &[f32], rows: &mut [f32]) {
    let (width, count) = (embedding.width as usize, embedding.fractions as usize);
    for (factors, rows) in factors.chunks_exact(width).zip(rows.chunks_exact_mut(count * width)) {
        let (factor_heads, factor_tail) = S::as_simd_f32s(factors);
        for row in rows.chunks_exact_mut(width) {
            let (heads, tail) = S::as_mut_simd_f32s(row);
            multiply(simd, factor_heads, heads);
            multiply(Scalar, factor_tail, tail);
        }
    }
}

#[inline(always)]
fn multiply<S: Simd>(simd: S, factors: &[S::f32s], values: &mut [S::f32s]) {
    for (value, &factor) in values.iter_mut().zip(factors) {
        *value = simd.mul_f32s(*value, factor);
    }
}

/// `sums[h] += a[h] * b[h]`
#[inline(always)]
fn add_products<S: Simd>(simd: S, a: &[f32], b: &[f32], sums: &mut [f32]) {
    let (sum_heads, sum_tail) = S::as_mut_simd_f32s(sums);
    let ((a_heads, a_tail), (b_heads, b_tail)) = (S::as_simd_f32s(a), S::as_simd_f32s(b));
    for ((sum, &a), &b) in sum_heads.iter_mut().zip(a_heads).zip(b_heads) {
        *sum = simd.add_f32s(*sum, simd.mul_f32s(a, b));
    }
    for ((sum, &a), &b) in sum_tail.iter_mut().zip(a_tail).zip(b_tail) {
        *sum += a * b;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar256b;

    #[test]
    fn cosines_are_those_of_the_multiples_of_the_angle() {
        let mut cosines = [7.0; 5];
        write_cosines(1.0, &mut cosines);
        assert_eq!(cosines, [1.0, -1.0, 1.0, -1.0, 1.0]);
        write_cosines(0.5, &mut cosines);
        assert!(cosines.iter().zip([1.0, 0.0, -1.0, 0.0, 1.0]).all(|(c, e)| (c - e).abs() < 1e-7));
        let mut many = [0.0; 1_024];
        for fraction in [0.0, 1e-7, 0.003, 0.333_333, 0.75, 0.999, 0.999_999_9, 1.0] {
            write_cosines(fraction, &mut many);
            for (index, &cosine) in many.iter().enumerate() {
                let expected = math::cos(PI * index as f64 * f64::from(fraction));
                let error = (f64::from(cosine) - expected).abs();
                assert!(error < 6e-8, "{index} {fraction}: {cosine} and not {expected}");
            }
        }
    }

    /// Two cosines of the midpoint 1/2 are 1 and 0; so e = relu(W[0] + bias).
    #[test]
    fn products_and_gradients_are_the_ones_by_hand() {
        let embedding = CosineEmbedding { width: 3, cosines: 2, fractions: 1 };
        let parameters = [1.0, -5.0, 2.0, 9.0, 9.0, 9.0, 0.5, 1.0, -1.5];
        let input = [2.0, 3.0, -4.0];
        let mut kept = [7.0; 2 + 3 + 3];
        forward(Scalar256b, &embedding, &parameters, Fractions::Midpoints, &input, &mut kept);
        assert!(kept[0] == 1.0 && kept[1].abs() < 1e-7);
        assert!(
            kept[2..]
                .iter()
                .zip([1.5, 0.0, 0.5, 3.0, 0.0, -2.0])
                .all(|(a, b)| (a - b).abs() < 1e-6)
        );
        // Fractions 0 and 1 of one row: cosines 1, 1 and 1, -1.
        let embedding = CosineEmbedding { fractions: 2, ..embedding };
        let parameters = [1.0, -5.0, 2.0, 0.5, 1.0, -1.0, 0.0, 0.0, 0.0];
        let mut kept = [7.0; 4 + 6 + 6];
        let fractions = Fractions::Given(&[0.0, 1.0]);
        forward(Scalar256b, &embedding, &parameters, fractions, &input, &mut kept);
        assert_eq!(kept[..4], [1.0, 1.0, 1.0, -1.0]);
        assert_eq!(kept[4..10], [1.5, 0.0, 1.0, 0.5, 0.0, 3.0]);
        assert_eq!(kept[10..], [3.0, 0.0, -4.0, 1.0, 0.0, -12.0]);

        let mut d_output = [1.0, 1.0, 1.0, 10.0, 10.0, 10.0];
        let (mut d_input, mut d, mut workspace) = ([7.0; 3], [100.0; 9], [7.0; 6]);
        backward(
            Scalar256b,
            &embedding,
            &parameters,
            &input,
            &kept,
            &mut d_output,
            Some(&mut d_input),
            &mut d,
            &mut workspace,
        );
        assert_eq!(d_input, [1.5 + 5.0, 0.0, 1.0 + 30.0]);
        // de: 2, 0, -4 and 20, 0, -40.
        assert_eq!(d[..3], [122.0, 100.0, 56.0], "of the cosine that is 1 and 1");
        assert_eq!(d[3..6], [82.0, 100.0, 136.0], "of the one that is 1 and -1");
        assert_eq!(d[6..], [122.0, 100.0, 56.0], "of the bias");
    }

    #[test]
    fn a_mean_of_fractions_is_taken_value_by_value() {
        let (mut q, mut d) = ([7.0; 2], [7.0; 6]);
        mean(3, 2, &[1.0, 10.0, 2.0, 20.0, 6.0, 30.0], &mut q);
        assert_eq!(q, [3.0, 20.0]);
        mean_backward(3, 2, &[3.0, -6.0], &mut d);
        assert_eq!(d, [1.0, -2.0, 1.0, -2.0, 1.0, -2.0]);
    }
}
