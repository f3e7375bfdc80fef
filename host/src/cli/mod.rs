//! The command line: verbs, flags, what they print. Computes nothing itself.

mod arguments;
mod experiments;
mod studies;
mod train;
mod verbs;

use crate::console::print_note;
use arguments::{Arguments, Verb};
use clap::Parser;
use std::process::ExitCode;

/// Parses the process's arguments and runs the verb.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are printed as asked for; anything else is wrong use.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let json = arguments.json;
    let done = match arguments.verb {
        Verb::List => verbs::list(json),
        Verb::Train(train) => train::train(train, json),
        Verb::Eval(eval) => verbs::eval(&eval, json),
        Verb::Solve(solve) => verbs::solve(&solve, json),
        Verb::Export(export) => verbs::export(&export, json),
        Verb::Replay(replay) => verbs::replay(&replay, json),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print_note(&format!("embedded-rl: {failure}"));
            ExitCode::from(failure.exit_status())
        }
    }
}
