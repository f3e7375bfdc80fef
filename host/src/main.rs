//! The `embedded-rl` command: parses, runs, and turns a failure into one sentence and an exit status.

use std::process::ExitCode;

fn main() -> ExitCode {
    embedded_rl::cli::main()
}
