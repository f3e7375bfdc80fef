//! NVIDIA's own compiler takes the text: for three generations of cards, without a warning, with the parameters that are
//! listed, and within a budget of registers. It needs neither driver nor card.
//!
//! It is called through a small C++ program and not through a crate, because a C++ compiler is at hand here anyway and no
//! driver library is.

use crate::compiler::{kept, tool};
use crate::counted;
use crate::set::{IN_USE, OF_LADDER, Set};
use embedded_rl_kernels::{EXACT_OPTIONS, FAST_OPTIONS, Parameter};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const ARCHITECTURES: [&str; 3] = ["sm_80", "sm_90", "sm_100"];

#[test]
fn every_kernel_compiles_without_warnings_spills_or_more_registers_than_its_budget() {
    compiles_within_its_budget(&IN_USE);
}

#[test]
fn every_version_of_the_ladder_compiles_within_its_budget() {
    compiles_within_its_budget(&OF_LADDER);
}

fn compiles_within_its_budget(set: &Set) {
    let mut used: BTreeMap<String, Vec<[u32; 2]>> = BTreeMap::new();
    for architecture in ARCHITECTURES {
        let answer = nvrtc(set, architecture, EXACT_OPTIONS);
        assert!(!answer.contains("warning"), "{answer}");
        for of_kernel in answer.split("Compiling entry function '").skip(1) {
            let name = of_kernel.split('\'').next().unwrap_or_default();
            assert_no_spills(of_kernel, name, architecture);
            let registers = number_before(of_kernel, "registers").expect("registers");
            let shared = number_before(of_kernel, "bytes smem").unwrap_or(0);
            used.entry(name.to_owned()).or_default().push([registers, shared]);
        }
    }
    let table: String = used.iter().map(|(name, used)| row(name, used)).collect();
    let budget: BTreeMap<&str, Vec<u32>> = set.budget.lines().skip(1).map(parsed).collect();
    for kernel in set.kernels {
        let (used, allowed) = (&used[kernel.name], budget.get(kernel.name));
        let allowed =
            allowed.unwrap_or_else(|| panic!("{} has no budget in\n{table}", kernel.name));
        for (index, architecture) in ARCHITECTURES.into_iter().enumerate() {
            let ([registers, shared], name) = (used[index], kernel.name);
            assert!(
                registers <= allowed[index] && shared <= allowed[3],
                "{name} needs {registers} registers and {shared} bytes on {architecture}:\n{table}"
            );
        }
    }
    assert_eq!(budget.len(), set.kernels.len(), "a budget for each kernel and no other");
    let count = used.len();
    let line =
        format!("{count} kernels {} for {ARCHITECTURES:?}, no warnings, no spills", set.name);
    counted::say(&format!("4 compiled, kernels {}", set.name), &line);
}

#[test]
fn the_fast_mode_compiles_without_warnings_or_spills() {
    for architecture in ARCHITECTURES {
        let answer = nvrtc(&IN_USE, architecture, FAST_OPTIONS);
        assert!(!answer.contains("warning"), "{answer}");
        let kernels: Vec<&str> = answer.split("Compiling entry function '").skip(1).collect();
        assert_eq!(kernels.len(), IN_USE.kernels.len());
        for of_kernel in kernels {
            let name = of_kernel.split('\'').next().unwrap_or_default();
            assert_no_spills(of_kernel, name, architecture);
        }
    }
}

fn assert_no_spills(said: &str, name: &str, architecture: &str) {
    for what in ["bytes stack frame", "bytes spill stores", "bytes spill loads"] {
        assert_eq!(number_before(said, what), Some(0), "{name}, {architecture}: {what}");
    }
}

#[test]
fn every_kernel_takes_the_parameters_that_are_listed() {
    for set in [IN_USE, OF_LADDER] {
        let answer = nvrtc(&set, "compute_90", EXACT_OPTIONS);
        for kernel in set.kernels {
            let entry = format!(".entry {}(", kernel.name);
            let entry = answer.split_once(&entry).unwrap_or_else(|| panic!("no {}", kernel.name));
            let parameters = entry.1.split(')').next().unwrap_or_default().split(',');
            let parameters: Vec<Parameter> = parameters.map(parameter).collect();
            assert_eq!(parameters, kernel.parameters, "{}", kernel.name);
        }
        let line =
            format!("{} entries {} with the parameters of the list", set.kernels.len(), set.name);
        counted::say(&format!("5 entries, kernels {}", set.name), &line);
    }
}

/// A parameter of PTX: `.param .u64 dense_forward_param_0`.
fn parameter(text: &str) -> Parameter {
    let size = || text.trim_end().trim_end_matches(']').rsplit('[').next()?.parse().ok();
    match text
        .split_whitespace()
        .find(|word| [".u64", ".u32", ".f32", ".f64", ".b8"].contains(word))
    {
        Some(".u64") => Parameter::Pointer,
        Some(".u32") => Parameter::U32,
        Some(".f32") => Parameter::F32,
        Some(".f64") => Parameter::F64,
        Some(_) => Parameter::Struct(size().expect("a length")),
        None => panic!("no parameter: {text}"),
    }
}

/// What NVRTC says of all files.
fn nvrtc(set: &Set, architecture: &str, options: &[&str]) -> String {
    let mode = if options == FAST_OPTIONS { "fast" } else { "exact" };
    let folder = kept(&format!("nvrtc-{}-{mode}-{architecture}", set.name.replace(' ', "-")));
    fs::create_dir_all(&folder).expect("a folder for texts");
    let files = set.kernel_files().map(|file| {
        let path = folder.join(file);
        fs::write(&path, set.translation_unit(file)).expect("a text");
        path
    });
    let files: Vec<PathBuf> = files.collect();
    let mut command = Command::new(tool("nvrtc.cpp"));
    command.arg(library()).arg(architecture).args(options).arg("--").args(files);
    let output = command.output().expect("the program that was just made");
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{answer}{}", String::from_utf8_lossy(&output.stderr));
    answer
}

fn library() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let library = root.join("target/tools/nvrtc/nvidia/cuda_nvrtc/lib/libnvrtc.so.12");
    assert!(library.exists(), "NVRTC is not installed: tests/run does it");
    library
}

fn number_before(text: &str, what: &str) -> Option<u32> {
    text.split_once(what)?.0.split_whitespace().next_back()?.parse().ok()
}

fn row(name: &str, used: &[[u32; 2]]) -> String {
    let registers: String = used.iter().map(|used| format!("{},", used[0])).collect();
    let shared = used.iter().map(|used| used[1]).max().unwrap_or(0);
    format!("{name},{registers}{shared}\n")
}

fn parsed(line: &str) -> (&str, Vec<u32>) {
    let (name, numbers) = line.split_once(',').expect("a name and numbers");
    (name, numbers.split(',').map(|number| number.parse().expect("a number")).collect())
}
