//! The command `embedded-rl` as a process: started in a folder of its own, ended, and what it said.
//!
//! Knows nothing about what a run should come to; that is for the tests.

use core::sync::atomic::{AtomicU64, Ordering};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A short but complete training of CartPole, whatever the preset says: some 500 episodes, 12 checkpoints, 4
/// evaluations, a ring that goes round twice.
///
/// Its lines of `--json` are more than a pipe holds (64 KiB), so that it cannot end before its reader is near its end.
pub const SHORT_RUN: &[&str] = &[
    "train",
    "cart-pole",
    "--set=environment=CartPole-v1",
    "--set=seed=0",
    "--set=steps=12000",
    "--set=network.hidden=[16]",
    "--set=network.activation=relu",
    "--set=observation={offset=[],scale=[]}",
    "--set=replay={capacity=5000,batch=32}",
    "--set=agent.learning_starts=500",
    "--set=agent.train_every=4",
    "--set=agent.updates_per_round=1",
    "--set=agent.double=true",
    "--set=agent.target={name='soft',tau=0.01}",
    "--set=agent.optimiser={name='adam',learning_rate=1e-3}",
    "--set=agent.exploration={name='linear',from=1.0,to=0.6,over=12000,per='step'}",
    "--set=evaluation.every=3000",
    "--set=evaluation.episodes=5",
    "--set=evaluation.final_episodes=10",
    "--set=evaluation.keep=best",
    "--set=evaluation.stop_at=inf",
    "--set=evaluation.only_solved=false",
    "--set=checkpoint_every=1000",
];

/// A new folder that is removed with the value.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// An empty folder whose name begins with `name`.
    ///
    /// # Panics
    /// If it cannot be made.
    pub fn new(name: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("embedded-rl-{name}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a folder for temporary files");
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// A path inside.
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file inside.
    ///
    /// # Panics
    /// If it cannot be written.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.join(name), content).expect("a file in a temporary folder");
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left of a failed test's folder is not worth a second failure.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a command came to.
#[derive(Debug)]
pub struct Finished {
    /// Exit status; none if a signal ended it.
    pub status: Option<i32>,
    /// Standard output.
    pub output: String,
    /// Standard error.
    pub errors: String,
}

impl Finished {
    /// The same, once it is sure that the command succeeded.
    ///
    /// # Panics
    /// If it did not.
    pub fn success(self) -> Self {
        assert_eq!(self.status, Some(0), "{self:#?}");
        self
    }

    /// The one plain sentence of a command that ended with this exit status, without the program's name.
    ///
    /// # Panics
    /// If it ended otherwise or said more, less, or something that is not for people.
    pub fn sentence(&self, status: i32) -> &str {
        assert_eq!(self.errors.lines().count(), 1, "more or less than one line: {self:#?}");
        self.last_sentence(status)
    }

    /// As [`Finished::sentence`], where other lines may stand before it.
    ///
    /// # Panics
    /// Likewise.
    pub fn last_sentence(&self, status: i32) -> &str {
        assert_eq!(self.status, Some(status), "{self:#?}");
        let last = self.errors.lines().last().unwrap_or_default();
        let sentence = last.strip_prefix("embedded-rl: ");
        let sentence = sentence.unwrap_or_else(|| panic!("no sentence of the program: {self:#?}"));
        for trace in ["panicked", "RUST_BACKTRACE", "Error:", "Error {", "Err(", "Some(", "unwrap"]
        {
            assert!(!self.errors.contains(trace), "'{trace}' is not for people: {self:#?}");
        }
        assert!(self.errors.ends_with('\n') && sentence.split(' ').count() > 3, "{self:#?}");
        sentence
    }

    /// The objects of `--json`.
    ///
    /// # Panics
    /// If a line of standard output is anything else.
    pub fn objects(&self) -> Vec<Map<String, Value>> {
        let object = |line| match serde_json::from_str(line) {
            Ok(Value::Object(object)) => object,
            other => panic!("not a JSON object: {line}\n{other:?}"),
        };
        self.output.lines().map(object).collect()
    }
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code(),
            output: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// `program` with `arguments`, to be started in `folder`, both its outputs in pipes.
pub fn command(program: &str, folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    // With backtraces, so that a panic cannot pass for a sentence.
    command.args(arguments).current_dir(folder).env("RUST_BACKTRACE", "1");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs `program` to its end.
///
/// # Panics
/// If it cannot be started.
pub fn run(program: &str, folder: &Path, arguments: &[&str]) -> Finished {
    command(program, folder, arguments).output().expect("the command can be started").into()
}

/// Every file of a run, the wall clock taken out.
///
/// # Panics
/// If a file cannot be read, or is not as a run leaves it.
pub fn record(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("the run's folder") {
        let entry = entry.expect("an entry of the run's folder");
        let name = entry.file_name().into_string().expect("a plain name");
        let content = fs::read(entry.path()).expect("a file of the run");
        files.insert(name.clone(), without_clock(&name, content));
    }
    files
}

/// One of them.
///
/// # Panics
/// If it is not as a run leaves it.
pub fn without_clock(name: &str, content: Vec<u8>) -> Vec<u8> {
    let text = || String::from_utf8(content.clone()).expect("text");
    if name.ends_with(".csv") {
        let rows = text();
        assert!(rows.starts_with(|first: char| first.is_ascii_alphabetic()), "a header");
        let cut = |row: &str| row.rsplit_once(',').expect("several columns").0.to_owned() + "\n";
        rows.lines().map(cut).collect::<String>().into_bytes()
    } else if name == "summary.json" {
        let mut summary: Map<String, Value> = serde_json::from_str(&text()).expect("JSON");
        let seconds = summary.remove("wall_seconds").expect("a wall clock").as_f64();
        // Rounded to milliseconds: some runs take none.
        assert!(seconds.is_some_and(|seconds| (0.0..600.0).contains(&seconds)), "{seconds:?}");
        serde_json::to_vec(&summary).expect("JSON")
    } else {
        content
    }
}

/// Whether two runs left the same files.
///
/// # Panics
/// If they did not.
#[track_caller]
pub fn assert_same_record(got: &Path, want: &Path) {
    let (got, want) = (record(got), record(want));
    assert_eq!(got.keys().collect::<Vec<_>>(), want.keys().collect::<Vec<_>>());
    let different: Vec<_> = want.keys().filter(|&name| got[name] != want[name]).collect();
    assert!(different.is_empty(), "{different:?} differ");
}

/// Sends a signal by its name: `INT`, `TERM`.
///
/// # Panics
/// If it cannot be sent.
pub fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status();
    assert!(sent.expect("the command kill").success(), "cannot send {name}");
}
