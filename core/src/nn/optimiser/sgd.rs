//! Gradient descent, with momentum or without.
//!
//! ```text
//! v = momentum v + g          p = p - rate v          (momentum 0: p = p - rate g)
//! ```
//!
//! PyTorch's form: no dampening, no Nesterov, no weight decay.

use super::flush;
use pulp::{Scalar, Simd};

/// `moments` is all v, or empty without momentum.
#[inline(always)]
pub(super) fn step<S: Simd>(
    simd: S,
    rate: f32,
    momentum: f32,
    parameters: &mut [f32],
    gradients: &[f32],
    moments: &mut [f32],
) {
    let (p_heads, p_tail) = S::as_mut_simd_f32s(parameters);
    let (g_heads, g_tail) = S::as_simd_f32s(gradients);
    if moments.is_empty() {
        descend(simd, rate, p_heads, g_heads);
        descend(Scalar, rate, p_tail, g_tail);
        return;
    }
    let (v_heads, v_tail) = S::as_mut_simd_f32s(moments);
    accelerate(simd, momentum, v_heads, g_heads);
    accelerate(Scalar, momentum, v_tail, g_tail);
    descend(simd, rate, p_heads, v_heads);
    descend(Scalar, rate, p_tail, v_tail);
}

#[inline(always)]
fn accelerate<S: Simd>(simd: S, momentum: f32, velocities: &mut [S::f32s], gradients: &[S::f32s]) {
    let momentum = simd.splat_f32s(momentum);
    for (v, &g) in velocities.iter_mut().zip(gradients) {
        *v = flush(simd, simd.add_f32s(simd.mul_f32s(momentum, *v), g));
    }
}

#[inline(always)]
fn descend<S: Simd>(simd: S, rate: f32, parameters: &mut [S::f32s], velocities: &[S::f32s]) {
    let rate = simd.splat_f32s(rate);
    for (p, &v) in parameters.iter_mut().zip(velocities) {
        *p = simd.sub_f32s(*p, simd.mul_f32s(rate, v));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Optimiser;
    use pulp::Scalar;

    #[test]
    fn momentum_keeps_the_velocity() {
        for (momentum, expected) in [(0.0, [0.5, 0.0]), (0.5, [0.5, -0.25])] {
            let sgd = Optimiser::Sgd { learning_rate: 0.5, momentum };
            let (mut parameters, mut moments) = ([1.0], [9.0]);
            let moments = &mut moments[..sgd.moment_count(1)];
            let mut state = sgd.start(moments);
            for expected in expected {
                sgd.step(Scalar, &mut state, &mut parameters, &[1.0], moments);
                assert_eq!(parameters, [expected]);
            }
        }
    }
}
