//! Makes the rows or the columns of a matrix orthonormal, whichever are fewer, by Gram and Schmidt's method run twice
//! on each, which leaves no more than rounding. The result is that of PyTorch's `orthogonal_`: a QR decomposition
//! whose diagonal is positive.

use crate::math;

/// `matrix` is `[rows][columns]`, of full rank; afterwards its rows (if they are no more than the columns) or its
/// columns have the length `gain` and stand at right angles. `workspace` has a place a column; what it held is lost.
pub(super) fn orthonormalise(
    rows: usize,
    columns: usize,
    matrix: &mut [f32],
    gain: f64,
    workspace: &mut [f32],
) {
    if rows <= columns {
        orthonormalise_rows(columns, matrix);
    } else {
        orthonormalise_columns(columns, matrix, workspace);
    }
    for value in matrix {
        *value = (gain * f64::from(*value)) as f32;
    }
}

fn orthonormalise_rows(columns: usize, matrix: &mut [f32]) {
    for row in 0..matrix.len() / columns {
        let (earlier, rest) = matrix.split_at_mut(row * columns);
        let current = &mut rest[..columns];
        for _ in 0..2 {
            for earlier in earlier.chunks_exact(columns) {
                let along = dot(earlier, current) as f32;
                for (x, &e) in current.iter_mut().zip(earlier) {
                    *x -= along * e;
                }
            }
        }
        let scale = (1.0 / math::sqrt(dot(current, current))) as f32;
        for x in current {
            *x *= scale;
        }
    }
}

/// Walks the matrix row by row, as it stands in memory, once for all earlier columns together.
fn orthonormalise_columns(columns: usize, matrix: &mut [f32], workspace: &mut [f32]) {
    for column in 0..columns {
        let along = &mut workspace[..column];
        for _ in 0..2 {
            along.fill(0.0);
            for row in matrix.chunks_exact(columns) {
                for (along, &e) in along.iter_mut().zip(row) {
                    *along += row[column] * e;
                }
            }
            for row in matrix.chunks_exact_mut(columns) {
                let (earlier, rest) = row.split_at_mut(column);
                rest[0] -= dot(earlier, along) as f32;
            }
        }
        let squares = matrix.chunks_exact(columns).fold(0.0, |sum, row| {
            let x = f64::from(row[column]);
            sum + x * x
        });
        let scale = (1.0 / math::sqrt(squares)) as f32;
        for row in matrix.chunks_exact_mut(columns) {
            row[column] *= scale;
        }
    }
}

fn dot(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (&a, &b)| sum + f64::from(a) * f64::from(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_vectors_become_the_ones_by_hand_as_rows_and_as_columns() {
        let mut rows = [3.0, 4.0, 0.0, 5.0, 5.0, 2.0];
        orthonormalise(2, 3, &mut rows, 2.0, &mut [0.0; 3]);
        // (5, 5, 2) - 7 (0.6, 0.8, 0) = (0.8, -0.6, 2), of length sqrt(5).
        let second = [0.8, -0.6, 2.0].map(|x: f32| 2.0 * x / 5f32.sqrt());
        let want = [1.2, 1.6, 0.0, second[0], second[1], second[2]];
        let mut columns = [3.0, 5.0, 4.0, 5.0, 0.0, 2.0];
        orthonormalise(3, 2, &mut columns, 2.0, &mut [0.0; 2]);
        for index in 0..6 {
            assert!((rows[index] - want[index]).abs() < 1e-6, "{rows:?}");
            assert_eq!(columns[index % 3 * 2 + index / 3], rows[index], "{columns:?}");
        }
    }
}
