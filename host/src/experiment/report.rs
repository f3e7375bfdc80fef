//! What an experiment came to, as text for people: a table of the variants, and what small tables have learned.

use super::outcome::{Figures, VariantOutcome};
use super::statistics::Band;

/// Tables of values with more states are in `values.csv` only.
const PRINTED_STATES: usize = 12;

/// Headings of the columns, in the order of [`Figures::each`].
const HEADINGS: [&str; 7] = [
    "return",
    "return, last",
    "steps, last",
    "greedy return",
    "greedy steps",
    "total regret",
    "best arm, last",
];

/// The whole report.
pub fn text(outcomes: &[VariantOutcome]) -> String {
    let mut text = table(outcomes);
    for outcome in outcomes {
        let actions = outcome.runs[0].learned.actions as usize;
        let states = outcome.values.len() / actions;
        if (1..=PRINTED_STATES).contains(&states) {
            text += &format!("\n{}\n", outcome.variant.name);
            for (state, row) in outcome.values.chunks(actions).enumerate() {
                let row: Vec<_> = row.iter().map(number).collect();
                text += &format!("  s{state}: Q = [{}]\n", row.join(", "));
            }
        }
    }
    text
}

fn table(outcomes: &[VariantOutcome]) -> String {
    let shown: Vec<usize> = (0..Figures::<Band>::NAMES.len())
        .filter(|&column| outcomes.iter().any(|o| o.figures.each()[column].is_some()))
        .collect();
    let mut text = format!("{:<24}", "");
    for &column in &shown {
        text += &format!("{:>20}", HEADINGS[column]);
    }
    for outcome in outcomes {
        text += &format!("\n{:<24}", outcome.variant.name);
        for &column in &shown {
            let cell = outcome.figures.each()[column].map(number).unwrap_or_default();
            text += &format!("{cell:>20}");
        }
    }
    text + "\n"
}

/// A mean, and half its band if there is one, with as many decimals as say something.
fn number(band: &Band) -> String {
    let decimals = match band.mean.abs() {
        mean if mean < 10.0 => 3,
        mean if mean < 1_000.0 => 2,
        _ => 0,
    };
    if !band.mean.is_finite() {
        return band.mean.to_string();
    }
    if band.half() == 0.0 {
        return format!("{:.decimals$}", band.mean);
    }
    format!("{:.decimals$} ± {:.decimals$}", band.mean, band.half())
}
