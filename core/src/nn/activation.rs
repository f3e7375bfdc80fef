//! Elementwise functions, in place, and their gradients from their outputs.
//!
//! ```text
//!           forward                        backward, dx = dy * ..
//! relu      x > 0 ? x : 0                  y > 0 ? 1 : 0
//! elu       x > 0 ? x : e^x - 1            y > 0 ? 1 : y + 1
//! tanh      tanh x                         1 - y y
//! sigmoid   1 / (1 + e^-x)                 y (1 - y)
//! ```
//!
//! A NaN stays a NaN, so that a network that has diverged says so.

use super::Activation;
use crate::math;
use pulp::{Scalar, Simd};

/// Replaces every value by the function of it.
#[inline(always)]
pub fn forward<S: Simd>(simd: S, activation: Activation, values: &mut [f32]) {
    match activation {
        Activation::Relu => {
            let (heads, tail) = S::as_mut_simd_f32s(values);
            relu(simd, heads);
            relu(Scalar, tail);
        }
        Activation::Elu => {
            for x in values {
                // Only what is negative pays for the exponential.
                if *x <= 0.0 {
                    *x = math::exp_m1_f32(*x);
                }
            }
        }
        Activation::Tanh => {
            for x in values {
                *x = math::tanh_f32(*x);
            }
        }
        Activation::Sigmoid => {
            for x in values {
                *x = 1.0 / (1.0 + math::exp_f32(-*x));
            }
        }
    }
}

#[inline(always)]
fn relu<S: Simd>(simd: S, values: &mut [S::f32s]) {
    let zero = simd.splat_f32s(0.0);
    for x in values {
        // Adding zero changes nothing here, and keeps compilers from storing through a mask, which is slow.
        let kept = simd.add_f32s(*x, zero);
        *x = simd.select_f32s(simd.less_than_or_equal_f32s(*x, zero), zero, kept);
    }
}

/// Multiplies `d`, the gradient with respect to the `outputs`, by the derivative: it becomes the gradient with
/// respect to the inputs.
///
/// # Panics
/// If the lengths differ.
#[inline(always)]
pub fn backward<S: Simd>(simd: S, activation: Activation, outputs: &[f32], d: &mut [f32]) {
    assert_eq!(outputs.len(), d.len(), "a gradient has a number an output");
    let (heads, tail) = S::as_simd_f32s(outputs);
    let (d_heads, d_tail) = S::as_mut_simd_f32s(d);
    backward_vectors(simd, activation, heads, d_heads);
    backward_vectors(Scalar, activation, tail, d_tail);
}

#[inline(always)]
fn backward_vectors<S: Simd>(
    simd: S,
    activation: Activation,
    outputs: &[S::f32s],
    d: &mut [S::f32s],
) {
    let (zero, one) = (simd.splat_f32s(0.0), simd.splat_f32s(1.0));
    let pairs = d.iter_mut().zip(outputs);
    match activation {
        Activation::Relu => {
            for (d, &y) in pairs {
                let slope = simd.select_f32s(simd.less_than_or_equal_f32s(y, zero), zero, one);
                *d = simd.mul_f32s(*d, slope);
            }
        }
        Activation::Elu => {
            for (d, &y) in pairs {
                let below = simd.add_f32s(y, one);
                let slope = simd.select_f32s(simd.less_than_or_equal_f32s(y, zero), below, one);
                *d = simd.mul_f32s(*d, slope);
            }
        }
        Activation::Tanh => {
            for (d, &y) in pairs {
                *d = simd.mul_f32s(*d, simd.sub_f32s(one, simd.mul_f32s(y, y)));
            }
        }
        Activation::Sigmoid => {
            for (d, &y) in pairs {
                *d = simd.mul_f32s(*d, simd.mul_f32s(y, simd.sub_f32s(one, y)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pulp::Scalar256b;

    #[test]
    fn functions_and_derivatives_at_zero_and_at_the_sides() {
        for (activation, expected, derivative) in [
            (Activation::Relu, [0.0, 0.0, 2.0], [0.0, 0.0, 1.0]),
            (Activation::Elu, [-0.6321205, 0.0, 2.0], [0.36787945, 1.0, 1.0]),
            (Activation::Tanh, [-0.7615942, 0.0, 0.9640276], [0.41997433, 1.0, 0.0706508]),
            (Activation::Sigmoid, [0.26894143, 0.5, 0.880797], [0.19661194, 0.25, 0.10499363]),
        ] {
            let (mut y, mut d) = ([-1.0, 0.0, 2.0], [1.0; 3]);
            forward(Scalar256b, activation, &mut y);
            backward(Scalar256b, activation, &y, &mut d);
            for index in 0..3 {
                assert!((y[index] - expected[index]).abs() < 2e-7, "{activation:?} {y:?}");
                assert!((d[index] - derivative[index]).abs() < 3e-7, "{activation:?} {d:?}");
            }
        }
    }

    #[test]
    fn relu_keeps_a_nan() {
        let mut values = [f32::NAN; 9];
        forward(Scalar256b, Activation::Relu, &mut values);
        assert!(values.iter().all(|x| x.is_nan()));
    }
}
