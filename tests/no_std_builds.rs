//! The core needs no operating system: it builds for microcontrollers with and without a floating-point unit,
//! for RISC-V, and for the web, without a warning.

use core::time::Duration;
use embedded_rl_checks::firmware::{cross_cargo, finish_within};

/// From source, the core library of each target comes first.
const BUILD_LIMIT: Duration = Duration::from_secs(1_200);

/// Builds it from the firmware's workspace, so that what the firmware's tests have built for the same target serves.
fn assert_core_builds_for(target: &str, profile: &str) {
    let arguments = ["build", "--quiet", "--package", "embedded-rl-core", "--profile", profile];
    let mut command = cross_cargo(target);
    // Whether it builds is asked, not how fast it runs: unoptimised takes a quarter of the time.
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0").env("CARGO_PROFILE_DEV_DEBUG", "0");
    let (_, errors) = finish_within(BUILD_LIMIT, command.args(arguments));
    assert!(errors.is_empty(), "the core builds for {target}, but not silently:\n{errors}");
}

#[test]
fn core_builds_for_cortex_m4f() {
    assert_core_builds_for("thumbv7em-none-eabihf", "release");
}

#[test]
fn core_builds_for_cortex_m0() {
    assert_core_builds_for("thumbv6m-none-eabi", "release");
}

#[test]
fn core_builds_for_riscv32_without_atomics() {
    assert_core_builds_for("riscv32imc-unknown-none-elf", "dev");
}

#[test]
fn core_builds_for_wasm() {
    assert_core_builds_for("wasm32-unknown-unknown", "dev");
}
