//! Adam (Kingma and Ba, 2015, algorithm 1 with the order of section 2's last paragraph).
//!
//! ```text
//! m = m + (1 - beta1) (g - m)                      c1 = 1 - beta1^t
//! v = beta2 v + (1 - beta2) g g                    c2 = 1 - beta2^t
//! p = p - rate' m / (sqrt(v) + epsilon')           rate' = rate sqrt(c2) / c1,  epsilon' = epsilon sqrt(c2)
//! ```
//!
//! which is PyTorch's `p - rate/c1 m / (sqrt(v)/sqrt(c2) + epsilon)` with the root of `c2` multiplied out, so that
//! the corrections are computed once a step and never once a parameter. No weight decay, no AMSGrad.

use super::flush;
use crate::math;
use pulp::{Scalar, Simd};

/// What is the same for all parameters in one step.
#[derive(Clone, Copy)]
pub(super) struct Step {
    first: f32,
    second_kept: f32,
    second: f32,
    rate: f32,
    epsilon: f32,
}

impl Step {
    pub(super) fn new(
        rate: f64,
        beta1: f64,
        beta2: f64,
        epsilon: f64,
        (c1, c2): (f64, f64),
    ) -> Self {
        let root = math::sqrt(c2);
        Self {
            first: (1.0 - beta1) as f32,
            second_kept: beta2 as f32,
            second: (1.0 - beta2) as f32,
            rate: (rate * root / c1) as f32,
            epsilon: (epsilon * root) as f32,
        }
    }
}

/// `moments` is all m, then all v.
#[inline(always)]
pub(super) fn step<S: Simd>(
    simd: S,
    step: Step,
    parameters: &mut [f32],
    gradients: &[f32],
    moments: &mut [f32],
) {
    let (m, v) = moments.split_at_mut(parameters.len());
    let (p_heads, p_tail) = S::as_mut_simd_f32s(parameters);
    let (g_heads, g_tail) = S::as_simd_f32s(gradients);
    let (m_heads, m_tail) = S::as_mut_simd_f32s(m);
    let (v_heads, v_tail) = S::as_mut_simd_f32s(v);
    vectors(simd, step, p_heads, g_heads, m_heads, v_heads);
    vectors(Scalar, step, p_tail, g_tail, m_tail, v_tail);
}

#[inline(always)]
fn vectors<S: Simd>(
    simd: S,
    step: Step,
    parameters: &mut [S::f32s],
    gradients: &[S::f32s],
    m: &mut [S::f32s],
    v: &mut [S::f32s],
) {
    let first = simd.splat_f32s(step.first);
    let second_kept = simd.splat_f32s(step.second_kept);
    let second = simd.splat_f32s(step.second);
    let rate = simd.splat_f32s(step.rate);
    let epsilon = simd.splat_f32s(step.epsilon);
    for (((p, &g), m), v) in parameters.iter_mut().zip(gradients).zip(m).zip(v) {
        *m = flush(simd, simd.add_f32s(*m, simd.mul_f32s(first, simd.sub_f32s(g, *m))));
        let square = simd.mul_f32s(second, simd.mul_f32s(g, g));
        *v = flush(simd, simd.add_f32s(simd.mul_f32s(second_kept, *v), square));
        let root = simd.add_f32s(simd.sqrt_f32s(*v), epsilon);
        *p = simd.sub_f32s(*p, simd.div_f32s(simd.mul_f32s(rate, *m), root));
    }
}

#[cfg(test)]
mod tests {
    use super::super::Optimiser;
    use pulp::Scalar256b;

    /// The first step of Adam is the learning rate against the gradient's sign, whatever the gradient's size.
    #[test]
    fn the_first_step_is_the_learning_rate() {
        let adam = Optimiser::adam(0.01);
        let (mut parameters, mut moments) = ([1.0, 1.0, 1.0], [9.0; 6]);
        let mut state = adam.start(&mut moments);
        adam.step(Scalar256b, &mut state, &mut parameters, &[1e-3, -50.0, 0.0], &mut moments);
        assert!((parameters[0] - 0.99).abs() < 1e-6 && (parameters[1] - 1.01).abs() < 1e-6);
        assert_eq!((parameters[2], state.steps), (1.0, 1));
    }

    #[test]
    fn moments_without_gradients_end_at_zero_and_not_in_denormals() {
        let adam = Optimiser::adam(1e-3);
        let (mut parameters, mut moments) = ([0.0; 9], [0.0; 18]);
        let mut state = adam.start(&mut moments);
        adam.step(Scalar256b, &mut state, &mut parameters, &[1e-12; 9], &mut moments);
        assert_ne!(moments[0], 0.0);
        for _ in 0..8_000 {
            adam.step(Scalar256b, &mut state, &mut parameters, &[0.0; 9], &mut moments);
            assert!(moments.iter().all(|m| *m == 0.0 || m.is_normal()));
        }
        assert_eq!(moments, [0.0; 18]);
    }
}
