use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::replay::{Batch, FrameMemory, FrameStack, FrameStorage};
use embedded_rl_kernels::Launch;

const DIVISOR: f32 = 255.0;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(17);
    (0..20).map(|_| case(numbers)).collect()
}

fn case(numbers: &mut Numbers) -> Case {
    let (frame, stack) = (numbers.size(1, 60), numbers.size(1, 5));
    let (places, capacity) = (numbers.size(stack + 1, 40), numbers.size(1, 30));
    let (mut frames, mut ages) = (vec![0; places * frame], vec![0; places]);
    let [mut last_places, mut next_places, mut actions] = [(); 3].map(|()| vec![0; capacity]);
    let [mut rewards, mut discounts] = [(); 2].map(|()| vec![0.0; capacity]);
    let memory = FrameMemory {
        frames: &mut frames,
        ages: &mut ages,
        places: &mut last_places,
        next_places: &mut next_places,
        actions: &mut actions,
        rewards: &mut rewards,
        discounts: &mut discounts,
    };
    let mut storage = FrameStorage::new(FrameStack { frame, stack }, memory);
    let mut picture =
        || -> Vec<u8> { numbers.indices(frame, 256).iter().map(|&n| n as u8).collect() };
    storage.begin(&picture());
    for step in 0..100 {
        if step % 7 == 6 {
            storage.begin(&picture());
        }
        storage.push(step, step as f32, 0.5, &picture());
    }
    let batch = numbers.size(1, 20);
    let nths = numbers.indices(batch, storage.len());
    let mut slots: Vec<u32> = nths.iter().map(|&nth| storage.slot(nth as usize)).collect();
    let width = frame * stack;
    let mut gathered = [vec![0.0; batch * width], vec![0.0; batch * width]];
    let [observations, next_observations] = &mut gathered;
    let mut batch_actions = vec![0; batch];
    let [mut batch_rewards, mut batch_discounts] = [(); 2].map(|()| vec![0.0; batch]);
    storage.gather(
        &slots,
        DIVISOR,
        &mut Batch {
            observations,
            actions: &mut batch_actions,
            rewards: &mut batch_rewards,
            discounts: &mut batch_discounts,
            next_observations,
        },
    );
    // One more, from a slot that does not exist: its place is left as it was, and a block without a transition.
    slots.push(capacity as u32);
    let untouched = f32::from_bits(u32::MAX);
    gathered.iter_mut().for_each(|field| field.resize((batch + 1) * width, untouched));
    batch_actions.push(u32::MAX);
    batch_rewards.push(untouched);
    batch_discounts.push(untouched);

    let mut case =
        Case::new(format!("{batch} transitions of {stack} frames of {frame}, {places} places"));
    let shape = [frame, stack, places, capacity].map(|n| n as u32);
    let arguments = [
        case.given("frames", &frames),
        case.given("ages", &ages),
        case.given("places", &last_places),
        case.given("next_places", &next_places),
        case.given("actions", &actions),
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("slots", &slots),
        case.written("batch_observations", &gathered[0]),
        case.written("batch_actions", &batch_actions),
        case.written("batch_rewards", &batch_rewards),
        case.written("batch_discounts", &batch_discounts),
        case.written("batch_next_observations", &gathered[1]),
        Argument::F32(DIVISOR),
        Argument::Struct(shape.to_vec()),
        size(batch + 1),
    ];
    let mut grid = Launch::blocks(batch as u32 + 2);
    grid.blocks[1] = 2;
    case.launch("gather_frames", grid, &arguments);
    case
}
