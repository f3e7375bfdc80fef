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
//! forgotten in the order in which they came. [`FrameStorage`] works on the caller's slices,
//! [`FrameArrays`](super::FrameArrays) is such memory with a capacity known at compile time.

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
    counters: FrameCounters,
}

/// What a [`FrameStorage`] knows besides its memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FrameCounters {
    /// Frames that were ever pushed. Invariant: the next one goes to place `frames % F`.
    pub frames: u64,
    /// Transitions that were ever pushed. Invariant: the next one goes to slot `pushed % T`.
    pub pushed: u64,
    /// Transitions that were ever forgotten. Invariant: those from here on have all their frames.
    pub forgotten: u64,
    /// The first frame that a transition may start from: one after the newest transition's, or the episode's first.
    pub next_start: u64,
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
        Self { shape, memory, counters: FrameCounters::default() }
    }

    /// How many transitions fit, if their frames do.
    pub fn capacity(&self) -> usize {
        self.memory.actions.len()
    }

    /// How many transitions are held.
    pub const fn len(&self) -> usize {
        (self.counters.pushed - self.counters.forgotten) as usize
    }

    /// Whether none is held.
    pub const fn is_empty(&self) -> bool {
        self.counters.pushed == self.counters.forgotten
    }

    /// What it knows besides its memory.
    pub const fn counters(&self) -> FrameCounters {
        self.counters
    }

    /// How many places and slots were ever filled; the others are as they came.
    pub fn filled(&self) -> [usize; 2] {
        let (frames, pushed) = (self.counters.frames as usize, self.counters.pushed as usize);
        [frames.min(self.memory.ages.len()), pushed.min(self.capacity())]
    }

    /// Takes the memory's present content as that of rings with these counters: the other half of restoring saved ones.
    /// Whether it can be that.
    pub fn resume(&mut self, counters: FrameCounters) -> bool {
        let before = core::mem::replace(&mut self.counters, counters);
        let FrameCounters { frames, pushed, forgotten, next_start } = counters;
        let held = pushed.checked_sub(forgotten);
        let [places, slots] = self.filled();
        let is_place = |&place: &u32| (place as usize) < places;
        let fits = held.is_some_and(|held| held <= self.capacity() as u64)
            && next_start <= frames
            && self.memory.ages[..places].iter().all(|&age| usize::from(age) < self.shape.stack)
            && self.memory.places[..slots].iter().all(is_place)
            && self.memory.next_places[..slots].iter().all(is_place);
        if !fits {
            self.counters = before;
        }
        fits
    }

    /// The n-th slot in use, in the order of slots: n itself, unless transitions were forgotten with their frames.
    ///
    /// # Panics
    /// If there are not so many.
    pub fn slot(&self, nth: usize) -> u32 {
        assert!(nth < self.len(), "there are only {} transitions", self.len());
        let capacity = self.capacity() as u64;
        let (first, end) = (self.counters.forgotten % capacity, self.counters.pushed % capacity);
        // Slots in use are those from the first to the end, or all but those from the end to the first.
        let behind = if first < end { 0 } else { end };
        let nth = nth as u64;
        (if nth < behind { nth } else { first + nth - behind }) as u32
    }

    /// Keeps the first frame of an episode.
    ///
    /// # Panics
    /// If it has another length.
    pub fn begin(&mut self, frame: &[u8]) {
        self.place_of_first().copy_from_slice(frame);
    }

    /// The place of the first frame of an episode, for the caller to fill.
    pub fn place_of_first(&mut self) -> &mut [u8] {
        self.counters.next_start = self.counters.frames;
        self.keep(0)
    }

    /// Keeps the next frame of the episode.
    ///
    /// # Panics
    /// If it has another length, or no episode was begun.
    pub fn follow(&mut self, frame: &[u8]) {
        self.place_of_next().copy_from_slice(frame);
    }

    /// The place of the next frame of the episode, for the caller to fill.
    ///
    /// # Panics
    /// If no episode was begun.
    pub fn place_of_next(&mut self) -> &mut [u8] {
        assert!(self.counters.frames > 0, "an episode begins with its first frame");
        let age = usize::from(self.memory.ages[self.place(self.counters.frames - 1)]);
        self.keep((age + 1).min(self.shape.stack - 1) as u8)
    }

    /// Keeps a transition to the newest frame from the one `steps` before it in its episode, and says in which slot.
    /// What is kept of how it ended is `discount` alone: zero if nothing follows.
    ///
    /// # Panics
    /// If `steps` is zero, the frames of that observation are not held any more, or the transition before starts there or
    /// later: at the end of an episode, the longest one comes first.
    pub fn remember(&mut self, steps: u64, action: u32, reward: f32, discount: f32) -> u32 {
        assert!(steps > 0, "a transition is at least one step");
        let from = self.counters.frames.checked_sub(steps + 1);
        let from = from.filter(|&frame| self.is_whole(frame));
        let Some(from) = from else { panic!("the frame {steps} steps before is not held") };
        assert!(
            from >= self.counters.next_start,
            "transitions come in the order in which they start"
        );
        self.counters.next_start = from + 1;
        let capacity = self.capacity() as u64;
        let slot = (self.counters.pushed % capacity) as usize;
        let (place, next_place) = (self.place(from), self.place(self.counters.frames - 1));
        self.memory.places[slot] = place as u32;
        self.memory.next_places[slot] = next_place as u32;
        self.memory.actions[slot] = action;
        self.memory.rewards[slot] = reward;
        self.memory.discounts[slot] = discount;
        self.counters.pushed += 1;
        let overwritten = self.counters.pushed.saturating_sub(capacity);
        self.counters.forgotten = self.counters.forgotten.max(overwritten);
        slot as u32
    }

    /// Keeps the transition to the newest frame from the first one of the episode that no transition starts from yet.
    ///
    /// # Panics
    /// As [`FrameStorage::remember`].
    pub fn complete(&mut self, action: u32, reward: f32, discount: f32) -> u32 {
        let steps = self.counters.frames.saturating_sub(self.counters.next_start + 1);
        self.remember(steps, action, reward, discount)
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
        for (stack, observation) in
            self.stacks(slot).into_iter().zip([observation, next_observation])
        {
            assert_eq!(observation.len(), self.width(), "an observation is a stack of frames");
            for (frame, part) in stack.zip(observation.chunks_exact_mut(self.shape.frame)) {
                part.copy_from_slice(frame);
            }
        }
    }

    /// Copies the transitions in `slots` into `batch`, in that order; observations are `[stack][frame]`, every byte
    /// divided by `divisor`: 255 brings pixels into `0..=1`, 1 leaves zeros and ones as they are.
    ///
    /// # Panics
    /// If no transition is held in one of the slots, the batch has other lengths, or `divisor` is not above zero.
    pub fn gather(&self, slots: &[u32], divisor: f32, batch: &mut Batch<'_>) {
        assert!(divisor > 0.0, "bytes are divided by a positive number");
        assert_eq!(batch.actions.len(), slots.len(), "one place a slot");
        let observations = batch.observations.chunks_exact_mut(self.width());
        let next_observations = batch.next_observations.chunks_exact_mut(self.width());
        assert_eq!((observations.len(), next_observations.len()), (slots.len(), slots.len()));
        for (b, ((&slot, observation), next_observation)) in
            slots.iter().zip(observations).zip(next_observations).enumerate()
        {
            let both = [observation, next_observation];
            for (stack, observation) in self.stacks(slot).into_iter().zip(both) {
                for (frame, part) in stack.zip(observation.chunks_exact_mut(self.shape.frame)) {
                    for (number, &byte) in part.iter_mut().zip(frame) {
                        *number = f32::from(byte) / divisor;
                    }
                }
            }
            let slot = slot as usize;
            batch.actions[b] = self.memory.actions[slot];
            batch.rewards[b] = self.memory.rewards[slot];
            batch.discounts[b] = self.memory.discounts[slot];
        }
    }

    /// The frames of the two observations of a transition, oldest first.
    ///
    /// # Panics
    /// If no transition is held in this slot.
    pub fn stacks(&self, slot: u32) -> [impl Iterator<Item = &[u8]>; 2] {
        // The age of the slot's transition: 0 is the one that was pushed last.
        let capacity = self.capacity() as u64;
        assert!(u64::from(slot) < capacity, "slot {slot} of {capacity} does not exist");
        let since = (self.counters.pushed + capacity - 1 - u64::from(slot)) % capacity;
        assert!(since < self.len() as u64, "slot {slot} holds no transition");
        let slot = slot as usize;
        [self.memory.places[slot], self.memory.next_places[slot]].map(|place| {
            let FrameStack { frame, stack } = self.shape;
            let (all, age) = (self.memory.ages.len(), self.memory.ages[place as usize]);
            (0..stack).rev().map(move |back| {
                let at = (place as usize + all - back.min(usize::from(age))) % all;
                &self.memory.frames[at * frame..(at + 1) * frame]
            })
        })
    }

    /// Bytes of an observation.
    fn width(&self) -> usize {
        self.shape.frame * self.shape.stack
    }

    fn keep(&mut self, age: u8) -> &mut [u8] {
        let (place, length) = (self.place(self.counters.frames), self.shape.frame);
        self.memory.ages[place] = age;
        self.counters.frames += 1;
        while !self.is_empty() && !self.is_whole(self.first_frame()) {
            self.counters.forgotten += 1;
        }
        &mut self.memory.frames[place * length..(place + 1) * length]
    }

    /// The last frame of the oldest transition's observation, which is held or was overwritten just now.
    fn first_frame(&self) -> u64 {
        let slot = (self.counters.forgotten % self.capacity() as u64) as usize;
        let (place, places) = (u64::from(self.memory.places[slot]), self.memory.ages.len() as u64);
        let newest = self.counters.frames - 1;
        let back = (newest + places - place) % places;
        // Counted back from the newest frame, 0 would be that one itself, and is one whole ring before it.
        newest - if back == 0 { places } else { back }
    }

    /// Whether all frames of the observation that ends with this one are held.
    fn is_whole(&self, frame: u64) -> bool {
        let places = self.memory.ages.len() as u64;
        // Of a frame that is overwritten this is another one's age, which does not matter then.
        let age = u64::from(self.memory.ages[self.place(frame)]);
        frame + places >= self.counters.frames + age
    }

    fn place(&self, frame: u64) -> usize {
        (frame % self.memory.ages.len() as u64) as usize
    }
}
