//! A policy that sees some elements of an observation, or chooses by one output, as the network that firmware expects: all
//! elements in, a number an action out, the largest the best.

use embedded_rl_core::nn::{Layer, NetworkSpec};

/// The same policy between whole observations of `width` and a number an action. `inputs` are the elements that the
/// network sees, all if empty. Weights of zero stand where nothing was seen, and a first output of zero beside a single
/// one: the same actions, the same probabilities in a softmax.
///
/// # Panics
/// If the network is not made of dense layers and activations.
pub fn widened(
    spec: &NetworkSpec,
    parameters: &[f32],
    inputs: &[usize],
    width: usize,
) -> (NetworkSpec, Vec<f32>) {
    let mut wide = NetworkSpec::input(width);
    let mut wide_parameters = Vec::new();
    let (mut rest, mut is_first) = (parameters, true);
    let dense_count =
        spec.layers().iter().filter(|layer| matches!(layer, Layer::Dense { .. })).count();
    let mut seen = 0;
    for layer in spec.layers() {
        let (own, later) = rest.split_at(layer.parameter_count());
        rest = later;
        match *layer {
            Layer::Dense { inputs: rows, outputs } => {
                seen += 1;
                // Behind the last layer no activation follows: its outputs are logits.
                let doubled = seen == dense_count && outputs == 1;
                let row_of = |element: usize| match (is_first, inputs.is_empty()) {
                    (true, false) => inputs.iter().position(|&input| input == element),
                    _ => Some(element),
                };
                let elements = if is_first { width } else { rows };
                let padding: &[f32] = if doubled { &[0.0] } else { &[] };
                for element in 0..elements {
                    wide_parameters.extend_from_slice(padding);
                    match row_of(element) {
                        Some(row) => {
                            wide_parameters.extend_from_slice(&own[row * outputs..][..outputs]);
                        }
                        None => wide_parameters.extend(core::iter::repeat_n(0.0, outputs)),
                    }
                }
                wide_parameters.extend_from_slice(padding);
                wide_parameters.extend_from_slice(&own[rows * outputs..]);
                wide = wide.dense(if doubled { 2 } else { outputs });
                is_first = false;
            }
            Layer::Activation(activation) => wide = wide.activation(activation),
            _ => panic!("only dense layers and activations can be widened"),
        }
    }
    (wide, wide_parameters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use embedded_rl_core::nn::{Activation, Lanes, network};
    use embedded_rl_core::policy::{greedy, greedy_of_logits};

    #[test]
    fn a_widened_network_gives_the_same_logit_beside_a_zero() {
        let narrow = NetworkSpec::mlp(&[2, 3, 1], Activation::Elu);
        let parameters: Vec<f32> = (0..13).map(|n| (n as f32 * 0.7).sin()).collect();
        let (wide, wide_parameters) = widened(&narrow, &parameters, &[3, 1], 4);
        assert_eq!((wide.inputs(), wide.outputs()), (4, 2));
        assert_eq!(wide_parameters.len(), wide.parameter_count());
        let infer = |spec: &NetworkSpec, parameters: &[f32], input: &[f32]| {
            let mut scratch = vec![0.0; spec.scratch_count()];
            network::infer(Lanes::best(), spec, parameters, input, &mut scratch).to_vec()
        };
        for observation in [[9.0, 0.5, -3.0, 0.25], [1.0, -2.0, 4.0, 1.5]] {
            let seen = [observation[3], observation[1]];
            let (one, two) =
                (infer(&narrow, &parameters, &seen), infer(&wide, &wide_parameters, &observation));
            assert_eq!(two, [0.0, one[0]]);
            assert_eq!(greedy(&two), greedy_of_logits(&one));
        }
    }

    #[test]
    fn a_weighted_sum_is_widened_too_and_a_network_of_all_elements_stays() {
        let sum = NetworkSpec::input(2).dense(1);
        let (wide, parameters) = widened(&sum, &[5.0, 6.0, 7.0], &[2, 0], 3);
        assert_eq!(parameters, [0.0, 6.0, 0.0, 0.0, 0.0, 5.0, 0.0, 7.0]);
        assert_eq!(wide, NetworkSpec::input(3).dense(2));
        let (same, parameters) = widened(&wide, &parameters, &[], 3);
        assert_eq!((same, parameters.len()), (wide, 8));
    }
}
