//! Bytes that no writer wrote: cut, lengthened, changed in a bit or a field, or any at all.

use crate::any_policy::policies;
use crate::damage::{repair, word};
use crate::policy::{Placed, parse};
use embedded_rl_core::weights::PolicyView;
use proptest::prelude::*;

/// Values at the edges of what a field may hold, some that are floats of the wrong kind, and any.
fn field_values() -> impl Strategy<Value = u32> {
    const EDGES: &[u32] = &[
        0,
        1,
        2,
        3,
        4,
        24,
        25,
        1 << 16,
        (1 << 24) - 1,
        1 << 24,
        (1 << 24) + 1,
        1 << 30,
        1 << 31,
        u32::MAX - 1,
        u32::MAX,
        0x7F80_0000,
        0xFF80_0000,
        0x7FC0_0000,
        0x7F80_0001,
    ];
    prop_oneof![prop::sample::select(EDGES), any::<u32>(), 0u32..40]
}

proptest! {
    #[test]
    fn a_file_cut_anywhere_or_with_a_tail_is_refused(
        policy in policies(),
        tail in prop::collection::vec(any::<u8>(), 1..80),
    ) {
        let bytes = policy.encode();
        for length in 0..bytes.len() {
            let mut cut = bytes[..length].to_vec();
            prop_assert!(parse(&cut).is_err(), "{length} of {} bytes", bytes.len());
            repair(&mut cut);
            prop_assert!(parse(&cut).is_err(), "{length} of {} bytes, repaired", bytes.len());
        }
        let mut longer = [bytes, tail].concat();
        prop_assert!(parse(&longer).is_err());
        repair(&mut longer);
        prop_assert!(parse(&longer).is_err());
    }

    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400), shift in 0usize..4) {
        prop_assert!(PolicyView::parse(Placed::new(&bytes, shift).bytes()).is_err());
    }

    #[test]
    fn any_bytes_behind_a_right_beginning_are_read_or_refused(
        mut bytes in prop::collection::vec(any::<u8>(), 100..400),
        layers in 0u16..4,
        shift in 0usize..4,
    ) {
        bytes.truncate(bytes.len() / 4 * 4);
        bytes[..8].copy_from_slice(b"\x89RLP\r\n\x1a\n");
        bytes[8..10].copy_from_slice(&1u16.to_le_bytes());
        bytes[10..12].copy_from_slice(&layers.to_le_bytes());
        repair(&mut bytes);
        let _ = parse(&bytes);
        let _ = PolicyView::parse(Placed::new(&bytes, shift).bytes());
    }

    #[test]
    fn damaged_fields_behind_a_right_checksum_are_read_or_refused(
        policy in policies(),
        damages in prop::collection::vec((any::<prop::sample::Index>(), field_values()), 1..4),
        small in any::<bool>(),
        shift in 0usize..4,
    ) {
        let mut bytes = policy.encode();
        // Header and layers are hit as often as the many more numbers behind them.
        let words = if small { 16 + 8 * policy.spec.layers().len() } else { bytes.len() / 4 };
        for (place, value) in damages {
            word(&mut bytes, 4 * (2 + place.index(words - 2)).min(words - 1), value);
        }
        repair(&mut bytes);
        let _ = parse(&bytes);
        let _ = PolicyView::parse(Placed::new(&bytes, shift).bytes());
    }

    #[test]
    fn a_changed_bit_is_noticed(
        policy in policies(),
        place in any::<prop::sample::Index>(),
        bit in 0u32..8,
    ) {
        let mut bytes = policy.encode();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert!(parse(&bytes).is_err());
    }
}
