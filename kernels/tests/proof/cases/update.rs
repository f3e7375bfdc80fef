//! Whole updates of a double DQN, launch by launch: the column of core's `dqn/cpu_learner.rs`.

use super::network::Network;
use super::optimiser::kernel_and_rates;
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::dqn::{CpuLearner, DqnConfig, Learner, LearnerMemory, TargetUpdate, Update};
use embedded_rl_core::nn::{
    Activation, Image, Initialisation, Lanes, Loss, NetworkSpec, Optimiser,
};
use embedded_rl_core::replay::{Storage, Transition};
use embedded_rl_core::rng::{Generator, SeedableRng};
use embedded_rl_kernels::Launch;

const CAPACITY: usize = 200;

const FACTOR: f32 = 0.9;
const TAU: f32 = 5e-3;
const CLIP: f32 = 0.75;
const CONFIG: DqnConfig = DqnConfig {
    target: TargetUpdate::Soft { tau: TAU },
    double: true,
    loss: Loss::Huber,
    optimiser: Optimiser::adam(1e-3),
    clip_norm: CLIP,
    ..DqnConfig::PLAIN
};

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(9);
    let dense = NetworkSpec::mlp(&[8, 64, 64, 4], Activation::Relu);
    let gridworld = NetworkSpec::image(Image::channels_first(3, 9, 10))
        .conv2d(32, [4, 4], [2, 2], [0, 0])
        .activation(Activation::Relu)
        .conv2d(64, [3, 3], [1, 1], [0, 0])
        .activation(Activation::Relu)
        .dense(50)
        .activation(Activation::Relu)
        .dense(4);
    vec![case(numbers, "8-64-64-4", dense, 32, 10), case(numbers, "gridworld", gridworld, 8, 3)]
}

fn case(
    numbers: &mut Numbers,
    name: &str,
    spec: NetworkSpec,
    batch: usize,
    updates: usize,
) -> Case {
    let (width, actions) = (spec.inputs(), spec.outputs());
    let mut floats = vec![0.0; LearnerMemory::float_count(&spec, &CONFIG, batch)];
    let mut batch_actions = vec![0; batch];
    let mut memory = LearnerMemory::new(&spec, &CONFIG, &mut floats, &mut batch_actions);
    memory.draw(&spec, &CONFIG, Initialisation::PyTorch, &mut numbers.0);
    let before = memory.parameters.to_vec();

    let (mut observations, mut next_observations) =
        (vec![0.0; CAPACITY * width], vec![0.0; CAPACITY * width]);
    let (mut of_actions, mut rewards) = (vec![0; CAPACITY], vec![0.0; CAPACITY]);
    let mut discounts = vec![0.0; CAPACITY];
    let mut storage = Storage::new(
        width,
        &mut observations,
        &mut of_actions,
        &mut rewards,
        &mut discounts,
        &mut next_observations,
    );
    for _ in 0..CAPACITY {
        let (observation, next_observation) = (&numbers.floats(width), &numbers.floats(width));
        let (action, reward) = (numbers.indices(1, actions)[0], 5.0 * numbers.floats(1)[0]);
        let discount = if numbers.size(0, 9) == 0 { 0.0 } else { 0.99 };
        storage.push(Transition { observation, action, reward, discount, next_observation });
    }
    let slots: Vec<_> = (0..updates).map(|_| numbers.indices(batch, CAPACITY)).collect();
    let mut learner = CpuLearner::new(spec, CONFIG, Lanes::best(), storage, memory);
    let unused = &mut Generator::seed_from_u64(0);
    let mut learn = |slots| learner.learn(slots, None, FACTOR, unused);
    let learned: Vec<Update> = slots.iter().map(|slots| learn(slots)).collect();
    let last = learned[updates - 1];

    let mut case = Case::new(format!("{updates} updates of a double DQN, {name}, batch {batch}"));
    let count = before.len();
    let changed = |name, after: &[f32], case: &mut Case| case.changed(name, &before, after);
    let parameters = changed("parameters", learner.memory.parameters, &mut case);
    let target = changed("target_parameters", learner.memory.target_parameters, &mut case);
    let moments = case.changed("moments", &vec![0.0; 2 * count], learner.memory.moments);
    let errors = case.written("errors", learner.errors());
    let (total, mean) =
        (case.written("loss", &[last.loss]), case.written("mean_q", &[last.mean_q]));
    let state = learner.optimiser_state;
    let powers = case.changed("powers", &[1.0, 1.0], &[state.beta1_power, state.beta2_power]);
    let storage = learner.storage.as_whole().expect("no frames");
    let stored = [
        case.given("observations", storage.observations),
        case.given("actions", storage.actions),
        case.given("rewards", storage.rewards),
        case.given("discounts", storage.discounts),
        case.given("next_observations", storage.next_observations),
    ];
    let [observations, taken, rewards, discounts, next_observations] =
        [batch * width, batch, batch, batch, batch * width]
            .map(|count| case.between("batch", count));
    let network = Network::new(&mut case, &spec, batch);
    let (next_q, next_q_chooser) =
        (case.between("next_q", batch * actions), case.between("chooser", batch * actions));
    let (targets, d_q) = (case.between("targets", batch), case.between("d_q", batch * actions));
    let (gradients, norm) = (case.between("gradients", count), case.between("norm", 1));
    let (step, factor) = (case.between("step", 5), case.given("factor", &[FACTOR]));
    let (kernel, rates) = kernel_and_rates(CONFIG.optimiser);

    let [rows, elements] = [batch as u32, count as u32].map(Launch::elements);
    let of_batch = [size(actions), size(batch)];
    for slots in &slots {
        let slots = case.given("slots", slots);
        let of_slots = [
            slots,
            observations.clone(),
            taken.clone(),
            rewards.clone(),
            discounts.clone(),
            next_observations.clone(),
            size(width),
            size(CAPACITY),
            size(batch),
        ];
        case.launch("gather", Launch::blocks(batch as u32), &[&stored[..], &of_slots[..]].concat());

        network.forward(&mut case, &target, &next_observations, &next_q);
        network.forward(&mut case, &parameters, &next_observations, &next_q_chooser);
        let of = [&rewards, &discounts, &next_q_chooser, &next_q, &targets].map(Argument::clone);
        case.launch("double_q_learning", rows, &[&of[..], &of_batch[..]].concat());

        let q = network.output();
        network.forward(&mut case, &parameters, &observations, &q);
        let of = [&q, &taken, &targets, &Argument::Null, &d_q, &errors, &total];
        let of = of.map(Argument::clone);
        case.launch("huber", Launch::one_block(), &[&of[..], &of_batch[..]].concat());
        let of = [&q, &taken, &mean].map(Argument::clone);
        case.launch("mean_of_taken", Launch::one_thread(), &[&of[..], &of_batch[..]].concat());
        case.launch("fill", elements, &[gradients.clone(), Argument::F32(0.0), size(count)]);
        network.backward(&mut case, &parameters, &observations, &d_q, &gradients);

        let of = [gradients.clone(), norm.clone(), size(count)];
        case.launch("clip_norm_measure", Launch::one_block(), &of);
        let of = [powers.clone(), step.clone(), factor.clone(), rates.clone()];
        case.launch("prepare_step", Launch::one_thread(), &of);
        let of = [&step, &gradients, &norm, &parameters, &moments, &target].map(Argument::clone);
        let sizes = [Argument::F32(CLIP), Argument::F32(TAU), size(count)];
        case.launch(kernel, elements, &[&of[..], &sizes[..]].concat());
    }
    case
}
