//! One number for many bits: FNV-1a over 64 bits (Fowler, Noll, Vo 1991). Finds differences, resists nobody.

/// A hash that bits are added to.
pub struct Fingerprint(u64);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Fingerprint {
    /// Adds bytes, in order.
    pub fn add(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
        }
    }

    /// The number so far.
    pub fn value(&self) -> u64 {
        self.0
    }
}

/// The fingerprint of the bits of these numbers, lowest byte first.
pub fn of_numbers(numbers: &[f32]) -> u64 {
    let mut fingerprint = Fingerprint::default();
    for number in numbers {
        fingerprint.add(&number.to_bits().to_le_bytes());
    }
    fingerprint.value()
}
