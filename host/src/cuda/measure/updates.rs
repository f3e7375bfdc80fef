//! From stored transitions to moved parameters, as it is measured: `storage.cu`, `frames.cu`, `bellman.cu`, `distribution.cu`,
//! `loss.cu`, `cross_entropy.cu`, `clip.cu`, optimisers, `target_network.cu`, and the fused `mlp.cu` and `sums.cu`.

use super::trains;
use super::workload::{
    Content, Scale, Workload, bytes, doubles, floats, indices, shares, words_of, zeros,
};
use embedded_rl_kernels::{Activation, Baseline, Launch, Mlp};

/// Rate, beta1, beta2, epsilon: `struct Rates` of `optimiser.cuh`.
const RATES: [f64; 4] = [1e-3, 0.9, 0.999, 1e-8];

pub(super) fn workloads(scale: Scale) -> Vec<Workload> {
    let mut all = Vec::new();
    all.extend(batches(scale));
    all.extend(targets(scale));
    all.extend(distributions(scale));
    all.extend(losses(scale));
    all.extend(branched(scale));
    all.extend(steps(scale));
    all.extend(fused(scale));
    all
}

fn batches(scale: Scale) -> [Workload; 2] {
    // Transitions: width, capacity, batch.
    let sizes = scale.of([128, 1 << 18, 1 << 16], [5, 50, 9]);
    let [w, c, b] = sizes.map(|size| size as usize);
    let of_slots = [floats(c * w), indices(c, 4), floats(c), shares(c), floats(c * w)];
    let of_batch = [floats(b * w), zeros(b), floats(b), floats(b), floats(b * w)];
    let buffers = [&of_slots[..], &[indices(b, c)], &of_batch].concat();
    let whole = trains("gather", &sizes, &[], Launch::blocks(sizes[2]), &buffers);

    // Frames: bytes of one, how many are seen, places, slots, batch.
    let sizes = scale.of([7_056, 4, 1 << 14, 1 << 14, 1_024], [30, 4, 60, 50, 9]);
    let [f, s, p, c, b] = sizes.map(|size| size as usize);
    let of_slots = [bytes(p * f), bytes(p), indices(c, p), indices(c, p)];
    let transitions = [indices(c, 4), floats(c), shares(c), indices(b, c)];
    let of_batch = [floats(b * s * f), zeros(b), floats(b), floats(b), floats(b * s * f)];
    let buffers = [&of_slots[..], &transitions, &of_batch].concat();
    let launch = Launch { blocks: [sizes[4], 2, 1], ..Launch::blocks(sizes[4]) };
    [whole, trains("gather_frames", &sizes, &[255.0], launch, &buffers)]
}

/// `struct Munchausen` of `bellman.cuh`.
fn munchausen() -> [u32; 3] {
    [0.9, 0.03, -1.0].map(f32::to_bits)
}

fn targets(scale: Scale) -> [Workload; 3] {
    let [actions, batch] = scale.of([8, 1 << 20], [3, 33]);
    let (a, b) = (actions as usize, batch as usize);
    let (rewards, discounts, q, to) = (floats(b), shares(b), floats(a * b), floats(b));
    let of = |name, words: &[u32], buffers: &[Content]| {
        let sizes = [words, &[actions, batch]].concat();
        trains(name, &sizes, &[], Launch::elements(batch), buffers)
    };
    [
        of("q_learning", &[], &[rewards, discounts, q, to]),
        of("double_q_learning", &[], &[rewards, discounts, q, q, to]),
        of("munchausen", &munchausen(), &[rewards, discounts, indices(b, a), q, q, to]),
    ]
}

fn distributions(scale: Scale) -> [Workload; 10] {
    let [width, actions, batch] = scale.of([51, 8, 1 << 14], [5, 3, 33]);
    let [w, a, b] = [width, actions, batch].map(|size| size as usize);
    let groups = actions * batch;
    let atoms = [-10.0, 10.0, 20.0 / (width as f32 - 1.0)].map(f32::to_bits);
    let (rewards, discounts, taken) = (floats(b), shares(b), indices(b, a));
    let (means, outputs, to) = (floats(a * b), floats(a * b * w), floats(b * w));
    let of = |name, launch, sizes: &[&[u32]], buffers: &[Content]| {
        trains(name, &sizes.concat(), &[], launch, buffers)
    };
    let a_group = Launch::elements(groups);
    let a_quantile = Launch::elements(groups * width);
    let a_target = Launch::elements(batch * width);
    let a_row = Launch::elements(batch);
    let (of_groups, of_batch): (&[u32], &[u32]) = (&[width, groups], &[width, actions, batch]);
    [
        of("mean_of_atoms", a_group, &[&atoms, of_groups], &[outputs, means]),
        of("mean_of_atoms_backward", a_group, &[&atoms, of_groups], &[outputs, means, outputs]),
        of("mean_of_quantiles", a_group, &[of_groups], &[outputs, means]),
        of("mean_of_quantiles_backward", a_quantile, &[of_groups], &[means, outputs]),
        of(
            "categorical_project",
            a_row,
            &[&atoms, of_batch],
            &[rewards, discounts, means, outputs, to],
        ),
        of(
            "quantile_targets",
            a_target,
            &[&[0], of_batch],
            &[rewards, discounts, means, outputs, to],
        ),
        of(
            "munchausen_quantiles",
            a_target,
            &[&munchausen(), &[0], of_batch],
            &[rewards, discounts, taken, means, means, outputs, to],
        ),
        of(
            "quantile_huber",
            a_target,
            &[&[0, width], of_batch],
            &[outputs, shares(b * w), taken, to, shares(b), outputs, to],
        ),
        of(
            "cross_entropy_of_taken",
            Launch::one_block(),
            &[of_batch],
            &[outputs, taken, to, shares(b), outputs, floats(b), floats(1)],
        ),
        of(
            "add_losses",
            Launch::one_block(),
            &[&[width, batch]],
            &[to, shares(b), floats(b), floats(1)],
        ),
    ]
}

/// Four components of an action, or two.
fn branched(scale: Scale) -> [Workload; 5] {
    let (counts, batch): (&[u32], u32) = scale.of((&[8, 8, 8, 8], 4_096), (&[2, 3], 33));
    let (values, combinations) = (counts.iter().sum(), counts.iter().product());
    let mut sizes = vec![counts.len() as u32, values, combinations];
    sizes.extend(counts);
    sizes.resize(11, 0);
    sizes.push(batch);
    let [v, c, b] = [values, combinations, batch].map(|size| size as usize);
    let of = |name, launch, buffers: &[Content]| trains(name, &sizes, &[], launch, buffers);
    let (q, rows, total, taken) = (floats(b * v), floats(b), floats(1), indices(b, c));
    let of_loss = [q, taken, rows, shares(b), q, rows, total];
    let a_value = Launch::elements(batch * combinations);
    [
        of("joint_values_forward", a_value, &[q, floats(b * c)]),
        of("branched_targets", Launch::elements(batch), &[rows, shares(b), q, q, rows]),
        of("branched_squared_error", Launch::one_block(), &of_loss),
        of("branched_huber", Launch::one_block(), &of_loss),
        of("branched_mean_of_taken", Launch::one_thread(), &[q, taken, total]),
    ]
}

/// One block each: the terms are added in one order.
fn losses(scale: Scale) -> [Workload; 6] {
    let [actions, batch] = scale.of([8, 4_096], [3, 300]);
    let (a, b) = (actions as usize, batch as usize);
    let (q, rows, total) = (floats(a * b), floats(b), floats(1));
    let of =
        |name, launch, buffers: &[Content]| trains(name, &[actions, batch], &[], launch, buffers);
    let of_values = [q, indices(b, a), rows, shares(b), q, rows, total];
    let block = Launch::one_block();
    [
        of("squared_error", block, &of_values),
        of("huber", block, &of_values),
        of("mean_of_taken", Launch::one_thread(), &[q, indices(b, a), total]),
        trains(
            "binary_cross_entropy",
            &[batch],
            &[],
            block,
            &[shares(b), shares(b), shares(b), rows, total],
        ),
        of("cross_entropy_of_classes", block, &[q, indices(b, a), shares(b), q, total]),
        of("cross_entropy_of_distributions", block, &[q, shares(a * b), shares(b), q, total]),
    ]
}

fn steps(scale: Scale) -> Vec<Workload> {
    let count = scale.of(1 << 24, 1_000);
    let (n, launch) = (count as usize, Launch::elements(count));
    let (values, changed) = (floats(n), floats(n).changed());
    let of = |name, numbers: &[f64], launch, buffers: &[Content]| {
        trains(name, &[count], numbers, launch, buffers)
    };
    let mut all = vec![
        of("fill", &[0.5], launch, &[values]),
        of("clip_norm_measure", &[], Launch::one_block(), &[values, floats(1)]),
        of("clip_norm_scale", &[10.0], launch, &[changed, shares(1)]),
        of("clip_value", &[0.5], launch, &[changed]),
        trains(
            "prepare_step",
            &words_of(&RATES),
            &[],
            Launch::one_thread(),
            &[doubles(2).changed(), floats(5), shares(1)],
        ),
        of("hard_copy", &[], launch, &[values, values]),
        of("soft_update", &[0.005], launch, &[values, changed]),
    ];
    for (name, moments_each) in [
        ("adam", 2),
        ("rms_prop_plain", 1),
        ("rms_prop_centred", 2),
        ("rms_prop_centred_epsilon_inside", 2),
        ("sgd", 1),
    ] {
        let moments = shares(moments_each * n).changed();
        let buffers = [shares(5), values, shares(1), changed, moments, changed];
        all.push(of(name, &[10.0, 0.005], launch, &buffers));
    }
    all
}

/// An update of a network of dense layers, as it is when nothing but its size is chosen.
fn fused(scale: Scale) -> Vec<Workload> {
    let (inputs, hidden, actions) = scale.of((8, 64, 4), (3, 10, 2));
    let layers =
        [(hidden, Activation::Relu), (hidden, Activation::Relu), (actions, Activation::None)];
    let Some(network) = Mlp::new(inputs, &layers, Baseline::None) else { return Vec::new() };
    let parameters = (inputs + 1) * hidden + (hidden + 1) * (hidden + actions);
    let [capacity, batch] = scale.of([1 << 20, 4_096], [50, 9]);
    let (c, b) = (capacity as usize, batch as usize);
    let (values, deltas) = (floats(b * network.value_count()), floats(b * network.delta_count()));
    let (weights, rows, one) = (floats(parameters), floats(b), floats(1));
    let words = network.words();
    // The Huber loss, and no Munchausen targets.
    let rule = [1, 0, 0, 1f32.to_bits(), 0];
    let stored =
        [floats(c * inputs), indices(c, actions), floats(c), shares(c), floats(c * inputs)];
    let of = [indices(b, c), shares(b), weights, weights, weights];
    let buffers = [&stored[..], &of, &[values, deltas, rows, rows, rows]].concat();
    let sizes = [&words[..], &rule, &[capacity, batch]].concat();
    let mut all = vec![trains("mlp_rows", &sizes, &[], network.rows(batch), &buffers)];

    let sizes = [&words[..], &[batch]].concat();
    let buffers = [values, deltas, weights];
    let tiles = network.parameter_tiles();
    all.push(trains("mlp_parameter_gradient", &sizes, &[], tiles, &buffers));

    let sizes = [&words_of(&RATES)[..], &[parameters as u32, batch]].concat();
    let powers = doubles(2).changed();
    let buffers = [weights, one, rows, rows, one, one, powers, floats(5), one];
    all.push(trains("update_sums", &sizes, &[], Launch::sums(), &buffers));
    all
}
