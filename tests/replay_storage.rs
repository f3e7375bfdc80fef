//! The ring of transitions against a naive twin: whatever is pushed, read or gathered, both hold the same.

use embedded_rl_core::replay::{Batch, Storage, StorageArrays, Transition};
use proptest::prelude::*;

/// A transition that owns its observations.
#[derive(Clone, Debug, PartialEq)]
struct Owned {
    observation: Vec<f32>,
    action: u32,
    reward: f32,
    discount: f32,
    next_observation: Vec<f32>,
}

impl Owned {
    fn of(transition: Transition<'_>) -> Self {
        Self {
            observation: transition.observation.to_vec(),
            action: transition.action,
            reward: transition.reward,
            discount: transition.discount,
            next_observation: transition.next_observation.to_vec(),
        }
    }

    fn as_transition(&self) -> Transition<'_> {
        Transition {
            observation: &self.observation,
            action: self.action,
            reward: self.reward,
            discount: self.discount,
            next_observation: &self.next_observation,
        }
    }
}

/// Remembers everything that was ever pushed, and looks up what a slot must hold.
struct Naive {
    capacity: usize,
    history: Vec<Owned>,
}

impl Naive {
    fn slot(&self, slot: usize) -> Option<&Owned> {
        self.history.iter().skip(slot).step_by(self.capacity).next_back()
    }
}

/// Memory of a storage over slices.
#[derive(Clone, Debug, PartialEq)]
struct Slices {
    width: usize,
    observations: Vec<f32>,
    actions: Vec<u32>,
    rewards: Vec<f32>,
    discounts: Vec<f32>,
    next_observations: Vec<f32>,
}

impl Slices {
    fn new(capacity: usize, width: usize) -> Self {
        Self {
            width,
            observations: vec![f32::MAX; capacity * width],
            actions: vec![u32::MAX; capacity],
            rewards: vec![f32::MAX; capacity],
            discounts: vec![f32::MAX; capacity],
            next_observations: vec![f32::MAX; capacity * width],
        }
    }

    fn storage(&mut self) -> Storage<'_> {
        Storage::new(
            self.width,
            &mut self.observations,
            &mut self.actions,
            &mut self.rewards,
            &mut self.discounts,
            &mut self.next_observations,
        )
    }
}

/// Gathers `slots` into memory of the same form as a ring's.
fn gather(storage: &Storage<'_>, width: usize, slots: &[u32]) -> Slices {
    let mut gathered = Slices::new(slots.len(), width);
    let mut batch = Batch {
        observations: &mut gathered.observations,
        actions: &mut gathered.actions,
        rewards: &mut gathered.rewards,
        discounts: &mut gathered.discounts,
        next_observations: &mut gathered.next_observations,
    };
    storage.gather(slots, &mut batch);
    gathered
}

/// Everything that can be asked of `storage` is as `naive` says; `draws` choose what is gathered.
fn assert_equal(storage: &Storage<'_>, naive: &Naive, width: usize, draws: &[u32]) {
    let pushed = naive.history.len();
    assert_eq!(storage.pushed(), pushed as u64);
    assert_eq!(storage.capacity(), naive.capacity);
    assert_eq!(storage.len(), pushed.min(naive.capacity));
    assert_eq!(storage.is_empty(), pushed == 0);
    for slot in 0..storage.len() {
        assert_eq!(Some(&Owned::of(storage.get(slot as u32))), naive.slot(slot), "slot {slot}");
    }
    if storage.is_empty() {
        return;
    }
    let slots: Vec<u32> = draws.iter().map(|draw| draw % storage.len() as u32).collect();
    let mut gathered = gather(storage, width, &slots);
    if slots.is_empty() {
        return;
    }
    let mut gathered = gathered.storage();
    gathered.set_pushed(slots.len() as u64);
    for (place, &slot) in slots.iter().enumerate() {
        let found = Owned::of(gathered.get(place as u32));
        assert_eq!(Some(&found), naive.slot(slot as usize), "place {place}, slot {slot}");
    }
}

fn transitions(width: usize) -> impl Strategy<Value = Vec<Owned>> {
    let observation = || prop::collection::vec(-9.0f32..9.0, width);
    let transition = (observation(), any::<u32>(), -1.0f32..1.0, 0.0f32..1.0, observation());
    prop::collection::vec(
        transition.prop_map(|(observation, action, reward, discount, next_observation)| Owned {
            observation,
            action,
            reward,
            discount,
            next_observation,
        }),
        0..40,
    )
}

fn pushes_and_draws(width: usize) -> impl Strategy<Value = (Vec<Owned>, Vec<u32>)> {
    (transitions(width), prop::collection::vec(any::<u32>(), 0..12))
}

/// A width, pushes of that width, and draws.
fn any_width() -> impl Strategy<Value = (usize, (Vec<Owned>, Vec<u32>))> {
    (1usize..=4).prop_flat_map(|width| (Just(width), pushes_and_draws(width)))
}

/// Pushes one after the other into `storage`, comparing after each.
fn push_all(mut storage: Storage<'_>, width: usize, pushes: &[Owned], draws: &[u32]) {
    let mut naive = Naive { capacity: storage.capacity(), history: Vec::new() };
    assert_equal(&storage, &naive, width, draws);
    for transition in pushes {
        storage.push(transition.as_transition());
        naive.history.push(transition.clone());
        assert_equal(&storage, &naive, width, draws);
    }
}

proptest! {
    #[test]
    fn a_ring_over_slices_equals_its_naive_twin(
        capacity in 1usize..=9,
        (width, (pushes, draws)) in any_width(),
    ) {
        push_all(Slices::new(capacity, width).storage(), width, &pushes, &draws);
    }

    #[test]
    fn rings_in_arrays_equal_their_naive_twin((pushes, draws) in pushes_and_draws(2)) {
        push_all(StorageArrays::<1, 2>::new().storage(), 2, &pushes, &draws);
        push_all(StorageArrays::<2, 2>::new().storage(), 2, &pushes, &draws);
        push_all(StorageArrays::<7, 2>::new().storage(), 2, &pushes, &draws);
    }

    /// What a checkpoint does: the filled front of every field, and the count.
    #[test]
    fn a_ring_that_is_saved_and_restored_goes_on_as_if_nothing_had_happened(
        capacity in 1usize..=9,
        (width, (pushes, draws)) in any_width(),
        cut in any::<prop::sample::Index>(),
    ) {
        let (before, after) = pushes.split_at(cut.index(pushes.len() + 1));
        let mut naive = Naive { capacity, history: before.to_vec() };
        let mut first = Slices::new(capacity, width);
        let mut storage = first.storage();
        for (slot, transition) in before.iter().enumerate() {
            let slot = slot % storage.capacity();
            assert_eq!(storage.push(transition.as_transition()), slot as u32);
        }
        let (stored, pushed) = (storage.len(), storage.pushed());

        let mut second = Slices::new(capacity, width);
        second.observations[..stored * width].copy_from_slice(&first.observations[..stored * width]);
        second.actions[..stored].copy_from_slice(&first.actions[..stored]);
        second.rewards[..stored].copy_from_slice(&first.rewards[..stored]);
        second.discounts[..stored].copy_from_slice(&first.discounts[..stored]);
        second.next_observations[..stored * width]
            .copy_from_slice(&first.next_observations[..stored * width]);
        let mut restored = second.storage();
        restored.set_pushed(pushed);
        assert_equal(&restored, &naive, width, &draws);
        for transition in after {
            restored.push(transition.as_transition());
            naive.history.push(transition.clone());
            assert_equal(&restored, &naive, width, &draws);
        }
    }
}

/// The sentence with which `wrong` panics.
fn refusal(wrong: impl FnOnce()) -> String {
    let payload = std::panic::catch_unwind(core::panic::AssertUnwindSafe(wrong));
    let payload = payload.expect_err("this was accepted");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap()
}

#[test]
fn wrong_memory_is_refused_when_the_ring_is_made() {
    let widths = refusal(|| {
        let _ = Slices::new(3, 0).storage();
    });
    assert!(widths.contains("at least one element"), "{widths}");
    let none = refusal(|| {
        let _ = Slices::new(0, 2).storage();
    });
    assert!(none.contains("1 to 2^32 - 1 transitions"), "{none}");
    let right = Slices::new(3, 2);
    let shorter = vec![0.0; 2];
    for (field, mut wrong) in [
        ("one observation", Slices { observations: shorter.clone(), ..right.clone() }),
        ("one next observation", Slices { next_observations: shorter.clone(), ..right.clone() }),
        ("one reward and discount", Slices { rewards: shorter.clone(), ..right.clone() }),
        ("one reward and discount", Slices { discounts: shorter, ..right }),
    ] {
        let refused = refusal(|| {
            let _ = wrong.storage();
        });
        assert!(refused.contains(field), "{field}: {refused}");
    }
}

#[test]
fn an_empty_slot_and_a_wrong_batch_are_refused() {
    let mut slices = Slices::new(3, 1);
    let mut storage = slices.storage();
    let empty = refusal(|| {
        let _ = Owned::of(storage.get(0));
    });
    assert!(empty.contains("slot 0 of 0 is empty"), "{empty}");
    storage.push(Transition {
        observation: &[1.0],
        action: 0,
        reward: 0.0,
        discount: 0.0,
        next_observation: &[2.0],
    });
    let next = refusal(|| {
        let _ = gather(&storage, 1, &[0, 1]);
    });
    assert!(next.contains("slot 1 of 1 is empty"), "{next}");
    let longer = Transition { observation: &[1.0, 2.0], ..storage.get(0) };
    let longer = Owned::of(longer);
    refusal(|| {
        let _ = storage.push(longer.as_transition());
    });
}
