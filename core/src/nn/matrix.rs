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
//! A tile of `C` stays in registers while `k` runs.

use bytemuck::Zeroable;
use core::array::from_fn;
use pulp::{Scalar, Scalar128b, Scalar256b, Simd, WithSimd};

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
    // Behind a call of its own: inlined into its callers, the loops would compete with theirs for registers.
    simd.vectorize(Multiply { shape, left, b, start, c });
}

struct Multiply<'a> {
    shape: Shape,
    left: Left<'a>,
    b: &'a [f32],
    start: Start<'a>,
    c: &'a mut [f32],
}

impl WithSimd for Multiply<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Shape { rows, inner, columns } = self.shape;
        assert_eq!(self.b.len(), inner * columns, "B is [inner][columns]");
        assert_eq!(self.c.len(), rows * columns, "C is [rows][columns]");
        let (Left::Rows(a) | Left::Columns(a)) = self.left;
        assert_eq!(a.len(), rows * inner, "A has rows * inner elements");
        if let Start::Row(row) = self.start {
            assert_eq!(row.len(), columns, "the starting row has a number a column");
        }
        // A matrix narrower than a vector goes on shorter vectors.
        if columns >= S::F32_LANES {
            self.bands(simd);
        } else if columns >= 8 {
            self.bands(Scalar256b);
        } else if columns >= 4 {
            self.bands(Scalar128b);
        } else {
            self.bands(Scalar);
        }
    }
}

impl Multiply<'_> {
    #[inline(always)]
    fn bands<S: Simd>(mut self, simd: S) {
        let Shape { rows, columns, .. } = self.shape;
        let whole = columns.is_multiple_of(S::F32_LANES);
        let mut row = 0;
        // Tiles are as large as the registers allow: 32 vectors, 16 vectors, or an FPU's 32 single numbers. In one
        // of a single vector's width, AVX-512 multiplies by a number in memory without loading it first.
        if S::REGISTER_COUNT >= 32 && whole {
            while row + 16 <= rows {
                for column in (0..columns).step_by(S::F32_LANES) {
                    self.tile::<S, 16, 1>(simd, row, [column]);
                }
                row += 16;
            }
        }
        if !cfg!(target_pointer_width = "32") {
            while columns == S::F32_LANES && row + 8 <= rows {
                self.band::<S, 8>(simd, row);
                row += 8;
            }
            while row + 4 <= rows {
                self.band::<S, 4>(simd, row);
                row += 4;
            }
        }
        while row < rows {
            self.band::<S, 1>(simd, row);
            row += 1;
        }
    }

    /// `HEIGHT` rows of C in tiles of two vectors, after one of a single vector where their number is odd. The very
    /// last vector ends at the right edge: where that is ragged it overlaps the one before it in the same tile, and
    /// both compute, from the same start, the same numbers.
    #[inline(always)]
    fn band<S: Simd, const HEIGHT: usize>(&mut self, simd: S, row: usize) {
        let columns = self.shape.columns;
        let mut column = 0;
        if !columns.div_ceil(S::F32_LANES).is_multiple_of(2) {
            self.tile::<S, HEIGHT, 1>(simd, row, [0]);
            column = S::F32_LANES;
        }
        while column < columns {
            let second = (column + S::F32_LANES).min(columns - S::F32_LANES);
            self.tile::<S, HEIGHT, 2>(simd, row, [column, second]);
            column += 2 * S::F32_LANES;
        }
    }

    /// The part of C that has `HEIGHT` rows and a vector from each of these columns.
    #[inline(always)]
    fn tile<S: Simd, const HEIGHT: usize, const WIDTH: usize>(
        &mut self,
        simd: S,
        row: usize,
        columns: [usize; WIDTH],
    ) {
        let Shape { rows, inner, columns: width } = self.shape;
        let mut sums = [[simd.splat_f32s(0.0); WIDTH]; HEIGHT];
        for (m, sums) in sums.iter_mut().enumerate() {
            match self.start {
                Start::Zero => {}
                Start::Kept => {
                    *sums = load::<S, WIDTH>(&self.c[(row + m) * width..][..width], columns)
                }
                Start::Row(values) => *sums = load::<S, WIDTH>(values, columns),
            }
        }
        let b_rows = self.b.chunks_exact(width);
        match self.left {
            Left::Rows(a) => {
                let mut a_rows: [&[f32]; HEIGHT] = [&[]; HEIGHT];
                for (m, a_row) in a_rows.iter_mut().enumerate() {
                    *a_row = &a[(row + m) * inner..][..inner];
                }
                for (k, b_row) in (0..inner).zip(b_rows) {
                    let a_column = from_fn(|m| a_rows[m][k]);
                    accumulate(simd, &mut sums, a_column, load::<S, WIDTH>(b_row, columns));
                }
            }
            Left::Columns(a) => {
                for (a_column, b_row) in a.chunks_exact(rows).zip(b_rows) {
                    let a_column = &a_column[row..row + HEIGHT];
                    let a_column = from_fn(|m| a_column[m]);
                    accumulate(simd, &mut sums, a_column, load::<S, WIDTH>(b_row, columns));
                }
            }
        }
        for (m, sums) in sums.iter().enumerate() {
            let c_row = &mut self.c[(row + m) * width..][..width];
            for n in 0..WIDTH {
                let place = &mut c_row[columns[n]..columns[n] + S::F32_LANES];
                S::as_mut_simd_f32s(place).0.copy_from_slice(&sums[n..=n]);
            }
        }
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

/// A vector of a row from each of these columns.
#[inline(always)]
fn load<S: Simd, const WIDTH: usize>(row: &[f32], columns: [usize; WIDTH]) -> [S::f32s; WIDTH] {
    let mut vectors = [S::f32s::zeroed(); WIDTH];
    for n in 0..WIDTH {
        let place = &row[columns[n]..columns[n] + S::F32_LANES];
        vectors[n..=n].copy_from_slice(S::as_simd_f32s(place).0);
    }
    vectors
}

/// `to[column][row] = from[row][column]`.
///
/// # Panics
/// If a length is not `rows * columns`.
#[inline(always)]
pub fn transpose(rows: usize, columns: usize, from: &[f32], to: &mut [f32]) {
    assert_eq!(from.len(), rows * columns, "the transposed matrix is [rows][columns]");
    assert_eq!(to.len(), rows * columns, "the transpose is [columns][rows]");
    let mut bands = from.chunks_exact(4 * columns);
    let mut row = 0;
    // Four rows at a time become four numbers of every line.
    for band in &mut bands {
        let (first, rest) = band.split_at(columns);
        let (second, rest) = rest.split_at(columns);
        let (third, fourth) = rest.split_at(columns);
        let lines = to.chunks_exact_mut(rows);
        for ((((line, &a), &b), &c), &d) in lines.zip(first).zip(second).zip(third).zip(fourth) {
            line[row..row + 4].copy_from_slice(&[a, b, c, d]);
        }
        row += 4;
    }
    for last in bands.remainder().chunks_exact(columns) {
        for (line, &value) in to.chunks_exact_mut(rows).zip(last) {
            line[row] = value;
        }
        row += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
