//! A command that is refused: in one sentence, with a status, and with every file as it was.

use embedded_rl_checks::command::{self, Finished, SHORT_RUN, Scratch};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_embedded-rl-under-test");
pub(crate) const FAILED: i32 = 1;
pub(crate) const WRONG_USE: i32 = 2;

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Finished {
    command::run(PROGRAM, folder, arguments)
}

/// The short run, in the folder `run`, cut to 600 steps (a hundred of them with learning), changed by `more`.
fn brief(more: &[&str]) -> Vec<String> {
    let arguments =
        [SHORT_RUN, &["--out=run", "--set=steps=600", "--set=checkpoint_every=200"], more];
    arguments.concat().into_iter().map(str::to_owned).collect()
}

pub(crate) fn trained(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    let arguments = brief(&[]);
    run(scratch.path(), &arguments.iter().map(String::as_str).collect::<Vec<_>>()).success();
    scratch
}

/// Asserts that the command is refused in one sentence that holds `expected`, and no differently under `--json`.
#[track_caller]
pub(crate) fn assert_refused(folder: &Path, arguments: &[&str], status: i32, expected: &str) {
    let plain = run(folder, arguments);
    let sentence = plain.sentence(status);
    assert!(sentence.contains(expected), "{arguments:?}: '{expected}' is not in: {sentence}");
    let json = run(folder, &[arguments, &["--json"]].concat());
    json.objects();
    assert_eq!(json.sentence(status), sentence);
}

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let inside = files_of(&entry.path(), &name);
            files.extend(inside);
        } else {
            files.insert(name, fs::read(entry.path()).expect("a file"));
        }
    }
    files
}

fn files_of(folder: &Path, name: &str) -> BTreeMap<String, Vec<u8>> {
    files(folder).into_iter().map(|(file, content)| (format!("{name}/{file}"), content)).collect()
}
