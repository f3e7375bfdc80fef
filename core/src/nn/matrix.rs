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

use crate::lanes::apart;
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
    apart(simd, Product::new(shape, left, b, start, c));
}

/// The same for a single row, `c = bias + a B` with `a` `[inner]`, inlined into its caller: what infers one input, and
/// saves every call.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn multiply_row<S: Simd>(simd: S, a: &[f32], b: &[f32], bias: &[f32], c: &mut [f32]) {
    let shape = Shape { rows: 1, inner: a.len(), columns: bias.len() };
    Product::new(shape, Left::Rows(a), b, Start::Row(bias), c).row(simd);
}

struct Product<'a> {
    shape: Shape,
    left: Left<'a>,
    b: &'a [f32],
    start: Start<'a>,
    c: &'a mut [f32],
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let Shape { rows, columns, .. } = self.shape;
        let mut row = 0;
        // The taller a tile, the fewer loads a product, as long as it fits the registers. Short vectors leave room
        // for eight rows; AVX-512 has 32 registers, and multiplies by a number in memory without loading it first.
        while MANY_REGISTERS && columns == 4 && row + 8 <= rows {
            self.tiles::<Scalar128b, 8>(Scalar128b, row, 0);
            row += 8;
        }
        while S::REGISTER_COUNT >= 32 && row + 16 <= rows {
            let column = self.tiles::<S, 16>(simd, row, 0);
            for quarter in 0..4 {
                self.edge::<S, 4>(row + 4 * quarter, column);
            }
            row += 16;
        }
        while MANY_REGISTERS && row + 4 <= rows {
            self.band::<S, 4>(simd, row);
            row += 4;
        }
        while row < rows {
            self.band::<S, 1>(simd, row);
            row += 1;
        }
    }
}

/// False on microcontrollers: a floating-point unit of 32 single numbers holds one row of a tile.
const MANY_REGISTERS: bool = cfg!(not(any(target_arch = "arm", target_arch = "riscv32")));

impl<'a> Product<'a> {
    #[inline(always)]
    fn new(shape: Shape, left: Left<'a>, b: &'a [f32], start: Start<'a>, c: &'a mut [f32]) -> Self {
        let Shape { rows, inner, columns } = shape;
        assert_eq!(b.len(), inner * columns, "B is [inner][columns]");
        assert_eq!(c.len(), rows * columns, "C is [rows][columns]");
        let (Left::Rows(a) | Left::Columns(a)) = left;
        assert_eq!(a.len(), rows * inner, "A has rows * inner elements");
        if let Start::Row(row) = start {
            assert_eq!(row.len(), columns, "the starting row has a number a column");
        }
        Self { shape, left, b, start, c }
    }

    /// The only row of C. It has few sums to wait for, so more of them run side by side, and what is left at the right
    /// edge is the end of a last tile that computes some columns again.
    #[inline(always)]
    fn row<S: Simd>(mut self, simd: S) {
        let (columns, lanes) = (self.shape.columns, S::F32_LANES);
        let mut column = 0;
        if MANY_REGISTERS && 4 * lanes <= columns {
            while column + 4 * lanes <= columns {
                self.tile::<S, 1, 4>(simd, 0, column);
                column += 4 * lanes;
            }
            if column < columns {
                self.tile::<S, 1, 4>(simd, 0, columns - 4 * lanes);
            }
            return;
        }
        column = self.tiles::<S, 1>(simd, 0, 0);
        if MANY_REGISTERS && column < columns && lanes <= columns {
            self.tile::<S, 1, 1>(simd, 0, columns - lanes);
        } else {
            self.edge::<S, 1>(0, column);
        }
    }

    /// `HEIGHT` rows of C.
    #[inline(always)]
    fn band<S: Simd, const HEIGHT: usize>(&mut self, simd: S, row: usize) {
        let column = self.tiles::<S, HEIGHT>(simd, row, 0);
        self.edge::<S, HEIGHT>(row, column);
    }

    /// What is left over at the right edge, less than a vector: goes on shorter and shorter ones.
    #[inline(always)]
    fn edge<S: Simd, const HEIGHT: usize>(&mut self, row: usize, mut column: usize) {
        if S::F32_LANES > 8 {
            column = self.tiles::<Scalar256b, HEIGHT>(Scalar256b, row, column);
        }
        if S::F32_LANES > 4 {
            column = self.tiles::<Scalar128b, HEIGHT>(Scalar128b, row, column);
        }
        if S::F32_LANES > 1 {
            self.tiles::<Scalar, HEIGHT>(Scalar, row, column);
        }
    }

    /// Tiles from this column on, as many as fit; returns the first column that is left.
    #[inline(always)]
    fn tiles<S: Simd, const HEIGHT: usize>(
        &mut self,
        simd: S,
        row: usize,
        mut column: usize,
    ) -> usize {
        while HEIGHT <= 4 && column + 2 * S::F32_LANES <= self.shape.columns {
            self.tile::<S, HEIGHT, 2>(simd, row, column);
            column += 2 * S::F32_LANES;
        }
        while column + S::F32_LANES <= self.shape.columns {
            self.tile::<S, HEIGHT, 1>(simd, row, column);
            column += S::F32_LANES;
        }
        column
    }

    /// The part of C that has `HEIGHT` rows and `WIDTH` vectors.
    #[inline(always)]
    fn tile<S: Simd, const HEIGHT: usize, const WIDTH: usize>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
    ) {
        let Shape { rows, inner, columns } = self.shape;
        let mut sums = [[simd.splat_f32s(0.0); WIDTH]; HEIGHT];
        for (m, sums) in sums.iter_mut().enumerate() {
            match self.start {
                Start::Zero => {}
                Start::Kept => {
                    *sums = load::<S, WIDTH>(&self.c[(row + m) * columns..][..columns], column)
                }
                Start::Row(values) => *sums = load::<S, WIDTH>(values, column),
            }
        }
        let b_rows = self.b.chunks_exact(columns);
        match self.left {
            Left::Rows(a) if HEIGHT == 1 => {
                for (&a, b_row) in a[row * inner..][..inner].iter().zip(b_rows) {
                    accumulate(simd, &mut sums, [a; HEIGHT], load::<S, WIDTH>(b_row, column));
                }
            }
            Left::Rows(a) => {
                let mut a_rows: [&[f32]; HEIGHT] = [&[]; HEIGHT];
                for (m, a_row) in a_rows.iter_mut().enumerate() {
                    *a_row = &a[(row + m) * inner..][..inner];
                }
                for (k, b_row) in (0..inner).zip(b_rows) {
                    let a_column = from_fn(|m| a_rows[m][k]);
                    accumulate(simd, &mut sums, a_column, load::<S, WIDTH>(b_row, column));
                }
            }
            Left::Columns(a) => {
                for (a_column, b_row) in a.chunks_exact(rows).zip(b_rows) {
                    let a_column = &a_column[row..row + HEIGHT];
                    let a_column = from_fn(|m| a_column[m]);
                    accumulate(simd, &mut sums, a_column, load::<S, WIDTH>(b_row, column));
                }
            }
        }
        for (m, sums) in sums.iter().enumerate() {
            let c_row = &mut self.c[(row + m) * columns..][..columns];
            let place = &mut c_row[column..column + WIDTH * S::F32_LANES];
            S::as_mut_simd_f32s(place).0.copy_from_slice(sums);
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

/// `WIDTH` vectors of a row.
#[inline(always)]
fn load<S: Simd, const WIDTH: usize>(row: &[f32], column: usize) -> [S::f32s; WIDTH] {
    let mut vectors = [S::f32s::zeroed(); WIDTH];
    vectors.copy_from_slice(S::as_simd_f32s(&row[column..column + WIDTH * S::F32_LANES]).0);
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
