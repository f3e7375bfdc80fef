//! The one door to square roots and transcendental functions.
//!
//! Everything here is a software implementation that gives the same bits on every target (square roots are
//! correctly rounded everywhere). Core calls nothing of the standard library's, whose results differ by target.
//! Where a twin of an outside system needs that system's own last bit, a function named for it stands here.

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
