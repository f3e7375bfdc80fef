//! Random numbers and sizes for cases, always the same.

use embedded_rl_core::rng::{Generator, Rng, SeedableRng, TryRng, integers, normal};

pub(crate) struct Numbers(pub Generator);

impl Numbers {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Generator::seed_from_u64(seed))
    }

    /// A number in `low..=high`.
    pub(crate) fn size(&mut self, low: usize, high: usize) -> usize {
        integers(&mut self.0, low as i64, high as i64 + 1) as usize
    }

    /// Numbers of either sign, one in eight a zero and half of those negative: a sum that starts or ends elsewhere gives
    /// another sign of zero.
    pub(crate) fn floats(&mut self, count: usize) -> Vec<f32> {
        let draw = |_| match integers(&mut self.0, 0, 16) {
            0 => 0.0,
            1 => -0.0,
            _ => normal(&mut self.0) as f32,
        };
        (0..count).map(draw).collect()
    }

    /// Numbers that are not negative.
    pub(crate) fn magnitudes(&mut self, count: usize) -> Vec<f32> {
        self.floats(count).into_iter().map(f32::abs).collect()
    }

    /// Whole numbers in `0..below`.
    pub(crate) fn indices(&mut self, count: usize, below: usize) -> Vec<u32> {
        (0..count).map(|_| integers(&mut self.0, 0, below as i64) as u32).collect()
    }
}

/// Core's generator with its state to be seen, which the crate that it comes from hides.
pub(crate) struct Xoshiro {
    pub(crate) state: [u64; 4],
    generator: Generator,
}

impl Xoshiro {
    /// One that is seeded by another generator.
    pub(crate) fn new(of: &mut Generator) -> Self {
        Self::of_state([(); 4].map(|()| of.next_u64()))
    }

    pub(crate) fn of_state(state: [u64; 4]) -> Self {
        let mut seed = [0; 32];
        for (bytes, word) in seed.chunks_exact_mut(8).zip(state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self { state, generator: Generator::from_seed(seed) }
    }

    fn step(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        assert_eq!(result, self.generator.next_u64(), "this is no longer core's generator");
        result
    }
}

impl TryRng for Xoshiro {
    type Error = core::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok((self.step() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(self.step())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        for part in bytes.chunks_mut(8) {
            part.copy_from_slice(&self.step().to_le_bytes()[..part.len()]);
        }
        Ok(())
    }
}
