//! A machine that seems to have a graphics card: a driver library over the emulated kernels (kernels/emulation/driver.cpp),
//! and NVRTC, for a process that is started with them in its path.
//!
//! The library is compiled once, from this text with these options, and kept in cargo's folder for tests.

use embedded_rl_kernels::ladder::{LADDER, LADDER_FILES};
use embedded_rl_kernels::{FILES, KERNELS, translation_unit_among};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, id};
use std::sync::OnceLock;
use std::thread;

const OPTIONS: &[&str] = &[
    "-std=c++17",
    "-O2",
    "-ffp-contract=off",
    "-fPIC",
    "-fvisibility=hidden",
    "-Wall",
    "-Wextra",
    "-Werror",
];

/// The folder with `libcuda.so`; `kept` is cargo's folder for tests.
///
/// # Panics
/// If there is no compiler, or it does not take the text.
pub fn driver_folder(kept: &Path) -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| built(kept))
}

/// The folder with NVRTC, which `tests/run` installs.
///
/// # Panics
/// If it is not installed.
pub fn nvrtc_folder() -> PathBuf {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/nvrtc/nvidia/cuda_nvrtc/lib");
    assert!(folder.join("libnvrtc.so.12").exists(), "NVRTC is not installed: tests/run does it");
    folder
}

fn built(kept: &Path) -> PathBuf {
    let emulation = Path::new(env!("CARGO_MANIFEST_DIR")).join("kernels/emulation");
    let own = |name: &str| fs::read_to_string(emulation.join(name)).expect("the emulation");
    let headers = ["emulation.h", "runtime.h", "image.h", "card.h", "streams.h"].map(own).concat();
    let mut sources: Vec<(String, String)> = ["runtime.cpp", "driver.cpp"]
        .into_iter()
        .map(|name| (name.to_owned(), own(name)))
        .collect();
    let files = FILES.iter().chain(LADDER_FILES);
    for (file, _) in files.filter(|(file, _)| file.ends_with(".cu")) {
        let names = KERNELS.iter().chain(LADDER).filter(|kernel| kernel.file == *file);
        let known: String = names.map(|kernel| format!("EMULATED({})\n", kernel.name)).collect();
        let unit = translation_unit_among(&[FILES, LADDER_FILES], file);
        sources.push((format!("{file}.cpp"), format!("#include \"emulation.h\"\n{unit}\n{known}")));
    }
    let all: String = sources.iter().map(|(_, text)| text.as_str()).collect();
    let folder = kept.join(format!("driver-{:016x}", hash(&format!("{OPTIONS:?}{headers}{all}"))));
    if folder.join("libcuda.so").exists() {
        return folder;
    }
    let unfinished = kept.join(format!("driver-unfinished-{}", id()));
    fs::create_dir_all(&unfinished).expect("a folder for what is compiled");
    // Two compilers at a time: most machines that run tests have two processors.
    let halves: Vec<Vec<&(String, String)>> =
        (0..2).map(|half| sources.iter().skip(half).step_by(2).collect()).collect();
    thread::scope(|scope| {
        for half in &halves {
            let (emulation, unfinished) = (&emulation, &unfinished);
            scope.spawn(move || {
                for (name, text) in half {
                    let source = unfinished.join(name);
                    fs::write(&source, text).expect("a source");
                    let object = source.with_extension("o");
                    compile(emulation, &[Path::new("-c"), &source, Path::new("-o"), &object]);
                }
            });
        }
    });
    let objects: Vec<PathBuf> =
        sources.iter().map(|(name, _)| unfinished.join(name).with_extension("o")).collect();
    let library = unfinished.join("libcuda.so");
    let mut arguments: Vec<&Path> = vec![Path::new("-shared")];
    arguments.extend(objects.iter().map(PathBuf::as_path));
    arguments.extend([Path::new("-o"), &library]);
    compile(&emulation, &arguments);
    // Another process may have been faster.
    if fs::rename(&unfinished, &folder).is_err() {
        assert!(folder.join("libcuda.so").exists(), "a driver");
    }
    folder
}

fn compile(emulation: &Path, arguments: &[&Path]) {
    let mut command = Command::new("g++");
    command.args(OPTIONS).arg("-I").arg(emulation).args(arguments);
    let output = command.output().expect("g++ (Debian: g++)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}
