//! Targets of one transition: atoms that move, with their cross-entropy, and Munchausen's.

use crate::recorded::{Step, cases, flat, float, step};
use embedded_rl_checks::golden_network::{numbers, single};
use embedded_rl_checks::tolerance::{LOSS, Tolerance, assert_close};
use embedded_rl_core::bellman::{Munchausen, one_step};
use embedded_rl_core::distribution::categorical;
use embedded_rl_core::nn::{Atoms, cross_entropy_of_row, softmax};
use embedded_rl_core::policy::greedy;

/// Probabilities in `f32` against `f64`: where a moved atom falls is rounded in units of the spacing.
const PROJECTION: Tolerance = Tolerance { absolute: 2e-6, relative: 1e-5 };

#[test]
fn categorical_targets_losses_and_gradients_are_rlaxs() {
    for case in cases("categorical") {
        let Step { action, reward, discount } = step(&case);
        let count = case["atoms"].as_u64().unwrap() as usize;
        let [lowest, highest] = ["lowest", "highest"].map(|end| float(&case[end]));
        let atoms = Atoms { count: count as u32, lowest, highest };
        let what = format!("{count} atoms from {lowest} to {highest}");

        let follows = greedy(&single(&numbers(&case["chooser"]))) as usize;
        let mut probabilities =
            single(&flat(&case["next_logits"]))[follows * count..][..count].to_vec();
        softmax::forward(count, &mut probabilities);
        let mut target = vec![f32::NAN; count];
        categorical::project(&atoms, reward, discount, &probabilities, &mut target);
        assert_close(&what, &target, &numbers(&case["target"]), PROJECTION);

        let logits = single(&flat(&case["logits"]));
        let mut gradient = vec![0.0; logits.len()];
        let row = action * count..(action + 1) * count;
        let loss = cross_entropy_of_row(&logits[row.clone()], &target, 1.0, &mut gradient[row]);
        assert_close(&what, &[loss], &[case["loss"].as_f64().unwrap()], LOSS);
        assert_close(&what, &gradient, &flat(&case["grad"]), PROJECTION);
    }
}

#[test]
fn munchausen_targets_are_those_of_scipys_logarithms() {
    for case in cases("munchausen") {
        let Step { action, reward, discount } = step(&case);
        let [alpha, temperature, lowest] =
            ["alpha", "temperature", "lowest"].map(|name| float(&case[name]));
        let munchausen = Munchausen { alpha, temperature, lowest };
        let [q, next_q] = ["q", "next_q"].map(|name| single(&numbers(&case[name])));
        let reward = reward + munchausen.bonus(&q, action as u32);
        let target = one_step(reward, discount, munchausen.soft_value(&next_q));
        assert_close("target", &[target], &[case["target"].as_f64().unwrap()], LOSS);
    }
}
