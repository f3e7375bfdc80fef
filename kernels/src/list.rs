//! Every kernel with its parameters, in the order in which a launch passes them.

use Parameter::{F32 as F, F64 as D, Pointer as P, U32 as U};

/// `struct Conv2d` of conv2d.cu.
const C: Parameter = Parameter::Struct(52);
/// `struct Atoms` of distribution.cu.
const A: Parameter = Parameter::Struct(12);
/// `struct Branches` of branches.cu.
const B: Parameter = Parameter::Struct(44);
/// `struct FrameShape` of frames.cu.
const S: Parameter = Parameter::Struct(16);
/// `struct Maze` of gridworld.cu.
const G: Parameter = Parameter::Struct(40);
/// `struct Mlp` of mlp.cuh.
const M: Parameter = Parameter::Struct(80);
/// `struct Rule` of mlp.cu.
const L: Parameter = Parameter::Struct(20);
/// `struct Munchausen` of bellman.cuh.
const H: Parameter = Parameter::Struct(12);
/// `struct Rates` of optimiser.cuh.
const R: Parameter = Parameter::Struct(32);

/// Of every optimiser: step, gradients, norm, parameters, moments, target; maximum, tau; count.
const OPTIMISER: &[Parameter] = &[P, P, P, P, P, P, F, F, U];

/// What a kernel takes in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// The address of a buffer on the device.
    Pointer,
    /// A size.
    U32,
    /// A number.
    F32,
    /// A number in double precision.
    F64,
    /// A structure of this many bytes.
    Struct(usize),
}

impl Parameter {
    /// How many bytes it takes.
    pub const fn size(self) -> usize {
        match self {
            Parameter::Pointer | Parameter::F64 => 8,
            Parameter::U32 | Parameter::F32 => 4,
            Parameter::Struct(bytes) => bytes,
        }
    }
}

/// A kernel: its name, which is that of its twin in core, the file that has its text, and what it takes.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// As the text declares it.
    pub name: &'static str,
    /// One of [`FILES`](crate::FILES).
    pub file: &'static str,
    /// In order.
    pub parameters: &'static [Parameter],
}

pub(crate) const fn of(
    file: &'static str,
    name: &'static str,
    parameters: &'static [Parameter],
) -> Kernel {
    Kernel { name, file, parameters }
}

/// All kernels.
pub const KERNELS: &[Kernel] = &[
    of("acrobot.cu", "acrobot_reset", &[P, P, P, P, U]),
    of("acrobot.cu", "acrobot_step", &[P, P, P, P, U]),
    of("activation.cu", "relu_forward", &[P, U]),
    of("activation.cu", "relu_backward", &[P, P, U]),
    of("activation.cu", "elu_forward", &[P, U]),
    of("activation.cu", "elu_backward", &[P, P, U]),
    of("activation.cu", "tanh_forward", &[P, U]),
    of("activation.cu", "tanh_backward", &[P, P, U]),
    of("activation.cu", "sigmoid_forward", &[P, U]),
    of("activation.cu", "sigmoid_backward", &[P, P, U]),
    of("adam.cu", "adam", OPTIMISER),
    of("batch_norm.cu", "batch_norm_statistics", &[P, P, U, U]),
    of("batch_norm.cu", "batch_norm_forward", &[P, P, P, P, F, U, U]),
    of("batch_norm.cu", "batch_norm_parameter_gradient", &[P, P, P, P, P, F, U, U]),
    of("batch_norm.cu", "batch_norm_input_gradient", &[P, P, P, P, P, P, F, U, U]),
    of("batch_norm.cu", "batch_norm_follow", &[P, P, F, U, U]),
    of("bellman.cu", "q_learning", &[P, P, P, P, U, U]),
    of("bellman.cu", "double_q_learning", &[P, P, P, P, P, U, U]),
    of("bellman.cu", "munchausen", &[P, P, P, P, P, P, H, U, U]),
    of("branches.cu", "joint_values_forward", &[P, P, B, U]),
    of("branches.cu", "branched_targets", &[P, P, P, P, P, B, U]),
    of("branches.cu", "branched_squared_error", &[P, P, P, P, P, P, P, B, U]),
    of("branches.cu", "branched_huber", &[P, P, P, P, P, P, P, B, U]),
    of("branches.cu", "branched_mean_of_taken", &[P, P, P, B, U]),
    of("cart_pole.cu", "cart_pole_reset", &[P, P, P, P, U]),
    of("cart_pole.cu", "cart_pole_step", &[P, P, P, P, U]),
    of("clip.cu", "clip_norm_measure", &[P, P, U]),
    of("clip.cu", "clip_norm_scale", &[P, P, F, U]),
    of("clip.cu", "clip_value", &[P, F, U]),
    of("conv2d.cu", "conv2d_forward", &[P, P, P, C, U, U]),
    of("conv2d.cu", "conv2d_forward_u8", &[P, P, P, F, C, U, U]),
    of("conv2d.cu", "conv2d_parameter_gradient", &[P, P, P, C, U]),
    of("conv2d.cu", "conv2d_parameter_gradient_u8", &[P, P, P, F, C, U]),
    of("conv2d.cu", "conv2d_input_gradient", &[P, P, P, P, C, U, U]),
    of("cosine_embedding.cu", "write_cosines", &[P, P, U, U]),
    of("cosine_embedding.cu", "cosine_embedding_forward", &[P, P, P, U, U, U, U]),
    of("cosine_embedding.cu", "cosine_embedding_backward", &[P, P, P, P, U, U, U]),
    of("cosine_embedding.cu", "mean_of_fractions", &[P, P, U, U, U]),
    of("cross_entropy.cu", "binary_cross_entropy", &[P, P, P, P, P, U]),
    of("cross_entropy.cu", "cross_entropy_of_classes", &[P, P, P, P, P, U, U]),
    of("cross_entropy.cu", "cross_entropy_of_distributions", &[P, P, P, P, P, U, U]),
    of("cross_entropy.cu", "cross_entropy_of_taken", &[P, P, P, P, P, P, P, U, U, U]),
    of("dense.cu", "dense_forward", &[P, P, P, U, U, U, U]),
    of("dense.cu", "dense_input_gradient", &[P, P, P, P, U, U, U, U]),
    of("dense.cu", "dense_parameter_gradient", &[P, P, P, U, U, U]),
    of("distribution.cu", "mean_of_atoms", &[P, P, A, U, U]),
    of("distribution.cu", "mean_of_quantiles", &[P, P, U, U]),
    of("distribution.cu", "categorical_project", &[P, P, P, P, P, A, U, U, U]),
    of("distribution.cu", "quantile_targets", &[P, P, P, P, P, U, U, U, U]),
    of("distribution.cu", "quantile_huber", &[P, P, P, P, P, P, P, U, U, U, U, U]),
    of("distribution.cu", "munchausen_quantiles", &[P, P, P, P, P, P, P, H, U, U, U, U]),
    of("distribution.cu", "mean_of_atoms_backward", &[P, P, P, A, U, U]),
    of("distribution.cu", "mean_of_quantiles_backward", &[P, P, U, U]),
    of("distribution.cu", "add_losses", &[P, P, P, P, U, U]),
    of("dueling.cu", "dueling_forward", &[P, P, U, U, U, U]),
    of("dueling.cu", "dueling_backward", &[P, P, P, U, U, U, U]),
    of("frames.cu", "gather_frames", &[P, P, P, P, P, P, P, P, P, P, P, P, P, F, S, U]),
    of("gridworld.cu", "gridworld_reset", &[P, P, P, P, P, G, U]),
    of("gridworld.cu", "gridworld_step", &[P, P, P, P, P, P, G, U]),
    of("gridworld.cu", "gridworld_planes", &[P, P, P, P, U, U]),
    of("loss.cu", "squared_error", &[P, P, P, P, P, P, P, U, U]),
    of("loss.cu", "huber", &[P, P, P, P, P, P, P, U, U]),
    of("loss.cu", "mean_of_taken", &[P, P, P, U, U]),
    of("mlp.cu", "mlp_parameter_gradient", &[P, P, P, M, U]),
    of("mlp.cu", "mlp_rows", &[P, P, P, P, P, P, P, P, P, P, P, P, P, P, P, M, L, U, U]),
    of("mountain_car.cu", "mountain_car_reset", &[P, P, P, P, U]),
    of("mountain_car.cu", "mountain_car_step", &[P, P, P, P, D, U]),
    of("noisy.cu", "noisy_perturb", &[P, P, P, P, U]),
    of("noisy.cu", "noisy_deviation_gradient", &[P, P, P, U]),
    of("optimiser.cu", "prepare_step", &[P, P, P, R]),
    of("policy.cu", "greedy_actions", &[P, P, U, U]),
    of("policy.cu", "epsilon_greedy", &[P, P, P, D, U, U]),
    of("rms_prop.cu", "rms_prop_plain", OPTIMISER),
    of("rms_prop.cu", "rms_prop_centred", OPTIMISER),
    of("rms_prop.cu", "rms_prop_centred_epsilon_inside", OPTIMISER),
    of("sgd.cu", "sgd", OPTIMISER),
    of("softmax.cu", "softmax_forward", &[P, U, U]),
    of("softmax.cu", "softmax_backward", &[P, P, U, U]),
    of("storage.cu", "gather", &[P, P, P, P, P, P, P, P, P, P, P, U, U, U]),
    of("sums.cu", "update_sums", &[P, P, P, P, P, P, P, P, P, R, U, U]),
    of("target_network.cu", "hard_copy", &[P, P, U]),
    of("target_network.cu", "soft_update", &[P, P, F, U]),
    of("target_network.cu", "fill", &[P, F, U]),
];

/// The kernel of this name.
pub fn kernel(name: &str) -> Option<&'static Kernel> {
    KERNELS.iter().find(|kernel| kernel.name == name)
}
