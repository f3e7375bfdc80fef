//! numpy's default generator: `SeedSequence(seed)` into PCG64 (XSL-RR 128/64).
//!
//! `NumpyGenerator::new(seed)` yields the bits of `numpy.random.default_rng(seed)`, which is what Gymnasium's
//! `reset(seed)` uses. Sources: O'Neill, "PCG" (2014) and "Developing a seed_seq alternative" (2015); numpy 2.4.

use super::TryRng;
use core::convert::Infallible;

const MULTIPLIER: u128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645;

/// `numpy.random.default_rng(seed)`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NumpyGenerator {
    state: u128,
    increment: u128,
    /// The high half of the last 64-bit draw that served a 32-bit one: the next 32-bit draw takes it.
    kept_half: Option<u32>,
}

impl NumpyGenerator {
    /// The generator that numpy makes from a seed.
    pub fn new(seed: u64) -> Self {
        let words = SeedSequence::new(seed).state();
        let initial = u128::from(words[0]) << 64 | u128::from(words[1]);
        let sequence = u128::from(words[2]) << 64 | u128::from(words[3]);
        let mut generator = Self { state: 0, increment: sequence << 1 | 1, kept_half: None };
        generator.advance();
        generator.state = generator.state.wrapping_add(initial);
        generator.advance();
        generator
    }

    fn advance(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }
}

impl TryRng for NumpyGenerator {
    type Error = Infallible;

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.advance();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        Ok(folded.rotate_right((self.state >> 122) as u32))
    }

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if let Some(half) = self.kept_half.take() {
            return Ok(half);
        }
        let Ok(drawn) = self.try_next_u64();
        self.kept_half = Some((drawn >> 32) as u32);
        Ok(drawn as u32)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let Ok(drawn) = self.try_next_u64();
            chunk.copy_from_slice(&drawn.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// Turns a seed of few bits into well mixed state words.
struct SeedSequence {
    pool: [u32; 4],
}

impl SeedSequence {
    fn new(seed: u64) -> Self {
        // The entropy is the seed's 32-bit words, lowest first; words past the seed's own count as zero.
        let entropy = [seed as u32, (seed >> 32) as u32, 0, 0];
        let mut constant = 0x43B0_D7E5;
        let mut hash = |value: u32| scramble(value, &mut constant, 0x931E_8875);
        let mut pool = entropy.map(&mut hash);
        for source in 0..4 {
            for destination in 0..4 {
                if source != destination {
                    pool[destination] = mix(pool[destination], hash(pool[source]));
                }
            }
        }
        Self { pool }
    }

    fn state(&self) -> [u64; 4] {
        let mut constant = 0x8B51_F9DD;
        let mut word = |index: usize| scramble(self.pool[index % 4], &mut constant, 0x58F3_8DED);
        core::array::from_fn(|pair| {
            let low = word(2 * pair);
            u64::from(low) | u64::from(word(2 * pair + 1)) << 32
        })
    }
}

fn scramble(value: u32, constant: &mut u32, multiplier: u32) -> u32 {
    let value = value ^ *constant;
    *constant = constant.wrapping_mul(multiplier);
    let value = value.wrapping_mul(*constant);
    value ^ value >> 16
}

fn mix(x: u32, y: u32) -> u32 {
    let mixed = x.wrapping_mul(0xCA01_F9DD).wrapping_sub(y.wrapping_mul(0x4973_F715));
    mixed ^ mixed >> 16
}

#[cfg(test)]
mod tests {
    use super::super::Rng;
    use super::*;

    /// `default_rng(seed).bit_generator.random_raw(2)`, numpy 2.4.
    #[test]
    fn raw_bits_equal_numpy() {
        for (seed, expected) in [
            (0, [11749869230777074271, 4976686463289251617]),
            (1, [9441442522235856127, 17532960557476522086]),
            (42, [14276969152011380360, 8095878257575067585]),
            (123456789, [511209809126027580, 16725663875132018381]),
            (1099511627776, [6655761860222389633, 11588987068175201250]),
        ] {
            let mut generator = NumpyGenerator::new(seed);
            assert_eq!([generator.next_u64(), generator.next_u64()], expected, "seed {seed}");
        }
    }
}
