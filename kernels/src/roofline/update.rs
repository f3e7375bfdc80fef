//! The launches of one update of a double DQN with Adam, clipping and a soft target, and what they must take. The lists are
//! held against the launches that are proven to give core's bits (`tests/proof/launches.rs`).

use super::{H100, Work, work};
use crate::{Activation, Baseline, Mlp};
use core::fmt::Write;

/// A layer, as far as launches ask for it.
#[derive(Clone, Copy, Debug)]
pub enum Layer {
    /// Numbers in and out.
    Dense(u32, u32),
    /// `struct Conv2d` of `conv2d.cuh`.
    Conv2d([u32; 13]),
    /// In place.
    Relu,
}

/// A network, and where its inputs come from.
#[derive(Clone, Debug)]
pub struct Network {
    /// From the input on.
    pub layers: Vec<Layer>,
    /// Numbers of an observation.
    pub inputs: u32,
    /// Values of the last layer.
    pub actions: u32,
    /// Frames of bytes in an observation, or none where it is stored as floats.
    pub frames: Option<u32>,
}

/// Whether elementwise functions are launches of their own, or computed by the layers beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relus {
    Apart,
    OnTheWay,
}

impl Relus {
    /// What a layer's kernel is told of the function beside it.
    fn word(self, is_there: bool) -> u32 {
        match self {
            Self::OnTheWay if is_there => Activation::Relu as u32,
            _ => Activation::None as u32,
        }
    }
}

/// A launch: its kernel, and its whole numbers and the words of its structures, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// By name.
    pub kernel: &'static str,
    /// As [`work`] takes them.
    pub sizes: Vec<u32>,
    /// Whether the launch leaves the target network to another one.
    leaves_target: bool,
}

impl Network {
    /// Dense layers of these sizes, a ReLU between them.
    ///
    /// # Panics
    /// If there are fewer than two sizes.
    pub fn mlp(sizes: &[u32]) -> Self {
        let mut network = Self::of(sizes[0], None);
        for pair in sizes.windows(2) {
            network = network.dense(pair[1]);
        }
        network.ended()
    }

    /// The network of Mnih and others (2015) for 84 x 84 pixels, four frames and four actions.
    pub fn breakout() -> Self {
        let network = Self::of(4 * 84 * 84, Some(4));
        let network = network.conv2d([4, 84, 84], 32, 8, 4).conv2d([32, 20, 20], 64, 4, 2);
        network.conv2d([64, 9, 9], 64, 3, 1).dense(512).dense(4).ended()
    }

    /// No layers yet.
    pub fn of(inputs: u32, frames: Option<u32>) -> Self {
        Self { layers: Vec::new(), inputs, actions: inputs, frames }
    }

    /// With a dense layer and a ReLU behind.
    pub fn dense(mut self, outputs: u32) -> Self {
        self.layers.extend([Layer::Dense(self.actions, outputs), Layer::Relu]);
        self.actions = outputs;
        self
    }

    /// With a convolution of channels, rows and columns, without padding, and a ReLU behind. What a convolution leaves has
    /// its channels last.
    pub fn conv2d(mut self, input: [u32; 3], filters: u32, kernel: u32, stride: u32) -> Self {
        let [channels, height, width] = input;
        let [down, across] = [height, width].map(|side| (side - kernel) / stride + 1);
        let is_last = u32::from(!self.layers.is_empty());
        let conv = [
            channels, height, width, is_last, filters, kernel, kernel, stride, stride, 0, 0, down,
            across,
        ];
        self.layers.extend([Layer::Conv2d(conv), Layer::Relu]);
        self.actions = filters * down * across;
        self
    }

    /// Without the last ReLU.
    pub fn ended(mut self) -> Self {
        self.layers.pop();
        self
    }

    /// How many parameters it has.
    pub fn parameter_count(&self) -> u32 {
        let of_layer = |layer: &Layer| match *layer {
            Layer::Dense(inputs, outputs) => (inputs + 1) * outputs,
            Layer::Conv2d(conv) => (conv[0] * conv[5] * conv[6] + 1) * conv[4],
            Layer::Relu => 0,
        };
        self.layers.iter().map(of_layer).sum()
    }

    /// As the fused kernels take it, if it has only dense layers.
    fn dense_layers(&self) -> Option<Mlp> {
        let mut layers = Vec::new();
        for layer in &self.layers {
            match (layer, layers.last_mut()) {
                (Layer::Dense(_, outputs), _) => layers.push((*outputs as usize, Activation::None)),
                (Layer::Relu, Some(last)) => last.1 = Activation::Relu,
                _ => return None,
            }
        }
        Mlp::new(self.inputs as usize, &layers, Baseline::None)
    }

    fn forward(&self, batch: u32, relus: Relus, steps: &mut Vec<Step>) {
        let mut outputs = self.inputs;
        for (index, layer) in self.layers.iter().enumerate() {
            let is_followed = matches!(self.layers.get(index + 1), Some(Layer::Relu));
            let behind = relus.word(is_followed);
            match *layer {
                Layer::Dense(inputs, to) => {
                    outputs = to;
                    steps.push(step("dense_forward", &[inputs, to, batch, behind]));
                }
                Layer::Conv2d(conv) => {
                    outputs = conv[4] * conv[11] * conv[12];
                    let sizes = [&conv[..], &[batch, behind]].concat();
                    steps.push(step("conv2d_forward", &sizes));
                }
                Layer::Relu if relus == Relus::Apart => {
                    steps.push(step("relu_forward", &[batch * outputs]));
                }
                Layer::Relu => {}
            }
        }
    }

    fn backward(&self, batch: u32, relus: Relus, steps: &mut Vec<Step>) {
        let mut outputs = self.actions;
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let (kernels, sizes) = match *layer {
                Layer::Dense(inputs, to) => {
                    outputs = inputs;
                    (["dense_parameter_gradient", "dense_input_gradient"], vec![inputs, to, batch])
                }
                Layer::Conv2d(conv) => {
                    outputs = conv[0] * conv[1] * conv[2];
                    let kernels = ["conv2d_parameter_gradient", "conv2d_input_gradient"];
                    (kernels, [&conv[..], &[batch]].concat())
                }
                Layer::Relu if relus == Relus::Apart => {
                    steps.push(step("relu_backward", &[batch * outputs]));
                    continue;
                }
                Layer::Relu => continue,
            };
            steps.push(step(kernels[0], &sizes));
            // Nobody asks for the gradient of the observations.
            if let Some(before) = index.checked_sub(1).map(|before| self.layers[before]) {
                let before = relus.word(matches!(before, Layer::Relu));
                steps.push(step(kernels[1], &[&sizes[..], &[before]].concat()));
            }
        }
    }

    /// The batch, targets, loss and gradients, a launch a line of core's `dqn/cpu_learner.rs`.
    fn up_to_gradients(&self, capacity: u32, batch: u32, relus: Relus) -> Vec<Step> {
        let mut steps = vec![match self.frames {
            Some(frames) => {
                step("gather_frames", &[self.inputs / frames, frames, capacity, capacity, batch])
            }
            None => step("gather", &[self.inputs, capacity, batch]),
        }];
        self.forward(batch, relus, &mut steps);
        self.forward(batch, relus, &mut steps);
        steps.push(step("double_q_learning", &[self.actions, batch]));
        self.forward(batch, relus, &mut steps);
        steps.push(step("huber", &[self.actions, batch]));
        steps.push(step("mean_of_taken", &[self.actions, batch]));
        steps.push(step("fill", &[self.parameter_count()]));
        self.backward(batch, relus, &mut steps);
        steps
    }
}

fn step(kernel: &'static str, sizes: &[u32]) -> Step {
    Step { kernel, sizes: sizes.to_vec(), leaves_target: false }
}

/// Every concept a launch of its own.
pub fn apart(network: &Network, capacity: u32, batch: u32) -> Vec<Step> {
    let count = network.parameter_count();
    let mut steps = network.up_to_gradients(capacity, batch, Relus::Apart);
    steps.push(step("clip_norm_measure", &[count]));
    steps.push(step("clip_norm_scale", &[count]));
    steps.push(step("prepare_step", &[]));
    steps.push(Step { leaves_target: true, ..step("adam", &[count]) });
    steps.push(step("soft_update", &[count]));
    steps
}

/// What stands together in one launch where there is one that does it. Dense layers are four launches (`mlp.cu`); before
/// other networks' optimiser, which clips and moves the target network, a launch stands for a line still, but for elementwise
/// functions.
pub fn fused(network: &Network, capacity: u32, batch: u32) -> Vec<Step> {
    let count = network.parameter_count();
    let optimiser = step("adam", &[count]);
    if let Some(mlp) = network.dense_layers() {
        // The Huber loss, and no Munchausen targets.
        let (words, rule, rates) = (mlp.words(), [1, 0, 0, 0, 0], [0; 8]);
        return vec![
            step("mlp_rows", &[&words[..], &rule, &[capacity, batch]].concat()),
            step("mlp_parameter_gradient", &[&words[..], &[batch]].concat()),
            step("update_sums", &[&rates[..], &[count, batch]].concat()),
            optimiser,
        ];
    }
    let mut steps = network.up_to_gradients(capacity, batch, Relus::OnTheWay);
    steps.push(step("clip_norm_measure", &[count]));
    steps.push(step("prepare_step", &[]));
    steps.push(optimiser);
    steps
}

impl Step {
    /// What it moves and computes.
    ///
    /// # Panics
    /// If the kernel has no row in [`work`].
    pub fn work(&self) -> Work {
        let kernel = self.kernel;
        let work = work(kernel, &self.sizes).unwrap_or_else(|| panic!("no work of {kernel}"));
        if !self.leaves_target {
            return work;
        }
        let count = f64::from(self.sizes[0]);
        Work { bytes: work.bytes - 8.0 * count, operations: work.operations - 4.0 * count, ..work }
    }
}

/// The table of one update, as text: both networks, three sizes of batches, before and after fusing.
pub fn update_table() -> String {
    let mut text = String::from(
        "| network | batch | launches | | MB | Mflop | roofline, \u{b5}s | in core's order, \u{b5}s | with launches, \u{b5}s | as a graph, \u{b5}s |\n\
         |---|---|---|---|---|---|---|---|---|---|\n",
    );
    let networks =
        [("8-64-64-4", Network::mlp(&[8, 64, 64, 4])), ("Breakout", Network::breakout())];
    for (name, network) in &networks {
        for batch in [32, 256, 4096] {
            for (how, steps) in [
                ("apart", apart(network, 1 << 20, batch)),
                ("fused", fused(network, 1 << 20, batch)),
            ] {
                let works: Vec<Work> = steps.iter().map(Step::work).collect();
                let sum = |of: &dyn Fn(&Work) -> f64| works.iter().map(of).sum::<f64>();
                let roofline = sum(&|work| H100.roofline(*work));
                let in_order = sum(&|work| H100.in_order(*work));
                let launches = steps.len() as f64;
                let _ = writeln!(
                    text,
                    "| {name} | {batch} | {launches} | {how} | {:.2} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} |",
                    sum(&|work| work.bytes) / 1e6,
                    sum(&|work| work.operations) / 1e6,
                    roofline * 1e6,
                    in_order * 1e6,
                    (in_order + launches * H100.launch) * 1e6,
                    (in_order + launches * H100.launch_in_graph) * 1e6,
                );
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_counted_as_by_hand() {
        assert_eq!(Network::mlp(&[8, 64, 64, 4]).parameter_count(), 576 + 4_160 + 260);
        let convolutions = 257 * 32 + 513 * 64 + 577 * 64;
        assert_eq!(Network::breakout().parameter_count(), convolutions + 3_137 * 512 + 513 * 4);
    }
}
