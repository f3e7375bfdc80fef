//! The document's rules for header, sizes and numbers, each broken alone.

use crate::damage::{LAYERS, repair, word};
use crate::policy::{example, parse};
use embedded_rl_core::weights::PolicyError;

/// Where the numbers behind two layers begin.
const NUMBERS: usize = LAYERS + 2 * 32;

#[test]
fn each_broken_rule_of_the_document_is_refused_for_its_own_reason() {
    use PolicyError::{Environment, Layer, NotAPolicy, NotFinite, Reserved, Sizes, Version};
    let nan = f32::NAN.to_bits();
    for (offset, value, expected) in [
        (0, 0x474E_5089, NotAPolicy),
        (8, 2 | 2 << 16, Version { found: 2 }),
        (8, 2 << 16, Version { found: 0 }),
        (8, 1, Sizes),            // no layer
        (8, 1 | 1 << 16, Sizes),  // one layer fewer
        (8, 1 | 3 << 16, Sizes),  // one more
        (8, 1 | 25 << 16, Sizes), // more than there may be
        (8, 1 | 0xFFFF << 16, Sizes),
        (16, 0, Sizes), // no input
        (16, 3, Sizes), // inputs that are not the normalised ones
        (16, (1 << 24) + 1, Sizes),
        (16, u32::MAX, Sizes),
        (20, 0, Sizes), // normalisation missing
        (20, 1, Sizes),
        (20, u32::MAX, Sizes),
        (24, 8, Sizes), // parameters
        (24, 10, Sizes),
        (24, u32::MAX, Sizes),
        (28, 1, Reserved),
        (32, u32::from_le_bytes(*b"Car "), Environment),
        (32, u32::from_le_bytes(*b"Ca\0t"), Environment),
        (32, u32::from_le_bytes(*b"Ca\xC3\xA4"), Environment),
        (LAYERS, 0, Layer { index: 0 }),
        (LAYERS, 2, Layer { index: 0 }), // an activation first
        (LAYERS, 3, Layer { index: 0 }),
        (LAYERS + 4, 3, Layer { index: 0 }), // inputs that are not the network's
        (LAYERS + 8, 0, Layer { index: 0 }),
        (LAYERS + 8, (1 << 24) + 1, Layer { index: 0 }),
        (LAYERS + 8, 2, Sizes), // parameters left over
        (LAYERS + 8, 4, Sizes), // too few
        (LAYERS + 8, 1 << 24, Sizes),
        (LAYERS + 28, 1, Layer { index: 0 }),
        (LAYERS + 32, 1, Layer { index: 1 }),
        (LAYERS + 32 + 4, 4, Layer { index: 1 }),
        (LAYERS + 32 + 8, 1, Layer { index: 1 }),
        (NUMBERS, nan, NotFinite),                          // an offset
        (NUMBERS + 12, f32::INFINITY.to_bits(), NotFinite), // a scale
        (NUMBERS + 16, f32::NEG_INFINITY.to_bits(), NotFinite),
        (NUMBERS + 16 + 4 * 8, nan, NotFinite), // the last parameter
    ] {
        let mut bytes = example().encode();
        word(&mut bytes, offset, value);
        repair(&mut bytes);
        assert_eq!(parse(&bytes), Err(expected), "{value:#x} at {offset}");
        assert!(expected.to_string().split(' ').count() > 3, "{expected}");
    }
    let mut damaged = example().encode();
    damaged[NUMBERS] ^= 1;
    assert_eq!(parse(&damaged), Err(PolicyError::Checksum));
    let length = damaged.len();
    word(&mut damaged, 12, u32::MAX);
    let declared = PolicyError::Length { declared: u32::MAX, bytes: length };
    assert_eq!(parse(&damaged), Err(declared));
    assert_eq!(parse(&[]), Err(PolicyError::TooShort { bytes: 0 }));
}
