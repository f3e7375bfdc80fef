//! The end of a dueling network (Wang et al., 2016): a value and advantages become values of actions.
//!
//! ```text
//! x = (V, A[0], .., A[n-1]), the outputs of the dense layer before: value head and advantage head side by side
//! forward    q[a]  = V + A[a] - baseline          baseline: the mean of A (equation 9), or its largest (equation 8)
//! backward   dV    = sum over a of dq[a]
//!            dA[a] = dq[a] - share[a] dV          share: 1/n each, or 1 for the first of the largest and 0 else
//! ```
//!
//! Sums run in the order of the actions. No parameters: those of both heads are the dense layer's.

use super::Baseline;

/// `input` is `[batch][1 + actions]`, `output` `[batch][actions]`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn forward(baseline: Baseline, actions: usize, input: &[f32], output: &mut [f32]) {
    assert_eq!(
        input.len() / (1 + actions),
        output.len() / actions,
        "a row of outputs a row of inputs"
    );
    for (x, q) in input.chunks_exact(1 + actions).zip(output.chunks_exact_mut(actions)) {
        let (value, advantages) = (x[0], &x[1..]);
        let baseline = match baseline {
            Baseline::Mean => {
                let sum = advantages.iter().fold(0.0, |sum, &advantage| sum + advantage);
                sum / actions as f32
            }
            Baseline::Max => advantages[first_of_largest(advantages)],
        };
        for (q, &advantage) in q.iter_mut().zip(advantages) {
            *q = value + (advantage - baseline);
        }
    }
}

/// Writes `d_input` `[batch][1 + actions]` from `d_output` `[batch][actions]`, after a pass with this `input`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn backward(
    baseline: Baseline,
    actions: usize,
    input: &[f32],
    d_output: &[f32],
    d_input: &mut [f32],
) {
    assert_eq!(
        input.len() / (1 + actions),
        d_output.len() / actions,
        "a row of outputs a row of inputs"
    );
    assert_eq!(input.len(), d_input.len(), "a gradient a number of the input");
    let rows = input.chunks_exact(1 + actions).zip(d_input.chunks_exact_mut(1 + actions));
    for ((x, dx), dq) in rows.zip(d_output.chunks_exact(actions)) {
        let d_value = dq.iter().fold(0.0, |sum, &d| sum + d);
        dx[0] = d_value;
        match baseline {
            Baseline::Mean => {
                let share = d_value / actions as f32;
                for (dx, &dq) in dx[1..].iter_mut().zip(dq) {
                    *dx = dq - share;
                }
            }
            Baseline::Max => {
                dx[1..].copy_from_slice(dq);
                dx[1 + first_of_largest(&x[1..])] -= d_value;
            }
        }
    }
}

fn first_of_largest(values: &[f32]) -> usize {
    let mut largest = 0;
    for (index, value) in values.iter().enumerate() {
        if *value > values[largest] {
            largest = index;
        }
    }
    largest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// V = 10, A = 1, 4, 4: mean 3, largest 4.
    #[test]
    fn both_baselines_are_the_ones_by_hand() {
        let (input, d_output) = ([10.0, 1.0, 4.0, 4.0], [1.0, 2.0, 3.0]);
        let (mut q, mut d) = ([0.0; 3], [0.0; 4]);
        forward(Baseline::Mean, 3, &input, &mut q);
        backward(Baseline::Mean, 3, &input, &d_output, &mut d);
        assert_eq!((q, d), ([8.0, 11.0, 11.0], [6.0, -1.0, 0.0, 1.0]));
        forward(Baseline::Max, 3, &input, &mut q);
        backward(Baseline::Max, 3, &input, &d_output, &mut d);
        assert_eq!((q, d), ([7.0, 10.0, 10.0], [6.0, 1.0, -4.0, 3.0]));
    }
}
