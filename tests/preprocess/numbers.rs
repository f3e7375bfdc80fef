//! Observations and actions that are numbers: running statistics, discretised and clipped actions.

use crate::recorded::golden;
use embedded_rl_core::env::{Env, Step};
use embedded_rl_core::preprocess::{Clipped, Discretised, RunningStatistics};
use embedded_rl_core::rng::{Generator, Rng, SeedableRng};
use embedded_rl_core::space::Space;
use serde_json::Value;

fn floats(value: &Value) -> Vec<f32> {
    let bits = value.as_array().expect("a list").iter();
    bits.map(|bits| f32::from_bits(bits.as_u64().expect("bits") as u32)).collect()
}

/// One rounding apart from what numpy makes of it in another order.
#[test]
fn running_statistics_are_those_of_gymnasium() {
    let golden = golden();
    let cases = &golden["normalise"];
    let (mut means, mut squares) = ([0.0; 4], [0.0; 4]);
    let prior = RunningStatistics::GYMNASIUM_PRIOR;
    let mut statistics = RunningStatistics::new(prior, &mut means, &mut squares);
    let pairs = ["raw", "normalised"].map(|key| cases[key].as_array().expect("observations"));
    assert_eq!(pairs[0].len(), 9);
    for (raw, expected) in pairs[0].iter().zip(pairs[1]) {
        let mut observation = floats(raw);
        statistics.update(&observation);
        statistics.normalise(&mut observation);
        for (got, want) in observation.iter().zip(floats(expected)) {
            assert!((got - want).abs() <= 2e-5 * want.abs().max(0.01), "{got} is not {want}");
        }
    }
}

/// Takes any action in its bounds and remembers it.
#[derive(Clone)]
struct Shown([f32; 2]);

impl Env for Shown {
    type Action = [f32; 2];
    type Element = f32;

    fn action_space(&self) -> Space<'_> {
        Space::Box { low: &[-2.0, 0.0], high: &[2.0, 0.3] }
    }

    fn observation_space(&self) -> Space<'_> {
        Space::Box { low: &[0.0], high: &[0.0] }
    }

    fn reset<R: Rng + ?Sized>(&mut self, _: &mut R, _: &mut [f32]) {}

    fn step<R: Rng + ?Sized>(&mut self, action: [f32; 2], _: &mut R, _: &mut [f32]) -> Step {
        self.0 = action;
        Step { reward: 0.0, ending: None }
    }
}

#[test]
fn discretised_and_clipped_actions_are_those_of_gymnasium() {
    let (golden, rng) = (golden(), &mut Generator::seed_from_u64(0));
    let mut env = Discretised::new(Shown([9.0; 2]), [3, 4]);
    assert_eq!(env.action_space(), Space::Discrete { n: 12 });
    for (number, expected) in (0..).zip(golden["discretised"].as_array().expect("actions")) {
        env.step(number, rng, &mut [0.0]);
        assert_eq!(env.env.0, *floats(expected), "action {number}");
    }
    let mut env = Clipped::new(Shown([9.0; 2]));
    for case in golden["clipped"].as_array().expect("actions") {
        let given = floats(&case[0]);
        env.step([given[0], given[1]], rng, &mut [0.0]);
        assert_eq!(env.env.0, *floats(&case[1]));
    }
}
