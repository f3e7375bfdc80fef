//! One layer of a network: its kind and sizes, and the lengths that follow. `spec.rs` puts layers in a row, the files
//! named for the layers compute them.

use super::{BatchNorm, Branches, Conv2d, CosineEmbedding, Expectation, kinds};

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

/// What a dueling network takes from its advantages, so that they and the value are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Baseline {
    /// Their mean.
    Mean,
    /// The largest of them.
    Max,
}

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// A convolution of images.
    Conv2d(Conv2d),
    /// Batch normalisation.
    BatchNorm(BatchNorm),
    /// The value and the advantages before it become values of actions.
    Dueling {
        /// How many actions.
        actions: usize,
        /// Numbers an action; the layer before has as many more.
        width: usize,
        /// What the advantages are measured from.
        baseline: Baseline,
    },
    /// Probabilities from the layer before, in place.
    Softmax,
    /// Groups of outputs before, each of which describes a distribution, become the means of those.
    Expectation {
        /// How many groups.
        groups: usize,
        /// What each describes.
        expectation: Expectation,
    },
    /// Each row before becomes several, one a fraction that it is asked about.
    CosineEmbedding(CosineEmbedding),
    /// The rows of all fractions become one again, their mean.
    MeanOfFractions {
        /// How many rows become one.
        fractions: usize,
        /// Length of each.
        values: usize,
    },
    /// The values of each component's choices become values of all combinations of them.
    JointValues(Branches),
}

impl Layer {
    /// How many parameters the layer has.
    pub const fn parameter_count(&self) -> usize {
        match self {
            Layer::Dense { inputs, outputs } => *inputs * *outputs + *outputs,
            Layer::Conv2d(conv) => conv.weight_count() + conv.filters as usize,
            Layer::BatchNorm(norm) => norm.parameter_count(),
            Layer::CosineEmbedding(embedding) => embedding.parameter_count(),
            Layer::Activation(_)
            | Layer::Dueling { .. }
            | Layer::Softmax
            | Layer::Expectation { .. }
            | Layer::MeanOfFractions { .. }
            | Layer::JointValues(_) => 0,
        }
    }

    /// Lengths of an input and of an output; `None` for a layer that works in place on the output before. What a cosine
    /// embedding makes of a row counts as one output, what a mean of fractions takes as one input.
    pub const fn inputs_and_outputs(&self) -> Option<(usize, usize)> {
        match self {
            Layer::Dense { inputs, outputs } => Some((*inputs, *outputs)),
            Layer::Conv2d(conv) => Some((conv.input.count(), conv.output().count())),
            Layer::BatchNorm(norm) => Some((norm.count(), norm.count())),
            Layer::Dueling { actions, width, .. } => {
                Some(((1 + *actions) * *width, *actions * *width))
            }
            Layer::Expectation { groups, expectation } => {
                Some((*groups * expectation.width(), *groups))
            }
            Layer::CosineEmbedding(embedding) => {
                let width = embedding.width as usize;
                Some((width, embedding.fractions as usize * width))
            }
            Layer::MeanOfFractions { fractions, values } => Some((*fractions * *values, *values)),
            Layer::JointValues(branches) => Some((branches.value_count(), branches.combinations())),
            Layer::Activation(_) | Layer::Softmax => None,
        }
    }

    /// How many rows the layer makes of one. Where no layer of these kinds does, the compiler knows that rows stay one.
    pub(super) const fn splits<const KINDS: u32>(&self) -> usize {
        match self {
            Layer::CosineEmbedding(embedding) if KINDS & kinds::COSINE_EMBEDDING != 0 => {
                embedding.fractions as usize
            }
            _ => 1,
        }
    }

    /// How many rows the layer makes one of.
    pub(super) const fn joins<const KINDS: u32>(&self) -> usize {
        match self {
            Layer::MeanOfFractions { fractions, .. } if KINDS & kinds::MEAN_OF_FRACTIONS != 0 => {
                *fractions
            }
            _ => 1,
        }
    }

    /// Multiplications of one forward pass of one input, those of dense layers, convolutions and embeddings.
    pub const fn multiply_count(&self) -> usize {
        match self {
            Layer::Dense { inputs, outputs } => *inputs * *outputs,
            Layer::Conv2d(conv) => conv.positions() * conv.weight_count(),
            Layer::CosineEmbedding(embedding) => {
                embedding.fractions as usize * embedding.parameter_count()
            }
            _ => 0,
        }
    }

    /// How many weights there are to transpose for the gradient of the input.
    pub(super) const fn weight_count(&self) -> usize {
        match self {
            Layer::Dense { inputs, outputs } => *inputs * *outputs,
            Layer::Conv2d(conv) => conv.weight_count(),
            Layer::CosineEmbedding(embedding) => embedding.weight_count(),
            _ => 0,
        }
    }

    /// How many of the last parameters are a bias.
    pub(super) const fn bias_count(&self) -> usize {
        match self {
            Layer::Dense { outputs, .. } => *outputs,
            Layer::Conv2d(conv) => conv.filters as usize,
            _ => 0,
        }
    }

    /// What a training pass keeps of the layer: the outputs of a batch, and in front of them statistics, or what an
    /// embedding made of the fractions.
    pub(super) const fn kept_count(&self, batch: usize) -> usize {
        let outputs = match self.inputs_and_outputs() {
            Some((_, outputs)) => batch * outputs,
            None => 0,
        };
        match self {
            Layer::BatchNorm(norm) => norm.statistics_count() + outputs,
            Layer::CosineEmbedding(embedding) => embedding.before_count(batch) + outputs,
            _ => outputs,
        }
    }

    /// Scratch that the layer needs besides.
    pub(super) const fn scratch_count(&self, batch: usize) -> usize {
        match self {
            Layer::Conv2d(conv) => conv.scratch_count(batch),
            Layer::CosineEmbedding(embedding) => embedding.scratch_count(),
            _ => 0,
        }
    }
}
