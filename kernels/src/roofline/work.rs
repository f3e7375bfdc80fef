//! What each kernel of an update moves and computes: a row a kernel, from its sizes in the order in which it takes them.

use crate::MOST_LAYERS;

/// Of one launch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Work {
    /// Every buffer once: read, or written, or both.
    pub bytes: f64,
    /// Multiplications, additions and what else is done with floats.
    pub operations: f64,
    /// Additions of the longest sum, each of which waits for the one before it.
    pub longest_sum: f64,
}

/// The work of a launch, or `None` if the kernel has no row. `sizes` are the launch's whole numbers and the words of its
/// structures, in order.
///
/// # Panics
/// If there are not as many sizes as the kernel has.
pub fn work(kernel: &str, sizes: &[u32]) -> Option<Work> {
    let sizes: Vec<f64> = sizes.iter().map(|&size| f64::from(size)).collect();
    let of = |bytes, operations, longest_sum| Some(Work { bytes, operations, longest_sum });
    let elements = |bytes: f64, operations: f64| of(bytes * sizes[0], operations * sizes[0], 0.0);
    match kernel {
        "gather" => {
            let [width, _, batch] = numbers(&sizes);
            // Both observations are read and written, and so are action, reward and discount; a slot is read.
            of(batch * (16.0 * width + 28.0), 0.0, 0.0)
        }
        "gather_frames" => {
            let [frame, stack, _, _, batch] = numbers(&sizes);
            // A byte is read and a float written.
            of(batch * (10.0 * frame * stack + 36.0), 2.0 * batch * frame * stack, 0.0)
        }
        "dense_forward" => {
            let ([inputs, outputs, batch], activation) = activated(&sizes);
            let behind = activation * batch * outputs;
            product(batch, inputs, outputs, batch * inputs).map(|work| work.with(0.0, behind))
        }
        "dense_input_gradient" => {
            let ([inputs, outputs, batch], activation) = activated(&sizes);
            let bytes = 4.0 * (batch * outputs + inputs * outputs + batch * inputs);
            let before = activation * batch * inputs;
            let work = of(bytes, 2.0 * batch * inputs * outputs, outputs);
            work.map(|work| work.with(4.0 * before, before))
        }
        "dense_parameter_gradient" => {
            let [inputs, outputs, batch] = numbers(&sizes);
            parameter_gradient(batch, inputs, outputs, batch * inputs)
        }
        "conv2d_forward" => {
            let (sizes, activation) = sizes.split_at(14);
            let [rows, inner, filters, input] = convolution(sizes);
            let behind = is_some(activation[0]) * rows * filters;
            product(rows, inner, filters, input).map(|work| work.with(0.0, behind))
        }
        "conv2d_input_gradient" => {
            let (sizes, activation) = sizes.split_at(14);
            let [rows, inner, filters, input] = convolution(sizes);
            let bytes = 4.0 * (rows * filters + inner * filters + input);
            // At most: of every position of the kernel that covers a pixel, a number a filter and one more.
            let covering = (sizes[5] / sizes[7]).ceil() * (sizes[6] / sizes[8]).ceil();
            let work = of(bytes, 2.0 * rows * inner * filters, covering * (filters + 1.0));
            let before = is_some(activation[0]) * input;
            work.map(|work| work.with(4.0 * before, before))
        }
        "conv2d_parameter_gradient" => {
            let [rows, inner, filters, input] = convolution(&sizes);
            parameter_gradient(rows, inner, filters, input)
        }
        "relu_forward" => elements(8.0, 1.0),
        "relu_backward" => elements(12.0, 1.0),
        "double_q_learning" => {
            let [actions, batch] = numbers(&sizes);
            of(4.0 * batch * (2.0 * actions + 3.0), batch * (2.0 * actions + 2.0), 0.0)
        }
        "huber" => {
            let [actions, batch] = numbers(&sizes);
            of(4.0 * batch * (2.0 * actions + 4.0), batch * (actions + 8.0), batch)
        }
        "mean_of_taken" => {
            let [_, batch] = numbers(&sizes);
            of(8.0 * batch, batch, batch)
        }
        "fill" => elements(4.0, 0.0),
        "mlp_rows" => {
            let (mlp, [_, _, _, _, _, _, batch]) = mlp(&sizes);
            // Transitions and slots are read, values, deltas, errors, terms and values taken are written; both networks.
            let row = 2.0 * mlp.inputs + 4.0 + mlp.values + mlp.deltas + 3.0;
            let bytes = 4.0 * (batch * row + 2.0 * mlp.parameters);
            // Three passes forward and one back to the first layer's deltas, one after the other.
            let operations = 2.0 * batch * (4.0 * mlp.products - mlp.first_products);
            of(bytes, operations, 3.0 * mlp.values + mlp.deltas - mlp.first_outputs)
        }
        "mlp_parameter_gradient" => {
            let (mlp, [batch]) = mlp(&sizes);
            let bytes = 4.0 * (batch * (mlp.values + mlp.deltas) + mlp.parameters);
            of(bytes, 2.0 * batch * mlp.parameters, batch)
        }
        "update_sums" => {
            let [_, _, _, _, _, _, _, _, count, batch] = numbers(&sizes);
            let longest = (count / 16.0 + 16.0).max(batch);
            of(4.0 * (count + 2.0 * batch) + 100.0, 2.0 * (count + batch), longest)
        }
        "clip_norm_measure" => {
            let [count] = numbers(&sizes);
            of(4.0 * count, 2.0 * count, count / 16.0 + 16.0)
        }
        "clip_norm_scale" => elements(8.0, 1.0),
        "prepare_step" => of(100.0, 20.0, 0.0),
        // Gradient; parameter, both moments and the target network's parameter are read and written.
        "adam" => elements(36.0, 16.0),
        "soft_update" => elements(12.0, 3.0),
        _ => None,
    }
}

impl Work {
    /// With what is done on the way.
    fn with(self, bytes: f64, operations: f64) -> Self {
        Self { bytes: self.bytes + bytes, operations: self.operations + operations, ..self }
    }
}

/// The sizes of a dense layer, and 1 if an elementwise function is computed on the way.
fn activated(sizes: &[f64]) -> ([f64; 3], f64) {
    let [inputs, outputs, batch, activation] = numbers(sizes);
    ([inputs, outputs, batch], is_some(activation))
}

/// Of the words of `Activation`, whose first is none.
fn is_some(activation: f64) -> f64 {
    activation.min(1.0)
}

/// What `struct Mlp` says of a network.
struct MlpSizes {
    inputs: f64,
    /// Numbers of a row of `values` and of `deltas`.
    values: f64,
    deltas: f64,
    parameters: f64,
    /// Multiplications of a forward pass, and those of the first layer.
    products: f64,
    first_products: f64,
    first_outputs: f64,
}

/// A launch's `struct Mlp`, and its sizes behind that.
fn mlp<const N: usize>(sizes: &[f64]) -> (MlpSizes, [f64; N]) {
    let (words, behind) = sizes.split_at(4 + 2 * MOST_LAYERS);
    let outputs = &words[4..4 + words[2] as usize];
    let inputs = [&words[..1], &outputs[..outputs.len() - 1]].concat();
    let pairs = || inputs.iter().zip(outputs);
    let of = MlpSizes {
        inputs: inputs[0],
        values: inputs.iter().sum(),
        deltas: outputs.iter().sum(),
        parameters: pairs().map(|(inputs, outputs)| (inputs + 1.0) * outputs).sum(),
        products: pairs().map(|(inputs, outputs)| inputs * outputs).sum(),
        first_products: inputs[0] * outputs[0],
        first_outputs: outputs[0],
    };
    (of, numbers(behind))
}

/// Rows, numbers under the kernel, filters, and numbers of the input, of `struct Conv2d` and a batch.
fn convolution(sizes: &[f64]) -> [f64; 4] {
    let [channels, height, width, _, filters, kernel_height, kernel_width, ..] = sizes[..] else {
        panic!("a convolution has 13 words: {sizes:?}")
    };
    let [_, _, _, _, _, _, _, _, _, _, _, down, across, batch] = numbers(sizes);
    let inner = channels * kernel_height * kernel_width;
    [batch * down * across, inner, filters, batch * channels * height * width]
}

/// C [rows][columns] = bias + A W, with so many numbers behind A.
fn product(rows: f64, inner: f64, columns: f64, input: f64) -> Option<Work> {
    let bytes = 4.0 * (input + (inner + 1.0) * columns + rows * columns);
    Some(Work { bytes, operations: 2.0 * rows * inner * columns, longest_sum: inner })
}

/// W [inner + 1][columns] += A^T C, with so many numbers behind A.
fn parameter_gradient(rows: f64, inner: f64, columns: f64, input: f64) -> Option<Work> {
    let bytes = 4.0 * (input + rows * columns + 2.0 * (inner + 1.0) * columns);
    Some(Work { bytes, operations: 2.0 * rows * (inner + 1.0) * columns, longest_sum: rows })
}

fn numbers<const N: usize>(sizes: &[f64]) -> [f64; N] {
    sizes.try_into().unwrap_or_else(|_| panic!("{N} sizes and not {sizes:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dense_layer_by_hand() {
        // 2 inputs, 3 outputs, a batch of 4: 8 + 9 + 12 floats, 24 products of which each is added.
        let layer = work("dense_forward", &[2, 3, 4, 0]);
        assert_eq!(layer, Some(Work { bytes: 116.0, operations: 48.0, longest_sum: 2.0 }));
        // And 12 values of a ReLU; backward, 8 slopes of the one before it, from values that are read.
        let layer = work("dense_forward", &[2, 3, 4, 1]);
        assert_eq!(layer, Some(Work { bytes: 116.0, operations: 60.0, longest_sum: 2.0 }));
        let layer = work("dense_input_gradient", &[2, 3, 4, 1]);
        assert_eq!(layer, Some(Work { bytes: 136.0, operations: 56.0, longest_sum: 3.0 }));
        assert_eq!(work("no_such_kernel", &[]), None);
    }
}
