//! The lines of a trace, as `tests/golden/record_gym.py` and
//! `tests/golden/lunar_lander/record_lunar.py` write them.
//!
//! Reads and checks the form of single lines; what may follow what is for [`super::episode`].

use super::TraceError;
use crate::registry::Recorded;
use serde::{Deserialize, Deserializer, de};
use serde_json::error::Category;
use serde_json::{Map, Value};
use std::io::{BufRead, Read};

/// The longest line that is read: far above any recording's, far below what would exhaust memory.
const LONGEST_LINE: u64 = 1 << 24;

/// One line of a trace. Fields that other recorders add are passed over.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(super) enum Line {
    Header(Header),
    Reset(Reset),
    Step(Step),
    End(End),
}

/// Which environment, and its options.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) env: String,
    #[serde(default)]
    kwargs: Map<String, Value>,
    // The lander's recorder writes its options beside each other.
    continuous: Option<bool>,
    gravity: Option<f64>,
    wind: Option<bool>,
    wind_power: Option<f64>,
    turbulence_power: Option<f64>,
}

impl Header {
    /// Gymnasium's keyword arguments, however they were written.
    pub(super) fn options(self) -> Value {
        let mut options = self.kwargs;
        let written = [
            ("continuous", self.continuous.map(Value::from)),
            ("gravity", self.gravity.map(Value::from)),
            ("enable_wind", self.wind.map(Value::from)),
            ("wind_power", self.wind_power.map(Value::from)),
            ("turbulence_power", self.turbulence_power.map(Value::from)),
        ];
        for (name, value) in written {
            options.extend(value.map(|value| (name.to_owned(), value)));
        }
        options.into()
    }
}

/// The start of an episode.
#[derive(Debug, Deserialize)]
pub(super) struct Reset {
    pub(super) ep: u64,
    pub(super) seed: u64,
    /// Bit patterns of `f32`, or whole numbers.
    pub(super) obs: Vec<u32>,
    #[serde(default)]
    pub(super) state: Vec<Double>,
    #[serde(flatten)]
    pub(super) bodies: Bodies,
}

/// One action and what it brought.
#[derive(Debug, Deserialize)]
pub(super) struct Step {
    pub(super) ep: u64,
    pub(super) t: u64,
    pub(super) action: Recorded,
    pub(super) obs: Vec<u32>,
    pub(super) reward: Double,
    pub(super) terminated: bool,
    pub(super) truncated: bool,
    #[serde(default)]
    pub(super) state: Vec<Double>,
    #[serde(flatten)]
    pub(super) bodies: Bodies,
}

/// What a recording of bodies has beside the observation; older recordings lack some.
#[derive(Debug, Deserialize)]
pub(super) struct Bodies {
    /// Bit patterns of `f32`: x, y, angle and their velocities.
    pub(super) bodies: Option<[[u32; 6]; 3]>,
    pub(super) awake: Option<[bool; 3]>,
    pub(super) contacts: Option<[bool; 2]>,
    pub(super) game_over: Option<bool>,
}

/// The end of an episode, reached or cut by the recorder.
#[derive(Debug, Deserialize)]
pub(super) struct End {
    pub(super) ep: u64,
    pub(super) steps: u64,
    #[serde(rename = "return")]
    pub(super) total: Double,
}

impl Line {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Line::Header(_) => "a header",
            Line::Reset(_) => "a reset",
            Line::Step(_) => "a step",
            Line::End(_) => "an end",
        }
    }
}

/// An `f64` written as the 16 hexadecimal digits of its bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Double(pub(super) f64);

impl<'de> Deserialize<'de> for Double {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digits = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        u64::from_str_radix(&text, 16)
            .ok()
            .filter(|_| digits)
            .map(|bits| Self(f64::from_bits(bits)))
            .ok_or_else(|| de::Error::custom("a number is not 16 hexadecimal digits"))
    }
}

/// The lines of a trace, each with its number from 1; empty lines are passed over.
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    buffer: Vec<u8>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self { reader, number: 0, buffer: Vec::new() }
    }

    /// The number of the last line that was read.
    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn next(&mut self) -> Result<Option<(u64, Line)>, TraceError> {
        loop {
            self.buffer.clear();
            let read = self
                .reader
                .by_ref()
                .take(LONGEST_LINE)
                .read_until(b'\n', &mut self.buffer)
                .map_err(|error| TraceError::Unreadable { error })?;
            if read == 0 {
                return Ok(None);
            }
            self.number += 1;
            if read as u64 == LONGEST_LINE {
                return Err(TraceError::LongLine { line: self.number, limit: LONGEST_LINE });
            }
            if !self.buffer.trim_ascii().is_empty() {
                return self.parse().map(|line| Some((self.number, line)));
            }
        }
    }

    fn parse(&self) -> Result<Line, TraceError> {
        serde_json::from_slice(&self.buffer).map_err(|error| {
            let (line, problem) = (self.number, without_position(&error));
            match error.classify() {
                Category::Data => TraceError::Field { line, problem },
                Category::Io | Category::Syntax | Category::Eof => {
                    TraceError::NotJson { line, problem }
                }
            }
        })
    }
}

/// The parser counts lines from the start of what it was given, which is always one line.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}
