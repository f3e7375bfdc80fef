//! How far the fast mode's results may be from the exact mode's, for each kernel whose results differ at all: a formula that
//! follows from the kernel's own, evaluated for every number of a launch.
//!
//! With u = 2^-24 a float operation is off by at most u of its result, and a sum of n products by gamma(n) = n u / (1 - n u)
//! times the sum of their absolute values, in any order, fused or not (Higham, Accuracy and Stability of Numerical
//! Algorithms, section 3.1). Both modes are that far from the numbers without rounding, so their difference is at most
//! twice that. Bounds are written as `c u M`: c counts operations of both modes, M is the formula of the result in
//! absolute values.

mod environments;
mod layers;
mod learning;
mod optimisers;

use crate::case::Argument;
use crate::single::Single;

/// Of a float and of a double.
pub(crate) const U: f64 = 1.0 / (1u64 << 24) as f64;
pub(crate) const U_OF_DOUBLE: f64 = 1.0 / (1u64 << 53) as f64;

/// Where results are so small that they have fewer digits, and where moments are taken for zero.
const TINY: f64 = 1e-37;

/// For each parameter that is bounded, its position and a bound for every number.
type Bounds = Vec<(usize, Vec<f64>)>;

/// The bounds of a kernel's results.
pub(crate) struct Bound {
    pub(crate) kernel: &'static str,
    /// As a person reads it; results and what they are made of have the names of the kernel's head.
    pub(crate) formula: &'static str,
    /// Of a launch.
    pub(crate) of: fn(&Single) -> Bounds,
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static Bound> {
    let first = layers::BOUNDS.iter().chain(learning::BOUNDS);
    first.chain(environments::BOUNDS).chain(optimisers::BOUNDS)
}

/// 2 gamma(n) / u, in units of u.
fn twice_gamma(n: f64) -> f64 {
    2.0 * n / (1.0 - n * U)
}

/// `c u M` of every number.
fn scaled(c: f64, magnitudes: Vec<f64>) -> Vec<f64> {
    magnitudes.into_iter().map(|magnitude| c * U * magnitude + TINY).collect()
}

fn largest(numbers: &[f64]) -> f64 {
    numbers.iter().filter(|number| number.is_finite()).fold(0.0, |most, n| most.max(n.abs()))
}

impl Single {
    /// What the buffer of this parameter holds before; nothing where it is null.
    fn before(&self, parameter: usize) -> Vec<f64> {
        match &self.arguments[parameter] {
            Argument::Buffer { index, .. } => {
                self.buffers[*index as usize].numbers_before().expect("a buffer of numbers")
            }
            _ => Vec::new(),
        }
    }

    /// What it holds afterwards.
    fn after(&self, parameter: usize) -> Vec<f64> {
        match &self.arguments[parameter] {
            Argument::Buffer { index, .. } => {
                self.buffers[*index as usize].numbers_after().expect("a buffer of numbers")
            }
            _ => Vec::new(),
        }
    }

    fn size(&self, parameter: usize) -> usize {
        match &self.arguments[parameter] {
            Argument::U32(size) => *size as usize,
            other => panic!("{} has no size there but {other:?}", self.kernel),
        }
    }

    fn number(&self, parameter: usize) -> f64 {
        match &self.arguments[parameter] {
            Argument::F32(number) => f64::from(*number),
            other => panic!("{} has no number there but {other:?}", self.kernel),
        }
    }

    /// A structure of floats.
    fn floats(&self, parameter: usize) -> Vec<f64> {
        match &self.arguments[parameter] {
            Argument::Struct(words) => {
                words.iter().map(|&word| f64::from(f32::from_bits(word))).collect()
            }
            other => panic!("{} has no structure there but {other:?}", self.kernel),
        }
    }

    fn words(&self, parameter: usize) -> &[u32] {
        match &self.arguments[parameter] {
            Argument::Struct(words) => words,
            other => panic!("{} has no structure there but {other:?}", self.kernel),
        }
    }
}
