//! Lines on standard output and standard error. A reader that went away is no reason to stop training, so nothing
//! here fails.

use serde::Serialize;
use std::io::Write;

/// One JSON object as one line of standard output.
pub(crate) fn print_json<T: Serialize>(object: &T) {
    if let Ok(line) = serde_json::to_string(object) {
        print_line(&line);
    }
}

/// One line of standard output.
pub(crate) fn print_line(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// One line of standard error, for people.
pub(crate) fn print_note(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
