//! A network of dense layers as the fused kernels take it: `struct Mlp` of `mlp.cuh`, and the lengths that follow from it.

use crate::{Launch, TILE};

/// How many dense layers there can be: MOST_LAYERS in `mlp.cuh`.
pub const MOST_LAYERS: usize = 8;

/// Threads along x and in all of a block of `mlp_rows`, at most.
const THREADS: u32 = 256;

/// Blocks among which a batch is spread before rows share one.
const ENOUGH_BLOCKS: u32 = 256;

/// Floats of dynamic shared memory of a block that every card gives without being asked for more.
const SHARED_FLOATS: usize = 12 * 1024;

/// An elementwise function behind a layer, by its number in `activation.cuh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// None.
    None,
    /// `max(x, 0)`
    Relu,
    /// `x` above zero, `e^x - 1` below
    Elu,
    /// hyperbolic tangent
    Tanh,
    /// `1 / (1 + e^-x)`
    Sigmoid,
}

/// What stands between the last dense layer and the values of the actions, by its number in `mlp.cuh`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Baseline {
    /// Nothing: the layer has an output an action.
    None,
    /// A value and advantages that are measured from their mean: one output more.
    Mean,
    /// The same, measured from the largest.
    Max,
}

/// A network of dense layers, an activation behind each, that ends in values of actions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mlp {
    inputs: usize,
    layers: Vec<(usize, Activation)>,
    baseline: Baseline,
}

impl Mlp {
    /// A network of layers by their numbers of outputs. `None` if there is none, there are too many, or a row of their numbers
    /// does not fit the shared memory of a block: such networks are run layer by layer.
    pub fn new(inputs: usize, layers: &[(usize, Activation)], baseline: Baseline) -> Option<Self> {
        let network = Self { inputs, layers: layers.to_vec(), baseline };
        let fits = (1..=MOST_LAYERS).contains(&layers.len());
        (fits && network.row_count() <= SHARED_FLOATS).then_some(network)
    }

    /// `struct Mlp`: what a launch passes.
    pub fn words(&self) -> [u32; 4 + 2 * MOST_LAYERS] {
        let mut words = [0; 4 + 2 * MOST_LAYERS];
        let hidden = usize::from(self.baseline != Baseline::None);
        let actions = self.outputs() - hidden;
        let sizes = [self.inputs, actions, self.layers.len()].map(|size| size as u32);
        words[..3].copy_from_slice(&sizes);
        words[3] = self.baseline as u32;
        for (index, &(outputs, activation)) in self.layers.iter().enumerate() {
            words[4 + index] = outputs as u32;
            words[4 + MOST_LAYERS + index] = activation as u32;
        }
        words
    }

    /// V: floats of a row of `values`, the input and the outputs of all layers but the last.
    pub fn value_count(&self) -> usize {
        self.inputs + self.delta_count() - self.outputs()
    }

    /// D: floats of a row of `deltas`, the outputs of all layers.
    pub fn delta_count(&self) -> usize {
        self.layers.iter().map(|(outputs, _)| outputs).sum()
    }

    /// Outputs of the last layer.
    fn outputs(&self) -> usize {
        self.layers.last().map_or(0, |(outputs, _)| *outputs)
    }

    /// Floats of shared memory of a row.
    fn row_count(&self) -> usize {
        self.value_count() + 3 * self.outputs()
    }

    /// The launch of `mlp_rows` for a batch: a thread an output of the widest layer where a block has room for that, a block
    /// a row until there are many, then several rows in one, which share what they load of the weights.
    ///
    /// # Panics
    /// If the batch is empty.
    pub fn rows(&self, batch: u32) -> Launch {
        let widest = self.layers.iter().map(|(outputs, _)| *outputs as u32).max().unwrap_or(1);
        let threads = widest.next_multiple_of(32).min(THREADS);
        let room = (THREADS / threads).min((SHARED_FLOATS / self.row_count()) as u32);
        let rows = batch.div_ceil(ENOUGH_BLOCKS).min(room).max(1);
        let launch = Launch { threads: [threads, rows, 1], ..Launch::blocks(batch.div_ceil(rows)) };
        Launch { shared_bytes: 4 * rows * self.row_count() as u32, ..launch }
    }

    /// The launch of `mlp_parameter_gradient`: the tiles of all layers.
    pub fn parameter_tiles(&self) -> Launch {
        let (mut count, mut inputs) = (0, self.inputs as u32);
        for &(outputs, _) in &self.layers {
            count += (inputs + 1).div_ceil(TILE) * (outputs as u32).div_ceil(TILE);
            inputs = outputs as u32;
        }
        Launch { threads: [TILE, TILE, 1], ..Launch::blocks(count) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lengths_of_a_small_network_are_the_ones_by_hand() {
        let layers = [(64, Activation::Relu), (64, Activation::Relu), (4, Activation::None)];
        let network = Mlp::new(8, &layers, Baseline::None).expect("a small network");
        assert_eq!((network.value_count(), network.delta_count()), (136, 132));
        assert_eq!(network.words()[..4], [8, 4, 3, 0]);
        assert_eq!(network.words()[4..8], [64, 64, 4, 0]);
        assert_eq!(network.words()[12..16], [1, 1, 0, 0]);
        let small = Launch { threads: [64, 1, 1], shared_bytes: 4 * 148, ..Launch::blocks(32) };
        assert_eq!(network.rows(32), small);
        let large = Launch { threads: [64, 4, 1], shared_bytes: 16 * 148, ..Launch::blocks(1024) };
        assert_eq!(network.rows(4096), large);
        assert_eq!(network.parameter_tiles().blocks, [4 + 5 * 4 + 5, 1, 1]);
    }

    #[test]
    fn networks_without_room_are_refused() {
        let layer = (16, Activation::Tanh);
        assert!(Mlp::new(4, &[], Baseline::None).is_none());
        assert!(Mlp::new(4, &[layer; 8], Baseline::Mean).is_some());
        assert!(Mlp::new(4, &[layer; 9], Baseline::Mean).is_none());
        assert!(Mlp::new(4, &[(20_000, Activation::Relu), layer], Baseline::None).is_none());
    }
}
