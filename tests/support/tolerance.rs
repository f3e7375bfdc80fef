//! How far a result may be from its reference: one table, a row an operation, each with its reason.
//!
//! A value passes if `|got - want| <= absolute + relative * |want|`. What is meant to be equal is compared for
//! equality and has no row here.

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// Allowed near zero.
    pub absolute: f64,
    /// Allowed in proportion to the reference.
    pub relative: f64,
}

const fn row(absolute: f64, relative: f64) -> Tolerance {
    Tolerance { absolute, relative }
}

/// A network's output in `f32` against `f64`: sums of 64 products, some of which cancel.
pub const NETWORK_OUTPUT: Tolerance = row(1e-6, 1e-5);
/// A parameter's gradient in `f32` against `f64`: sums over the batch of small products.
pub const GRADIENT: Tolerance = row(1e-7, 1e-5);
/// A loss in `f32` against `f64` after up to ten updates: the differences of the parameters come on top.
pub const LOSS: Tolerance = row(1e-6, 1e-5);
/// Parameters after ten updates in `f32` against `f64`. An adaptive step divides a gradient by its own size, so that
/// rounding of a gradient near zero moves its parameter by a share of the learning rate (1e-3).
pub const UPDATED_PARAMETERS: Tolerance = row(1e-6, 1e-5);
/// A gradient in `f32` against a central difference in `f64`, relative to the largest of its slice.
pub const FINITE_DIFFERENCE: Tolerance = row(2e-5, 0.0);

/// The first values that are too far from their references, as text; `None` where all pass.
pub fn mismatches(got: &[f32], want: &[f64], tolerance: Tolerance) -> Option<String> {
    if got.len() != want.len() {
        return Some(format!("{} values, {} references", got.len(), want.len()));
    }
    // Asked this way round, a NaN is far.
    let near = |got: f32, want: f64| {
        (f64::from(got) - want).abs() <= tolerance.absolute + tolerance.relative * want.abs()
    };
    let all: Vec<_> =
        got.iter().zip(want).enumerate().filter(|(_, (got, want))| !near(**got, **want)).collect();
    if all.is_empty() {
        return None;
    }
    let mut text =
        format!("{} of {} values differ by more than {tolerance:?}:", all.len(), got.len());
    for (index, (got, want)) in all.iter().take(5) {
        text += &format!("\n  [{index}] got {got:.9e}, want {want:.9e}");
    }
    Some(text)
}

/// Panics with the first mismatches.
///
/// # Panics
/// If a value is too far from its reference.
pub fn assert_close(what: &str, got: &[f32], want: &[f64], tolerance: Tolerance) {
    if let Some(text) = mismatches(got, want, tolerance) {
        panic!("{what}: {text}");
    }
}
