//! Batch normalisation (Ioffe and Szegedy, 2015), with the running statistics of PyTorch's `BatchNorm1d` and `2d`.
//!
//! ```text
//! R rows: the inputs of a batch, or all their pixels behind a convolution; F features (there: channels)
//! gamma, beta, running mean, running variance, [F] each, are the layer's part of the flat parameters
//!
//! training    mean[f] = 1/R sum over r of x[r][f]         variance[f] = 1/R sum over r of (x[r][f] - mean[f])^2
//! inference   mean and variance are the running ones
//! both        h[r][f] = (x[r][f] - mean[f]) / sqrt(variance[f] + epsilon)
//!             y[r][f] = gamma[f] h[r][f] + beta[f]
//! backward    dbeta[f]  += sum over r of dy[r][f]         dgamma[f] += sum over r of dy[r][f] h[r][f]
//!  (training) dx[r][f]   = gamma[f] / sqrt(variance[f] + epsilon)
//!                          (dy[r][f] - 1/R sum of dy[.][f] - h[r][f] 1/R sum of dy[.][f] h[.][f])
//! follow      running = running + momentum (statistic of the batch - running), the variance with 1/(R-1) for 1/R
//! ```
//!
//! Sums run in the order of the rows, lanes across features. The running statistics stand among the parameters so that
//! copies, files and soft updates carry them; their gradient is zero, so no optimiser moves them.

use pulp::{Scalar, Simd};

/// A batch normalisation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchNorm {
    /// F: how many numbers have statistics of their own.
    pub features: u32,
    /// Rows an input: 1 behind a dense layer, the pixels behind a convolution.
    pub rows: u32,
    /// Share of the newest batch in the running statistics. (Keras calls its complement momentum.)
    pub momentum: f32,
    /// Keeps the root from being zero.
    pub epsilon: f32,
}

impl BatchNorm {
    /// PyTorch's `momentum`.
    pub const MOMENTUM: f32 = 0.1;
    /// PyTorch's `eps`.
    pub const EPSILON: f32 = 1e-5;

    /// F, as a length.
    pub const fn feature_count(&self) -> usize {
        self.features as usize
    }

    /// Length of an input and of an output.
    pub const fn count(&self) -> usize {
        self.features as usize * self.rows as usize
    }

    /// Length of the statistics of a batch: all means, then all variances.
    pub const fn statistics_count(&self) -> usize {
        2 * self.features as usize
    }

    /// Length of the parameters.
    pub const fn parameter_count(&self) -> usize {
        4 * self.features as usize
    }

    /// What trains (gamma, beta) and what follows (running mean and variance).
    fn split<'a>(&self, parameters: &'a [f32]) -> (&'a [f32], &'a [f32]) {
        assert_eq!(parameters.len(), self.parameter_count(), "parameters of another layer");
        parameters.split_at(2 * self.feature_count())
    }
}

/// The columns of a matrix `[rows][width]`, a vector of them from `first` on.
#[derive(Clone, Copy)]
struct Columns {
    width: usize,
    first: usize,
}

impl Columns {
    #[inline(always)]
    fn load<S: Simd>(self, row: &[f32]) -> S::f32s {
        S::as_simd_f32s(&row[self.first..self.first + S::F32_LANES]).0[0]
    }

    #[inline(always)]
    fn store<S: Simd>(self, row: &mut [f32], values: S::f32s) {
        S::as_mut_simd_f32s(&mut row[self.first..self.first + S::F32_LANES]).0[0] = values;
    }

    /// These columns of each row, from first to last.
    #[inline(always)]
    fn rows<S: Simd>(self, matrix: &[f32]) -> impl Iterator<Item = S::f32s> {
        matrix.chunks_exact(self.width).map(move |row| self.load::<S>(row))
    }
}

/// What a normalisation needs of some columns.
#[derive(Clone, Copy)]
struct Normal<V> {
    mean: V,
    /// 1 / sqrt(variance + epsilon)
    scale: V,
}

impl<V: Copy> Normal<V> {
    #[inline(always)]
    fn new<S: Simd<f32s = V>>(simd: S, statistics: &[f32], epsilon: f32, columns: Columns) -> Self {
        let (mean, variance) = statistics.split_at(columns.width);
        let variance = columns.load::<S>(variance);
        let root = simd.sqrt_f32s(simd.add_f32s(variance, simd.splat_f32s(epsilon)));
        let scale = simd.div_f32s(simd.splat_f32s(1.0), root);
        Self { mean: columns.load::<S>(mean), scale }
    }

    #[inline(always)]
    fn of<S: Simd<f32s = V>>(self, simd: S, x: V) -> V {
        simd.mul_f32s(simd.sub_f32s(x, self.mean), self.scale)
    }
}

/// Writes mean and variance of each feature over all rows of `input` to `statistics`.
///
/// # Panics
/// If a slice's length does not follow from the sizes, or there is no row.
#[inline(always)]
pub fn statistics<S: Simd>(simd: S, norm: &BatchNorm, input: &[f32], statistics: &mut [f32]) {
    let width = norm.feature_count();
    assert_eq!(statistics.len(), norm.statistics_count(), "a mean and a variance a feature");
    assert!(
        !input.is_empty() && input.len().is_multiple_of(width),
        "the input is [rows][features]"
    );
    let mut first = 0;
    while first + S::F32_LANES <= width {
        statistics_of(simd, Columns { width, first }, input, statistics);
        first += S::F32_LANES;
    }
    while first < width {
        statistics_of(Scalar, Columns { width, first }, input, statistics);
        first += 1;
    }
}

#[inline(always)]
fn statistics_of<S: Simd>(simd: S, columns: Columns, input: &[f32], statistics: &mut [f32]) {
    let share = simd.splat_f32s(1.0 / (input.len() / columns.width) as f32);
    let mut sum = simd.splat_f32s(0.0);
    for x in columns.rows::<S>(input) {
        sum = simd.add_f32s(sum, x);
    }
    let mean = simd.mul_f32s(sum, share);
    let mut squares = simd.splat_f32s(0.0);
    for x in columns.rows::<S>(input) {
        let distance = simd.sub_f32s(x, mean);
        squares = simd.add_f32s(squares, simd.mul_f32s(distance, distance));
    }
    let (means, variances) = statistics.split_at_mut(columns.width);
    columns.store::<S>(means, mean);
    columns.store::<S>(variances, simd.mul_f32s(squares, share));
}

/// Normalises the rows of `input` with these `statistics`: those of the batch in training, the running ones, which are
/// the second half of `parameters`, in inference ([`infer`]).
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn forward<S: Simd>(
    simd: S,
    norm: &BatchNorm,
    parameters: &[f32],
    statistics: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let width = norm.feature_count();
    assert_eq!(output.len(), input.len(), "an output has the shape of its input");
    let (trained, _) = norm.split(parameters);
    let mut first = 0;
    while first + S::F32_LANES <= width {
        let columns = Columns { width, first };
        normalise(simd, norm.epsilon, columns, trained, statistics, input, output);
        first += S::F32_LANES;
    }
    while first < width {
        let columns = Columns { width, first };
        normalise(Scalar, norm.epsilon, columns, trained, statistics, input, output);
        first += 1;
    }
}

/// [`forward`] with the running statistics.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn infer<S: Simd>(
    simd: S,
    norm: &BatchNorm,
    parameters: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let (_, running) = norm.split(parameters);
    forward(simd, norm, parameters, running, input, output);
}

#[inline(always)]
fn normalise<S: Simd>(
    simd: S,
    epsilon: f32,
    columns: Columns,
    trained: &[f32],
    statistics: &[f32],
    input: &[f32],
    output: &mut [f32],
) {
    let (gamma, beta) = trained.split_at(columns.width);
    let (gamma, beta) = (columns.load::<S>(gamma), columns.load::<S>(beta));
    let normal = Normal::new(simd, statistics, epsilon, columns);
    let outputs = output.chunks_exact_mut(columns.width);
    for (x, output) in columns.rows::<S>(input).zip(outputs) {
        let h = normal.of(simd, x);
        columns.store::<S>(output, simd.add_f32s(simd.mul_f32s(gamma, h), beta));
    }
}

/// The gradients of a training pass with this `input` and the batch's `statistics`: ADDS to the gradients of gamma and
/// beta in `d_parameters`, and writes `d_input` where one is wanted.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
#[inline(always)]
pub fn backward<S: Simd>(
    simd: S,
    norm: &BatchNorm,
    parameters: &[f32],
    statistics: &[f32],
    input: &[f32],
    d_output: &[f32],
    d_input: Option<&mut [f32]>,
    d_parameters: &mut [f32],
) {
    let width = norm.feature_count();
    assert_eq!(d_output.len(), input.len(), "an output has the shape of its input");
    assert_eq!(d_parameters.len(), norm.parameter_count(), "a gradient a parameter");
    let mut pass =
        Backward { norm, parameters, statistics, input, d_output, d_input, d_parameters };
    let mut first = 0;
    while first + S::F32_LANES <= width {
        pass.columns(simd, Columns { width, first });
        first += S::F32_LANES;
    }
    while first < width {
        pass.columns(Scalar, Columns { width, first });
        first += 1;
    }
}

struct Backward<'a> {
    norm: &'a BatchNorm,
    parameters: &'a [f32],
    statistics: &'a [f32],
    input: &'a [f32],
    d_output: &'a [f32],
    d_input: Option<&'a mut [f32]>,
    d_parameters: &'a mut [f32],
}

impl Backward<'_> {
    #[inline(always)]
    fn columns<S: Simd>(&mut self, simd: S, columns: Columns) {
        let Self { norm, parameters, statistics, input, d_output, .. } = *self;
        let normal = Normal::new(simd, statistics, norm.epsilon, columns);
        let (mut slopes, mut products) = (simd.splat_f32s(0.0), simd.splat_f32s(0.0));
        for (x, dy) in columns.rows::<S>(input).zip(columns.rows::<S>(d_output)) {
            slopes = simd.add_f32s(slopes, dy);
            products = simd.add_f32s(products, simd.mul_f32s(dy, normal.of(simd, x)));
        }
        let (d_gamma, d_beta) = self.d_parameters.split_at_mut(columns.width);
        columns.store::<S>(d_gamma, simd.add_f32s(columns.load::<S>(d_gamma), products));
        columns.store::<S>(d_beta, simd.add_f32s(columns.load::<S>(d_beta), slopes));

        let Some(d_input) = &mut self.d_input else { return };
        let share = simd.splat_f32s(1.0 / (input.len() / columns.width) as f32);
        let (mean_slope, mean_product) =
            (simd.mul_f32s(slopes, share), simd.mul_f32s(products, share));
        let factor = simd.mul_f32s(columns.load::<S>(parameters), normal.scale);
        let rows = columns.rows::<S>(input).zip(columns.rows::<S>(d_output));
        for ((x, dy), d_input) in rows.zip(d_input.chunks_exact_mut(columns.width)) {
            let along = simd.mul_f32s(normal.of(simd, x), mean_product);
            let across = simd.sub_f32s(simd.sub_f32s(dy, mean_slope), along);
            columns.store::<S>(d_input, simd.mul_f32s(factor, across));
        }
    }
}

/// Moves the running statistics among the `parameters` towards the `statistics` of a batch of `rows` rows. A single
/// row has no variance.
///
/// # Panics
/// If a slice's length does not follow from the sizes.
pub fn follow(norm: &BatchNorm, rows: usize, statistics: &[f32], parameters: &mut [f32]) {
    assert_eq!(parameters.len(), norm.parameter_count(), "parameters of another layer");
    assert_eq!(statistics.len(), norm.statistics_count(), "a mean and a variance a feature");
    let running = &mut parameters[2 * norm.feature_count()..];
    let (means, variances) = running.split_at_mut(norm.feature_count());
    let (batch_means, batch_variances) = statistics.split_at(norm.feature_count());
    let unbiased = if rows > 1 { rows as f32 / (rows - 1) as f32 } else { 1.0 };
    for (mean, &of_batch) in means.iter_mut().zip(batch_means) {
        *mean += norm.momentum * (of_batch - *mean);
    }
    for (variance, &of_batch) in variances.iter_mut().zip(batch_variances) {
        *variance += norm.momentum * (of_batch * unbiased - *variance);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORM: BatchNorm = BatchNorm { features: 1, rows: 1, momentum: 0.5, epsilon: 0.0 };

    /// x = 1, 5: mean 3, variance 4, h = -1, 1; gamma 3, beta 1.
    #[test]
    fn training_inference_and_gradients_are_the_ones_by_hand() {
        let (mut parameters, mut batch) = ([3.0, 1.0, 0.0, 1.0], [0.0; 2]);
        let (input, mut output) = ([1.0, 5.0], [0.0; 2]);
        statistics(Scalar, &NORM, &input, &mut batch);
        forward(Scalar, &NORM, &parameters, &batch, &input, &mut output);
        assert_eq!((batch, output), ([3.0, 4.0], [-2.0, 4.0]));

        let (mut d_input, mut d_parameters) = ([9.0; 2], [10.0; 4]);
        let d_output = [2.0, 0.0];
        let d_before = Some(&mut d_input[..]);
        let gradients = &mut d_parameters;
        backward(Scalar, &NORM, &parameters, &batch, &input, &d_output, d_before, gradients);
        // gamma/2 (dy - 1 - h (-1)): two rows have no freedom left once mean and variance are taken out.
        assert_eq!((d_input, d_parameters), ([0.0, 0.0], [8.0, 12.0, 10.0, 10.0]));

        follow(&NORM, 2, &batch, &mut parameters);
        assert_eq!(parameters, [3.0, 1.0, 1.5, 4.5]);
        let mut output = [0.0; 2];
        let parameters = [3.0, 1.0, 3.0, 4.0];
        infer(Scalar, &NORM, &parameters, &[5.0, 3.0], &mut output);
        assert_eq!(output, [4.0, 1.0]);
    }
}
