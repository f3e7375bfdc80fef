//! The one door to square roots and transcendental functions.
//!
//! Everything here is a software implementation that gives the same bits on every target (square roots are
//! correctly rounded everywhere). Core calls nothing of the standard library's, whose results differ by target.
//! Where a twin of an outside system needs that system's own last bit, a function named for it stands here.

mod glibc;
mod glibc_square;

pub use glibc::glibc_sin_cos_f32;
pub use glibc_square::glibc_square_f32;

/// Square root, correctly rounded.
#[inline]
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}

/// Square root, correctly rounded.
#[inline]
pub fn sqrt_f32(x: f32) -> f32 {
    libm::sqrtf(x)
}

/// Sine of an angle in radians.
#[inline]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}

/// Cosine of an angle in radians.
#[inline]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}

/// Hyperbolic tangent.
#[inline]
pub fn tanh(x: f64) -> f64 {
    libm::tanh(x)
}

/// The largest whole number not above `x`.
#[inline]
pub fn floor_f32(x: f32) -> f32 {
    libm::floorf(x)
}

/// numpy's single-precision sine on processors with a fused multiply-add, for `|x| < pi / 4`: what Gymnasium's
/// Acrobot observes at a reset. One fused rounding a term is part of its definition, hence `fmaf`, in software.
pub fn numpy_sin_f32(x: f32) -> f32 {
    let square = x * x;
    let terms = [0x363E_9DDE, 0xB950_35DD, 0x3C08_88CD, 0xBE2A_AAAB];
    libm::fmaf(fused_polynomial(square, terms) * square, x, x)
}

/// numpy's single-precision cosine; see [`numpy_sin_f32`].
pub fn numpy_cos_f32(x: f32) -> f32 {
    fused_polynomial(x * x, [0x37CC_730B, 0xBAB6_036E, 0x3D2A_AA9E, 0xBF00_0000, 0x3F80_0000])
}

/// The polynomial with these bits as coefficients, highest power first.
fn fused_polynomial<const N: usize>(x: f32, coefficients: [u32; N]) -> f32 {
    let fused = |sum, &bits: &u32| libm::fmaf(sum, x, f32::from_bits(bits));
    coefficients[1..].iter().fold(f32::from_bits(coefficients[0]), fused)
}

/// Natural logarithm.
#[inline]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}

/// `base` to the power `exponent`.
#[inline]
pub fn pow(base: f64, exponent: f64) -> f64 {
    libm::pow(base, exponent)
}

/// `e` to the power `x`.
#[inline]
pub fn exp_f32(x: f32) -> f32 {
    libm::expf(x)
}

/// `e^x - 1`, exact near zero.
#[inline]
pub fn exp_m1_f32(x: f32) -> f32 {
    libm::expm1f(x)
}

/// Hyperbolic tangent.
#[inline]
pub fn tanh_f32(x: f32) -> f32 {
    libm::tanhf(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits of x, `numpy.sin(x)` and `numpy.cos(x)`, numpy 2.4; the last two round otherwise when computed in
    /// double precision.
    #[test]
    fn single_precision_sine_and_cosine_equal_numpy() {
        for [x, sine, cosine] in [
            [0x3DCC_CCCD_u32, 0x3DCC_7577, 0x3F7E_B898],
            [0xBDCC_985F, 0xBDCC_414C, 0x3F7E_B93F],
            [0xBC63_B6AD, 0xBC63_B4CD, 0x3F7F_F9AC],
            [0x3727_C5AC, 0x3727_C5AC, 0x3F80_0000],
            [0xBDAE_BE7A, 0xBDAE_8837, 0x3F7F_1196],
            [0xBDC7_678D, 0xBDC7_16EF, 0x3F7E_C99B],
        ] {
            let x = f32::from_bits(x);
            assert_eq!(
                [numpy_sin_f32(x), numpy_cos_f32(x)].map(f32::to_bits),
                [sine, cosine],
                "{x}"
            );
        }
    }
}
