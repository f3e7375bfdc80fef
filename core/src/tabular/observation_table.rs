//! Numbers for observations that are none: the first new observation is 0, the next one 1, and so on.
//!
//! With it every tabular agent learns from any observation: pixels, several indices, rays. Observations are the same
//! if all their bytes are (so 0.0 and -0.0 differ), and are kept whole, so that two of them never pass for one. When
//! the table is full a new observation is refused, never squeezed in.
//!
//! ```text
//! slots: hash -> number + 1, 0 if free; the next slot is tried where one is taken
//! keys:  [capacity][width] bytes, by number
//! ```

use bytemuck::NoUninit;

/// The numbers given so far, in the caller's memory.
#[derive(Debug)]
pub struct ObservationTable<'a> {
    keys: &'a mut [u8],
    slots: &'a mut [u32],
    /// Bytes of an observation.
    width: usize,
    count: u32,
}

/// A new observation came and every number is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full {
    /// How many observations there is room for.
    pub capacity: u32,
}

impl core::fmt::Display for Full {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "there is room for {} different observations, and another one came",
            self.capacity
        )
    }
}

impl core::error::Error for Full {}

impl<'a> ObservationTable<'a> {
    /// An empty table for observations of `width` bytes, as many as `keys` has room for. `slots` must be more than
    /// those; twice as many keep searches short.
    ///
    /// # Panics
    /// If `width` is zero, `keys` is no whole number of observations or there are not more slots.
    pub fn new(keys: &'a mut [u8], slots: &'a mut [u32], width: usize) -> Self {
        Self::restore(keys, slots, width, 0)
    }

    /// The table whose first `count` observations are in `keys` already, as they were [saved](Self::saved).
    ///
    /// # Panics
    /// As [`ObservationTable::new`], or if there is no room for `count`.
    pub fn restore(keys: &'a mut [u8], slots: &'a mut [u32], width: usize, count: u32) -> Self {
        assert!(width > 0, "an observation has at least one byte");
        assert!(keys.len().is_multiple_of(width), "room for a whole number of observations");
        let capacity = keys.len() / width;
        assert!(slots.len() > capacity, "{capacity} observations need more slots than that");
        assert!(count as usize <= capacity, "{count} observations do not fit in {capacity}");
        slots.fill(0);
        let table = Self { keys, slots, width, count };
        for number in 0..count {
            if let Err(free) = table.search(table.key(number)) {
                table.slots[free] = number + 1;
            }
        }
        table
    }

    /// How many observations have numbers.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// How many observations there is room for.
    pub const fn capacity(&self) -> u32 {
        (self.keys.len() / self.width) as u32
    }

    /// The bytes of all observations that have numbers, in their order.
    pub fn saved(&self) -> &[u8] {
        &self.keys[..self.count as usize * self.width]
    }

    /// The number of an observation, a new one if it was never seen.
    ///
    /// # Errors
    /// If it was never seen and every number is given.
    ///
    /// # Panics
    /// If the observation has another width.
    pub fn number<T: NoUninit>(&mut self, observation: &[T]) -> Result<u32, Full> {
        let bytes: &[u8] = bytemuck::cast_slice(observation);
        assert_eq!(bytes.len(), self.width, "an observation of another width");
        let free = match self.search(bytes) {
            Ok(number) => return Ok(number),
            Err(free) => free,
        };
        if self.count == self.capacity() {
            return Err(Full { capacity: self.capacity() });
        }
        let number = self.count;
        self.keys[number as usize * self.width..][..self.width].copy_from_slice(bytes);
        self.slots[free] = number + 1;
        self.count += 1;
        Ok(number)
    }

    /// The number of an observation that was seen before.
    ///
    /// # Panics
    /// If the observation has another width.
    pub fn find<T: NoUninit>(&self, observation: &[T]) -> Option<u32> {
        let bytes: &[u8] = bytemuck::cast_slice(observation);
        assert_eq!(bytes.len(), self.width, "an observation of another width");
        self.search(bytes).ok()
    }

    fn key(&self, number: u32) -> &[u8] {
        &self.keys[number as usize * self.width..][..self.width]
    }

    /// The number of these bytes, or the free slot where it belongs. Always ends: there are more slots than keys.
    fn search(&self, bytes: &[u8]) -> Result<u32, usize> {
        let mut slot = (hash(bytes) % self.slots.len() as u64) as usize;
        loop {
            match self.slots[slot].checked_sub(1) {
                None => return Err(slot),
                Some(number) if self.key(number) == bytes => return Ok(number),
                Some(_) => slot = (slot + 1) % self.slots.len(),
            }
        }
    }
}

/// FNV-1a with 64 bits, folded so that the low bits know of the high ones.
fn hash(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    hash ^ hash >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_are_numbered_as_they_come_and_a_full_table_says_so() {
        let (mut keys, mut slots) = ([0; 16], [0; 3]);
        let mut table = ObservationTable::new(&mut keys, &mut slots, 8);
        assert_eq!(table.find(&[1.0f32, 2.0]), None);
        assert_eq!(table.number(&[1.0f32, 2.0]), Ok(0));
        assert_eq!(table.number(&[1.0f32, 2.5]), Ok(1));
        assert_eq!(table.number(&[1.0f32, 2.0]), Ok(0));
        assert_eq!(table.number(&[0.0f32, 2.0]), Err(Full { capacity: 2 }));
        assert_eq!((table.find(&[1.0f32, 2.5]), table.find(&[0.0f32, 2.0])), (Some(1), None));
        assert_eq!(table.count(), 2);
    }

    /// Against the list of all that was seen, with 300 of 400 slots taken.
    #[test]
    fn a_crowded_table_is_the_list_of_what_was_seen() {
        let (mut keys, mut slots) = ([0; 900], [7; 400]);
        let mut table = ObservationTable::new(&mut keys, &mut slots, 3);
        for number in 0..300u32 {
            let observation = [(number % 7) as u8, (number / 7) as u8, 5];
            assert_eq!(table.number(&observation), Ok(number));
            assert_eq!(table.number(&[0u8, 0, 5]), Ok(0));
        }
        let (mut other_keys, mut other_slots) = ([0; 900], [0; 400]);
        other_keys.copy_from_slice(table.saved());
        let restored = ObservationTable::restore(&mut other_keys, &mut other_slots, 3, 300);
        for number in 0..300u32 {
            let observation = [(number % 7) as u8, (number / 7) as u8, 5];
            assert_eq!(
                (table.find(&observation), restored.find(&observation)),
                (Some(number), Some(number))
            );
        }
        assert_eq!(restored.find(&[6u8, 42, 5]), None);
        assert_eq!(table.number(&[6u8, 42, 5]), Err(Full { capacity: 300 }));
    }
}
