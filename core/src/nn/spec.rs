//! What a network is: a const value that says which layers follow each other, and how long every buffer is.
//!
//! ```
//! use embedded_rl_core::nn::{Activation, Baseline, Image, NetworkSpec};
//!
//! const NET: NetworkSpec = NetworkSpec::mlp(&[4, 64, 64, 2], Activation::Relu);
//! // Buffers take their length from the value, without an allocator; a wrong one does not compile.
//! let parameters = [0.0f32; NET.parameter_count()];
//! assert_eq!(parameters.len(), 4 * 64 + 64 + 64 * 64 + 64 + 64 * 2 + 2);
//!
//! const PIXELS: NetworkSpec = NetworkSpec::image(Image::channels_first(3, 9, 10))
//!     .conv2d(32, [4, 4], [2, 2], [0, 0])
//!     .activation(Activation::Relu)
//!     .dense(50)
//!     .activation(Activation::Relu)
//!     .dueling(4, Baseline::Mean);
//! assert_eq!(PIXELS.parameter_count(), (3 * 4 * 4 + 1) * 32 + (3 * 4 * 32 + 1) * 50 + 51 * 5);
//! ```
//!
//! All parameters of a network are ONE flat slice, layer after layer; a layer's part is
//!
//! ```text
//! dense, conv2d   weights [inputs][outputs] row-major, then bias [outputs]; a convolution's inputs are the numbers
//!                 under its kernel, in the order that conv2d.rs says, its outputs the filters
//! batch norm      gamma, beta, running mean, running variance, each [features]
//! embedding       weights [cosines][width] row-major, then bias [width]
//! ```
//!
//! (PyTorch's `weight` is the transpose, `[out][in]`; here the lanes of a vector run across the outputs.) A dense layer
//! behind images takes them as they stand, `[H][W][C]`; that is all that flattening is.
//! A spec holds no numbers of the network and knows no task.

use super::{
    Activation, Baseline, BatchNorm, Branches, Channels, Conv2d, CosineEmbedding, Expectation,
    Image, Layer, kinds,
};

/// How many layers a network can have; activations count as layers, as in PyTorch's `Sequential`.
pub const MAX_LAYERS: usize = 24;

/// The layers of a network, in order. Any layers, unless the type says which [`kinds`] there are.
#[derive(Clone, Copy, Debug)]
pub struct NetworkSpec<const KINDS: u32 = { kinds::ANY }> {
    inputs: usize,
    /// Length of one row of the last output.
    outputs: usize,
    /// How many rows an input has become, and after the last layer still is.
    rows: usize,
    layers: [Layer; MAX_LAYERS],
    count: usize,
    /// The shape of the last output, for the builder of the next layer. Follows from the layers, but for an input.
    image: Option<Image>,
}

impl<const KINDS: u32, const OTHERS: u32> PartialEq<NetworkSpec<OTHERS>> for NetworkSpec<KINDS> {
    fn eq(&self, other: &NetworkSpec<OTHERS>) -> bool {
        self.inputs == other.inputs && self.layers() == other.layers()
    }
}

impl NetworkSpec {
    /// A network without layers yet, whose input has this length.
    ///
    /// # Panics
    /// If `inputs` is zero.
    pub const fn input(inputs: usize) -> Self {
        assert!(inputs > 0, "a network needs at least one input");
        let filler = Layer::Activation(Activation::Relu);
        let layers = [filler; MAX_LAYERS];
        Self { inputs, outputs: inputs, rows: 1, layers, count: 0, image: None }
    }

    /// A network without layers yet, whose input is an image.
    ///
    /// # Panics
    /// If a size is zero.
    pub const fn image(image: Image) -> Self {
        let mut spec = Self::input(image.count());
        spec.image = Some(image);
        spec
    }

    /// Adds a dense layer.
    ///
    /// # Panics
    /// If `outputs` is zero or there are [`MAX_LAYERS`] layers already.
    pub const fn dense(self, outputs: usize) -> Self {
        assert!(outputs > 0, "a dense layer needs at least one output");
        let inputs = self.outputs;
        self.push(Layer::Dense { inputs, outputs }, outputs, None)
    }

    /// Adds an elementwise function.
    ///
    /// # Panics
    /// If it is the first layer (it works in place on the layer before), or there are [`MAX_LAYERS`] already.
    pub const fn activation(self, activation: Activation) -> Self {
        assert!(self.count > 0, "an activation follows a layer");
        let (outputs, image) = (self.outputs, self.image);
        self.push(Layer::Activation(activation), outputs, image)
    }

    /// Adds a convolution of the image before: how many filters, then rows and columns of the kernel, of its steps,
    /// and of zeros on each side.
    ///
    /// # Panics
    /// If what comes before is not an image, the kernel does not fit it, a size is zero, or there are [`MAX_LAYERS`]
    /// layers already.
    pub const fn conv2d(
        self,
        filters: u16,
        kernel: [u16; 2],
        stride: [u16; 2],
        padding: [u16; 2],
    ) -> Self {
        let Some(input) = self.image else { panic!("a convolution follows an image") };
        self.conv2d_of(Conv2d { input, filters, kernel, stride, padding })
    }

    /// Adds a convolution that says itself what it sees.
    ///
    /// # Panics
    /// As [`NetworkSpec::conv2d`], and if its input has another length than what comes before.
    pub const fn conv2d_of(self, conv: Conv2d) -> Self {
        assert!(conv.input.count() == self.outputs, "a convolution of another image");
        assert!(
            self.count == 0 || matches!(conv.input.order, Channels::Last),
            "behind a layer, channels are last"
        );
        let output = conv.output();
        self.push(Layer::Conv2d(conv), output.count(), Some(output))
    }

    /// Adds batch normalisation with PyTorch's momentum and epsilon: of each number behind a dense layer, of each
    /// channel behind a convolution.
    ///
    /// # Panics
    /// As [`NetworkSpec::batch_norm_of`].
    pub const fn batch_norm(self) -> Self {
        let features = match self.image {
            Some(image) => image.channels as usize,
            None => self.outputs,
        };
        self.batch_norm_of(BatchNorm {
            features: features as u32,
            rows: (self.outputs / features) as u32,
            momentum: BatchNorm::MOMENTUM,
            epsilon: BatchNorm::EPSILON,
        })
    }

    /// Adds a batch normalisation.
    ///
    /// # Panics
    /// If its sizes are not those of what comes before, that is an image with channels first, momentum is not in
    /// `[0, 1]` or epsilon not above zero, or there are [`MAX_LAYERS`] layers already.
    pub const fn batch_norm_of(self, norm: BatchNorm) -> Self {
        assert!(norm.count() == self.outputs, "a batch normalisation of another layer");
        assert!(norm.momentum >= 0.0 && norm.momentum <= 1.0, "momentum is a share");
        assert!(norm.epsilon > 0.0 && norm.epsilon < f32::INFINITY, "epsilon is above zero");
        let first = match self.image {
            Some(image) => matches!(image.order, Channels::First),
            None => false,
        };
        assert!(!first, "batch normalisation takes images with channels last");
        let (outputs, image) = (self.outputs, self.image);
        self.push(Layer::BatchNorm(norm), outputs, image)
    }

    /// Adds the heads of a dueling network: a dense layer of a value and an advantage an action, and their sum over
    /// the baseline.
    ///
    /// # Panics
    /// If `actions` is zero or there is no room for two layers.
    pub const fn dueling(self, actions: usize, baseline: Baseline) -> Self {
        self.wide_dueling(actions, 1, baseline)
    }

    /// As [`NetworkSpec::dueling`], with `width` numbers for the value and for each action.
    ///
    /// # Panics
    /// If `actions` or `width` is zero or there is no room for two layers.
    pub const fn wide_dueling(self, actions: usize, width: usize, baseline: Baseline) -> Self {
        self.dense((1 + actions) * width).dueling_sum(width, baseline)
    }

    /// Adds the second half of [`NetworkSpec::wide_dueling`]: the first `width` outputs before are the value's, the
    /// others advantages.
    ///
    /// # Panics
    /// If the outputs before are not `width` for a value and for each of one or more actions, or there are
    /// [`MAX_LAYERS`] layers already.
    pub const fn dueling_sum(self, width: usize, baseline: Baseline) -> Self {
        assert!(width > 0 && self.outputs.is_multiple_of(width), "a value as wide as an action");
        assert!(self.count > 0 && self.outputs > width, "a value and at least one advantage");
        let actions = self.outputs / width - 1;
        self.push(Layer::Dueling { actions, width, baseline }, actions * width, None)
    }

    /// Adds the means of the distributions that the outputs before describe, group by group.
    ///
    /// # Panics
    /// If it is the first layer, the outputs before are not whole groups, atoms are not sound, or there are
    /// [`MAX_LAYERS`] layers already.
    pub const fn expectation(self, expectation: Expectation) -> Self {
        let width = expectation.width();
        assert!(self.count > 0, "an expectation follows a layer");
        assert!(width > 0 && self.outputs.is_multiple_of(width), "whole groups have a mean");
        if let Expectation::OverAtoms(atoms) = &expectation {
            assert!(atoms.are_sound(), "two atoms or more, from a number to a larger one");
        }
        let groups = self.outputs / width;
        self.push(Layer::Expectation { groups, expectation }, groups, None)
    }

    /// Adds the embedding of this many fractions by this many cosines: each becomes a row of its own, which all that
    /// follows sees apart, until [`NetworkSpec::mean_of_fractions`].
    ///
    /// # Panics
    /// If it is the first layer, a number is zero, rows are apart already, or there are [`MAX_LAYERS`] layers already.
    pub const fn cosine_embedding(self, cosines: u32, fractions: u32) -> Self {
        assert!(self.count > 0, "an embedding follows a layer");
        assert!(cosines > 0 && fractions > 0, "an embedding has a cosine and a fraction");
        assert!(self.rows == 1, "an embedding stands where an input is one row");
        let outputs = self.outputs;
        let embedding = CosineEmbedding { width: outputs as u32, cosines, fractions };
        self.push(Layer::CosineEmbedding(embedding), outputs, None)
    }

    /// Adds the mean of the rows that an embedding took apart.
    ///
    /// # Panics
    /// If there are none, or there are [`MAX_LAYERS`] layers already.
    pub const fn mean_of_fractions(self) -> Self {
        assert!(self.has_fractions(), "a mean of fractions follows an embedding");
        let (fractions, values) = (self.rows, self.outputs);
        self.push(Layer::MeanOfFractions { fractions, values }, values, None)
    }

    /// Whether an embedding has taken rows apart that no mean has joined, though it be a single one.
    pub const fn has_fractions(&self) -> bool {
        let (mut apart, mut index) = (false, 0);
        while index < self.count {
            match self.layers[index] {
                Layer::CosineEmbedding(_) => apart = true,
                Layer::MeanOfFractions { .. } => apart = false,
                _ => {}
            }
            index += 1;
        }
        apart
    }

    /// The same network with so many fractions in place of its own: the same parameters.
    ///
    /// # Panics
    /// If `count` is zero.
    pub const fn with_fractions(mut self, count: u32) -> Self {
        assert!(count > 0, "an embedding has a fraction");
        let mut index = 0;
        while index < self.count {
            match &mut self.layers[index] {
                Layer::CosineEmbedding(embedding) => embedding.fractions = count,
                Layer::MeanOfFractions { fractions, .. } => *fractions = count as usize,
                _ => {}
            }
            index += 1;
        }
        self.rows = if self.has_fractions() { count as usize } else { 1 };
        self
    }

    /// Adds the end of a network whose outputs are the choices of these branches: a value for every combination.
    ///
    /// # Panics
    /// If it is the first layer, the outputs before are not as many as choices, rows are apart, or there are [`MAX_LAYERS`]
    /// layers already.
    pub const fn joint_values(self, branches: Branches) -> Self {
        assert!(self.count > 0 && !self.has_fractions(), "joint values follow a layer of one row");
        assert!(self.outputs == branches.value_count(), "one output a choice");
        self.push(Layer::JointValues(branches), branches.combinations(), None)
    }

    /// The branches whose combinations the last layer values, if it is such a one.
    pub const fn branches(&self) -> Option<Branches> {
        match self.layers().last() {
            Some(Layer::JointValues(branches)) => Some(*branches),
            _ => None,
        }
    }

    /// Adds a softmax over all outputs of the layer before.
    ///
    /// # Panics
    /// If it is the first layer, or there are [`MAX_LAYERS`] already.
    pub const fn softmax(self) -> Self {
        assert!(self.count > 0, "a softmax follows a layer");
        let outputs = self.outputs;
        self.push(Layer::Softmax, outputs, None)
    }

    /// The network without its last layer.
    ///
    /// # Panics
    /// If that layer works in place, or is the only one.
    pub const fn without_last(mut self) -> Self {
        assert!(self.count > 1, "a network has at least one layer");
        self.count -= 1;
        self.image = None;
        let last = self.layers[self.count];
        let Some((inputs, _)) = last.inputs_and_outputs() else {
            panic!("a layer that works in place has no input of its own")
        };
        self.outputs = inputs / last.joins::<{ kinds::ANY }>();
        self.rows = self.rows * last.joins::<{ kinds::ANY }>() / last.splits::<{ kinds::ANY }>();
        self
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

    const fn push(mut self, layer: Layer, outputs: usize, image: Option<Image>) -> Self {
        assert!(self.count < MAX_LAYERS, "a network has at most MAX_LAYERS layers");
        self.layers[self.count] = layer;
        self.count += 1;
        self.rows = self.rows / layer.joins::<{ kinds::ANY }>() * layer.splits::<{ kinds::ANY }>();
        self.outputs = outputs;
        self.image = image;
        self
    }

    /// The same network in a type that says which [`kinds`] of layers it has.
    ///
    /// # Panics
    /// If it has one of another kind.
    pub const fn only<const KINDS: u32>(self) -> NetworkSpec<KINDS> {
        let Self { inputs, outputs, rows, layers, count, image } = self;
        assert!(self.kinds() & !KINDS == 0, "a layer of a kind that the network's type leaves out");
        NetworkSpec { inputs, outputs, rows, layers, count, image }
    }
}

impl<const KINDS: u32> NetworkSpec<KINDS> {
    /// The kinds of its layers.
    pub const fn kinds(&self) -> u32 {
        let (mut kinds, mut index) = (0, 0);
        while index < self.count {
            kinds |= self.layers[index].kind();
            index += 1;
        }
        kinds
    }

    /// The same network in the type of any.
    pub const fn any(self) -> NetworkSpec {
        let Self { inputs, outputs, rows, layers, count, image } = self;
        NetworkSpec { inputs, outputs, rows, layers, count, image }
    }

    /// Length of one input.
    pub const fn inputs(&self) -> usize {
        self.inputs
    }

    /// Length of one output; of rows that are still apart, of all of them.
    pub const fn outputs(&self) -> usize {
        self.rows * self.outputs
    }

    /// How many rows of one input the layer with this index sees; a mean of fractions sees those that it joins as one.
    pub(super) const fn rows_at(&self, index: usize) -> usize {
        let (mut rows, mut before) = (1, 0);
        while before < index {
            let layer = &self.layers[before];
            rows = rows / layer.joins::<KINDS>() * layer.splits::<KINDS>();
            before += 1;
        }
        rows / self.layers[index].joins::<KINDS>()
    }

    /// The layers, in order.
    pub const fn layers(&self) -> &[Layer] {
        self.layers.split_at(self.count).0
    }
}
