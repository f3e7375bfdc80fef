//! The end of a dueling network (Wang et al., 2016): a value and advantages become values of actions.
//!
//! ```text
//! W numbers for the value and for each action: one; or as many as describe a distribution (Hessel et al., 2018)
//! x = (V[W], A[0][W], .., A[n-1][W]), the outputs of the dense layer before: value head and advantage head side by side
//! forward    q[a][w]  = V[w] + A[a][w] - baseline[w]   baseline: the mean of A[.][w] (equation 9), or the largest (8)
//! backward   dV[w]    = sum over a of dq[a][w]
//!            dA[a][w] = dq[a][w] - share[a][w] dV[w]   share: 1/n each, or 1 for the first of the largest and 0 else
//! ```
//!
//! Sums run in the order of the actions. No parameters: those of both heads are the dense layer's.

use super::Baseline;

/// `input` is `[batch][1 + actions][width]`, `output` `[batch][actions][width]`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn forward(
    baseline: Baseline,
    actions: usize,
    width: usize,
    input: &[f32],
    output: &mut [f32],
) {
    let rows = output.len() / (actions * width);
    assert_eq!(input.len() / ((1 + actions) * width), rows, "a row of outputs a row of inputs");
    let rows = input.chunks_exact((1 + actions) * width);
    for (x, q) in rows.zip(output.chunks_exact_mut(actions * width)) {
        let (values, advantages) = x.split_at(width);
        for (w, &value) in values.iter().enumerate() {
            let column = advantages.iter().skip(w).step_by(width);
            let baseline = match baseline {
                Baseline::Mean => {
                    let sum = column.clone().fold(0.0, |sum, &advantage| sum + advantage);
                    sum / actions as f32
                }
                Baseline::Max => advantages[first_of_largest(width, w, advantages)],
            };
            for (q, &advantage) in q.iter_mut().skip(w).step_by(width).zip(column) {
                *q = value + (advantage - baseline);
            }
        }
    }
}

/// Writes `d_input` `[batch][1 + actions][width]` from `d_output` `[batch][actions][width]`, after a pass with this
/// `input`.
///
/// # Panics
/// If a slice's length does not follow from the others.
#[inline(always)]
pub fn backward(
    baseline: Baseline,
    actions: usize,
    width: usize,
    input: &[f32],
    d_output: &[f32],
    d_input: &mut [f32],
) {
    let (row, d_row) = ((1 + actions) * width, actions * width);
    assert_eq!(input.len() / row, d_output.len() / d_row, "a row of outputs a row of inputs");
    assert_eq!(input.len(), d_input.len(), "a gradient a number of the input");
    let rows = input.chunks_exact(row).zip(d_input.chunks_exact_mut(row));
    for ((x, dx), dq) in rows.zip(d_output.chunks_exact(d_row)) {
        let (d_values, d_advantages) = dx.split_at_mut(width);
        for (w, d_value) in d_values.iter_mut().enumerate() {
            let dq = dq.iter().skip(w).step_by(width);
            *d_value = dq.clone().fold(0.0, |sum, &d| sum + d);
            let share = match baseline {
                Baseline::Mean => *d_value / actions as f32,
                Baseline::Max => 0.0,
            };
            for (dx, &dq) in d_advantages.iter_mut().skip(w).step_by(width).zip(dq) {
                *dx = dq - share;
            }
            if baseline == Baseline::Max {
                d_advantages[first_of_largest(width, w, &x[width..])] -= *d_value;
            }
        }
    }
}

/// Where the first of the largest stands in column `first` of `values` `[actions][width]`.
fn first_of_largest(width: usize, first: usize, values: &[f32]) -> usize {
    let mut largest = first;
    for index in (first..values.len()).step_by(width) {
        if values[index] > values[largest] {
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
        forward(Baseline::Mean, 3, 1, &input, &mut q);
        backward(Baseline::Mean, 3, 1, &input, &d_output, &mut d);
        assert_eq!((q, d), ([8.0, 11.0, 11.0], [6.0, -1.0, 0.0, 1.0]));
        forward(Baseline::Max, 3, 1, &input, &mut q);
        backward(Baseline::Max, 3, 1, &input, &d_output, &mut d);
        assert_eq!((q, d), ([7.0, 10.0, 10.0], [6.0, 1.0, -4.0, 3.0]));
    }

    /// The numbers above in the second column, and V = 0, A = 6, 0, 0 in the first one.
    #[test]
    fn columns_of_wider_actions_do_not_see_each_other() {
        let input = [0.0, 10.0, 6.0, 1.0, 0.0, 4.0, 0.0, 4.0];
        let d_output = [3.0, 1.0, 0.0, 2.0, 0.0, 3.0];
        let (mut q, mut d) = ([0.0; 6], [0.0; 8]);
        forward(Baseline::Mean, 3, 2, &input, &mut q);
        backward(Baseline::Mean, 3, 2, &input, &d_output, &mut d);
        assert_eq!(q, [4.0, 8.0, -2.0, 11.0, -2.0, 11.0]);
        assert_eq!(d, [3.0, 6.0, 2.0, -1.0, -1.0, 0.0, -1.0, 1.0]);
        forward(Baseline::Max, 3, 2, &input, &mut q);
        backward(Baseline::Max, 3, 2, &input, &d_output, &mut d);
        assert_eq!(q, [0.0, 7.0, -6.0, 10.0, -6.0, 10.0]);
        assert_eq!(d, [3.0, 6.0, 0.0, 1.0, 0.0, -4.0, 0.0, 3.0]);
    }
}
