//! Replays a recorded Gymnasium trace on the environment of the same name and compares every bit.
//!
//! `tests/golden/record_gym.py` and `lunar_lander/record_lunar.py` beside it write such traces, one JSON object a line; its head documents them. The start
//! of each episode comes from the recorded seed alone and the generator goes on through the episode, so that
//! a match means that the draws are the same too. Tasks with an `f64` state are set to the recorded state
//! before each step, for the sine and cosine of another library may differ in the last bit; all others run
//! free. Nothing here trains or chooses actions.

mod compare;
mod episode;
mod format;

pub use compare::{Difference, Report};

use crate::draw::Screen;
use crate::failure::Failure;
use crate::registry::{self, Recorded, Refusal};
use format::{Line, Lines};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Replays the trace in the file at `path`.
///
/// # Errors
/// If the file is not a trace that can be replayed. A replay that differs is not an error: see
/// [`Report::difference`].
pub fn replay(path: &Path) -> Result<Report, TraceError> {
    replay_filmed(path, None)
}

/// A film of one episode of a trace.
#[derive(Clone, Copy, Debug)]
pub struct Film<'a> {
    /// Where it is shown.
    pub screen: Screen<'a>,
    /// The episode's number in the trace; the first if there is none.
    pub episode: Option<u64>,
}

/// As [`replay`], and shows an episode.
///
/// # Errors
/// As [`replay`], and if the episode is not in the trace, cannot be drawn, or the film cannot be written.
pub fn replay_filmed(path: &Path, film: Option<Film<'_>>) -> Result<Report, TraceError> {
    let file = File::open(path).map_err(|error| TraceError::Unreadable { error })?;
    replay_lines(Lines::new(BufReader::new(file)), film)
}

/// Replays the trace that `reader` yields, line by line; it is never whole in memory.
///
/// # Errors
/// As [`replay`].
pub fn replay_reader(reader: impl BufRead) -> Result<Report, TraceError> {
    replay_lines(Lines::new(reader), None)
}

fn replay_lines(
    mut lines: Lines<impl BufRead>,
    film: Option<Film<'_>>,
) -> Result<Report, TraceError> {
    let Some((number, Line::Header(header))) = lines.next()? else {
        return Err(TraceError::NoHeader);
    };
    let refused = |refusal| TraceError::Environment { line: number, refusal };
    let registration = registry::find(&header.env).map_err(refused)?;
    let report = Report::new(&header.env);
    registration.run(&header.options(), episode::Replay { lines, report, film }).map_err(refused)?
}

/// Why a trace cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TraceError {
    /// The file cannot be opened or read.
    #[error("the trace cannot be read: {error}")]
    Unreadable {
        /// What the system says.
        error: std::io::Error,
    },
    /// A line is longer than any that a recording has.
    #[error("line {line} is longer than {limit} bytes; this is not a trace")]
    LongLine {
        /// Number of the line, from 1.
        line: u64,
        /// The longest line that is read.
        limit: u64,
    },
    /// A line is not JSON.
    #[error("line {line} is not JSON: {problem}")]
    NotJson {
        /// Number of the line, from 1.
        line: u64,
        /// What the parser says.
        problem: String,
    },
    /// A line is JSON, but lacks a field or has one of another kind.
    #[error("line {line} is not a line of a trace: {problem}")]
    Field {
        /// Number of the line, from 1.
        line: u64,
        /// What the parser says.
        problem: String,
    },
    /// The first line is not a header.
    #[error("the trace does not begin with a header line")]
    NoHeader,
    /// The header's environment cannot be made.
    #[error("line {line}: {refusal}")]
    Environment {
        /// Number of the line, from 1.
        line: u64,
        /// Why not.
        refusal: Refusal,
    },
    /// A line stands where it cannot.
    #[error("line {line} is {found}, but {expected} should stand there")]
    Order {
        /// Number of the line, from 1.
        line: u64,
        /// What stands there.
        found: &'static str,
        /// What should.
        expected: String,
    },
    /// A list has another length than the environment's.
    #[error("line {line}: '{field}' has {got} elements, but {want} are needed")]
    Length {
        /// Number of the line, from 1.
        line: u64,
        /// Name of the field.
        field: &'static str,
        /// Its length.
        got: usize,
        /// The length that the environment has.
        want: usize,
    },
    /// An action that the environment does not have.
    #[error("line {line}: action {action} is not in {space}")]
    Action {
        /// Number of the line, from 1.
        line: u64,
        /// The recorded action.
        action: Recorded,
        /// The environment's action space.
        space: String,
    },
    /// The trace stops in the middle.
    #[error("the trace is cut off: it ends after line {line}, inside episode {episode}")]
    CutOff {
        /// Number of the last line.
        line: u64,
        /// The episode that has no end.
        episode: u64,
    },
    /// The episode to be filmed is not there, or was not reached.
    #[error("the episode to be filmed does not stand in the trace, or comes after a difference")]
    NotFilmed,
    /// The film cannot be made.
    #[error("{problem}")]
    Film {
        /// Why not.
        problem: Failure,
    },
    /// A trace of nothing would match anything.
    #[error("the trace holds no episode")]
    Empty,
}
