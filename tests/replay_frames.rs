//! Frames stored once against a naive twin that stores whole stacks: whatever happens, both hold the same.

use embedded_rl_core::replay::{Batch, FrameArrays, FrameMemory, FrameStack, FrameStorage};
use proptest::prelude::*;

const FRAME: usize = 3;

/// A transition with its two stacks, each `[stack][frame]`.
#[derive(Clone, Debug, PartialEq)]
struct Whole {
    observation: Vec<u8>,
    action: u32,
    reward: f32,
    discount: f32,
    next_observation: Vec<u8>,
    /// The number of the oldest frame that it needs, counted from the first that ever was.
    needs: usize,
}

/// Keeps everything for ever, and knows what must be held of it.
struct Naive {
    stack: usize,
    places: usize,
    capacity: usize,
    frames: Vec<Vec<u8>>,
    /// Number of the first frame of each frame's episode.
    starts: Vec<usize>,
    transitions: Vec<Whole>,
}

impl Naive {
    fn stack(&self, last: usize) -> Vec<u8> {
        let first = self.starts[last];
        (0..self.stack)
            .rev()
            .flat_map(|back| self.frames[last.saturating_sub(back).max(first)].clone())
            .collect()
    }

    fn remember(&mut self, steps: usize, action: u32, reward: f32, discount: f32) {
        let last = self.frames.len() - 1;
        let from = last - steps;
        self.transitions.push(Whole {
            observation: self.stack(from),
            action,
            reward,
            discount,
            next_observation: self.stack(last),
            needs: from.saturating_sub(self.stack - 1).max(self.starts[from]),
        });
    }

    /// The transitions that are held, oldest first, with their numbers.
    fn held(&self) -> impl Iterator<Item = (usize, &Whole)> {
        let (first, oldest_frame) = (
            self.transitions.len().saturating_sub(self.capacity),
            self.frames.len().saturating_sub(self.places),
        );
        let held = move |&(_, whole): &(usize, &Whole)| whole.needs >= oldest_frame;
        self.transitions.iter().enumerate().skip(first).filter(held)
    }
}

/// A step that is done to both.
#[derive(Clone, Debug)]
struct Step {
    frame: [u8; FRAME],
    action: u32,
    reward: f32,
    /// The episode is over after it, by itself or not; the next one begins with another frame.
    ends: Option<(bool, [u8; FRAME])>,
}

fn step() -> impl Strategy<Value = Step> {
    let frame = any::<[u8; FRAME]>;
    let ends = proptest::option::weighted(0.3, (any::<bool>(), frame()));
    (frame(), 0..4u32, -1f32..1.0, ends).prop_map(|(frame, action, reward, ends)| Step {
        frame,
        action,
        reward,
        ends,
    })
}

fn assert_equal(storage: &FrameStorage<'_>, naive: &Naive, divisor: f32) {
    let width = naive.stack * FRAME;
    let held: Vec<_> = naive.held().collect();
    assert_eq!((storage.len(), storage.is_empty()), (held.len(), held.is_empty()));
    let slots: Vec<u32> = (0..held.len()).map(|nth| storage.slot(nth)).collect();
    // In the order of their slots: the transitions of this round first, then what is left of the round before.
    let round = naive.transitions.len().saturating_sub(1) / naive.capacity;
    let (fresh, left): (Vec<_>, Vec<_>) =
        held.into_iter().partition(|(number, _)| number / naive.capacity == round);
    let held = [fresh, left].concat();
    let mut bytes = (vec![1; width], vec![2; width]);
    for (&slot, &(number, whole)) in slots.iter().zip(&held) {
        assert_eq!(slot as usize, number % naive.capacity);
        storage.observations(slot, &mut bytes.0, &mut bytes.1);
        assert_eq!((&bytes.0, &bytes.1), (&whole.observation, &whole.next_observation));
    }
    let count = slots.len();
    let mut floats = vec![f32::NAN; count * (2 * width + 2)];
    let (observations, rest) = floats.split_at_mut(count * width);
    let (next_observations, rest) = rest.split_at_mut(count * width);
    let (rewards, discounts) = rest.split_at_mut(count);
    let mut batch =
        Batch { observations, actions: &mut vec![9; count], rewards, discounts, next_observations };
    storage.gather(&slots, divisor, &mut batch);
    for (b, (_, whole)) in held.iter().enumerate() {
        let all = b * width..(b + 1) * width;
        let same = |bytes: &[u8], numbers: &[f32]| {
            bytes.iter().zip(numbers).all(|(&byte, &number)| f32::from(byte) / divisor == number)
        };
        assert!(same(&whole.observation, &batch.observations[all.clone()]));
        assert!(same(&whole.next_observation, &batch.next_observations[all]));
        let kept = (batch.actions[b], batch.rewards[b], batch.discounts[b]);
        assert_eq!(kept, (whole.action, whole.reward, whole.discount));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stacks_put_together_equal_stacks_stored(
        stack in 1..5usize,
        n in 1..4usize,
        more_places in 0..12usize,
        capacity in 1..10usize,
        steps in proptest::collection::vec(step(), 1..60),
    ) {
        let places = stack + n + more_places;
        let mut naive = Naive {
            stack, places, capacity,
            frames: Vec::new(), starts: Vec::new(), transitions: Vec::new(),
        };
        let memory = FrameMemory {
            frames: &mut vec![0; places * FRAME],
            ages: &mut vec![0; places],
            places: &mut vec![0; capacity],
            next_places: &mut vec![0; capacity],
            actions: &mut vec![0; capacity],
            rewards: &mut vec![0.0; capacity],
            discounts: &mut vec![0.0; capacity],
        };
        let mut storage = FrameStorage::new(FrameStack { frame: FRAME, stack }, memory);
        let begin = |storage: &mut FrameStorage<'_>, naive: &mut Naive, frame: &[u8]| {
            storage.begin(frame);
            naive.starts.push(naive.frames.len());
            naive.frames.push(frame.to_vec());
        };
        begin(&mut storage, &mut naive, &[0; FRAME]);
        for Step { frame, action, reward, ends } in steps {
            storage.follow(&frame);
            naive.starts.push(*naive.starts.last().expect("an episode"));
            naive.frames.push(frame.to_vec());
            let last = naive.frames.len() - 1;
            let length = last - naive.starts[last];
            // At the end all that wait come out, the longest first; before it the one that is n steps long.
            let discount = if matches!(ends, Some((true, _))) { 0.0 } else { 0.9 };
            let shortest = if ends.is_some() { 1 } else { n };
            for many in (shortest..=n.min(length)).rev() {
                let slot = storage.remember(many as u64, action, reward, discount);
                naive.remember(many, action, reward, discount);
                prop_assert_eq!(slot as usize, (naive.transitions.len() - 1) % capacity);
            }
            assert_equal(&storage, &naive, 255.0);
            if let Some((_, first)) = ends {
                begin(&mut storage, &mut naive, &first);
                assert_equal(&storage, &naive, 255.0);
            }
        }
    }
}

/// 84 x 84 frames in stacks of 4: places for a million transitions, and for one more frame in fifty of them.
#[test]
fn a_million_stacked_frames_fit_into_seven_gigabytes() {
    const SHAPE: FrameStack = FrameStack { frame: 84 * 84, stack: 4 };
    const BYTES: usize = FrameStorage::byte_count(SHAPE, 1_020_000, 1_000_000);
    const { assert!(BYTES == 7_218_140_000) };
    const { assert!(BYTES <= 7_300_000_000) };
    // Two stacks a transition would take eight times as much.
    const { assert!(1_000_000 * 2 * 4 * 84 * 84 > 7 * BYTES) };
}

/// What a storage is said to take is what its memory takes, but for the end that alignment asks for.
#[test]
fn the_fixed_form_states_its_bytes() {
    type Memory = FrameArrays<1_000, 1_050, { 84 * 84 }>;
    const SHAPE: FrameStack = FrameStack { frame: 84 * 84, stack: 4 };
    const SAID: usize = FrameStorage::byte_count(SHAPE, 1_050, 1_000);
    const { assert!(Memory::BYTES == SAID.next_multiple_of(4)) };
    assert_eq!(Memory::BYTES, 7_429_852);
}

#[test]
fn a_transition_goes_with_its_oldest_frame() {
    let mut memory = FrameArrays::<4, 4, 1>::new();
    let mut storage = memory.storage(2);
    storage.begin(&[0]);
    for step in 1..4 {
        storage.push(step, 0.0, 1.0, &[step as u8]);
    }
    assert_eq!((storage.len(), storage.slot(0)), (3, 0));
    // Its frame takes the place of the first: the first transition needs it, and so does the second.
    storage.push(4, 0.0, 1.0, &[4]);
    assert_eq!((storage.len(), storage.slot(0)), (2, 2));
    let (mut before, mut after) = ([9; 2], [9; 2]);
    storage.observations(2, &mut before, &mut after);
    assert_eq!((before, after), ([1, 2], [2, 3]));
    let forgotten = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| {
        storage.observations(1, &mut before, &mut after);
    }));
    assert!(forgotten.is_err());
}
