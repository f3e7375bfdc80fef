//! A launch that is measured: a kernel, its sizes, what its buffers hold, and how many threads it is started with.
//!
//! Everything here follows from the heads of the `.cu` files, as in `cuda/kernels`; the lists beside this file say it kernel
//! by kernel. Nothing outside of this folder makes a [`Workload`], so that its buffers are as long as its kernel needs.

use crate::cuda::buffers::Buffer;
use crate::cuda::launch::Call;
use embedded_rl_core::rng::{Generator, Rng};
use embedded_rl_kernels::roofline::{Work, work};
use embedded_rl_kernels::{Kernel, Launch, Parameter, kernel};

/// How large the sizes of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A card is busy: megabytes, thousands of blocks.
    Large,
    /// A few blocks, and ragged ones: to see that everything fits.
    Small,
}

impl Scale {
    /// One of two.
    pub(super) fn of<T>(self, large: T, small: T) -> T {
        if self == Scale::Large { large } else { small }
    }
}

/// What is random in a buffer.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// In [-1, 1), single precision.
    Floats,
    /// In (0, 1], single precision: probabilities, discounts, variances.
    Shares,
    /// In [-0.05, 0.05), double precision: states of environments near where they start.
    Doubles,
    /// Below this number.
    Indices(u32),
    Bytes,
    /// States of xoshiro256++.
    Generators,
    /// 32 bits each.
    Zeros,
}

/// A buffer of a launch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Content {
    kind: Kind,
    count: usize,
    /// Whether it is read and written, which moves its bytes twice.
    is_changed: bool,
}

const fn content(kind: Kind, count: usize) -> Content {
    Content { kind, count, is_changed: false }
}

pub(super) const fn floats(count: usize) -> Content {
    content(Kind::Floats, count)
}

pub(super) const fn shares(count: usize) -> Content {
    content(Kind::Shares, count)
}

pub(super) const fn doubles(count: usize) -> Content {
    content(Kind::Doubles, count)
}

/// # Panics
/// If nothing is below `below`.
pub(super) const fn indices(count: usize, below: usize) -> Content {
    assert!(below > 0, "an index is below something");
    content(Kind::Indices(below as u32), count)
}

pub(super) const fn bytes(count: usize) -> Content {
    content(Kind::Bytes, count)
}

pub(super) const fn generators(count: usize) -> Content {
    content(Kind::Generators, count).changed()
}

pub(super) const fn zeros(count: usize) -> Content {
    content(Kind::Zeros, count)
}

impl Content {
    /// The same, read and written.
    pub(super) const fn changed(self) -> Self {
        Self { is_changed: true, ..self }
    }

    fn byte_count(self) -> usize {
        let each = match self.kind {
            Kind::Bytes => 1,
            Kind::Doubles => 8,
            Kind::Generators => 32,
            _ => 4,
        };
        each * self.count
    }

    /// Bytes of it.
    pub(super) fn drawn(self, rng: &mut Generator) -> Vec<u8> {
        // In [0, 1), with 24 bits.
        let mut draw = || (rng.next_u32() >> 8) as f32 * 2f32.powi(-24);
        let each = 0..self.count;
        match self.kind {
            Kind::Floats => each.flat_map(|_| (2.0 * draw() - 1.0).to_le_bytes()).collect(),
            Kind::Shares => each.flat_map(|_| (1.0 - draw()).to_le_bytes()).collect(),
            Kind::Doubles => {
                each.flat_map(|_| (0.1 * f64::from(draw()) - 0.05).to_le_bytes()).collect()
            }
            Kind::Indices(below) => {
                each.flat_map(|_| (rng.next_u32() % below).to_le_bytes()).collect()
            }
            Kind::Bytes | Kind::Generators => {
                let mut random = vec![0; self.byte_count()];
                rng.fill_bytes(&mut random);
                random
            }
            Kind::Zeros => vec![0; self.byte_count()],
        }
    }
}

/// A kernel with sizes, buffers and a launch.
#[derive(Clone, Debug)]
pub struct Workload {
    kernel: &'static Kernel,
    /// Whole numbers and the words of structures, in order.
    sizes: Vec<u32>,
    /// Numbers that are not whole, in order.
    numbers: Vec<f64>,
    buffers: Vec<Content>,
    pub(super) launch: Launch,
}

impl Workload {
    /// # Panics
    /// If the kernel takes other arguments.
    pub(super) fn new(
        kernel: &'static Kernel,
        sizes: &[u32],
        numbers: &[f64],
        launch: Launch,
        buffers: Vec<Content>,
    ) -> Self {
        let (mut words, mut pointers, mut other) = (0, 0, 0);
        for parameter in kernel.parameters {
            match *parameter {
                Parameter::Pointer => pointers += 1,
                Parameter::U32 => words += 1,
                Parameter::Struct(bytes) => words += bytes / 4,
                Parameter::F32 | Parameter::F64 => other += 1,
            }
        }
        let given = (sizes.len(), buffers.len(), numbers.len());
        assert_eq!(given, (words, pointers, other), "{}: words, buffers, numbers", kernel.name);
        Self { kernel, sizes: sizes.to_vec(), numbers: numbers.to_vec(), buffers, launch }
    }

    /// The kernel's name.
    pub fn name(&self) -> &'static str {
        self.kernel.name
    }

    /// Bytes that a launch moves: as [`work`] counts them where an update has such a launch, else of all buffers, twice of those
    /// that are read and written.
    pub fn bytes(&self) -> f64 {
        self.counted().map_or_else(|| self.buffer_bytes(), |work| work.bytes)
    }

    /// What is counted on paper, of a kernel that updates have.
    pub(super) fn counted(&self) -> Option<Work> {
        work(self.name(), &self.sizes)
    }

    /// Every buffer once, or twice if it is read and written.
    pub(super) fn buffer_bytes(&self) -> f64 {
        let moved = |content: &Content| content.byte_count() << u32::from(content.is_changed);
        self.buffers.iter().map(moved).sum::<usize>() as f64
    }

    /// Operations of a launch, where somebody has counted them.
    pub fn operations(&self) -> Option<f64> {
        // Bytes are counted as other numbers are. Every version of the ladder does what the kernel does that trains.
        let name = self.name().trim_end_matches("_u8");
        let sizes = &self.sizes[..];
        // The product alone, without a function behind it.
        let product = || [sizes, &[0]].concat();
        let work = match name.split_once('_') {
            _ if kernel(name).is_some() => work(name, sizes)?,
            Some(("dense", _)) => work("dense_forward", &product())?,
            Some(("conv2d", _)) => work("conv2d_forward", &product())?,
            Some(("square", _)) => work("clip_norm_measure", &sizes[sizes.len() - 1..])?,
            _ => return None,
        };
        let operations = work.operations;
        (operations > 0.0).then_some(operations)
    }

    pub(super) fn contents(&self) -> &[Content] {
        &self.buffers
    }

    /// The launch's arguments; `buffers` hold its contents in order.
    pub(super) fn call(&self, buffers: &[Buffer<u8>]) -> Call {
        let (mut words, mut numbers) = (&self.sizes[..], self.numbers.iter());
        let mut buffers = buffers.iter();
        let mut call = Call::of(self.name());
        for parameter in self.kernel.parameters {
            call = match *parameter {
                Parameter::Pointer => match buffers.next() {
                    Some(buffer) => call.buffer(buffer, buffer.len()),
                    None => call,
                },
                Parameter::F32 => call.number(numbers.next().map_or(0.0, |&number| number as f32)),
                Parameter::F64 => call.double(numbers.next().copied().unwrap_or(0.0)),
                Parameter::U32 => {
                    let (size, rest) = words.split_at(1);
                    words = rest;
                    call.size(size[0] as usize)
                }
                Parameter::Struct(bytes) => {
                    let (structure, rest) = words.split_at(bytes / 4);
                    words = rest;
                    call.structure(structure)
                }
            };
        }
        call
    }
}

/// The words of these numbers in double precision.
pub(super) fn words_of(numbers: &[f64]) -> Vec<u32> {
    let halves = |number: &f64| [number.to_bits() as u32, (number.to_bits() >> 32) as u32];
    numbers.iter().flat_map(halves).collect()
}
