//! Updates of small networks of every form up to the gradients: what core's `learn` calls, one after the other.

use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::bellman::{self, Munchausen};
use embedded_rl_core::nn::{Activation, Baseline, Layer, Loss, NetworkSpec, network};
use embedded_rl_kernels::{Activation as Function, Baseline as End, Launch, MOST_LAYERS, Mlp};
use pulp::Scalar;

const MUNCHAUSEN: Munchausen = Munchausen { alpha: 0.9, temperature: 0.3, lowest: -0.5 };

const FUNCTIONS: [Option<Activation>; 5] = [
    None,
    Some(Activation::Relu),
    Some(Activation::Elu),
    Some(Activation::Tanh),
    Some(Activation::Sigmoid),
];

/// What follows a step.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Following {
    Largest,
    Double,
    Soft,
}

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(21);
    let mut cases = Vec::new();
    for index in 0..18 {
        let depth = [1, 2, MOST_LAYERS, 3][index % 4];
        let mut widths: Vec<usize> = (0..depth).map(|_| numbers.size(1, 24)).collect();
        if index == 5 {
            // More outputs than threads, and more than a tile has.
            widths[0] = 70;
        }
        let inputs = if index == 6 { 40 } else { numbers.size(1, 20) };
        let function = |index: usize| FUNCTIONS[index % FUNCTIONS.len()];
        let functions = (0..depth).map(|layer| function(index + layer)).collect();
        let baseline = [None, Some(Baseline::Mean), Some(Baseline::Max)][index % 3];
        let following = [Following::Double, Following::Soft, Following::Largest][index / 3 % 3];
        cases.push(case(numbers, inputs, &widths, functions, baseline, following));
    }
    cases
}

/// A network in core's words and in the kernels'.
pub(crate) fn both(
    inputs: usize,
    layers: &[(usize, Option<Activation>)],
    baseline: Option<Baseline>,
) -> (NetworkSpec, Mlp) {
    let (mut spec, mut table, last) = (NetworkSpec::input(inputs), Vec::new(), layers.len() - 1);
    for (index, &(outputs, function)) in layers.iter().enumerate() {
        let outputs = outputs + usize::from(index == last && baseline.is_some());
        spec = spec.dense(outputs);
        if let Some(function) = function {
            spec = spec.activation(function);
        }
        let function = match function {
            None => Function::None,
            Some(Activation::Relu) => Function::Relu,
            Some(Activation::Elu) => Function::Elu,
            Some(Activation::Tanh) => Function::Tanh,
            Some(Activation::Sigmoid) => Function::Sigmoid,
        };
        table.push((outputs, function));
    }
    let end = match baseline {
        None => End::None,
        Some(Baseline::Mean) => End::Mean,
        Some(Baseline::Max) => End::Max,
    };
    if let Some(baseline) = baseline {
        spec = spec.dueling_sum(1, baseline);
    }
    (spec, Mlp::new(inputs, &table, end).expect("a small network"))
}

/// `struct Rule`.
pub(crate) fn rule(loss: Loss, munchausen: Option<Munchausen>) -> Argument {
    let numbers = munchausen.unwrap_or(Munchausen { alpha: 0.0, temperature: 1.0, lowest: 0.0 });
    let numbers = [numbers.alpha, numbers.temperature, numbers.lowest].map(f32::to_bits);
    let flags = [u32::from(loss == Loss::Huber), u32::from(munchausen.is_some())];
    Argument::Struct([&flags[..], &numbers].concat())
}

/// `struct Mlp`, with numbers of no use where there is no layer.
pub(crate) fn table(network: &Mlp) -> Argument {
    let mut words = network.words();
    let layers = words[2] as usize;
    words[4 + layers..4 + MOST_LAYERS].fill(77);
    words[4 + MOST_LAYERS + layers..].fill(77);
    Argument::Struct(words.to_vec())
}

fn case(
    numbers: &mut Numbers,
    inputs: usize,
    widths: &[usize],
    functions: Vec<Option<Activation>>,
    baseline: Option<Baseline>,
    following: Following,
) -> Case {
    let layers: Vec<_> = widths.iter().copied().zip(functions).collect();
    let (spec, mlp) = both(inputs, &layers, baseline);
    let (actions, count) = (spec.outputs(), spec.parameter_count());
    let (capacity, batch) = (numbers.size(1, 30), numbers.size(1, 40));
    let loss = [Loss::SquaredError, Loss::Huber][numbers.size(0, 1)];
    let weights = (numbers.size(0, 1) == 1).then(|| numbers.magnitudes(batch));
    let mut parameters = || -> Vec<f32> {
        numbers.floats(count).into_iter().map(|parameter| 0.4 * parameter).collect()
    };
    let [target, chooser, online] = [parameters(), parameters(), parameters()];
    let (observations, next) =
        (numbers.floats(capacity * inputs), numbers.floats(capacity * inputs));
    let (taken, rewards) = (numbers.indices(capacity, actions), numbers.floats(capacity));
    let discounts = numbers.magnitudes(capacity);
    let slots = numbers.indices(batch, capacity);

    let gathered = |values: &[f32]| -> Vec<f32> {
        slots.iter().flat_map(|&s| values[s as usize * inputs..][..inputs].to_vec()).collect()
    };
    let [seen, following_seen] = [gathered(&observations), gathered(&next)];
    let run = |parameters: &[f32], input: &[f32]| {
        let mut activations = vec![0.0; spec.activation_count(batch)];
        network::forward(Scalar, &spec, parameters, batch, input, &mut activations);
        activations
    };
    let outputs = |parameters, input| -> Vec<f32> {
        network::output(&spec, batch, &run(parameters, input)).to_vec()
    };
    let next_q = outputs(&target, &following_seen);
    let chosen = match following {
        Following::Largest => next_q.clone(),
        Following::Double => outputs(&chooser, &following_seen),
        Following::Soft => outputs(&target, &seen),
    };
    let of_slot = |values: &[u32], b: usize| values[slots[b] as usize];
    let targets: Vec<f32> = (0..batch)
        .map(|b| {
            let (reward, discount) = (rewards[slots[b] as usize], discounts[slots[b] as usize]);
            let [next_q, chosen] = [&next_q, &chosen].map(|q| &q[b * actions..][..actions]);
            if following == Following::Soft {
                let reward = reward + MUNCHAUSEN.bonus(chosen, of_slot(&taken, b));
                bellman::one_step(reward, discount, MUNCHAUSEN.soft_value(next_q))
            } else {
                bellman::double_q_learning(reward, discount, chosen, next_q)
            }
        })
        .collect();

    let activations = run(&online, &seen);
    let q = network::output(&spec, batch, &activations);
    let of_batch: Vec<u32> = (0..batch).map(|b| of_slot(&taken, b)).collect();
    let (mut d_q, mut errors) = (vec![0.0; q.len()], vec![0.0; batch]);
    loss.evaluate(q, &of_batch, &targets, weights.as_deref(), &mut d_q, &mut errors);
    let (mut terms, mut taken_values) = (Vec::new(), Vec::new());
    for b in 0..batch {
        let q = &q[b * actions..][..actions];
        let weight = weights.as_ref().map(|weights| &weights[b..=b]);
        let unused = (&mut vec![0.0; actions][..], &mut [0.0]);
        terms.push(loss.evaluate(q, &of_batch[b..=b], &targets[b..=b], weight, unused.0, unused.1));
        taken_values.push(q[of_batch[b] as usize]);
    }
    let mut gradients = vec![0.0; count];
    let mut workspace = vec![0.0; spec.workspace_count(batch)];
    network::backward(
        Scalar,
        &spec,
        &online,
        batch,
        &seen,
        &activations,
        &d_q,
        &mut workspace,
        &mut gradients,
    );
    let values = rows_of(&spec, batch, &seen, &activations, mlp.value_count());

    let mut case = Case::new(format!(
        "{inputs} inputs, {layers:?} {baseline:?}, {following:?}, {loss:?}, batch {batch} of {capacity}"
    ));
    let chooser = match following {
        Following::Double => case.given("chooser_parameters", &chooser),
        _ => Argument::Null,
    };
    let weights = match weights {
        Some(weights) => case.given("weights", &weights),
        None => Argument::Null,
    };
    let values = case.written("values", &values);
    let deltas = case.between("deltas", batch * mlp.delta_count());
    let munchausen = (following == Following::Soft).then_some(MUNCHAUSEN);
    let arguments = [
        case.given("observations", &observations),
        case.given("actions", &taken),
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("next_observations", &next),
        case.given("slots", &slots),
        weights,
        case.given("target_parameters", &target),
        chooser,
        case.given("parameters", &online),
        values.clone(),
        deltas.clone(),
        case.written("errors", &errors),
        case.written("terms", &terms),
        case.written("taken_values", &taken_values),
        table(&mlp),
        rule(loss, munchausen),
        size(capacity),
        size(batch),
    ];
    let rows = [1, 2, 3][numbers.size(0, 2)];
    let own = mlp.rows(1);
    let launch = Launch {
        threads: [[own.threads[0], 5][numbers.size(0, 1)], rows, 1],
        shared_bytes: own.shared_bytes * rows,
        ..Launch::blocks((batch as u32).div_ceil(rows))
    };
    case.launch("mlp_rows", launch, &arguments);

    // A slot that does not exist: nothing is written.
    let mut of_nothing = arguments.to_vec();
    of_nothing[5] = case.given("slot", &[capacity as u32]);
    for (place, count) in
        [(10, mlp.value_count()), (11, mlp.delta_count()), (12, 1), (13, 1), (14, 1)]
    {
        of_nothing[place] = case.written("untouched", &vec![f32::from_bits(u32::MAX); count]);
    }
    of_nothing[18] = size(1);
    case.launch("mlp_rows", mlp.rows(1), &of_nothing);

    let gradients = case.written("gradients", &gradients);
    let tiles = mlp.parameter_tiles();
    // One block more than there are tiles.
    let tiles = Launch { blocks: [tiles.blocks[0] + 1, 1, 1], ..tiles };
    let of = [values, deltas, gradients, table(&mlp), size(batch)];
    case.launch("mlp_parameter_gradient", tiles, &of);
    case
}

/// The inputs and the outputs of all dense layers but the last, as rows of numbers a transition.
fn rows_of(
    spec: &NetworkSpec,
    batch: usize,
    input: &[f32],
    activations: &[f32],
    count: usize,
) -> Vec<f32> {
    let mut rows: Vec<Vec<f32>> = input.chunks_exact(spec.inputs()).map(<[f32]>::to_vec).collect();
    let mut rest = activations;
    for layer in spec.layers() {
        let Layer::Dense { outputs, .. } = layer else { continue };
        let (own, later) = rest.split_at(batch * outputs);
        rest = later;
        for (row, own) in rows.iter_mut().zip(own.chunks_exact(*outputs)) {
            row.extend(own);
        }
    }
    rows.iter().flat_map(|row| row[..count].to_vec()).collect()
}
