//! What OpenCV and Gymnasium made, and the pictures that they made it of.

use serde_json::Value;

pub(crate) fn golden() -> Value {
    serde_json::from_str(include_str!("../golden/preprocess/expected.json"))
        .expect("what was written")
}

/// Pixels of a picture, as the script that wrote the golden data has them.
pub(crate) fn noise(count: usize) -> Vec<u8> {
    (0..count as u64)
        .map(|i| ((i.wrapping_mul(2_654_435_761).wrapping_add(12_345) % (1 << 32)) >> 11) as u8)
        .collect()
}

/// FNV-1a.
pub(crate) fn checksum(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    format!("{hash:016x}")
}
