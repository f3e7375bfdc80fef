//! Cases as RLax and JAX computed them, and how their numbers are read.

use embedded_rl_checks::golden_network::numbers;
use serde_json::Value;

pub(crate) fn cases(name: &str) -> Vec<Value> {
    let all = include_str!("../golden/distribution/distribution.json");
    let all: Value = serde_json::from_str(all).unwrap();
    all[name].as_array().unwrap().clone()
}

pub(crate) fn float(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

/// Rows of numbers, one after another.
pub(crate) fn flat(rows: &Value) -> Vec<f64> {
    rows.as_array().unwrap().iter().flat_map(numbers).collect()
}

pub(crate) struct Step {
    pub(crate) action: usize,
    pub(crate) reward: f32,
    pub(crate) discount: f32,
}

pub(crate) fn step(case: &Value) -> Step {
    let action = case["action"].as_u64().unwrap() as usize;
    Step { action, reward: float(&case["reward"]), discount: float(&case["discount"]) }
}
