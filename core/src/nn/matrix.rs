//! The one matrix routine that dense layers, their gradients and batch-1 inference share, and small transposes.
//!
//! ```text
//! C[m][n] = start[m][n] + A(m,0) B[0][n] + A(m,1) B[1][n] + .. + A(m,K-1) B[K-1][n]
//! ```
//!
//! added from left to right, each product rounded before it is added. The lanes of a vector run across `n`, whose
//! sums are independent: whatever the width, every `C[m][n]` sees the same operations in the same order.
//! `B` is `[K][N]` row-major, `C` is `[M][N]` row-major, `A` is [`Left`].
//!
//! A tile of `C` stays in registers while `k` runs. At a ragged right edge the vectors of `B` read on into its
//! next row: those lanes compute numbers that are not stored.

use pulp::Simd;

/// `A`, in one of the two ways it may be stored.
#[derive(Clone, Copy, Debug)]
pub enum Left<'a> {
    /// `[M][K]`: A(m, k) is `values[m * K + k]`
    Rows(&'a [f32]),
    /// `[K][M]`: A(m, k) is `values[k * M + m]`
    Columns(&'a [f32]),
}

/// What the sums start from.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Zero.
    Zero,
    /// What `C` holds: the products are added to it.
    Kept,
    /// The same row `[N]` for every `m`: a bias.
    Row(&'a [f32]),
}

/// The three sizes: `C` is `[rows][columns]`, and each of its elements sums `inner` products.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// M
    pub rows: usize,
    /// K
    pub inner: usize,
    /// N
    pub columns: usize,
}

/// The widest tile in elements: four vectors of sixteen lanes.
const WIDEST_TILE: usize = 64;

/// `C = start + A B`.
///
/// # Panics
/// If a slice's length does not follow from `shape`.
#[inline(always)]
pub fn multiply<S: Simd>(
    simd: S,
    shape: Shape,
    left: Left<'_>,
    b: &[f32],
    start: Start<'_>,
    c: &mut [f32],
) {
    let Shape { rows, inner, columns } = shape;
    assert_eq!(b.len(), inner * columns, "B is [inner][columns]");
    assert_eq!(c.len(), rows * columns, "C is [rows][columns]");
    let (Left::Rows(a) | Left::Columns(a)) = left;
    assert_eq!(a.len(), rows * inner, "A has rows * inner elements");
    if let Start::Row(row) = start {
        assert_eq!(row.len(), columns, "the starting row has a number a column");
    }
    let mut row = 0;
    while row + 4 <= rows {
        band::<S, 4, 2>(simd, shape, left, b, start, c, row);
        row += 4;
    }
    while row < rows {
        band::<S, 1, 4>(simd, shape, left, b, start, c, row);
        row += 1;
    }
}

/// `HEIGHT` rows of `C` from `row` on, in tiles of `WIDTH` vectors and narrower ones for what is left.
#[inline(always)]
fn band<S: Simd, const HEIGHT: usize, const WIDTH: usize>(
    simd: S,
    shape: Shape,
    left: Left<'_>,
    b: &[f32],
    start: Start<'_>,
    c: &mut [f32],
    row: usize,
) {
    let mut column = 0;
    while column + WIDTH * S::F32_LANES <= shape.columns {
        tile::<S, HEIGHT, WIDTH, false>(simd, shape, left, b, start, c, row, column);
        column += WIDTH * S::F32_LANES;
    }
    while column + S::F32_LANES <= shape.columns {
        tile::<S, HEIGHT, 1, false>(simd, shape, left, b, start, c, row, column);
        column += S::F32_LANES;
    }
    if column < shape.columns {
        tile::<S, HEIGHT, 1, true>(simd, shape, left, b, start, c, row, column);
    }
}

/// One tile of `C`; a `RAGGED` one stores only the columns that exist.
#[inline(always)]
fn tile<S: Simd, const HEIGHT: usize, const WIDTH: usize, const RAGGED: bool>(
    simd: S,
    shape: Shape,
    left: Left<'_>,
    b: &[f32],
    start: Start<'_>,
    c: &mut [f32],
    row: usize,
    column: usize,
) {
    let Shape { rows, inner, columns } = shape;
    let full_width = WIDTH * S::F32_LANES;
    let width = if RAGGED { columns - column } else { full_width };

    let mut sums = [[simd.splat_f32s(0.0); WIDTH]; HEIGHT];
    for (m, sums) in sums.iter_mut().enumerate() {
        match start {
            Start::Zero => {}
            Start::Kept => {
                *sums = load::<S, WIDTH>(simd, &c[(row + m) * columns + column..][..width])
            }
            Start::Row(values) => *sums = load::<S, WIDTH>(simd, &values[column..][..width]),
        }
    }

    // Whole windows of B as far as they go; then, where a ragged window would end past the last row, padded ones.
    let windows = b[column..].windows(full_width).step_by(columns);
    let padded_from = if RAGGED { windows.len() } else { inner };
    match left {
        Left::Rows(a) => {
            let mut a_rows: [&[f32]; HEIGHT] = [&[]; HEIGHT];
            for (m, a_row) in a_rows.iter_mut().enumerate() {
                *a_row = &a[(row + m) * inner..][..inner];
            }
            for (k, window) in windows.enumerate().take(padded_from) {
                let mut a_k = [0.0; HEIGHT];
                for m in 0..HEIGHT {
                    a_k[m] = a_rows[m][k];
                }
                accumulate(simd, &mut sums, a_k, load::<S, WIDTH>(simd, window));
            }
            for k in padded_from..inner {
                let mut a_k = [0.0; HEIGHT];
                for m in 0..HEIGHT {
                    a_k[m] = a_rows[m][k];
                }
                let window = &b[k * columns + column..][..width];
                accumulate(simd, &mut sums, a_k, load::<S, WIDTH>(simd, window));
            }
        }
        Left::Columns(a) => {
            let a_columns = a[row..].windows(HEIGHT).step_by(rows);
            for (a_column, window) in a_columns.zip(windows) {
                let mut a_k = [0.0; HEIGHT];
                a_k.copy_from_slice(a_column);
                accumulate(simd, &mut sums, a_k, load::<S, WIDTH>(simd, window));
            }
            for k in padded_from..inner {
                let mut a_k = [0.0; HEIGHT];
                a_k.copy_from_slice(&a[k * rows + row..][..HEIGHT]);
                let window = &b[k * columns + column..][..width];
                accumulate(simd, &mut sums, a_k, load::<S, WIDTH>(simd, window));
            }
        }
    }

    for (m, sums) in sums.iter().enumerate() {
        store::<S, WIDTH>(&mut c[(row + m) * columns + column..][..width], sums);
    }
}

/// One step of `k`: the outer product of a column of A and a row of B, added to the tile.
#[inline(always)]
fn accumulate<S: Simd, const HEIGHT: usize, const WIDTH: usize>(
    simd: S,
    sums: &mut [[S::f32s; WIDTH]; HEIGHT],
    a: [f32; HEIGHT],
    b: [S::f32s; WIDTH],
) {
    for m in 0..HEIGHT {
        let a = simd.splat_f32s(a[m]);
        for n in 0..WIDTH {
            sums[m][n] = simd.add_f32s(sums[m][n], simd.mul_f32s(a, b[n]));
        }
    }
}

/// `WIDTH` vectors from a slice; lanes past its end are zero.
#[inline(always)]
fn load<S: Simd, const WIDTH: usize>(simd: S, values: &[f32]) -> [S::f32s; WIDTH] {
    let mut vectors = [simd.splat_f32s(0.0); WIDTH];
    if values.len() == WIDTH * S::F32_LANES {
        vectors.copy_from_slice(S::as_simd_f32s(values).0);
    } else {
        let mut padded = [0.0; WIDEST_TILE];
        padded[..values.len()].copy_from_slice(values);
        vectors.copy_from_slice(S::as_simd_f32s(&padded[..WIDTH * S::F32_LANES]).0);
    }
    vectors
}

/// The first elements of `WIDTH` vectors, as many as the slice has.
#[inline(always)]
fn store<S: Simd, const WIDTH: usize>(values: &mut [f32], vectors: &[S::f32s; WIDTH]) {
    if values.len() == WIDTH * S::F32_LANES {
        S::as_mut_simd_f32s(values).0.copy_from_slice(vectors);
    } else {
        let mut padded = [0.0; WIDEST_TILE];
        S::as_mut_simd_f32s(&mut padded[..WIDTH * S::F32_LANES]).0.copy_from_slice(vectors);
        values.copy_from_slice(&padded[..values.len()]);
    }
}

/// `to[column][row] = from[row][column]`.
///
/// # Panics
/// If a length is not `rows * columns`.
#[inline(always)]
pub fn transpose(rows: usize, columns: usize, from: &[f32], to: &mut [f32]) {
    assert_eq!(from.len(), rows * columns, "the transposed matrix is [rows][columns]");
    assert_eq!(to.len(), rows * columns, "the transpose is [columns][rows]");
    for (column, line) in to.chunks_exact_mut(rows).enumerate() {
        for (value, &source) in line.iter_mut().zip(from[column..].iter().step_by(columns)) {
            *value = source;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::{Scalar, Scalar256b};

    #[test]
    fn a_two_by_two_product_is_the_one_by_hand() {
        let shape = Shape { rows: 2, inner: 2, columns: 2 };
        let b = [5.0, 6.0, 7.0, 8.0];
        let mut c = [100.0, 200.0, 300.0, 400.0];
        multiply(Scalar, shape, Left::Rows(&[1.0, 2.0, 3.0, 4.0]), &b, Start::Zero, &mut c);
        assert_eq!(c, [19.0, 22.0, 43.0, 50.0]);
        multiply(Scalar256b, shape, Left::Columns(&[1.0, 3.0, 2.0, 4.0]), &b, Start::Kept, &mut c);
        assert_eq!(c, [38.0, 44.0, 86.0, 100.0]);
        multiply(
            Scalar256b,
            shape,
            Left::Rows(&[1.0, 2.0, 3.0, 4.0]),
            &b,
            Start::Row(&[1.0, 0.5]),
            &mut c,
        );
        assert_eq!(c, [20.0, 22.5, 44.0, 50.5]);
    }

    #[test]
    fn a_transpose_swaps_rows_and_columns() {
        let mut to = [0.0; 6];
        transpose(2, 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], &mut to);
        assert_eq!(to, [1.0, 4.0, 2.0, 5.0, 3.0, 6.0]);
    }
}
