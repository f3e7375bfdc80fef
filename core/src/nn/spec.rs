//! What a network is: a const value that says which layers follow each other, and how long every buffer is.
//!
//! ```
//! use embedded_rl_core::nn::{Activation, NetworkSpec};
//!
//! const NET: NetworkSpec = NetworkSpec::mlp(&[4, 64, 64, 2], Activation::Relu);
//! // Buffers take their length from the value, without an allocator; a wrong one does not compile.
//! let parameters = [0.0f32; NET.parameter_count()];
//! assert_eq!(parameters.len(), 4 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2);
//! ```
//!
//! All parameters of a network are ONE flat slice, layer after layer; a dense layer's part is
//!
//! ```text
//! weights [inputs][outputs] row-major, then bias [outputs]
//! ```
//!
//! (PyTorch's `weight` is the transpose, `[out][in]`; here the lanes of a vector run across the outputs.)
//! A spec holds no numbers of the network and knows no task.

/// How many layers a network can have; activations count as layers, as in PyTorch's `Sequential`.
pub const MAX_LAYERS: usize = 24;

/// An elementwise function. Each one's derivative follows from its output, so it works in place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Activation {
    /// `max(x, 0)`
    Relu,
    /// `x` above zero, `e^x - 1` below
    Elu,
    /// hyperbolic tangent
    Tanh,
    /// `1 / (1 + e^-x)`
    Sigmoid,
}

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// `y = x W + b`
    Dense {
        /// Length of `x`.
        inputs: usize,
        /// Length of `y`.
        outputs: usize,
    },
    /// An elementwise function of the layer before, in place.
    Activation(Activation),
}

impl Layer {
    /// How many parameters the layer has.
    pub const fn parameter_count(&self) -> usize {
        match *self {
            Layer::Dense { inputs, outputs } => inputs * outputs + outputs,
            Layer::Activation(_) => 0,
        }
    }
}

/// The layers of a network, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkSpec {
    inputs: usize,
    outputs: usize,
    layers: [Layer; MAX_LAYERS],
    count: usize,
}

impl NetworkSpec {
    /// A network without layers yet, whose input has this length.
    ///
    /// # Panics
    /// If `inputs` is zero.
    pub const fn input(inputs: usize) -> Self {
        assert!(inputs > 0, "a network needs at least one input");
        let filler = Layer::Activation(Activation::Relu);
        Self { inputs, outputs: inputs, layers: [filler; MAX_LAYERS], count: 0 }
    }

    /// Adds a dense layer.
    ///
    /// # Panics
    /// If `outputs` is zero or there are [`MAX_LAYERS`] layers already.
    pub const fn dense(self, outputs: usize) -> Self {
        assert!(outputs > 0, "a dense layer needs at least one output");
        let inputs = self.outputs;
        self.push(Layer::Dense { inputs, outputs }, outputs)
    }

    /// Adds an elementwise function.
    ///
    /// # Panics
    /// If it is the first layer (it works in place on the layer before), or there are [`MAX_LAYERS`] already.
    pub const fn activation(self, activation: Activation) -> Self {
        assert!(self.count > 0, "an activation follows a layer");
        let outputs = self.outputs;
        self.push(Layer::Activation(activation), outputs)
    }

    /// Dense layers of these sizes, the input's first, with an activation between each two.
    ///
    /// # Panics
    /// If there are fewer than two sizes, one is zero, or the layers are more than [`MAX_LAYERS`].
    pub const fn mlp(sizes: &[usize], hidden: Activation) -> Self {
        assert!(sizes.len() >= 2, "an MLP has at least an input and an output size");
        let mut spec = Self::input(sizes[0]).dense(sizes[1]);
        let mut index = 2;
        while index < sizes.len() {
            spec = spec.activation(hidden).dense(sizes[index]);
            index += 1;
        }
        spec
    }

    const fn push(mut self, layer: Layer, outputs: usize) -> Self {
        assert!(self.count < MAX_LAYERS, "a network has at most MAX_LAYERS layers");
        self.layers[self.count] = layer;
        self.count += 1;
        self.outputs = outputs;
        self
    }

    /// Length of one input.
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// Length of one output.
    pub const fn outputs(&self) -> usize {
        self.outputs
    }

    /// The layers, in order.
    pub const fn layers(&self) -> &[Layer] {
        self.layers.split_at(self.count).0
    }

    /// Length of the flat parameter slice.
    pub const fn parameter_count(&self) -> usize {
        let (mut total, mut index) = (0, 0);
        while index < self.count {
            total += self.layers[index].parameter_count();
            index += 1;
        }
        total
    }

    /// Multiplications of one forward pass of one input.
    pub const fn multiply_count(&self) -> usize {
        let (mut total, mut index) = (0, 0);
        while index < self.count {
            if let Layer::Dense { inputs, outputs } = self.layers[index] {
                total += inputs * outputs;
            }
            index += 1;
        }
        total
    }

    /// Length of the longest input or output of a layer.
    pub const fn widest(&self) -> usize {
        let (mut widest, mut index) = (self.inputs, 0);
        while index < self.count {
            if let Layer::Dense { outputs, .. } = self.layers[index]
                && outputs > widest
            {
                widest = outputs;
            }
            index += 1;
        }
        widest
    }

    /// Length of the scratch of [`infer`](super::network::infer): two of the widest layer.
    pub const fn scratch_count(&self) -> usize {
        2 * self.widest()
    }

    /// Length of the workspace of [`backward`](super::network::backward): the gradients on both sides of a layer,
    /// and one layer's transposed weights.
    pub const fn workspace_count(&self, batch: usize) -> usize {
        let (mut weights, mut index) = (0, 0);
        while index < self.count {
            if let Layer::Dense { inputs, outputs } = self.layers[index]
                && inputs * outputs > weights
            {
                weights = inputs * outputs;
            }
            index += 1;
        }
        2 * batch * self.widest() + weights
    }

    /// Length of the activations that a training pass keeps: the outputs of every layer that is not in place,
    /// `[batch][outputs]` each, in order; the network's own output is the last of them.
    pub const fn activation_count(&self, batch: usize) -> usize {
        let (mut total, mut index) = (0, 0);
        while index < self.count {
            if let Layer::Dense { outputs, .. } = self.layers[index] {
                total += batch * outputs;
            }
            index += 1;
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LANDER: NetworkSpec = NetworkSpec::mlp(&[8, 64, 64, 4], Activation::Relu);

    #[test]
    fn counts_of_the_lander_network_are_the_known_ones() {
        assert_eq!(LANDER.parameter_count(), 4_996);
        assert_eq!(LANDER.multiply_count(), 4_864);
        assert_eq!((LANDER.inputs(), LANDER.outputs(), LANDER.widest()), (8, 4, 64));
        assert_eq!(LANDER.layers().len(), 5);
        assert_eq!(LANDER.activation_count(3), 3 * (64 + 64 + 4));
        assert_eq!(
            (LANDER.scratch_count(), LANDER.workspace_count(3)),
            (128, 2 * 3 * 64 + 64 * 64)
        );
    }

    #[test]
    #[should_panic(expected = "an activation follows a layer")]
    fn an_activation_cannot_come_first() {
        let _ = NetworkSpec::input(3).activation(Activation::Tanh);
    }
}
