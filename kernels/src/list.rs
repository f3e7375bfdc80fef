//! Every kernel with its parameters, in the order in which a launch passes them.

use Parameter::{F32 as F, F64 as D, Pointer as P, U32 as U};

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

const fn of(file: &'static str, name: &'static str, parameters: &'static [Parameter]) -> Kernel {
    Kernel { name, file, parameters }
}

/// All kernels.
pub const KERNELS: &[Kernel] = &[
    of("activation.cu", "relu_forward", &[P, U]),
    of("activation.cu", "relu_backward", &[P, P, U]),
    of("activation.cu", "elu_forward", &[P, U]),
    of("activation.cu", "elu_backward", &[P, P, U]),
    of("activation.cu", "tanh_forward", &[P, U]),
    of("activation.cu", "tanh_backward", &[P, P, U]),
    of("activation.cu", "sigmoid_forward", &[P, U]),
    of("activation.cu", "sigmoid_backward", &[P, P, U]),
    of("adam.cu", "adam_correct", &[P, P, D, D, D, D]),
    of("adam.cu", "adam_step", &[P, P, P, P, U]),
    of("bellman.cu", "q_learning", &[P, P, P, P, U, U]),
    of("bellman.cu", "double_q_learning", &[P, P, P, P, P, U, U]),
    of("clip.cu", "clip_norm_measure", &[P, P, U]),
    of("clip.cu", "clip_norm_scale", &[P, P, F, U]),
    of("clip.cu", "clip_value", &[P, F, U]),
    of("dense.cu", "dense_forward", &[P, P, P, U, U, U]),
    of("dense.cu", "dense_input_gradient", &[P, P, P, U, U, U]),
    of("dense.cu", "dense_parameter_gradient", &[P, P, P, U, U, U]),
    of("loss.cu", "squared_error", &[P, P, P, P, P, P, P, U, U]),
    of("loss.cu", "huber", &[P, P, P, P, P, P, P, U, U]),
    of("loss.cu", "mean_of_taken", &[P, P, P, U, U]),
    of("storage.cu", "gather", &[P, P, P, P, P, P, P, P, P, P, P, U, U, U]),
    of("target_network.cu", "hard_copy", &[P, P, U]),
    of("target_network.cu", "soft_update", &[P, P, F, U]),
    of("target_network.cu", "fill", &[P, F, U]),
];

/// The kernel of this name.
pub fn kernel(name: &str) -> Option<&'static Kernel> {
    KERNELS.iter().find(|kernel| kernel.name == name)
}
