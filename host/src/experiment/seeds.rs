//! A run's seeds as they are written: `7`, or `0..10` for 0 to 9.

use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One seed or several that follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Seeds {
    first: u64,
    /// At least one.
    count: u64,
}

/// The most seeds at once.
const MOST: u64 = 100_000;

impl Seeds {
    /// A single one.
    pub const fn one(seed: u64) -> Self {
        Self { first: seed, count: 1 }
    }

    /// How many there are.
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// They themselves, in order.
    pub fn each(&self) -> impl Iterator<Item = u64> + use<> {
        let Self { first, count } = *self;
        (0..count).map(move |number| first + number)
    }
}

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("seeds are written as 7 or as 0..10, not '{text}'");
        let number = |text: &str| text.trim().parse::<u64>().map_err(|_| wrong());
        let Some((first, end)) = text.split_once("..") else {
            return Ok(Self::one(number(text)?));
        };
        let (first, end) = (number(first)?, number(end)?);
        match end.checked_sub(first) {
            None | Some(0) => Err(format!("{text} holds no seed: it goes up to, not over, {end}")),
            Some(count @ 1..=MOST) => Ok(Self { first, count }),
            Some(_) => Err(format!("{text} holds more than {MOST} seeds")),
        }
    }
}

impl TryFrom<String> for Seeds {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Seeds> for String {
    fn from(seeds: Seeds) -> Self {
        seeds.to_string()
    }
}

impl fmt::Display for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, count } = self;
        match count {
            1 => write!(f, "{first}"),
            _ => write!(f, "{first}..{}", first + count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seeds;

    #[test]
    fn seeds_are_read_as_they_are_written() {
        for text in ["0", "7", "0..10", "5..6", "18446744073709551615"] {
            let seeds: Seeds = text.parse().expect(text);
            assert_eq!(seeds.to_string().parse(), Ok(seeds));
        }
        assert_eq!("3..6".parse::<Seeds>().map(|seeds| seeds.each().collect()), Ok(vec![3, 4, 5]));
        for text in ["", "x", "1..", "3..3", "4..3", "-1", "0..1000000"] {
            assert!(text.parse::<Seeds>().is_err(), "{text}");
        }
    }
}
