//! Builds for boards and runs them in QEMU, through the same scripts that people start by hand.

use core::time::Duration;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

/// Where the firmware lives.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("core/examples/cortex_m")
}

/// `core/examples/cortex_m/cross-cargo TARGET`, started in the workspace's root.
pub fn cross_cargo(target: &str) -> Command {
    let mut command = Command::new(folder().join("cross-cargo"));
    command.arg(target).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// How a firmware is built.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The processor.
    pub target: &'static str,
    /// `release`, or `dev` with debug assertions and overflow checks.
    pub profile: &'static str,
}

/// `core/examples/cortex_m/run WORDS` for such a build, with the policy that stands beside the script.
pub fn run(words: &[&str], build: Build) -> Command {
    let mut command = Command::new(folder().join("run"));
    command.args(words).env_remove("EMBEDDED_RL_POLICY");
    command.env("FIRMWARE_TARGET", build.target).env("FIRMWARE_PROFILE", build.profile);
    command
}

/// Runs a command to its end and returns what it printed: standard output, standard error.
///
/// # Panics
/// If it cannot be started, fails, or takes longer than `limit`; with all that it printed.
pub fn finish_within(limit: Duration, command: &mut Command) -> (String, String) {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    let output = collect(child.stdout.take());
    let errors = collect(child.stderr.take());
    let success = wait(&mut child, limit);
    let printed = (output.join().unwrap_or_default(), errors.join().unwrap_or_default());
    let how = match success {
        Some(true) => return printed,
        Some(false) => "failed".to_owned(),
        None => format!("was stopped: it did not end within {} seconds", limit.as_secs()),
    };
    panic!("{command:?} {how}\n{}\n{}", printed.0, printed.1);
}

/// Reads a pipe to its end beside the process, which would otherwise wait for room in it.
fn collect(pipe: Option<impl Read + Send + 'static>) -> thread::JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            pipe.read_to_end(&mut bytes).expect("a pipe can be read");
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// Whether the process succeeded; nothing if it had to be stopped.
fn wait(child: &mut Child, limit: Duration) -> Option<bool> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be asked") {
            return Some(status.success());
        }
        if start.elapsed() > limit {
            // The scripts replace themselves by cargo and cargo by QEMU, so this ends the emulator itself.
            child.kill().expect("a child can be stopped");
            child.wait().expect("a child can be waited for");
            return None;
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Compares what a firmware printed with the file recorded beside its source, line by line. Lines that begin
/// with `measured: ` may differ in their numbers by a quarter, since those depend on the compiler's version.
/// With `EMBEDDED_RL_BLESS=1` in the environment the file is written anew instead.
///
/// # Panics
/// If they differ; with the first lines that do.
pub fn assert_as_recorded(binary: &str, printed: &str) {
    let path = folder().join("src/bin").join(format!("{binary}.out"));
    if std::env::var_os("EMBEDDED_RL_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(&path, printed).expect("the recorded output can be written");
    }
    let recorded = std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    assert_same_lines(&recorded, printed, &format!("{binary} against {}", path.display()));
}

/// # Panics
/// If a line differs by more than measured numbers may; with the first three that are not.
pub fn assert_same_lines(want: &str, got: &str, what: &str) {
    let (want, got): (Vec<_>, Vec<_>) = (want.lines().collect(), got.lines().collect());
    let different: Vec<_> = (0..want.len().max(got.len()))
        .map(|index| (index + 1, want.get(index), got.get(index)))
        .filter(
            |(_, want, got)| !matches!((want, got), (Some(want), Some(got)) if alike(want, got)),
        )
        .collect();
    assert!(
        different.is_empty(),
        "{what}: {} lines differ, the first ones (line, want, got): {:#?}\n\
         If that is meant: EMBEDDED_RL_BLESS=1 cargo test --release --test firmware",
        different.len(),
        &different[..different.len().min(3)]
    );
}

/// Whether two lines are equal, or say the same about measured numbers a quarter apart.
fn alike(want: &str, got: &str) -> bool {
    if !want.starts_with("measured: ") {
        return want == got;
    }
    let (want_words, want_numbers) = split_numbers(want);
    let (got_words, got_numbers) = split_numbers(got);
    want_words == got_words
        && want_numbers
            .iter()
            .zip(&got_numbers)
            .all(|(&want, &got)| 4 * u64::abs_diff(want, got) <= want)
}

/// The number in the line that says `measured: NUMBER what`.
///
/// # Panics
/// If there is no such line.
pub fn measured(printed: &str, what: &str) -> u64 {
    let line = printed.lines().find_map(|line| line.strip_prefix("measured: ")?.strip_suffix(what));
    let number = line.and_then(|number| number.trim().parse().ok());
    number.unwrap_or_else(|| panic!("nothing says how many {what}:\n{printed}"))
}

/// The whole numbers of a measured line, and its other words; `8-64-64-4` is a word.
fn split_numbers(line: &str) -> (Vec<&str>, Vec<u64>) {
    let (mut words, mut numbers) = (Vec::new(), Vec::new());
    for word in line.split_whitespace() {
        match word.parse() {
            Ok(number) => {
                numbers.push(number);
                words.push("0");
            }
            Err(_) => words.push(word),
        }
    }
    (words, numbers)
}
