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

/// `core/examples/cortex_m/cross-cargo TARGET`, started in that folder.
pub fn cross_cargo(target: &str) -> Command {
    let mut command = Command::new(folder().join("cross-cargo"));
    command.arg(target).current_dir(folder());
    command
}

/// How a firmware is built.
#[derive(Clone, Copy, Debug)]
pub struct Build {
    /// The processor.
    pub target: &'static str,
    /// Whether our crates have debug assertions and overflow checks.
    pub assertions: bool,
}

/// `core/examples/cortex_m/run WORDS` for such a build, with the policy that stands beside the script.
pub fn run(words: &[&str], build: Build) -> Command {
    let mut command = Command::new(folder().join("run"));
    command.args(words).env_remove("EMBEDDED_RL_POLICY");
    let assertions = if build.assertions { "1" } else { "0" };
    command.env("FIRMWARE_TARGET", build.target).env("FIRMWARE_ASSERTIONS", assertions);
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
