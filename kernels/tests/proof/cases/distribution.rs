use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::bellman::{self, Munchausen, SoftPolicy};
use embedded_rl_core::distribution::{categorical, quantile};
use embedded_rl_core::nn::{Atoms, Expectation, expectation, softmax};
use embedded_rl_core::policy::greedy;
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(18);
    let mut cases = Vec::new();
    for batch in [1, 2, 31, 32, 33, 70] {
        for is_weighted in [false, true] {
            cases.push(case(numbers, batch, is_weighted));
        }
        cases.push(backward(numbers, batch));
        cases.push(soft(numbers, batch));
        for is_weighted in [false, true] {
            cases.push(implicit(numbers, batch, is_weighted));
        }
    }
    cases
}

fn case(numbers: &mut Numbers, batch: usize, is_weighted: bool) -> Case {
    let (width, actions) = (numbers.size(2, 24), numbers.size(1, 5));
    let atoms = Atoms { count: width as u32, lowest: -2.0, highest: 2.0 };
    let count = batch * actions * width;
    let (outputs, next) = (numbers.floats(count), numbers.floats(count));
    let taken = numbers.indices(batch, actions);
    // Some end, and some of the moved atoms fall on atoms: what is left of a whole is nothing then.
    let rewards: Vec<f32> = numbers.floats(batch).into_iter().map(f32::round).collect();
    let discounts: Vec<f32> = numbers.magnitudes(batch).into_iter().map(f32::round).collect();
    let weights = numbers.magnitudes(batch);
    let mut means = [vec![0.0; batch * actions], vec![0.0; batch * actions]];
    let over_quantiles = Expectation::OverQuantiles { count: width as u32 };
    expectation::forward(&Expectation::OverAtoms(atoms), &next, &mut means[0]);
    expectation::forward(&over_quantiles, &next, &mut means[1]);

    let [mut projected, mut targets, mut losses] = [(); 3].map(|()| vec![0.0; batch * width]);
    let (mut d_outputs, mut errors, mut total) = (vec![0.0; count], vec![0.0; batch], 0.0);
    let fractions: Vec<f32> = (0..width).map(|i| quantile::midpoint(i, width)).collect();
    for b in 0..batch {
        let of_action = |values: &[f32], action: u32| -> Vec<f32> {
            values[(b * actions + action as usize) * width..][..width].to_vec()
        };
        let best = |means: &[f32]| greedy(&means[b * actions..][..actions]);
        let mut probabilities = of_action(&next, best(&means[0]));
        softmax::forward(width, &mut probabilities);
        let row = b * width..(b + 1) * width;
        let place = &mut projected[row.clone()];
        categorical::project(&atoms, rewards[b], discounts[b], &probabilities, place);
        let following = of_action(&next, best(&means[1]));
        for (y, v) in targets[row.clone()].iter_mut().zip(following) {
            *y = bellman::one_step(rewards[b], discounts[b], v);
        }
        let weight = if is_weighted { weights[b] } else { 1.0 };
        let start = (b * actions + taken[b] as usize) * width;
        errors[b] = quantile::huber(
            Scalar,
            &outputs[start..start + width],
            &fractions,
            &targets[row.clone()],
            weight * (1.0 / batch as f32),
            &mut losses[row],
            &mut d_outputs[start..start + width],
        );
        total += weight * errors[b];
    }
    total *= 1.0 / batch as f32;

    let mut case = Case::new(format!("distributions of {batch} x {actions} x {width}"));
    let next = case.given("next_outputs", &next);
    let [of_atoms, of_quantiles] = [0, 1].map(|which: usize| case.written("means", &means[which]));
    let support = [atoms.lowest, atoms.highest, atoms.spacing()].map(f32::to_bits);
    let (support, width_and) = (Argument::Struct(support.to_vec()), |n| [size(width), size(n)]);
    let groups = width_and(batch * actions);
    let grid = |count: usize| Launch::elements(count as u32).with_threads(48);
    let of = [next.clone(), of_atoms.clone(), support.clone()];
    case.launch("mean_of_atoms", grid(batch * actions), &[&of[..], &groups[..]].concat());
    let of = [next.clone(), of_quantiles.clone()];
    case.launch("mean_of_quantiles", grid(batch * actions), &[&of[..], &groups[..]].concat());
    let (rewards, discounts) =
        (case.given("rewards", &rewards), case.given("discounts", &discounts));
    let sizes = [size(width), size(actions), size(batch)];
    let projected = case.written("projected", &projected);
    let of = [rewards.clone(), discounts.clone(), of_atoms, next.clone(), projected, support];
    case.launch("categorical_project", grid(batch), &[&of[..], &sizes[..]].concat());
    let targets = case.written("targets", &targets);
    let of = [rewards, discounts, of_quantiles, next, targets.clone(), Argument::U32(0)];
    case.launch("quantile_targets", grid(batch * width), &[&of[..], &sizes[..]].concat());
    let weights = if is_weighted { case.given("weights", &weights) } else { Argument::Null };
    let losses = case.written("losses", &losses);
    let of = [
        case.given("outputs", &outputs),
        Argument::Null,
        case.given("taken", &taken),
        targets,
        weights.clone(),
        case.written("d_outputs", &d_outputs),
        losses.clone(),
        Argument::U32(0),
        size(width),
    ];
    case.launch("quantile_huber", grid(batch * width), &[&of[..], &sizes[..]].concat());
    let (errors, total) = (case.written("errors", &errors), case.written("total", &[total]));
    let of = [losses, weights, errors, total];
    let block = Launch::one_block().with_threads(numbers.size(1, 40) as u32);
    case.launch("add_losses", block, &[&of[..], &width_and(batch)[..]].concat());
    case
}

fn backward(numbers: &mut Numbers, groups: usize) -> Case {
    let width = numbers.size(2, 24);
    let atoms = Atoms { count: width as u32, lowest: -2.0, highest: 3.0 };
    let (input, d) = (numbers.floats(groups * width), numbers.floats(groups));
    let quantiles = Expectation::OverQuantiles { count: width as u32 };
    let [mut d_logits, mut d_quantiles] = [(); 2].map(|()| vec![0.0; groups * width]);
    expectation::backward(&Expectation::OverAtoms(atoms), &input, &d, &mut d_logits);
    expectation::backward(&quantiles, &input, &d, &mut d_quantiles);

    let mut case = Case::new(format!("gradients behind means of {groups} x {width}"));
    let support = [atoms.lowest, atoms.highest, atoms.spacing()].map(f32::to_bits);
    let d = case.given("d_means", &d);
    let of = [
        case.given("logits", &input),
        d.clone(),
        case.written("d_logits", &d_logits),
        Argument::Struct(support.to_vec()),
        size(width),
        size(groups),
    ];
    let grid = |count: usize| Launch::elements(count as u32).with_threads(20);
    case.launch("mean_of_atoms_backward", grid(groups), &of);
    let of = [d, case.written("d_quantiles", &d_quantiles), size(width), size(groups)];
    case.launch("mean_of_quantiles_backward", grid(groups * width), &of);
    case
}

/// Munchausen targets of quantiles, as core's `dqn/returns.rs` writes them.
fn soft(numbers: &mut Numbers, batch: usize) -> Case {
    let (width, actions) = (numbers.size(1, 12), numbers.size(1, 5));
    let munchausen = Munchausen { alpha: 0.9, temperature: 0.5, lowest: -1.0 };
    let next = numbers.floats(batch * actions * width);
    let [before, means] = [(); 2].map(|()| numbers.floats(batch * actions));
    let (rewards, discounts) = (numbers.floats(batch), numbers.magnitudes(batch));
    let taken = numbers.indices(batch, actions);
    let mut targets = vec![0.0; batch * width];
    for (b, y) in targets.chunks_exact_mut(width).enumerate() {
        let [before, means] = [&before, &means].map(|all| &all[b * actions..][..actions]);
        let reward = rewards[b] + munchausen.bonus(before, taken[b]);
        let policy = SoftPolicy::new(means, munchausen.temperature);
        let outputs = next[b * actions * width..].chunks_exact(width);
        for (&mean, outputs) in means.iter().zip(outputs) {
            let (share, logarithm) = (policy.probability(mean), policy.scaled_logarithm(mean));
            y.iter_mut().zip(outputs).for_each(|(y, &v)| *y += share * (v - logarithm));
        }
        y.iter_mut().for_each(|y| *y = bellman::one_step(reward, discounts[b], *y));
    }

    let mut case = Case::new(format!("Munchausen quantiles of {batch} x {actions} x {width}"));
    let three = [munchausen.alpha, munchausen.temperature, munchausen.lowest].map(f32::to_bits);
    let of = [
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("taken", &taken),
        case.given("means_before", &before),
        case.given("next_means", &means),
        case.given("next_outputs", &next),
        case.written("targets", &targets),
        Argument::Struct(three.to_vec()),
        Argument::U32(0),
        size(width),
        size(actions),
        size(batch),
    ];
    let grid = Launch::elements((batch * width) as u32).with_threads(48);
    case.launch("munchausen_quantiles", grid, &of);
    case
}

/// Targets and loss of an implicit distribution, whose values stand fraction by fraction.
fn implicit(numbers: &mut Numbers, batch: usize, is_weighted: bool) -> Case {
    let [width, target_count] = [(); 2].map(|()| numbers.size(1, 12));
    let actions = numbers.size(1, 5);
    let munchausen = Munchausen { alpha: 0.9, temperature: 0.5, lowest: -1.0 };
    let next = numbers.floats(batch * target_count * actions);
    let outputs = numbers.floats(batch * width * actions);
    let [before, means] = [(); 2].map(|()| numbers.floats(batch * actions));
    let (rewards, discounts) = (numbers.floats(batch), numbers.magnitudes(batch));
    let (taken, weights) = (numbers.indices(batch, actions), numbers.magnitudes(batch));
    let mut fractions = vec![0.0; batch * width];
    quantile::draw(&mut numbers.0, &mut fractions);
    let [mut targets, mut soft] = [(); 2].map(|()| vec![0.0; batch * target_count]);
    let (mut losses, mut d_outputs) = (vec![0.0; batch * width], vec![0.0; outputs.len()]);
    for b in 0..batch {
        let [before, means] = [&before, &means].map(|all| &all[b * actions..][..actions]);
        let best = greedy(means) as usize;
        let reward = rewards[b] + munchausen.bonus(before, taken[b]);
        let policy = SoftPolicy::new(means, munchausen.temperature);
        for j in 0..target_count {
            let next = &next[(b * target_count + j) * actions..][..actions];
            targets[b * target_count + j] = bellman::one_step(rewards[b], discounts[b], next[best]);
            let value = means.iter().zip(next).fold(0.0, |value, (&mean, &v)| {
                value + policy.probability(mean) * (v - policy.scaled_logarithm(mean))
            });
            soft[b * target_count + j] = bellman::one_step(reward, discounts[b], value);
        }
        let places = (0..width).map(|k| (b * width + k) * actions + taken[b] as usize);
        let values: Vec<f32> = places.clone().map(|place| outputs[place]).collect();
        let mut d = vec![0.0; width];
        let row = b * width..(b + 1) * width;
        quantile::huber(
            Scalar,
            &values,
            &fractions[row.clone()],
            &targets[b * target_count..][..target_count],
            if is_weighted { weights[b] } else { 1.0 } * (1.0 / batch as f32),
            &mut losses[row],
            &mut d,
        );
        places.zip(d).for_each(|(place, d)| d_outputs[place] = d);
    }

    let mut case =
        Case::new(format!("implicit {batch} x {actions}, {width} against {target_count}"));
    let [rewards, discounts] =
        [("rewards", rewards), ("discounts", discounts)].map(|(name, of)| case.given(name, &of));
    let (taken, means) = (case.given("taken", &taken), case.given("next_means", &means));
    let next = case.given("next_outputs", &next);
    let targets = case.written("targets", &targets);
    let grid = |count: usize| Launch::elements((batch * count) as u32).with_threads(48);
    let sizes = [Argument::U32(1), size(target_count), size(actions), size(batch)];
    let of = [rewards.clone(), discounts.clone(), means.clone(), next.clone(), targets.clone()];
    case.launch("quantile_targets", grid(target_count), &[&of[..], &sizes].concat());
    let three = [munchausen.alpha, munchausen.temperature, munchausen.lowest].map(f32::to_bits);
    let of = [
        rewards,
        discounts,
        taken.clone(),
        case.given("means_before", &before),
        means,
        next,
        case.written("soft targets", &soft),
        Argument::Struct(three.to_vec()),
    ];
    case.launch("munchausen_quantiles", grid(target_count), &[&of[..], &sizes].concat());
    let of = [
        case.given("outputs", &outputs),
        case.given("fractions", &fractions),
        taken,
        targets,
        if is_weighted { case.given("weights", &weights) } else { Argument::Null },
        case.written("d_outputs", &d_outputs),
        case.written("losses", &losses),
        Argument::U32(1),
        size(target_count),
        size(width),
        size(actions),
        size(batch),
    ];
    case.launch("quantile_huber", grid(width), &of);
    case
}
