//! WHERE transitions of stacked frames are kept: every frame once, as bytes; stacks are put together when they are
//! gathered.
//!
//! ```text
//! frames       | 8 | 9 | 2 | 3 | 4 | 5 | 6 | 7 |     F places, the 8th and 9th frame have taken those of 0 and 1
//! ages           3   3   2   3   0   1   2   3       frames before it in its episode, as far as a stack of 4 reaches
//!                                ^ an episode begins
//! transitions  | 6>7 | 7>8 | 8>9 | 2>3 | 4>5 | 5>6 |   T slots: from which frame to which, and what was done
//! ```
//!
//! The observation of a transition are the `stack` frames up to one, oldest first; before the start of an episode its
//! first frame stands again (Gymnasium's `FrameStackObservation`). A transition whose oldest frame is overwritten is
//! forgotten with it, so there should be a frame for each transition and one more for each episode. Transitions are
//! forgotten in the order in which they came. [`FrameStorage`] works on the caller's slices, [`FrameArrays`] is such
//! memory with a capacity known at compile time.

use super::Batch;

/// The shape of an observation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameStack {
    /// Bytes of one frame.
    pub frame: usize,
    /// Frames of one observation.
    pub stack: usize,
}

/// The memory of a [`FrameStorage`].
#[derive(Debug)]
pub struct FrameMemory<'a> {
    /// `[F][frame]`
    pub frames: &'a mut [u8],
    /// `[F]`: how many frames of its episode are before a frame, `stack - 1` at most.
    pub ages: &'a mut [u8],
    /// `[T]`: place of the last frame of the observation.
    pub places: &'a mut [u32],
    /// `[T]`: place of the last frame of the next observation.
    pub next_places: &'a mut [u32],
    /// `[T]`
    pub actions: &'a mut [u32],
    /// `[T]`
    pub rewards: &'a mut [f32],
    /// `[T]`
    pub discounts: &'a mut [f32],
}

/// Rings of frames and of transitions between them, over the caller's memory.
#[derive(Debug)]
pub struct FrameStorage<'a> {
    shape: FrameStack,
    /// The rings.
    pub memory: FrameMemory<'a>,
    /// Frames that were ever pushed. Invariant: the next one goes to place `frames % F`.
    frames: u64,
    /// Transitions that were ever pushed. Invariant: the next one goes to slot `pushed % T`.
    pushed: u64,
    /// Transitions that were ever forgotten. Invariant: those from here on have all their frames.
    forgotten: u64,
    /// The frame that the newest transition starts from. Invariant: no transition starts before the one before it.
    newest_start: u64,
}

impl<'a> FrameStorage<'a> {
    /// How many bytes `transitions` slots and `frames` places of observations take.
    pub const fn byte_count(shape: FrameStack, frames: usize, transitions: usize) -> usize {
        // A byte for the age; two places, an action, a reward, a discount.
        frames * (shape.frame + 1) + transitions * 20
    }

    /// Empty rings.
    ///
    /// # Panics
    /// If a frame has no bytes, a stack has not 1 to 256 frames, the frames of two stacks do not fit, there is no slot,
    /// there are `2^32` places or slots or more, or the lengths of the memory's parts do not go together.
    pub fn new(shape: FrameStack, memory: FrameMemory<'a>) -> Self {
        let FrameStack { frame, stack } = shape;
        let (places, slots) = (memory.ages.len(), memory.actions.len());
        assert!(frame > 0, "a frame has at least one byte");
        assert!((1..=256).contains(&stack), "a stack has 1 to 256 frames");
        assert!(places > stack, "there is room for an observation and the next one");
        assert!(slots > 0, "there is room for a transition");
        assert!(u32::try_from(places).is_ok() && u32::try_from(slots).is_ok(), "too many to count");
        assert_eq!(memory.frames.len(), places * frame, "one frame a place");
        let lengths = [memory.places.len(), memory.next_places.len(), memory.rewards.len()];
        assert!(lengths == [slots; 3] && memory.discounts.len() == slots, "one of each a slot");
        Self { shape, memory, frames: 0, pushed: 0, forgotten: 0, newest_start: 0 }
    }

    /// How many transitions fit, if their frames do.
    pub fn capacity(&self) -> usize {
        self.memory.actions.len()
    }

    /// How many transitions are held.
    pub const fn len(&self) -> usize {
        (self.pushed - self.forgotten) as usize
    }

    /// Whether none is held.
    pub const fn is_empty(&self) -> bool {
        self.pushed == self.forgotten
    }

    /// The slot of the n-th oldest transition that is held.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn slot(&self, nth: usize) -> u32 {
        assert!(nth < self.len(), "there are only {} transitions", self.len());
        ((self.forgotten + nth as u64) % self.capacity() as u64) as u32
    }

    /// Keeps the first frame of an episode.
    ///
    /// # Panics
    /// If it has another length.
    pub fn begin(&mut self, frame: &[u8]) {
        self.keep(frame, 0);
    }

    /// Keeps the next frame of the episode.
    ///
    /// # Panics
    /// If it has another length, or no episode was begun.
    pub fn follow(&mut self, frame: &[u8]) {
        assert!(self.frames > 0, "an episode begins with its first frame");
        let age = usize::from(self.memory.ages[self.place(self.frames - 1)]);
        self.keep(frame, (age + 1).min(self.shape.stack - 1) as u8);
    }

    /// Keeps a transition to the newest frame from the one `steps` before it in its episode, and says in which slot.
    /// What is kept of how it ended is `discount` alone: zero if nothing follows.
    ///
    /// # Panics
    /// If `steps` is zero, the frames of that observation are not held any more, or the transition before starts later:
    /// at the end of an episode, the longest one comes first.
    pub fn remember(&mut self, steps: u64, action: u32, reward: f32, discount: f32) -> u32 {
        assert!(steps > 0, "a transition is at least one step");
        let from = self.frames.checked_sub(steps + 1);
        let from = from.filter(|&frame| self.is_whole(frame));
        let Some(from) = from else { panic!("the frame {steps} steps before is not held") };
        assert!(from >= self.newest_start, "transitions come in the order in which they start");
        self.newest_start = from;
        let capacity = self.capacity() as u64;
        let slot = (self.pushed % capacity) as usize;
        let (place, next_place) = (self.place(from), self.place(self.frames - 1));
        self.memory.places[slot] = place as u32;
        self.memory.next_places[slot] = next_place as u32;
        self.memory.actions[slot] = action;
        self.memory.rewards[slot] = reward;
        self.memory.discounts[slot] = discount;
        self.pushed += 1;
        self.forgotten = self.forgotten.max(self.pushed.saturating_sub(capacity));
        slot as u32
    }

    /// The next frame of the episode and the transition of one step to it.
    ///
    /// # Panics
    /// As [`FrameStorage::follow`].
    pub fn push(&mut self, action: u32, reward: f32, discount: f32, frame: &[u8]) -> u32 {
        self.follow(frame);
        self.remember(1, action, reward, discount)
    }

    /// Puts the two observations of a transition together, `[stack][frame]` each.
    ///
    /// # Panics
    /// If no transition is held in this slot, or an observation has another length.
    pub fn observations(&self, slot: u32, observation: &mut [u8], next_observation: &mut [u8]) {
        self.put_together(slot, observation, next_observation, |frame, part| {
            part.copy_from_slice(frame);
        });
    }

    /// Copies the transitions in `slots` into `batch`, in that order; observations are `[stack][frame]`, every byte
    /// divided by `divisor`: 255 brings pixels into `0..=1`, 1 leaves zeros and ones as they are.
    ///
    /// # Panics
    /// If no transition is held in one of the slots, the batch has other lengths, or `divisor` is not above zero.
    pub fn gather(&self, slots: &[u32], divisor: f32, batch: &mut Batch<'_>) {
        assert!(divisor > 0.0, "bytes are divided by a positive number");
        assert_eq!(batch.actions.len(), slots.len(), "one place a slot");
        let width = self.shape.frame * self.shape.stack;
        let observations = batch.observations.chunks_exact_mut(width);
        let next_observations = batch.next_observations.chunks_exact_mut(width);
        assert_eq!((observations.len(), next_observations.len()), (slots.len(), slots.len()));
        for (b, ((&slot, observation), next_observation)) in
            slots.iter().zip(observations).zip(next_observations).enumerate()
        {
            self.put_together(slot, observation, next_observation, |frame, part| {
                for (number, &byte) in part.iter_mut().zip(frame) {
                    *number = f32::from(byte) / divisor;
                }
            });
            let slot = slot as usize;
            batch.actions[b] = self.memory.actions[slot];
            batch.rewards[b] = self.memory.rewards[slot];
            batch.discounts[b] = self.memory.discounts[slot];
        }
    }

    fn put_together<T>(
        &self,
        slot: u32,
        observation: &mut [T],
        next_observation: &mut [T],
        copy: impl Fn(&[u8], &mut [T]),
    ) {
        // The age of the slot's transition: 0 is the one that was pushed last.
        let capacity = self.capacity() as u64;
        assert!(u64::from(slot) < capacity, "slot {slot} of {capacity} does not exist");
        let since = (self.pushed + capacity - 1 - u64::from(slot)) % capacity;
        assert!(since < self.len() as u64, "slot {slot} holds no transition");
        let FrameStack { frame, stack } = self.shape;
        let places = [self.memory.places[slot as usize], self.memory.next_places[slot as usize]];
        for (place, observation) in places.into_iter().zip([observation, next_observation]) {
            assert_eq!(observation.len(), frame * stack, "an observation is a stack of frames");
            let age = usize::from(self.memory.ages[place as usize]);
            for (back, part) in observation.chunks_exact_mut(frame).rev().enumerate() {
                let all = self.memory.ages.len();
                let at = (place as usize + all - back.min(age)) % all;
                copy(&self.memory.frames[at * frame..(at + 1) * frame], part);
            }
        }
    }

    fn keep(&mut self, frame: &[u8], age: u8) {
        assert_eq!(frame.len(), self.shape.frame, "a frame of another size");
        let (place, length) = (self.place(self.frames), self.shape.frame);
        self.memory.frames[place * length..(place + 1) * length].copy_from_slice(frame);
        self.memory.ages[place] = age;
        self.frames += 1;
        while !self.is_empty() && !self.is_whole(self.first_frame()) {
            self.forgotten += 1;
        }
    }

    /// The last frame of the oldest transition's observation, which is held or was overwritten just now.
    fn first_frame(&self) -> u64 {
        let slot = (self.forgotten % self.capacity() as u64) as usize;
        let (place, places) = (u64::from(self.memory.places[slot]), self.memory.ages.len() as u64);
        let newest = self.frames - 1;
        let back = (newest + places - place) % places;
        // Counted back from the newest frame, 0 would be that one itself, and is one whole ring before it.
        newest - if back == 0 { places } else { back }
    }

    /// Whether all frames of the observation that ends with this one are held.
    fn is_whole(&self, frame: u64) -> bool {
        let places = self.memory.ages.len() as u64;
        // Of a frame that is overwritten this is another one's age, which does not matter then.
        let age = u64::from(self.memory.ages[self.place(frame)]);
        frame + places >= self.frames + age
    }

    fn place(&self, frame: u64) -> usize {
        (frame % self.memory.ages.len() as u64) as usize
    }
}

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
