//! What an experiment came to, for people who read a terminal: a table of the variants, the values of small tables, and
//! the greedy ways on maps.

use super::outcome::VariantOutcome;
use super::statistics::Band;
use crate::floor_plan::FloorPlan;
use crate::table::{Cell, Table};
use embedded_rl_core::policy::greedy_by;

/// Tables of values with more states are in `values.csv` only.
const PRINTED_STATES: usize = 12;
/// Characters that maps side by side may take.
const WIDTH: usize = 110;

/// Headings of the columns, in the order of `Figures::each`.
const HEADINGS: [&str; 10] = [
    "return",
    "return, last",
    "steps, last",
    "greedy return",
    "greedy steps",
    "total regret",
    "best arm, last",
    "largest return",
    "at the goal",
    "episodes to goal",
];

/// The whole report; `plan` is the map, if the states are cells of one.
pub fn text(outcomes: &[VariantOutcome], plan: Option<&FloorPlan>) -> String {
    let mut parts = Vec::new();
    let table = table(outcomes);
    if table.columns.len() > 1 {
        parts.push(table.to_string());
    }
    parts.extend(outcomes.iter().filter_map(values));
    if let Some(plan) = plan {
        parts.extend(maps(outcomes, plan));
    }
    parts.join("\n\n")
}

fn table(outcomes: &[VariantOutcome]) -> Table {
    let shown: Vec<usize> = (0..HEADINGS.len())
        .filter(|&column| outcomes.iter().any(|o| o.figures.each()[column].is_some()))
        .collect();
    let headings: Vec<&str> =
        core::iter::once("agent").chain(shown.iter().map(|&column| HEADINGS[column])).collect();
    let mut table = Table::new(&headings);
    for outcome in outcomes {
        let mut row = vec![Cell::Text(outcome.variant.name.clone())];
        row.extend(shown.iter().map(|&column| match outcome.figures.each()[column] {
            Some(band) => cell(band),
            None => Cell::Missing,
        }));
        table.push(row);
    }
    table
}

/// A mean, and its band if it has one, with as many decimals as say something.
fn cell(&Band { mean, low, high }: &Band) -> Cell {
    let decimals = match mean.abs() {
        size if size < 10.0 => 3,
        size if size < 1_000.0 => 2,
        _ => 0,
    };
    // Where all seeds agree, and at minus infinity, the band is the mean.
    if low < high { Cell::Band { mean, low, high, decimals } } else { Cell::Number(mean, decimals) }
}

fn values(outcome: &VariantOutcome) -> Option<String> {
    let actions = outcome.runs[0].learned.actions as usize;
    let states = outcome.values.len() / actions;
    if !(1..=PRINTED_STATES).contains(&states) {
        return None;
    }
    let headings: Vec<String> = (0..actions).map(|action| format!("a{action}")).collect();
    let headings: Vec<&str> = core::iter::once(outcome.variant.name.as_str())
        .chain(headings.iter().map(String::as_str))
        .collect();
    let mut table = Table::new(&headings);
    for (state, row) in outcome.values.chunks(actions).enumerate() {
        let name = Cell::Text(format!("Q of s{state}"));
        table.push(core::iter::once(name).chain(row.iter().map(cell)).collect());
    }
    Some(table.to_string())
}

/// The greedy ways of the first seed, side by side.
fn maps(outcomes: &[VariantOutcome], plan: &FloorPlan) -> Vec<String> {
    let shown: Vec<(&str, String)> = outcomes
        .iter()
        .filter(|outcome| !outcome.values.is_empty())
        .map(|outcome| {
            let learned = &outcome.runs[0].learned;
            (outcome.variant.name.as_str(), plan.arrows(&greedy_policy(learned), &learned.path))
        })
        .collect();
    let width = |(name, map): &(&str, String)| {
        let map = map.lines().map(|line| line.chars().count()).max().unwrap_or_default();
        map.max(name.chars().count()) + 3
    };
    let column = shown.iter().map(width).max().unwrap_or(1);
    shown.chunks((WIDTH / column).max(1)).map(|row| side_by_side(row, column)).collect()
}

fn side_by_side(maps: &[(&str, String)], column: usize) -> String {
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let line: String = cells.map(|cell| format!("{cell:<column$}")).collect();
        line.trim_end().to_owned()
    };
    let mut lines = vec![line(&mut maps.iter().map(|(name, _)| *name))];
    let rows = maps.first().map_or(0, |(_, map)| map.lines().count());
    lines.extend((0..rows).map(|row| {
        line(&mut maps.iter().map(|(_, map)| map.lines().nth(row).unwrap_or_default()))
    }));
    lines.join("\n")
}

/// The best action of each numbered state.
pub(super) fn greedy_policy(learned: &super::Learned) -> Vec<u32> {
    let actions = learned.actions;
    let best = |row: &[f32]| greedy_by(actions, |action| row[action as usize]);
    learned.values.chunks(actions as usize).map(best).collect()
}
