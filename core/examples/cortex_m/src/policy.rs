//! The policy that lies in flash: the file that the build was told of, read where it is.

use crate::portable::grid;
use embedded_rl_core::nn::NetworkSpec;
use embedded_rl_core::weights::{PolicyView, kinds_in};

/// A policy's numbers are read in place, so its first byte stands at a multiple of four.
#[repr(align(4))]
struct Aligned<Bytes: ?Sized>(Bytes);

static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!(env!("EMBEDDED_RL_POLICY")));

static LANDER: &Aligned<[u8]> = &Aligned(*include_bytes!("../lander.rlp"));

static GRID: &Aligned<[u8]> = &Aligned(*include_bytes!("../grid.rlp"));

/// One of three inputs that asks about fractions, without an environment, as the golden files of policies have it.
static FRACTIONS: &Aligned<[u8]> =
    &Aligned(*include_bytes!("../../../../tests/golden/policy/fractions.rlp"));

/// Places that the scratch memory of any policy here may take: layers of up to 256 outputs.
pub const SCRATCH: usize = 512;

/// The checked policy. Its type says which kinds of layers the file has: no others take flash.
///
/// # Panics
/// If the file is not one, or one of its layers is wider than [`SCRATCH`] allows.
pub fn from_flash() -> PolicyView<'static, { kinds_in(&FILE.0) }> {
    checked(&FILE.0)
}

/// The checked policy for LunarLander that stands beside the other.
///
/// # Panics
/// As [`from_flash`].
pub fn lander_from_flash() -> PolicyView<'static, { kinds_in(&LANDER.0) }> {
    checked(&LANDER.0)
}

/// The checked policy of an implicit quantile network.
///
/// # Panics
/// As [`from_flash`].
pub fn implicit_from_flash() -> PolicyView<'static, { kinds_in(&FRACTIONS.0) }> {
    checked(&FRACTIONS.0)
}

/// The checked policy for the gridworld's planes.
///
/// # Panics
/// If the file is not one, or of another network than [`grid::NET`].
pub fn grid_from_flash() -> PolicyView<'static, { kinds_in(&GRID.0) }> {
    let policy = read(&GRID.0);
    assert!(*policy.spec() == grid::NET, "the policy in flash is of another network");
    policy
}

fn checked<const KINDS: u32>(file: &'static [u8]) -> PolicyView<'static, KINDS> {
    let policy = read(file);
    let needed = policy.spec().scratch_count();
    assert!(needed <= SCRATCH, "the policy needs {needed} places of scratch memory, not {SCRATCH}");
    policy
}

fn read<const KINDS: u32>(file: &'static [u8]) -> PolicyView<'static, KINDS> {
    PolicyView::parse_only(file)
        .unwrap_or_else(|error| panic!("the policy in flash cannot be used: {error}"))
}

/// Bytes of the file.
pub fn file_length() -> usize {
    FILE.0.len()
}

/// Whether this network takes CartPole's observations and values its actions.
pub fn fits_cart_pole<const KINDS: u32>(spec: &NetworkSpec<KINDS>) -> bool {
    (spec.inputs(), spec.outputs()) == (4, 2)
}
