//! Kernels as programs: compiled once and kept, held against what they take, measured.

use super::{CART_POLE, FEW, counted, kept, on_a_machine_with_a_card};
use embedded_rl::cuda::measure::{Card, Limits, Measurement, Scale, workloads};
use embedded_rl_checks::command::{Finished, Scratch, assert_same_record};
use embedded_rl_checks::stand_in_driver::{driver_folder, nvrtc_folder};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn compiled_kernels_are_kept_damaged_ones_made_again_and_none_kept_where_there_is_no_place() {
    let scratch = Scratch::new("kept");
    let folder = scratch.join("cache");
    let cache = folder.to_str().expect("a plain path");
    let only_driver = driver_folder(&kept()).to_str().expect("a plain path");
    let train = |out: &str, changed: &[(&str, &str)]| {
        let out = format!("--out={out}");
        let arguments = [CART_POLE, FEW, &["--device=cuda", &out]].concat();
        on_a_machine_with_a_card(scratch.path(), &arguments, changed)
    };
    train("first", &[("XDG_CACHE_HOME", cache)]).success();
    let entries = || {
        let folder = fs::read_dir(folder.join("embedded-rl/kernels")).expect("kept kernels");
        folder.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>()
    };
    // Of the fused update: rows and gradients, sums, the optimiser, the target network; and of acting, dense layers.
    assert_eq!(entries().len(), 5, "{:?}", entries());

    // All are there: NVRTC is not needed.
    let without_nvrtc = [("XDG_CACHE_HOME", cache), ("LD_LIBRARY_PATH", only_driver)];
    train("second", &without_nvrtc).success();

    let damaged = &entries()[0];
    let mut content = fs::read(damaged).expect("an entry");
    let last = content.len() - 1;
    content[last] ^= 1;
    fs::write(damaged, &content).expect("an entry");
    let finished = train("third", &without_nvrtc);
    assert!(finished.sentence(1).starts_with("NVRTC, which compiles"), "{finished:#?}");
    train("fourth", &[("XDG_CACHE_HOME", cache)]).success();
    assert_ne!(fs::read(damaged).expect("an entry"), content);

    train("fifth", &[("XDG_CACHE_HOME", "relative"), ("HOME", "")]).success();
    train("sixth", &[("XDG_CACHE_HOME", "/dev/null")]).success();
    assert_same_record(&scratch.join("sixth"), &scratch.join("first"));
}

/// CRC-32 as zip files have it.
fn checksum(bytes: &[u8]) -> u32 {
    let shift = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), shift))
}

#[test]
fn the_stand_in_driver_sees_a_kernel_that_takes_something_else() {
    let scratch = Scratch::new("other");
    let folder = scratch.join("cache");
    let changed = [("XDG_CACHE_HOME", folder.to_str().expect("a plain path"))];
    let train = |out: &str| {
        let arguments = [CART_POLE, FEW, &["--device=cuda", out]].concat();
        on_a_machine_with_a_card(scratch.path(), &arguments, &changed)
    };
    train("--out=first").success();
    let kernels = fs::read_dir(folder.join("embedded-rl/kernels")).expect("kept kernels");
    let mut paths = kernels.map(|entry| entry.expect("an entry").path());
    let is_adam = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"adam-"))
    };
    let kept = paths.find(is_adam).expect("the kept optimiser");
    let nine = ".param .u64 a, .param .u64 b, .param .u64 c, .param .u64 d, .param .u64 e, .param .u64 f, .param .f32 g, .param .f32 h, .param";
    for (last, status) in [(".u32 i", Some(0)), (".u64 i", Some(3))] {
        let text = format!(".visible .entry adam({nine} {last})\0");
        let content =
            [b"\x89RLK\r\n\x1a\n", &checksum(text.as_bytes()).to_le_bytes()[..], text.as_bytes()]
                .concat();
        fs::write(&kept, content).expect("an entry");
        let finished = train(&format!("--out={}", status.unwrap_or_default()));
        assert_eq!(finished.status, status, "{finished:#?}");
        let said = "adam has other parameters in the image than in the emulation";
        assert_eq!(finished.errors.contains(said), status == Some(3), "{finished:#?}");
    }
}

/// Set in the process that is to measure. A driver library is looked for once in a process, where it was started with.
const MEASURES: &str = "EMBEDDED_RL_TEST_MEASURES";

#[test]
fn every_kernel_is_measured_with_sizes_that_it_takes() {
    if env::var_os(MEASURES).is_some() {
        return measure_all();
    }
    let scratch = Scratch::new("measured");
    let report = scratch.join("report");
    let name = "kernels::every_kernel_is_measured_with_sizes_that_it_takes";
    let libraries = env::join_paths([driver_folder(&kept()), &nvrtc_folder()]).expect("paths");
    let finished: Finished = Command::new(env::current_exe().expect("this program"))
        .args([name, "--exact", "--nocapture"])
        .env("LD_LIBRARY_PATH", libraries)
        .env("XDG_CACHE_HOME", kept().join("cuda-cache"))
        .env("EMULATION_REPORT", &report)
        .env(MEASURES, "1")
        .output()
        .expect("this program can be started")
        .into();
    let finished = finished.success();
    assert!(finished.output.contains(Limits::HEAD), "{finished:#?}");
    // Three launches of each before any is measured; one in a graph of its own, and two rounds of one or more.
    let report = fs::read_to_string(report).expect("a report");
    let count = workloads(Scale::Small).len() as u64;
    assert_eq!(counted(&report, "launches"), 3 * count);
    assert_eq!(counted(&report, "graph launches"), 3 * count);
    assert!(counted(&report, "kernels") >= 6 * count, "{report}");
    assert_eq!(counted(&report, "left allocated"), 0);
}

/// On the card that this process seems to have.
fn measure_all() {
    let card = Card::open(0).expect("a card");
    assert!(card.description().starts_with("Emulated Device (cuda:0, "));
    let limits = card.limits();
    // As the stand-in says: 64 bits twice a nanosecond, and 4 multiprocessors of 128 lanes.
    assert_eq!(limits, Limits { bytes: Some(16e9), operations: Some(1_024e9) });
    println!("{}", Limits::HEAD);
    for workload in workloads(Scale::Small) {
        let measured = card.measure(&workload, 2).expect("a time");
        let Measurement { kernel, minimum, median, bytes, operations } = measured;
        println!("{}", limits.row(&measured));
        assert!(
            0.0 < minimum && minimum <= median && median < 10.0,
            "{kernel}: {minimum} {median}"
        );
        let rates = [bytes / minimum, operations.unwrap_or(1.0) / minimum];
        assert!(rates.iter().all(|&rate| rate > 0.0 && rate.is_finite()), "{kernel}: {rates:?}");
    }
}
