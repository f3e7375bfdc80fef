//! Memory of a [`FrameStorage`] in fixed arrays: what it takes is known before anything runs.

use super::{FrameMemory, FrameStack, FrameStorage};

/// Memory of a [`FrameStorage`] whose capacity is known at compile time.
///
/// ```
/// use embedded_rl_core::replay::FrameArrays;
///
/// // 64 transitions of 10 x 10 frames in stacks of 2, in less than 9 KiB.
/// type Memory = FrameArrays<64, 70, 100>;
/// const { assert!(Memory::BYTES == 8_352) };
/// let mut memory = Memory::new();
/// let mut storage = memory.storage(2);
/// storage.begin(&[7; 100]);
/// let slot = storage.push(1, 0.5, 0.9, &[8; 100]);
/// let (mut before, mut after) = ([0; 200], [0; 200]);
/// storage.observations(slot, &mut before, &mut after);
/// assert_eq!((before[0], before[100], after[0], after[100]), (7, 7, 7, 8));
/// ```
#[derive(Debug)]
pub struct FrameArrays<const TRANSITIONS: usize, const FRAMES: usize, const BYTES: usize> {
    frames: [[u8; BYTES]; FRAMES],
    ages: [u8; FRAMES],
    places: [u32; TRANSITIONS],
    next_places: [u32; TRANSITIONS],
    actions: [u32; TRANSITIONS],
    rewards: [f32; TRANSITIONS],
    discounts: [f32; TRANSITIONS],
}

impl<const TRANSITIONS: usize, const FRAMES: usize, const BYTES: usize>
    FrameArrays<TRANSITIONS, FRAMES, BYTES>
{
    /// How much memory this is.
    pub const BYTES: usize = size_of::<Self>();

    /// Memory for `TRANSITIONS` transitions between `FRAMES` frames of `BYTES` bytes; usable as the value of a
    /// `static`.
    #[expect(clippy::new_without_default, reason = "a large value is best made where it stays")]
    pub const fn new() -> Self {
        const { assert!(TRANSITIONS > 0, "there is room for a transition") };
        const { assert!(BYTES > 0, "a frame has at least one byte") };
        Self {
            frames: [[0; BYTES]; FRAMES],
            ages: [0; FRAMES],
            places: [0; TRANSITIONS],
            next_places: [0; TRANSITIONS],
            actions: [0; TRANSITIONS],
            rewards: [0.0; TRANSITIONS],
            discounts: [0.0; TRANSITIONS],
        }
    }

    /// Empty rings over this memory, of observations of `stack` frames.
    ///
    /// # Panics
    /// If the frames of two observations do not fit.
    pub fn storage(&mut self, stack: usize) -> FrameStorage<'_> {
        let memory = FrameMemory {
            frames: self.frames.as_flattened_mut(),
            ages: &mut self.ages,
            places: &mut self.places,
            next_places: &mut self.next_places,
            actions: &mut self.actions,
            rewards: &mut self.rewards,
            discounts: &mut self.discounts,
        };
        FrameStorage::new(FrameStack { frame: BYTES, stack }, memory)
    }
}
