//! How long every buffer of a network is.

use super::NetworkSpec;

impl<const KINDS: u32> NetworkSpec<KINDS> {
    /// Length of the flat parameter slice.
    pub const fn parameter_count(&self) -> usize {
        let (mut total, mut index) = (0, 0);
        while index < self.layers().len() {
            total += self.layers()[index].parameter_count();
            index += 1;
        }
        total
    }

    /// Multiplications of one forward pass of one input.
    pub const fn multiply_count(&self) -> usize {
        let (mut total, mut rows, mut index) = (0, 1, 0);
        while index < self.layers().len() {
            let layer = &self.layers()[index];
            rows /= layer.joins::<KINDS>();
            total += rows * layer.multiply_count();
            rows *= layer.splits::<KINDS>();
            index += 1;
        }
        total
    }

    /// Length of the longest output of a layer, of all rows of an input together.
    pub const fn widest(&self) -> usize {
        let (mut widest, mut rows, mut index) = (0, 1, 0);
        while index < self.layers().len() {
            let layer = &self.layers()[index];
            rows /= layer.joins::<KINDS>();
            if let Some((_, outputs)) = layer.inputs_and_outputs()
                && rows * outputs > widest
            {
                widest = rows * outputs;
            }
            rows *= layer.splits::<KINDS>();
            index += 1;
        }
        widest
    }

    /// Length of the scratch of [`infer`](super::network::infer): two of the widest layer, and what a convolution
    /// gathers or an embedding the cosines of.
    pub const fn scratch_count(&self) -> usize {
        2 * self.widest() + self.layer_scratch(1)
    }

    /// Length of the workspace of [`backward`](super::network::backward): the gradients on both sides of a layer,
    /// one layer's transposed weights, and what a convolution gathers.
    pub const fn workspace_count(&self, batch: usize) -> usize {
        let (mut weights, mut index) = (0, 0);
        while index < self.layers().len() {
            let count = self.layers()[index].weight_count();
            if count > weights {
                weights = count;
            }
            index += 1;
        }
        2 * batch * self.widest() + weights + self.layer_scratch(batch)
    }

    /// Length of the activations that a training pass keeps: first the scratch of convolutions, then the outputs of
    /// every layer that is not in place, `[batch][outputs]` each, in order; the network's own output is the last of
    /// them. In front of the outputs of a batch normalisation stand the batch's statistics, in front of an embedding's the
    /// cosines and what became of them.
    pub const fn activation_count(&self, batch: usize) -> usize {
        let (mut total, mut rows, mut index) = (self.layer_scratch(batch), batch, 0);
        while index < self.layers().len() {
            let layer = &self.layers()[index];
            rows /= layer.joins::<KINDS>();
            total += layer.kept_count(rows);
            rows *= layer.splits::<KINDS>();
            index += 1;
        }
        total
    }

    /// The largest scratch of a layer.
    pub(super) const fn layer_scratch(&self, batch: usize) -> usize {
        let (mut largest, mut rows, mut index) = (0, batch, 0);
        while index < self.layers().len() {
            let layer = &self.layers()[index];
            rows /= layer.joins::<KINDS>();
            let count = layer.scratch_count(rows);
            if count > largest {
                largest = count;
            }
            rows *= layer.splits::<KINDS>();
            index += 1;
        }
        largest
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Activation, Baseline, Image};
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
    fn counts_of_a_network_of_every_layer_are_the_ones_by_hand() {
        const RELU: Activation = Activation::Relu;
        // 2 x 3 positions of 4 x 4 x 1 numbers, then 1 x 2 of 2 x 2 x 5, flattened to 14.
        const NET: NetworkSpec = NetworkSpec::image(Image::channels_first(1, 6, 8))
            .conv2d(5, [4, 4], [2, 2], [0, 0])
            .batch_norm()
            .activation(RELU)
            .conv2d(7, [2, 2], [1, 1], [0, 0])
            .dense(3)
            .batch_norm()
            .dueling(2, Baseline::Max)
            .softmax();
        assert_eq!((NET.inputs(), NET.outputs(), NET.widest()), (48, 2, 30));
        let parameters = 16 * 5 + 5 + 4 * 5 + 20 * 7 + 7 + 14 * 3 + 3 + 4 * 3 + 3 * 3 + 3;
        assert_eq!(NET.parameter_count(), parameters);
        assert_eq!(NET.multiply_count(), 6 * 80 + 2 * 140 + 14 * 3 + 3 * 3);
        let kept = 2 * (30 + 30 + 14 + 3 + 3 + 3 + 2) + 2 * 5 + 2 * 3;
        assert_eq!(NET.activation_count(2), 2 * 6 * 16 + kept);
        assert_eq!(NET.scratch_count(), 2 * 30 + 6 * 16);
        assert_eq!(NET.workspace_count(2), 2 * 2 * 30 + 140 + 2 * 6 * 16);
    }

    #[test]
    #[should_panic(expected = "an activation follows a layer")]
    fn an_activation_cannot_come_first() {
        let _ = NetworkSpec::input(3).activation(Activation::Tanh);
    }

    #[test]
    #[should_panic(expected = "a convolution follows an image")]
    fn a_convolution_needs_an_image() {
        let _ = NetworkSpec::input(9).conv2d(1, [1, 1], [1, 1], [0, 0]);
    }

    #[test]
    #[should_panic(expected = "kernel does not fit")]
    fn a_kernel_that_does_not_fit_is_refused() {
        let _ = NetworkSpec::image(Image::channels_last(2, 9, 1)).conv2d(1, [3, 1], [1, 1], [0, 0]);
    }
}
