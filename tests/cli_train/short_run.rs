//! The short run, as all tests here start it.

use embedded_rl_checks::command::{self, Finished, SHORT_RUN};
use std::path::Path;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Finished {
    command::run(PROGRAM, folder, arguments)
}

/// The short run in the folder `out`, with more arguments.
pub(crate) fn train(folder: &Path, out: &str, more: &[&str]) -> Finished {
    run(folder, &[SHORT_RUN, &["--out", out], more].concat())
}
