//! Damage that a checksum does not show: a word is changed, and length and checksum are made right again.
//!
//! The checksum is computed here once more, by its definition.

/// Where the records of layers begin.
pub(crate) const LAYERS: usize = 64;

/// CRC-32 (ISO-HDLC), bit by bit.
fn checksum(content: &[u8]) -> u32 {
    !content.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
    })
}

/// Makes length and checksum those of the bytes, so that the checks behind them are reached.
pub(crate) fn repair(bytes: &mut [u8]) {
    let length = bytes.len();
    if length >= 20 {
        bytes[12..16].copy_from_slice(&(length as u32).to_le_bytes());
        let sum = checksum(&bytes[..length - 4]);
        bytes[length - 4..].copy_from_slice(&sum.to_le_bytes());
    }
}

pub(crate) fn word(bytes: &mut [u8], offset: usize, value: u32) {
    bytes[offset..offset + 4].copy_from_slice(&value.to_le_bytes());
}
