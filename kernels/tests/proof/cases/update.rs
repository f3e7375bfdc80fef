//! Whole updates of a double DQN, layer by layer: the column of core's `dqn/cpu_learner.rs`.

use super::learned::{self, CAPACITY, Learned};
use super::network::Network;
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::dqn::{DqnConfig, TargetUpdate};
use embedded_rl_core::nn::{Activation, Image, Loss, NetworkSpec, Optimiser};
use embedded_rl_kernels::Launch;

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
    let mut learn = |name, spec, batch, updates, on_the_way| {
        let learned = learned::learn(numbers, spec, CONFIG, batch, updates, false);
        case(name, &learned, &spec, on_the_way)
    };
    vec![learn("8-64-64-4", dense, 32, 10, false), learn("gridworld", gridworld, 8, 3, true)]
}

/// With elementwise functions computed by the layers beside them, or as launches of their own.
fn case(name: &str, learned: &Learned, spec: &NetworkSpec, on_the_way: bool) -> Case {
    let (mut case, of) = learned.case(&format!("updates layer by layer of {name}"));
    let (width, actions, batch) = (spec.inputs(), spec.outputs(), learned.batch);
    let count = of.count;
    let [observations, taken, rewards, discounts, next_observations] =
        [batch * width, batch, batch, batch, batch * width]
            .map(|count| case.between("batch", count));
    let network = Network::new(&mut case, spec, batch, on_the_way);
    let (next_q, next_q_chooser) =
        (case.between("next_q", batch * actions), case.between("chooser", batch * actions));
    let (targets, d_q) = (case.between("targets", batch), case.between("d_q", batch * actions));

    let [rows, elements] = [batch as u32, count as u32].map(Launch::elements);
    let of_batch = [size(actions), size(batch)];
    for [slots, weights] in &of.updates {
        let of_slots = [
            slots.clone(),
            observations.clone(),
            taken.clone(),
            rewards.clone(),
            discounts.clone(),
            next_observations.clone(),
            size(width),
            size(CAPACITY),
            size(batch),
        ];
        let gathered = [&of.stored[..], &of_slots[..]].concat();
        case.launch("gather", Launch::blocks(batch as u32), &gathered);

        network.forward(&mut case, &of.target, &next_observations, &next_q);
        network.forward(&mut case, &of.parameters, &next_observations, &next_q_chooser);
        let five = [&rewards, &discounts, &next_q_chooser, &next_q, &targets].map(Argument::clone);
        case.launch("double_q_learning", rows, &[&five[..], &of_batch[..]].concat());

        let q = network.output();
        network.forward(&mut case, &of.parameters, &observations, &q);
        let seven = [&q, &taken, &targets, weights, &d_q, &of.errors, &of.loss];
        let seven = seven.map(Argument::clone);
        case.launch("huber", Launch::one_block(), &[&seven[..], &of_batch[..]].concat());
        let three = [&q, &taken, &of.mean_q].map(Argument::clone);
        case.launch("mean_of_taken", Launch::one_thread(), &[&three[..], &of_batch[..]].concat());
        case.launch("fill", elements, &[of.gradients.clone(), Argument::F32(0.0), size(count)]);
        network.backward(&mut case, &of.parameters, &observations, &d_q, &of.gradients);

        let two = [of.gradients.clone(), of.norm.clone(), size(count)];
        case.launch("clip_norm_measure", Launch::one_block(), &two);
        let four = [&of.powers, &of.step, &of.factor, &of.rates].map(Argument::clone);
        case.launch("prepare_step", Launch::one_thread(), &four);
        let six = [&of.step, &of.gradients, &of.norm, &of.parameters, &of.moments, &of.target];
        let sizes = [Argument::F32(CLIP), Argument::F32(TAU), size(count)];
        case.launch(of.kernel, elements, &[&six.map(Argument::clone)[..], &sizes[..]].concat());
    }
    case
}
