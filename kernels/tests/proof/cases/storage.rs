use crate::case::{Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::replay::{Batch, Storage, Transition};
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(6);
    (0..20).map(|_| case(numbers)).collect()
}

fn case(numbers: &mut Numbers) -> Case {
    let (width, capacity, batch) = (numbers.size(1, 300), numbers.size(1, 40), numbers.size(1, 20));
    let mut fields = [vec![0.0; capacity * width], vec![0.0; capacity * width]];
    let [observations, next_observations] = &mut fields;
    let (mut actions, mut rewards) = (vec![0; capacity], vec![0.0; capacity]);
    let mut discounts = vec![0.0; capacity];
    let mut storage = Storage::new(
        width,
        observations,
        &mut actions,
        &mut rewards,
        &mut discounts,
        next_observations,
    );
    for action in 0..capacity as u32 + 3 {
        let [reward, discount] = *numbers.floats(2) else { unreachable!("two numbers") };
        let (observation, next_observation) = (&numbers.floats(width), &numbers.floats(width));
        storage.push(Transition { observation, action, reward, discount, next_observation });
    }
    let mut slots = numbers.indices(batch, capacity);
    let mut gathered = [vec![0.0; batch * width], vec![0.0; batch * width]];
    let [batch_observations, batch_next_observations] = &mut gathered;
    let (mut batch_actions, mut batch_rewards) = (vec![0; batch], vec![0.0; batch]);
    let mut batch_discounts = vec![0.0; batch];
    storage.gather(
        &slots,
        &mut Batch {
            observations: batch_observations,
            actions: &mut batch_actions,
            rewards: &mut batch_rewards,
            discounts: &mut batch_discounts,
            next_observations: batch_next_observations,
        },
    );

    // One more, from a slot that does not exist: its place is left as it was, and a block without a transition.
    slots.push(capacity as u32);
    let untouched = f32::from_bits(u32::MAX);
    gathered.iter_mut().for_each(|field| field.resize((batch + 1) * width, untouched));
    batch_actions.push(u32::MAX);
    batch_rewards.push(untouched);
    batch_discounts.push(untouched);
    let batch = batch + 1;

    let mut case = Case::new(format!("{batch} of {capacity} transitions of {width}"));
    let arguments = [
        case.given("observations", &fields[0]),
        case.given("actions", &actions),
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("next_observations", &fields[1]),
        case.given("slots", &slots),
        case.written("batch_observations", &gathered[0]),
        case.written("batch_actions", &batch_actions),
        case.written("batch_rewards", &batch_rewards),
        case.written("batch_discounts", &batch_discounts),
        case.written("batch_next_observations", &gathered[1]),
        size(width),
        size(capacity),
        size(batch),
    ];
    case.launch("gather", Launch::blocks(batch as u32 + 1), &arguments);
    case
}
