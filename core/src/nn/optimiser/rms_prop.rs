//! RMSProp (Hinton, 2012, lecture 6e; centred: Graves, 2013) in the three forms of [`RmsPropForm`].
//!
//! ```text
//! s = decay s + (1 - decay) g g          m = decay m + (1 - decay) g          p = p - rate g / root
//!
//! plain                     root = sqrt(s) + epsilon
//! centred                   root = sqrt(s - m m) + epsilon
//! centred, epsilon inside   root = sqrt(s - m m + epsilon), s starts at one
//! ```
//!
//! No momentum and no weight decay.

use super::{RmsPropForm, flush};
use pulp::{Scalar, Simd};

/// What is the same for all parameters in one step.
#[derive(Clone, Copy)]
pub(super) struct Step {
    kept: f32,
    new: f32,
    rate: f32,
    epsilon: f32,
    form: RmsPropForm,
}

impl Step {
    pub(super) fn new(rate: f64, decay: f64, epsilon: f64, form: RmsPropForm) -> Self {
        let new = (1.0 - decay) as f32;
        Self { kept: decay as f32, new, rate: rate as f32, epsilon: epsilon as f32, form }
    }
}

/// `moments` is all s, then all m where the form is centred.
#[inline(always)]
pub(super) fn step<S: Simd>(
    simd: S,
    step: Step,
    parameters: &mut [f32],
    gradients: &[f32],
    moments: &mut [f32],
) {
    let (s, m) = moments.split_at_mut(parameters.len());
    let (p_heads, p_tail) = S::as_mut_simd_f32s(parameters);
    let (g_heads, g_tail) = S::as_simd_f32s(gradients);
    let (s_heads, s_tail) = S::as_mut_simd_f32s(s);
    if step.form == RmsPropForm::Plain {
        plain(simd, step, p_heads, g_heads, s_heads);
        plain(Scalar, step, p_tail, g_tail, s_tail);
    } else {
        let (m_heads, m_tail) = S::as_mut_simd_f32s(m);
        centred(simd, step, p_heads, g_heads, s_heads, m_heads);
        centred(Scalar, step, p_tail, g_tail, s_tail, m_tail);
    }
}

#[inline(always)]
fn plain<S: Simd>(
    simd: S,
    step: Step,
    parameters: &mut [S::f32s],
    gradients: &[S::f32s],
    s: &mut [S::f32s],
) {
    for ((p, &g), s) in parameters.iter_mut().zip(gradients).zip(s) {
        *s = average(simd, step, *s, simd.mul_f32s(g, g));
        let root = simd.add_f32s(simd.sqrt_f32s(*s), simd.splat_f32s(step.epsilon));
        *p = descend(simd, step, *p, g, root);
    }
}

#[inline(always)]
fn centred<S: Simd>(
    simd: S,
    step: Step,
    parameters: &mut [S::f32s],
    gradients: &[S::f32s],
    s: &mut [S::f32s],
    m: &mut [S::f32s],
) {
    let epsilon = simd.splat_f32s(step.epsilon);
    let zero = simd.splat_f32s(0.0);
    for (((p, &g), s), m) in parameters.iter_mut().zip(gradients).zip(s).zip(m) {
        *s = average(simd, step, *s, simd.mul_f32s(g, g));
        *m = average(simd, step, *m, g);
        // A variance cannot be negative, but its rounding can.
        let variance = simd.sub_f32s(*s, simd.mul_f32s(*m, *m));
        let variance = simd.select_f32s(simd.less_than_f32s(variance, zero), zero, variance);
        let root = match step.form {
            RmsPropForm::CentredEpsilonInside => simd.sqrt_f32s(simd.add_f32s(variance, epsilon)),
            _ => simd.add_f32s(simd.sqrt_f32s(variance), epsilon),
        };
        *p = descend(simd, step, *p, g, root);
    }
}

#[inline(always)]
fn average<S: Simd>(simd: S, step: Step, mean: S::f32s, value: S::f32s) -> S::f32s {
    let kept = simd.mul_f32s(simd.splat_f32s(step.kept), mean);
    flush(simd, simd.add_f32s(kept, simd.mul_f32s(simd.splat_f32s(step.new), value)))
}

#[inline(always)]
fn descend<S: Simd>(simd: S, step: Step, parameter: S::f32s, g: S::f32s, root: S::f32s) -> S::f32s {
    simd.sub_f32s(parameter, simd.div_f32s(simd.mul_f32s(simd.splat_f32s(step.rate), g), root))
}

#[cfg(test)]
mod tests {
    use super::super::{Optimiser, RmsPropForm};
    use pulp::Scalar;

    /// One step with gradient 2, decay 1/2, epsilon 1: s = 2 (or 2.5 from one), m = 1.
    #[test]
    fn one_step_of_each_form_is_the_one_by_hand() {
        for (form, root) in [
            (RmsPropForm::Plain, 2f32.sqrt() + 1.0),
            (RmsPropForm::Centred, 1.0 + 1.0),
            (RmsPropForm::CentredEpsilonInside, 2.5f32.sqrt()),
        ] {
            let rms_prop =
                Optimiser::RmsProp { learning_rate: 1.0, decay: 0.5, epsilon: 1.0, form };
            let (mut parameters, mut moments) = ([0.0], [9.0; 2]);
            let moments = &mut moments[..rms_prop.moment_count(1)];
            let mut state = rms_prop.start(moments);
            rms_prop.step(Scalar, &mut state, &mut parameters, &[2.0], moments);
            assert_eq!(parameters, [-(2.0 / root)], "{form:?}");
        }
    }
}
