//! What a network is trained to lower: value and gradient in one pass.
//!
//! ```text
//! B batch; error[b] = target[b] - q[b][action[b]]; w[b] a weight, 1 where none are given
//! squared   L = 1/B sum over b of w e^2                                dL/dq = w * 2/B * -e
//! huber     L = 1/B sum over b of w (|e| <= 1 ? e^2 / 2 : |e| - 1/2)   dL/dq = w * 1/B * -clamp(e, -1, 1)
//! ```
//!
//! The gradient is zero at every output that is not the taken action's. Source of the forms: PyTorch's `mse_loss`
//! and `huber_loss` (delta 1) with the mean over the batch. Where targets come from is not known here.

/// A loss over the values of the taken actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Loss {
    /// The mean of the squared errors.
    SquaredError,
    /// Quadratic up to an error of one, linear beyond: an outlier pulls no harder than that.
    Huber,
}

impl Loss {
    /// The loss of one `target - q` and its slope over q.
    #[inline(always)]
    pub fn of_error(self, error: f32) -> (f32, f32) {
        match self {
            Loss::SquaredError => (error * error, -2.0 * error),
            Loss::Huber if error.abs() <= 1.0 => (0.5 * error * error, -error),
            Loss::Huber => (error.abs() - 0.5, -error.signum()),
        }
    }

    /// The loss of `q` `[batch][actions]` against `targets` `[batch]`; writes its gradient to `d_q` (the same shape)
    /// and each `target - q` to `errors` `[batch]`. The terms are added in the batch's order.
    ///
    /// # Panics
    /// If a length does not fit the others, the batch is empty, or an action has no output.
    pub fn evaluate(
        self,
        q: &[f32],
        actions: &[u32],
        targets: &[f32],
        weights: Option<&[f32]>,
        d_q: &mut [f32],
        errors: &mut [f32],
    ) -> f32 {
        let batch = targets.len();
        assert!(batch > 0 && q.len().is_multiple_of(batch), "q is [batch][actions]");
        assert_eq!(d_q.len(), q.len(), "the gradient has a number a value");
        assert_eq!(actions.len(), batch, "an action a target");
        assert_eq!(errors.len(), batch, "an error a target");
        assert!(weights.is_none_or(|weights| weights.len() == batch), "a weight a target");
        let width = q.len() / batch;
        let scale = 1.0 / batch as f32;

        d_q.fill(0.0);
        let mut total = 0.0;
        for (b, (q, d_q)) in q.chunks_exact(width).zip(d_q.chunks_exact_mut(width)).enumerate() {
            let action = actions[b] as usize;
            let error = targets[b] - q[action];
            let weight = weights.map_or(1.0, |weights| weights[b]);
            let (value, slope) = self.of_error(error);
            errors[b] = error;
            d_q[action] = weight * scale * slope;
            total += weight * value;
        }
        total * scale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Errors 0.5 and -3 on the actions 1 and 0.
    #[test]
    fn values_and_gradients_are_the_ones_by_hand() {
        let (q, actions, targets) = ([9.0, 1.0, 4.0, 9.0], [1, 0], [1.5, 1.0]);
        let (mut d_q, mut errors) = ([7.0; 4], [0.0; 2]);
        let loss = Loss::SquaredError.evaluate(&q, &actions, &targets, None, &mut d_q, &mut errors);
        assert_eq!((loss, errors, d_q), ((0.25 + 9.0) / 2.0, [0.5, -3.0], [0.0, -0.5, 3.0, 0.0]));
        let loss = Loss::Huber.evaluate(&q, &actions, &targets, None, &mut d_q, &mut errors);
        assert_eq!((loss, d_q), ((0.125 + 2.5) / 2.0, [0.0, -0.25, 0.5, 0.0]));
        let weights = Some(&[2.0, 0.5][..]);
        let loss = Loss::Huber.evaluate(&q, &actions, &targets, weights, &mut d_q, &mut errors);
        assert_eq!((loss, d_q), ((0.25 + 1.25) / 2.0, [0.0, -0.5, 0.25, 0.0]));
    }
}
