//! A case: buffers with their content before and after, and launches over them. What is after comes from core.
//!
//! The file of cases, all numbers little-endian `u32`, text and bytes with their length in front:
//!
//! ```text
//! cases; of each  name
//!                 buffers; of each   name, element (0 f32, 1 f64, 2 other, 3 not compared, 4 f32 and 5 f64 within bounds),
//!                                    length, bytes before, bytes after (within bounds: the f64 that they should be, then
//!                                    how far off each may be)
//!                 launches; of each  kernel, blocks x y z, threads x y z, shared bytes,
//!                                    arguments; of each   0, buffer, offset in bytes     (buffer 2^32 - 1: null)
//!                                                         1, bytes
//! ```

use embedded_rl_kernels::{Launch, Parameter, kernel, ladder};

const UNCOMPARED: u32 = 3;
const WITHIN: u32 = 4;
const WITHIN_F64: u32 = 5;

/// A number that a buffer holds.
pub(crate) trait Element: Copy {
    const KIND: u32;
    fn append(self, bytes: &mut Vec<u8>);
}

macro_rules! element {
    ($($type:ty: $kind:expr),*) => {$(
        impl Element for $type {
            const KIND: u32 = $kind;
            fn append(self, bytes: &mut Vec<u8>) {
                bytes.extend_from_slice(&self.to_le_bytes());
            }
        }
    )*};
}
element!(f32: 0, f64: 1, u8: 2, u32: 2, u64: 2);

fn bytes_of<E: Element>(values: &[E]) -> Vec<u8> {
    let mut bytes = Vec::new();
    values.iter().for_each(|value| value.append(&mut bytes));
    bytes
}

#[derive(Clone)]
pub(crate) struct Buffer {
    pub(crate) name: &'static str,
    pub(crate) kind: u32,
    pub(crate) before: Vec<u8>,
    pub(crate) after: Vec<u8>,
}

impl Buffer {
    /// What it holds afterwards, if that is numbers.
    pub(crate) fn numbers_after(&self) -> Option<Vec<f64>> {
        numbers_of(self.kind, &self.after)
    }

    /// What it holds before.
    pub(crate) fn numbers_before(&self) -> Option<Vec<f64>> {
        numbers_of(self.kind, &self.before)
    }

    /// Its floats without their signs, and not to be compared.
    pub(crate) fn in_absolute_values(&self) -> Self {
        let mut buffer = Self { kind: UNCOMPARED, ..self.clone() };
        if self.kind == <f32 as Element>::KIND || self.kind == UNCOMPARED {
            // The sign is the highest bit of the last byte.
            buffer.before.iter_mut().skip(3).step_by(4).for_each(|byte| *byte &= 0x7F);
        }
        buffer
    }

    /// From now on its content is compared within bounds.
    pub(crate) fn bounded(&mut self, bounds: &[f64]) {
        let numbers = self.numbers_after().expect("numbers");
        assert_eq!(numbers.len(), bounds.len(), "a bound a number: {}", self.name);
        self.kind = if self.kind == f64::KIND { WITHIN_F64 } else { WITHIN };
        self.after = bytes_of(&[&numbers, bounds].concat());
    }
}

/// Floats, and what a case between launches keeps and does not compare, which is floats too.
fn numbers_of(kind: u32, bytes: &[u8]) -> Option<Vec<f64>> {
    let (fours, eights) = (bytes.as_chunks::<4>().0, bytes.as_chunks::<8>().0);
    match kind {
        <f32 as Element>::KIND | UNCOMPARED => {
            Some(fours.iter().map(|&bytes| f64::from(f32::from_le_bytes(bytes))).collect())
        }
        <f64 as Element>::KIND => {
            Some(eights.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect())
        }
        _ => None,
    }
}

/// What a launch passes in one place.
#[derive(Clone, Debug)]
pub(crate) enum Argument {
    Buffer { index: u32, offset: u32 },
    Null,
    U32(u32),
    F32(f32),
    F64(f64),
    Struct(Vec<u32>),
}

impl Argument {
    /// The same buffer from this element of four bytes on.
    pub(crate) fn from(&self, element: usize) -> Self {
        match *self {
            Argument::Buffer { index, offset } => {
                Argument::Buffer { index, offset: offset + 4 * element as u32 }
            }
            _ => panic!("only a buffer has elements"),
        }
    }

    fn fits(&self, parameter: Parameter) -> bool {
        match (self, parameter) {
            (Argument::Buffer { .. } | Argument::Null, Parameter::Pointer)
            | (Argument::U32(_), Parameter::U32)
            | (Argument::F32(_), Parameter::F32)
            | (Argument::F64(_), Parameter::F64) => true,
            (Argument::Struct(words), Parameter::Struct(bytes)) => 4 * words.len() == bytes,
            _ => false,
        }
    }
}

/// Numbers in double precision as a structure.
pub(crate) fn doubles(numbers: &[f64]) -> Argument {
    let halves = |number: &f64| [number.to_bits() as u32, (number.to_bits() >> 32) as u32];
    Argument::Struct(numbers.iter().flat_map(halves).collect())
}

/// A size as an argument.
pub(crate) fn size(count: usize) -> Argument {
    Argument::U32(u32::try_from(count).expect("a size of 32 bits"))
}

pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) buffers: Vec<Buffer>,
    pub(crate) launches: Vec<(&'static str, Launch, Vec<Argument>)>,
}

impl Case {
    pub(crate) fn new(name: String) -> Self {
        Self { name, buffers: Vec::new(), launches: Vec::new() }
    }

    /// A buffer that no launch may change.
    pub(crate) fn given<E: Element>(&mut self, name: &'static str, values: &[E]) -> Argument {
        self.changed(name, values, values)
    }

    /// A buffer that is written everywhere: before, it is full of NaNs.
    pub(crate) fn written<E: Element>(&mut self, name: &'static str, after: &[E]) -> Argument {
        let after = bytes_of(after);
        self.buffer(name, E::KIND, vec![0xFF; after.len()], after)
    }

    /// A buffer of so many floats whose content is not compared: what one launch leaves for the next.
    pub(crate) fn between(&mut self, name: &'static str, count: usize) -> Argument {
        self.buffer(name, UNCOMPARED, vec![0xFF; 4 * count], vec![0xFF; 4 * count])
    }

    /// A buffer of floats whose content is compared within bounds: what it should be, and how far off each may be.
    pub(crate) fn within(
        &mut self,
        name: &'static str,
        before: &[f32],
        after: &[f64],
        bounds: &[f64],
    ) -> Argument {
        assert!(
            before.len() == after.len() && after.len() == bounds.len(),
            "{}: {name}",
            self.name
        );
        self.buffer(name, WITHIN, bytes_of(before), bytes_of(&[after, bounds].concat()))
    }

    /// A buffer that is changed.
    pub(crate) fn changed<E: Element>(
        &mut self,
        name: &'static str,
        before: &[E],
        after: &[E],
    ) -> Argument {
        assert_eq!(before.len(), after.len(), "{}: {name} keeps its length", self.name);
        self.buffer(name, E::KIND, bytes_of(before), bytes_of(after))
    }

    fn buffer(
        &mut self,
        name: &'static str,
        kind: u32,
        before: Vec<u8>,
        after: Vec<u8>,
    ) -> Argument {
        self.buffers.push(Buffer { name, kind, before, after });
        Argument::Buffer { index: self.buffers.len() as u32 - 1, offset: 0 }
    }

    /// # Panics
    /// If there is no such kernel, or it takes other arguments.
    pub(crate) fn launch(&mut self, name: &'static str, launch: Launch, arguments: &[Argument]) {
        let of_ladder = || ladder::LADDER.iter().find(|kernel| kernel.name == name);
        let listed = kernel(name).or_else(of_ladder);
        let parameters = listed.unwrap_or_else(|| panic!("no kernel {name}")).parameters;
        assert_eq!(arguments.len(), parameters.len(), "{name} takes {parameters:?}");
        for (argument, &parameter) in arguments.iter().zip(parameters) {
            assert!(argument.fits(parameter), "{name} takes {parameters:?} and not {argument:?}");
        }
        self.launch_unlisted(name, launch, arguments);
    }

    /// A kernel that is not in the list.
    pub(crate) fn launch_unlisted(
        &mut self,
        name: &'static str,
        launch: Launch,
        arguments: &[Argument],
    ) {
        self.launches.push((name, launch, arguments.to_vec()));
    }

    /// The kernels it launches.
    pub(crate) fn kernels(&self) -> impl Iterator<Item = &'static str> {
        self.launches.iter().map(|(name, ..)| *name)
    }

    /// The kernels it launches, each with the whole numbers and the words of structures that it is given.
    pub(crate) fn sizes(&self) -> Vec<(&'static str, Vec<u32>)> {
        let words = |argument: &Argument| match argument {
            Argument::U32(value) => vec![*value],
            Argument::Struct(words) => words.clone(),
            _ => Vec::new(),
        };
        let of_launch = |arguments: &Vec<Argument>| arguments.iter().flat_map(words).collect();
        self.launches.iter().map(|(name, _, arguments)| (*name, of_launch(arguments))).collect()
    }

    fn append(&self, file: &mut Vec<u8>) {
        text(file, self.name.as_bytes());
        numbers(file, &[self.buffers.len() as u32]);
        for Buffer { name, kind, before, after } in &self.buffers {
            text(file, name.as_bytes());
            numbers(file, &[*kind, before.len() as u32]);
            file.extend_from_slice(before);
            file.extend_from_slice(after);
        }
        numbers(file, &[self.launches.len() as u32]);
        for (name, Launch { blocks, threads, shared_bytes }, arguments) in &self.launches {
            text(file, name.as_bytes());
            numbers(file, blocks);
            numbers(file, threads);
            numbers(file, &[*shared_bytes, arguments.len() as u32]);
            for argument in arguments {
                match argument {
                    Argument::Buffer { index, offset } => numbers(file, &[0, *index, *offset]),
                    Argument::Null => numbers(file, &[0, u32::MAX, 0]),
                    Argument::U32(value) => numbers(file, &[1, 4, *value]),
                    Argument::F32(value) => numbers(file, &[1, 4, value.to_bits()]),
                    Argument::F64(value) => {
                        numbers(file, &[1]);
                        text(file, &value.to_le_bytes());
                    }
                    Argument::Struct(words) => {
                        numbers(file, &[1]);
                        text(file, &bytes_of(words));
                    }
                }
            }
        }
    }
}

/// The file of these cases.
pub(crate) fn file_of<'a>(cases: impl Iterator<Item = &'a Case>) -> Vec<u8> {
    let (mut file, mut count) = (vec![0; 4], 0u32);
    for case in cases {
        case.append(&mut file);
        count += 1;
    }
    file[..4].copy_from_slice(&count.to_le_bytes());
    file
}

fn numbers(file: &mut Vec<u8>, numbers: &[u32]) {
    numbers.iter().for_each(|number| file.extend_from_slice(&number.to_le_bytes()));
}

fn text(file: &mut Vec<u8>, bytes: &[u8]) {
    numbers(file, &[bytes.len() as u32]);
    file.extend_from_slice(bytes);
}
