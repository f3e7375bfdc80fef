//! Cases taken apart into their launches, by replaying them on the exact kernels: what each kernel by itself makes of its
//! numbers, so that a difference is its own and not that of the kernel before it.

use crate::case::{Argument, Buffer, Case, file_of};
use crate::compiler::{Build, replay_launches};
use crate::set::IN_USE;
use embedded_rl_kernels::Launch;

/// One launch, with what its buffers hold before and after.
pub(crate) struct Single {
    pub(crate) case: String,
    pub(crate) kernel: &'static str,
    pub(crate) launch: Launch,
    /// Buffers by their number among `buffers`.
    pub(crate) arguments: Vec<Argument>,
    /// One for each argument that is a buffer.
    pub(crate) buffers: Vec<Buffer>,
    /// The same in absolute values: what the kernel makes of them, which for a sum of products is the sum of theirs.
    pub(crate) magnitudes: Vec<Vec<f64>>,
}

impl Single {
    /// Which of the buffers a parameter is.
    pub(crate) fn buffer(&self, parameter: usize) -> Option<usize> {
        match self.arguments[parameter] {
            Argument::Buffer { index, .. } => Some(index as usize),
            _ => None,
        }
    }
}

/// All launches of these cases.
pub(crate) fn launches_of(cases: &[Case]) -> Vec<Single> {
    let bytes = &mut replayed(cases).into_iter();
    let mut singles = Vec::new();
    for case in cases {
        for (kernel, launch, arguments) in &case.launches {
            let mut single = Single {
                case: case.name.clone(),
                kernel,
                launch: *launch,
                arguments: arguments.clone(),
                buffers: Vec::new(),
                magnitudes: Vec::new(),
            };
            for argument in &mut single.arguments {
                let Argument::Buffer { index, .. } = argument else { continue };
                let buffer = &case.buffers[*index as usize];
                *index = single.buffers.len() as u32;
                let before = bytes.take(buffer.before.len()).collect();
                single.buffers.push(Buffer { before, ..buffer.clone() });
            }
            for buffer in &mut single.buffers {
                buffer.after = bytes.take(buffer.before.len()).collect();
            }
            singles.push(single);
        }
    }
    let absolute: Vec<Case> = singles.iter().map(in_absolute_values).collect();
    let bytes = &mut replayed(&absolute).into_iter();
    for single in &mut singles {
        let take = |buffer: &Buffer| -> Vec<u8> { bytes.take(buffer.before.len()).collect() };
        let _before: Vec<Vec<u8>> = single.buffers.iter().map(take).collect();
        let take = |buffer: &Buffer| {
            let after = bytes.take(buffer.before.len()).collect();
            Buffer { after, ..buffer.clone() }.numbers_after().unwrap_or_default()
        };
        single.magnitudes = single.buffers.iter().map(take).collect();
    }
    singles
}

/// Kernels whose last argument is a function that they compute on the way.
const COMPUTE_A_FUNCTION: [&str; 5] = [
    "conv2d_forward",
    "conv2d_forward_u8",
    "conv2d_input_gradient",
    "dense_forward",
    "dense_input_gradient",
];

fn in_absolute_values(single: &Single) -> Case {
    let mut case = Case::new(format!("{} in absolute values", single.kernel));
    case.buffers = single.buffers.iter().map(Buffer::in_absolute_values).collect();
    let mut arguments = single.arguments.clone();
    // Without the function beside it, whose slope is at most 1.
    if COMPUTE_A_FUNCTION.contains(&single.kernel) {
        *arguments.last_mut().expect("a function") = Argument::U32(0);
    }
    case.launch_unlisted(single.kernel, single.launch, &arguments);
    case
}

/// What every launch's buffers held before and after.
fn replayed(cases: &[Case]) -> Vec<u8> {
    let (output, bytes) = replay_launches(&IN_USE.program(Build::Plain), &file_of(cases.iter()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    bytes
}
