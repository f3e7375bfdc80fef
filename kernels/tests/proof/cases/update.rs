//! Whole updates of a double DQN, launch by launch: the column of core's `dqn/cpu_learner.rs`.

use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::dqn::{CpuLearner, DqnConfig, Learner, LearnerMemory, TargetUpdate, Update};
use embedded_rl_core::nn::{Activation, Initialisation, Lanes, Loss, NetworkSpec, Optimiser};
use embedded_rl_core::replay::{Storage, Transition};
use embedded_rl_core::rng::{Generator, SeedableRng};
use embedded_rl_kernels::Launch;

const SIZES: [usize; 4] = [8, 64, 64, 4];
const BATCH: usize = 32;
const CAPACITY: usize = 200;
const UPDATES: usize = 10;

const RATE: f64 = 1e-3;
const TAU: f32 = 5e-3;
const CLIP: f32 = 0.75;
const CONFIG: DqnConfig = DqnConfig {
    target: TargetUpdate::Soft { tau: TAU },
    double: true,
    loss: Loss::Huber,
    optimiser: Optimiser::adam(RATE),
    clip_norm: CLIP,
    ..DqnConfig::PLAIN
};

pub(crate) fn cases() -> Vec<Case> {
    vec![case(&mut Numbers::new(9))]
}

fn case(numbers: &mut Numbers) -> Case {
    let spec = NetworkSpec::mlp(&SIZES, Activation::Relu);
    let (width, actions) = (SIZES[0], SIZES[3]);
    let mut floats = vec![0.0; LearnerMemory::float_count(&spec, &CONFIG, BATCH)];
    let mut batch_actions = vec![0; BATCH];
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
    let slots: Vec<_> = (0..UPDATES).map(|_| numbers.indices(BATCH, CAPACITY)).collect();
    let mut learner = CpuLearner::new(spec, CONFIG, Lanes::best(), storage, memory);
    let unused = &mut Generator::seed_from_u64(0);
    let mut learn = |slots| learner.learn(slots, None, 1.0, unused);
    let updates: Vec<Update> = slots.iter().map(|slots| learn(slots)).collect();
    let last = updates[UPDATES - 1];

    let mut case = Case::new(format!("{UPDATES} updates of a double DQN {SIZES:?}, batch {BATCH}"));
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
    let storage = &learner.storage;
    let stored = [
        case.given("observations", storage.observations),
        case.given("actions", storage.actions),
        case.given("rewards", storage.rewards),
        case.given("discounts", storage.discounts),
        case.given("next_observations", storage.next_observations),
    ];
    let [observations, taken, rewards, discounts, next_observations] =
        [BATCH * width, BATCH, BATCH, BATCH, BATCH * width]
            .map(|count| case.between("batch", count));
    let mut network = Layers::new(&mut case, observations.clone());
    let (next_q, next_q_chooser) =
        (case.between("next_q", BATCH * actions), case.between("chooser", BATCH * actions));
    let (targets, d_q) = (case.between("targets", BATCH), case.between("d_q", BATCH * actions));
    let (gradients, norm) = (case.between("gradients", count), case.between("norm", 1));
    let step = case.between("step", 5);

    let [rows, elements] = [BATCH as u32, count as u32].map(Launch::elements);
    let of_batch = [size(actions), size(BATCH)];
    for slots in &slots {
        let slots = case.given("slots", slots);
        let batch = [
            slots,
            observations.clone(),
            taken.clone(),
            rewards.clone(),
            discounts.clone(),
            next_observations.clone(),
            size(width),
            size(CAPACITY),
            size(BATCH),
        ];
        case.launch("gather", Launch::blocks(BATCH as u32), &[&stored[..], &batch[..]].concat());

        network.forward(&mut case, &target, &next_observations, &next_q);
        network.forward(&mut case, &parameters, &next_observations, &next_q_chooser);
        let of = [&rewards, &discounts, &next_q_chooser, &next_q, &targets].map(Argument::clone);
        case.launch("double_q_learning", rows, &[&of[..], &of_batch[..]].concat());

        let q = network.outputs[2].clone();
        network.forward(&mut case, &parameters, &observations, &q);
        let of = [&q, &taken, &targets, &Argument::Null, &d_q, &errors, &total];
        let of = of.map(Argument::clone);
        case.launch("huber", Launch::one_block(), &[&of[..], &of_batch[..]].concat());
        let of = [&q, &taken, &mean].map(Argument::clone);
        case.launch("mean_of_taken", Launch::one_thread(), &[&of[..], &of_batch[..]].concat());
        case.launch("fill", elements, &[gradients.clone(), Argument::F32(0.0), size(count)]);
        network.backward(&mut case, &parameters, &d_q, &gradients);

        let of = [gradients.clone(), norm.clone()];
        case.launch("clip_norm_measure", Launch::one_block(), &[&of[..], &[size(count)]].concat());
        let limit = [Argument::F32(CLIP), size(count)];
        case.launch("clip_norm_scale", elements, &[&of[..], &limit[..]].concat());
        let rates = [RATE, 0.9, 0.999, 1e-8].map(Argument::F64);
        let of = [powers.clone(), step.clone()];
        case.launch("adam_correct", Launch::one_thread(), &[&of[..], &rates[..]].concat());
        let of = [&step, &parameters, &gradients, &moments].map(Argument::clone);
        case.launch("adam_step", elements, &[&of[..], &[size(count)]].concat());
        let of = [parameters.clone(), target.clone(), Argument::F32(TAU), size(count)];
        case.launch("soft_update", elements, &of);
    }
    case
}

/// The network's layers: where the parameters of each start, and what comes out of it.
struct Layers {
    input: Argument,
    starts: [usize; 3],
    outputs: [Argument; 3],
    d_outputs: [Argument; 2],
}

impl Layers {
    fn new(case: &mut Case, input: Argument) -> Self {
        let mut starts = [0; 3];
        for layer in 1..3 {
            starts[layer] = starts[layer - 1] + (SIZES[layer - 1] + 1) * SIZES[layer];
        }
        let outputs = [1, 2, 3].map(|layer| case.between("outputs", BATCH * SIZES[layer]));
        let d_outputs = [1, 2].map(|layer| case.between("d_outputs", BATCH * SIZES[layer]));
        Self { input, starts, outputs, d_outputs }
    }

    fn forward(&mut self, case: &mut Case, parameters: &Argument, input: &Argument, q: &Argument) {
        let mut input = input.clone();
        for layer in 0..3 {
            let [inputs, outputs] = [SIZES[layer], SIZES[layer + 1]];
            let output = if layer == 2 { q.clone() } else { self.outputs[layer].clone() };
            case.launch(
                "dense_forward",
                Launch::tiles(BATCH as u32, outputs as u32),
                &[
                    parameters.from(self.starts[layer]),
                    input,
                    output.clone(),
                    size(inputs),
                    size(outputs),
                    size(BATCH),
                ],
            );
            if layer < 2 {
                let grid = Launch::elements((BATCH * outputs) as u32);
                case.launch("relu_forward", grid, &[output.clone(), size(BATCH * outputs)]);
            }
            input = output;
        }
    }

    fn backward(&mut self, case: &mut Case, parameters: &Argument, d_q: &Argument, to: &Argument) {
        let mut d_output = d_q.clone();
        for layer in (0..3).rev() {
            let [inputs, outputs] = [SIZES[layer], SIZES[layer + 1]];
            let sizes = [size(inputs), size(outputs), size(BATCH)];
            let input =
                if layer == 0 { self.input.clone() } else { self.outputs[layer - 1].clone() };
            let of = [input.clone(), d_output.clone(), to.from(self.starts[layer])];
            let grid = Launch::tiles(inputs as u32 + 1, outputs as u32);
            case.launch("dense_parameter_gradient", grid, &[&of[..], &sizes[..]].concat());
            if layer == 0 {
                return;
            }
            let d_input = self.d_outputs[layer - 1].clone();
            let of = [parameters.from(self.starts[layer]), d_output, d_input.clone()];
            let grid = Launch::tiles(BATCH as u32, inputs as u32);
            case.launch("dense_input_gradient", grid, &[&of[..], &sizes[..]].concat());
            let grid = Launch::elements((BATCH * inputs) as u32);
            case.launch("relu_backward", grid, &[input, d_input.clone(), size(BATCH * inputs)]);
            d_output = d_input;
        }
    }
}
