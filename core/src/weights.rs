#![doc = include_str!("weights.md")]
//!
//! [`PolicyView::parse`] checks any bytes and never panics; [`encode`] writes the same format, on a microcontroller
//! too. Neither opens files.

mod layers;

use crate::nn::{MAX_LAYERS, NetworkSpec, kinds};
use crate::preprocess::Normalise;
use core::fmt;
use core::ops::Range;
use layers::{kind_of, read_layers, record_of, words_of};

const MAGIC: [u8; 8] = *b"\x89RLP\r\n\x1a\n";
const VERSION: u16 = 1;
const HEADER: usize = 64;
const LAYER: usize = 32;
const CHECKSUM: usize = 4;
const LARGEST_SIZE: u32 = 1 << 24;
const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// Longest environment id, in bytes.
pub const MAX_ENVIRONMENT: usize = 32;

mod field {
    use super::Range;
    pub(super) const MAGIC: Range<usize> = 0..8;
    pub(super) const VERSION: Range<usize> = 8..10;
    pub(super) const LAYERS: Range<usize> = 10..12;
    pub(super) const LENGTH: Range<usize> = 12..16;
    pub(super) const INPUTS: Range<usize> = 16..20;
    pub(super) const NORMALISED: Range<usize> = 20..24;
    pub(super) const PARAMETERS: Range<usize> = 24..28;
    pub(super) const RESERVED: Range<usize> = 28..32;
    pub(super) const ENVIRONMENT: Range<usize> = 32..64;
}

/// Why bytes are not a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// Shorter than the shortest policy.
    TooShort {
        /// How many bytes there are.
        bytes: usize,
    },
    /// The first bytes are not the magic.
    NotAPolicy,
    /// Written in a version this reader does not know.
    Version {
        /// The file's version.
        found: u16,
    },
    /// The header says another length than the bytes have.
    Length {
        /// What the header says.
        declared: u32,
        /// How many bytes there are.
        bytes: usize,
    },
    /// The checksum does not match: some bytes changed.
    Checksum,
    /// The bytes do not start at a multiple of four, so their floats cannot be read in place.
    Misaligned,
    /// The environment's id is not of visible ASCII characters, filled up with zeros.
    Environment,
    /// A layer is of a kind this reader does not know, or does not fit the one before it.
    Layer {
        /// Which one, from zero.
        index: usize,
    },
    /// A layer is of a kind that this program was built without.
    LeftOut {
        /// Which one, from zero.
        index: usize,
    },
    /// The number of layers, inputs, normalised elements or parameters contradicts the rest.
    Sizes,
    /// The header's unused field is not zero, so a later writer meant something by it.
    Reserved,
    /// A parameter, offset or scale is infinite or not a number.
    NotFinite,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooShort { bytes } => write!(f, "it has {bytes} bytes, too few for a policy"),
            Self::NotAPolicy => write!(f, "it is not a policy file (its first bytes are others)"),
            Self::Version { found } => {
                write!(f, "it is written in version {found}, this program reads version {VERSION}")
            }
            Self::Length { declared, bytes } => {
                write!(
                    f,
                    "it has {bytes} bytes where its header says {declared}: it is cut off or damaged"
                )
            }
            Self::Checksum => write!(f, "its checksum does not match: it is damaged"),
            Self::Misaligned => write!(f, "its bytes do not start at a multiple of four"),
            Self::Environment => write!(f, "its environment id is not ASCII text"),
            Self::Layer { index } => {
                write!(
                    f,
                    "layer {index} is unknown to this program or does not fit the layer before"
                )
            }
            Self::LeftOut { index } => {
                write!(f, "layer {index} is of a kind that this program was built without")
            }
            Self::Sizes => write!(f, "its sizes contradict each other"),
            Self::Reserved => write!(f, "it uses a field that this program does not know"),
            Self::NotFinite => write!(f, "one of its numbers is infinite or not a number"),
        }
    }
}

impl core::error::Error for PolicyError {}

/// A checked policy, its numbers still in the bytes it was read from. Any network, unless the type says which
/// [`kinds`] of layers it has.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PolicyView<'a, const KINDS: u32 = { kinds::ANY }> {
    environment: &'a str,
    spec: NetworkSpec<KINDS>,
    normalise: Normalise<'a>,
    parameters: &'a [f32],
}

impl<'a> PolicyView<'a> {
    /// Checks the bytes of a policy file.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, PolicyError> {
        Self::parse_only(bytes)
    }
}

impl<'a, const KINDS: u32> PolicyView<'a, KINDS> {
    /// Checks the bytes of a policy file, which has layers of these kinds only: what a firmware takes that knows its
    /// policy, or at least what sort of policies it will meet.
    ///
    /// ```
    /// use embedded_rl_core::nn::kinds;
    /// use embedded_rl_core::weights::{PolicyError, PolicyView, kinds_in};
    /// # const NET: embedded_rl_core::nn::NetworkSpec =
    /// #     embedded_rl_core::nn::NetworkSpec::mlp(&[1, 2, 1], embedded_rl_core::nn::Activation::Relu);
    /// # const LENGTH: usize = embedded_rl_core::weights::encoded_len(&NET, NO);
    /// # const NO: embedded_rl_core::preprocess::Normalise<'static> =
    /// #     embedded_rl_core::preprocess::Normalise::IDENTITY;
    /// # #[repr(align(4))]
    /// # struct Aligned([u8; LENGTH]);
    /// # let mut file = Aligned([0; LENGTH]);
    /// # embedded_rl_core::weights::encode("", &NET, NO, &[0.0; 7], &mut file.0);
    /// # let file = &file.0;
    /// // Whatever comes at run time, as long as it is dense layers and relu:
    /// let policy = PolicyView::<{ kinds::DENSE | kinds::RELU }>::parse_only(file)?;
    /// assert_eq!(policy.spec().kinds(), kinds_in(file));
    /// let refused = PolicyView::<{ kinds::DENSE }>::parse_only(file);
    /// assert_eq!(refused, Err(PolicyError::LeftOut { index: 1 }));
    /// # Ok::<(), PolicyError>(())
    /// ```
    ///
    /// Of a file that is compiled in, [`kinds_in`] says them.
    pub fn parse_only(bytes: &'a [u8]) -> Result<Self, PolicyError> {
        if bytes.len() >= MAGIC.len() && bytes[field::MAGIC] != MAGIC {
            return Err(PolicyError::NotAPolicy);
        }
        if bytes.len() < HEADER + LAYER + CHECKSUM {
            return Err(PolicyError::TooShort { bytes: bytes.len() });
        }
        let version = u16_at(bytes, field::VERSION);
        if version != VERSION {
            return Err(PolicyError::Version { found: version });
        }
        let declared = u32_at(bytes, field::LENGTH);
        if declared as usize != bytes.len() || !bytes.len().is_multiple_of(4) {
            return Err(PolicyError::Length { declared, bytes: bytes.len() });
        }
        let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
        if u32_at(checksum, 0..4) != checksum_of(content) {
            return Err(PolicyError::Checksum);
        }
        if u32_at(bytes, field::RESERVED) != 0 {
            return Err(PolicyError::Reserved);
        }

        let layers = usize::from(u16_at(bytes, field::LAYERS));
        let inputs = u32_at(bytes, field::INPUTS);
        let normalised = u32_at(bytes, field::NORMALISED) as usize;
        let parameters = u32_at(bytes, field::PARAMETERS);
        if !(1..=MAX_LAYERS).contains(&layers)
            || !(1..=LARGEST_SIZE).contains(&inputs)
            || !(normalised == 0 || normalised == inputs as usize)
        {
            return Err(PolicyError::Sizes);
        }
        // In 64 bits nothing below can overflow: every factor is at most 2^24 + 1 and every sum short.
        let length = HEADER as u64
            + (layers * LAYER) as u64
            + 8 * normalised as u64
            + 4 * u64::from(parameters)
            + CHECKSUM as u64;
        if length != bytes.len() as u64 {
            return Err(PolicyError::Sizes);
        }
        let (records, numbers) = content[HEADER..].split_at(layers * LAYER);
        let spec = read_layers::<KINDS>(inputs, records, u64::from(parameters))?;

        let numbers: &[f32] =
            bytemuck::try_cast_slice(numbers).map_err(|_| PolicyError::Misaligned)?;
        if numbers.iter().any(|number| !number.is_finite()) {
            return Err(PolicyError::NotFinite);
        }
        let (offset, numbers) = numbers.split_at(normalised);
        let (scale, parameters) = numbers.split_at(normalised);
        let environment = read_environment(&bytes[field::ENVIRONMENT])?;
        Ok(Self { environment, spec, normalise: Normalise::new(offset, scale), parameters })
    }

    /// The id of the environment the policy was trained in; empty if unknown.
    pub fn environment(&self) -> &'a str {
        self.environment
    }

    /// The network.
    pub fn spec(&self) -> &NetworkSpec<KINDS> {
        &self.spec
    }

    /// What happens to an observation before the network sees it.
    pub fn normalise(&self) -> Normalise<'a> {
        self.normalise
    }

    /// The network's flat parameter slice.
    pub fn parameters(&self) -> &'a [f32] {
        self.parameters
    }
}

/// The [`kinds`] of layers in a policy file, without a word on whether it is sound. Of a file that is compiled in, a
/// constant that says which code a program needs that reads no other.
pub const fn kinds_in(bytes: &[u8]) -> u32 {
    if bytes.len() < HEADER {
        return 0;
    }
    let (header, rest) = bytes.split_at(HEADER);
    let layers = u16::from_le_bytes([header[field::LAYERS.start], header[field::LAYERS.start + 1]]);
    let (records, _) = rest.as_chunks::<LAYER>();
    let (mut kinds, mut index) = (0, 0);
    while index < layers as usize && index < records.len() {
        kinds |= kind_of(words_of(&records[index]));
        index += 1;
    }
    kinds
}

/// Length of the file that [`encode`] writes.
pub const fn encoded_len(spec: &NetworkSpec, normalise: Normalise<'_>) -> usize {
    HEADER
        + spec.layers().len() * LAYER
        + 8 * normalise.offset().len()
        + 4 * spec.parameter_count()
        + CHECKSUM
}

/// Writes a policy file into `bytes`.
///
/// # Panics
/// If `bytes` is not [`encoded_len`] long, the parameters are not as many as the spec has, there is normalisation
/// of another length than the input's, or the environment's id is longer than [`MAX_ENVIRONMENT`] or not of visible
/// ASCII characters.
pub fn encode(
    environment: &str,
    spec: &NetworkSpec,
    normalise: Normalise<'_>,
    parameters: &[f32],
    bytes: &mut [u8],
) {
    assert_eq!(bytes.len(), encoded_len(spec, normalise), "encode: the buffer has another length");
    assert_eq!(
        parameters.len(),
        spec.parameter_count(),
        "encode: the parameters are of another network"
    );
    assert!(
        environment.len() <= MAX_ENVIRONMENT && environment.bytes().all(|b| b.is_ascii_graphic()),
        "encode: a short id of visible ASCII characters"
    );
    let normalised = normalise.offset().len();
    assert!(normalised == 0 || normalised == spec.inputs(), "encode: one offset an input");

    let length = bytes.len();
    let (content, checksum) = bytes.split_at_mut(length - CHECKSUM);
    let (header, rest) = content.split_at_mut(HEADER);
    header.fill(0);
    header[field::MAGIC].copy_from_slice(&MAGIC);
    header[field::VERSION].copy_from_slice(&VERSION.to_le_bytes());
    header[field::LAYERS].copy_from_slice(&(spec.layers().len() as u16).to_le_bytes());
    header[field::LENGTH].copy_from_slice(&(length as u32).to_le_bytes());
    header[field::INPUTS].copy_from_slice(&(spec.inputs() as u32).to_le_bytes());
    header[field::NORMALISED].copy_from_slice(&(normalised as u32).to_le_bytes());
    header[field::PARAMETERS].copy_from_slice(&(parameters.len() as u32).to_le_bytes());
    header[field::ENVIRONMENT][..environment.len()].copy_from_slice(environment.as_bytes());

    let (records, numbers) = rest.split_at_mut(spec.layers().len() * LAYER);
    for (record, layer) in records.as_chunks_mut::<LAYER>().0.iter_mut().zip(spec.layers()) {
        for (bytes, word) in record.as_chunks_mut::<4>().0.iter_mut().zip(record_of(layer)) {
            *bytes = word.to_le_bytes();
        }
    }
    let values = normalise.offset().iter().chain(normalise.scale()).chain(parameters);
    for (bytes, value) in numbers.as_chunks_mut::<4>().0.iter_mut().zip(values) {
        *bytes = value.to_le_bytes();
    }
    checksum.copy_from_slice(&checksum_of(content).to_le_bytes());
}

/// FNV-1a (64 bits) of the bits of `parameters`: equal for equal networks, on every target.
pub fn hash(parameters: &[f32]) -> u64 {
    let bytes = parameters.iter().flat_map(|parameter| parameter.to_le_bytes());
    bytes.fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

fn read_environment(bytes: &[u8]) -> Result<&str, PolicyError> {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    let (id, filling) = bytes.split_at(end);
    if !id.iter().all(u8::is_ascii_graphic) || filling.iter().any(|&byte| byte != 0) {
        return Err(PolicyError::Environment);
    }
    core::str::from_utf8(id).map_err(|_| PolicyError::Environment)
}

fn checksum_of(content: &[u8]) -> u32 {
    CRC.checksum(content)
}

fn u16_at(bytes: &[u8], range: Range<usize>) -> u16 {
    let mut value = [0; 2];
    value.copy_from_slice(&bytes[range]);
    u16::from_le_bytes(value)
}

fn u32_at(bytes: &[u8], range: Range<usize>) -> u32 {
    let mut value = [0; 4];
    value.copy_from_slice(&bytes[range]);
    u32::from_le_bytes(value)
}

#[cfg(target_endian = "big")]
compile_error!("the policy file is read in place, so only little-endian targets are supported");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::Activation;

    const NET: NetworkSpec = NetworkSpec::mlp(&[2, 1], Activation::Relu);
    const LENGTH: usize = encoded_len(&NET, Normalise::new(&[0.0; 2], &[0.0; 2]));

    #[repr(align(4))]
    struct Aligned([u8; LENGTH]);

    fn example() -> Aligned {
        let mut file = Aligned([0; LENGTH]);
        let normalise = Normalise::new(&[1.0, -2.0], &[0.5, 0.25]);
        encode("CartPole-v1", &NET, normalise, &[3.0, 4.0, 5.0], &mut file.0);
        file
    }

    #[test]
    fn what_was_written_is_read_in_place() {
        let file = example();
        let view = PolicyView::parse(&file.0).expect("a policy");
        assert_eq!((view.environment(), view.spec()), ("CartPole-v1", &NET));
        assert_eq!(view.parameters(), [3.0, 4.0, 5.0]);
        assert_eq!(
            (view.normalise().offset(), view.normalise().scale()),
            (&[1.0, -2.0][..], &[0.5, 0.25][..])
        );
        assert_eq!(LENGTH, 64 + 32 + 16 + 12 + 4);
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        for position in 0..LENGTH {
            let mut file = example();
            file.0[position] ^= 0x10;
            assert!(PolicyView::parse(&file.0).is_err(), "byte {position}");
        }
    }

    #[test]
    fn a_cut_or_misaligned_file_is_refused_with_the_reason() {
        let file = example();
        assert_eq!(PolicyView::parse(&file.0[..10]), Err(PolicyError::TooShort { bytes: 10 }));
        let cut = LENGTH - 4;
        let expected = PolicyError::Length { declared: LENGTH as u32, bytes: cut };
        assert_eq!(PolicyView::parse(&file.0[..cut]), Err(expected));
        let mut shifted = [0u8; LENGTH + 4];
        let start = usize::from((shifted.as_ptr() as usize).is_multiple_of(4));
        shifted[start..start + LENGTH].copy_from_slice(&file.0);
        assert_eq!(
            PolicyView::parse(&shifted[start..start + LENGTH]),
            Err(PolicyError::Misaligned)
        );
        assert_eq!(PolicyView::parse(b"PK\x03\x04 a zip file"), Err(PolicyError::NotAPolicy));
    }
}
