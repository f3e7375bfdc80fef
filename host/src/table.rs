//! Tables for people who read a terminal, and the same rows as JSON for programs.
//!
//! No colours and no frames, so that a table looks the same in a terminal, a file and a message. Computes nothing.

use core::fmt;
use serde_json::{Map, Value, json};

/// Rows below names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// Each with a cell a column; cells that are not there are [`Cell::Missing`].
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a row below a name.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words, to the left.
    Text(String),
    /// A whole number, to the right like all numbers.
    Count(u64),
    /// A number with so many decimals; all of them in JSON.
    Number(f64, usize),
    /// A mean and the band around it, with so many decimals.
    Band {
        /// The mean.
        mean: f64,
        /// Lower end of the band.
        low: f64,
        /// Upper end of the band.
        high: f64,
        /// Decimals of all three.
        decimals: usize,
    },
    /// Nothing to say.
    Missing,
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Table {
    /// No rows yet.
    pub fn new(columns: &[&str]) -> Self {
        let columns = columns.iter().map(|&name| name.to_owned()).collect();
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Panics
    /// If it has not a cell a column.
    pub fn push(&mut self, row: Vec<Cell>) {
        assert_eq!(row.len(), self.columns.len(), "a cell a column: {row:?}");
        self.rows.push(row);
    }

    /// Each row as a JSON object: `"type": kind`, then the cells by the names of their columns, in small letters
    /// with `_` for everything that is not a letter or a digit. What is not finite or missing is null; a band is an
    /// object of `mean`, `low` and `high`.
    pub fn objects(&self, kind: &str) -> Vec<Value> {
        let key = |name: &String| -> String {
            let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '_' };
            name.to_lowercase().chars().map(letter).collect()
        };
        let keys: Vec<String> = self.columns.iter().map(key).collect();
        self.rows
            .iter()
            .map(|row| {
                let mut object = Map::from_iter([("type".to_owned(), json!(kind))]);
                for (key, cell) in keys.iter().zip(row) {
                    object.insert(key.clone(), cell.value());
                }
                Value::Object(object)
            })
            .collect()
    }
}

impl Cell {
    /// JSON has no infinity: what is not finite is null.
    fn value(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Count(count) => json!(count),
            Self::Number(number, _) => json!(number),
            Self::Band { mean, low, high, .. } => json!({"mean": mean, "low": low, "high": high}),
            Self::Missing => Value::Null,
        }
    }

    const fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Number(..) | Self::Band { .. })
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text}"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Number(number, decimals) => write!(f, "{number:.decimals$}"),
            Self::Band { mean, low, high, decimals } => {
                write!(f, "{mean:.decimals$} ({low:.decimals$} to {high:.decimals$})")
            }
            Self::Missing => write!(f, "-"),
        }
    }
}

impl fmt::Display for Table {
    /// Without a line's end after the last row, and without blanks at the ends of lines.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let written: Vec<Vec<String>> =
            self.rows.iter().map(|row| row.iter().map(Cell::to_string).collect()).collect();
        let column = |index: usize| written.iter().filter_map(move |row| row.get(index));
        let length = |text: &String| text.chars().count();
        let layout: Vec<(usize, bool)> = self
            .columns
            .iter()
            .enumerate()
            .map(|(index, name)| {
                let width = column(index).map(length).fold(length(name), usize::max);
                let cells = || self.rows.iter().filter_map(|row| row.get(index));
                let others = cells().any(|cell| !cell.is_number() && *cell != Cell::Missing);
                (width, cells().any(Cell::is_number) && !others)
            })
            .collect();
        let line = |cells: &[String]| -> String {
            let padded = cells.iter().zip(&layout).map(|(cell, &(width, right))| {
                if right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let rule: Vec<String> = layout.iter().map(|&(width, _)| "─".repeat(width)).collect();
        write!(f, "{}\n{}", line(&self.columns), rule.join("  "))?;
        written.iter().try_for_each(|row| write!(f, "\n{}", line(row)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agents() -> Table {
        let mut table = Table::new(&["agent", "total regret", "best arm share"]);
        let band = Cell::Band { mean: 12.34, low: 11.0, high: 13.56, decimals: 1 };
        table.push(vec!["UCB1".into(), band, Cell::Count(98)]);
        table.push(vec!["ε-greedy".into(), Cell::Number(f64::NEG_INFINITY, 2), Cell::Missing]);
        table
    }

    #[test]
    fn numbers_stand_to_the_right_of_their_columns() {
        let text = "\
agent            total regret  best arm share
────────  ───────────────────  ──────────────
UCB1      12.3 (11.0 to 13.6)              98
ε-greedy                 -inf               -";
        assert_eq!(agents().to_string(), text);
        assert_eq!(Table::new(&["a", "bc"]).to_string(), "a  bc\n─  ──");
    }

    #[test]
    fn programs_get_every_digit_and_null_for_what_json_cannot_say() {
        let lines: Vec<_> = agents().objects("agent").iter().map(Value::to_string).collect();
        let expected = [
            r#"{"agent":"UCB1","best_arm_share":98,"total_regret":{"high":13.56,"low":11.0,"mean":12.34},"type":"agent"}"#,
            r#"{"agent":"ε-greedy","best_arm_share":null,"total_regret":null,"type":"agent"}"#,
        ];
        assert_eq!(lines, expected);
    }
}
