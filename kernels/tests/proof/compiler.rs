//! The C++ compiler: makes a program of kernels' text and the emulation. What was compiled once, from the same text with
//! the same options, is kept.

use embedded_rl_kernels::KERNELS;
use embedded_rl_kernels::ladder::LADDER;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, id};

const COMMON: &[&str] = &["-std=c++17", "-g1", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror"];

const FAST: &str = "-DEMBEDDED_RL_FAST";

/// What the C++ compiler has to be told to use the processor's fused instruction; others have it always.
const FUSED: &str = if cfg!(target_arch = "x86_64") { "-mfma" } else { "-O2" };

/// What a program is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Build {
    /// To compare bits.
    Plain,
    /// Every address and every undefined operation is looked at.
    Address,
    /// Every access is looked at for another thread's.
    Thread,
    /// The fast mode: a product is fused with the addition behind it.
    Fast,
    /// The fast mode, every address looked at.
    FastAddress,
    /// The fast mode, every access looked at.
    FastThread,
}

impl Build {
    /// Of `file`: the runtime itself is not looked at, and knows what else is.
    fn options(self, file: &str) -> &'static [&'static str] {
        match self {
            Build::Address | Build::FastAddress if file == "runtime.cpp" => {
                &["-O1", "-DFOR_ADDRESS_SANITIZER"]
            }
            Build::Thread | Build::FastThread if file == "runtime.cpp" => {
                &["-O1", "-DFOR_THREAD_SANITIZER"]
            }
            Build::Plain => &["-O1"],
            // Products and additions are fused by an optimisation of the second level.
            Build::Fast => &["-O2", "-ffp-contract=fast", FAST, FUSED],
            Build::Address => &[
                "-O1",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-fsanitize-sections=emulated_shared",
            ],
            Build::Thread => &["-O1", "-fsanitize=thread"],
            Build::FastAddress => &[
                "-O1",
                "-fsanitize=address,undefined",
                "-fno-sanitize-recover=all",
                "-fsanitize-sections=emulated_shared",
                FAST,
            ],
            Build::FastThread => &["-O1", "-fsanitize=thread", FAST],
        }
    }
}

/// The program that replays cases on the kernels of these files with these texts, or what the compiler says against them.
///
/// # Panics
/// If there is no compiler.
pub(crate) fn program_of(
    build: Build,
    units: impl Iterator<Item = (&'static str, String)>,
) -> Result<PathBuf, String> {
    // A namespace of its own: files may use each other's names for other things.
    let parts = units
        .map(|(file, text)| (file, format!("namespace {{\n{text}\n{}}}\n", known_kernels(file))));
    program_of_parts(build, parts)
}

/// The program that replays cases on each of these copies of a file's text, or what the compiler says against them: its
/// messages begin with the number of the copy and a slash.
///
/// # Panics
/// If there is no compiler.
pub(crate) fn program_of_copies(
    build: Build,
    file: &'static str,
    copies: &[&str],
) -> Result<PathBuf, String> {
    let mut parts = String::new();
    for (number, copy) in copies.iter().enumerate() {
        // Names without a namespace would be the same kernel in all copies.
        let text: String = copy
            .replace("extern \"C\" ", "")
            .split_inclusive('\n')
            .map(|line| match line.strip_prefix("#line ").and_then(|rest| rest.split_once(" \"")) {
                Some((first, name)) => format!("#line {first} \"{number}/{name}"),
                None => line.to_owned(),
            })
            .collect();
        parts.push_str(&format!(
            "namespace copy_{number} {{\nconstexpr unsigned emulated_group = {number};\n{text}\n{}}}\n",
            known_kernels(file)
        ));
    }
    program_of_parts(build, [(file, parts)].into_iter())
}

/// What makes the kernels of a file known by their names.
fn known_kernels(file: &str) -> String {
    let kernels = KERNELS.iter().chain(LADDER).filter(|kernel| kernel.file == file);
    kernels.map(|kernel| format!("EMULATED({})\n", kernel.name)).collect()
}

fn program_of_parts(
    build: Build,
    parts: impl Iterator<Item = (&'static str, String)>,
) -> Result<PathBuf, String> {
    let emulation = Path::new(env!("CARGO_MANIFEST_DIR")).join("emulation");
    let mut objects = Vec::new();
    for source in ["runtime.cpp", "replay.cpp"] {
        let mut text = fs::read_to_string(emulation.join(source)).expect("the emulation");
        for header in ["emulation.h", "runtime.h"] {
            let header = fs::read_to_string(emulation.join(header)).expect("the emulation");
            text.push_str(&unread(&header));
        }
        objects.push(object(build, source, &text)?);
    }
    let header = fs::read_to_string(emulation.join("emulation.h")).expect("the emulation");
    for (file, text) in parts {
        let text = format!("#include \"emulation.h\"\n{text}{}", unread(&header));
        objects.push(object(build, file, &text)?);
    }
    let names: String = objects.iter().map(|path| path.to_string_lossy()).collect();
    let program = kept(&format!("replay-{build:?}-{:016x}", hash(&names)));
    if !program.exists() {
        let unfinished =
            program.with_extension(format!("{}-{:?}", id(), std::thread::current().id()));
        compile(build.options(""), |command| command.args(&objects).arg("-o").arg(&unfinished))?;
        fs::rename(&unfinished, &program).expect("a finished program");
    }
    Ok(program)
}

/// A program of a single file of the emulation's folder.
///
/// # Panics
/// If the compiler does not take it.
pub(crate) fn tool(file: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("emulation").join(file);
    let text = fs::read_to_string(&source).expect("a source");
    let program = kept(&format!("{file}-{:016x}", hash(&text)));
    if !program.exists() {
        let own = format!("{}-{:?}", id(), std::thread::current().id());
        let unfinished = program.with_extension(own);
        let made = compile(&["-O1"], |command| {
            command.arg(&source).arg("-ldl").arg("-o").arg(&unfinished)
        });
        made.unwrap_or_else(|message| panic!("{message}"));
        fs::rename(&unfinished, &program).expect("a finished program");
    }
    program
}

/// What a text includes, behind it, so that a change of it is a change of the text.
fn unread(header: &str) -> String {
    format!("\n#if 0\n{header}\n#endif\n")
}

fn object(build: Build, name: &str, text: &str) -> Result<PathBuf, String> {
    let stem = name.split('.').next().unwrap_or(name);
    let options = format!("{COMMON:?}{:?}", build.options(name));
    let object = kept(&format!("{stem}-{build:?}-{:016x}.o", hash(&(options + text))));
    if !object.exists() {
        let own = format!("{}-{:?}", id(), std::thread::current().id());
        let source = object.with_extension(format!("{own}.cpp"));
        fs::write(&source, text).expect("a source");
        let unfinished = object.with_extension(own);
        compile(build.options(name), |command| {
            command.arg("-c").arg(&source).arg("-o").arg(&unfinished)
        })?;
        fs::rename(&unfinished, &object).expect("a finished object");
        fs::remove_file(&source).expect("a source");
    }
    Ok(object)
}

fn compile(
    options: &[&str],
    arguments: impl FnOnce(&mut Command) -> &mut Command,
) -> Result<(), String> {
    let mut command = Command::new("g++");
    command.args(COMMON).args(options);
    command.arg("-I").arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("emulation"));
    let output = arguments(&mut command).output().expect("g++ (Debian: g++)");
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// Runs a program on a file of cases, in so many orders of threads.
pub(crate) fn replay(program: &Path, cases: &[u8], orders: u32) -> Output {
    replay_copies(program, cases, orders, 0)
}

/// The same with each of so many copies, each in a process of its own. A line tells the number and the status of each.
pub(crate) fn replay_copies(program: &Path, cases: &[u8], orders: u32, copies: usize) -> Output {
    let mut command = replay_of(program, cases);
    command.args([orders.to_string(), copies.to_string()]);
    command.output().expect("the program that was just made")
}

/// What the buffers of every launch held before and after, in one order of threads.
pub(crate) fn replay_launches(program: &Path, cases: &[u8]) -> (Output, Vec<u8>) {
    let own = format!("{}-{:?}", id(), std::thread::current().id());
    let launches = kept(&format!("launches-{:016x}-{own}", hash_of(cases)));
    let mut command = replay_of(program, cases);
    let output = command.args(["1", "0"]).arg(&launches).output().expect("the program just made");
    let bytes = fs::read(&launches).expect("a file of launches");
    fs::remove_file(&launches).expect("a file of launches");
    (output, bytes)
}

fn replay_of(program: &Path, cases: &[u8]) -> Command {
    let file = kept(&format!("cases-{:016x}", hash_of(cases)));
    if !file.exists() {
        let own = file.with_extension(format!("{}-{:?}", id(), std::thread::current().id()));
        fs::write(&own, cases).expect("a file of cases");
        fs::rename(&own, &file).expect("a finished file");
    }
    let mut command = Command::new(program);
    command.env("ASAN_OPTIONS", "detect_leaks=0").env("TSAN_OPTIONS", "halt_on_error=1");
    command.arg(file);
    command
}

/// A place for what is made, in cargo's folder.
pub(crate) fn kept(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("kernels");
    fs::create_dir_all(&folder).expect("a folder for what is compiled");
    folder.join(name)
}

fn hash(text: &str) -> u64 {
    hash_of(text.as_bytes())
}

/// FNV-1a.
fn hash_of(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
