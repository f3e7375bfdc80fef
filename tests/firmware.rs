//! The firmware, run by QEMU as on an STM32F405: it prints what is recorded beside its source, and computes the
//! bits that the host computes from the same files.

use embedded_rl_checks::firmware::{assert_as_recorded, finish_within, run};
use std::sync::OnceLock;
use std::time::Duration;

#[path = "../core/examples/cortex_m/src/portable/mod.rs"]
pub mod portable;

/// Long enough for a busy machine to build everything, the core library included.
const BUILD_LIMIT: Duration = Duration::from_secs(1_200);
/// Each run takes seconds; a firmware that hangs is to fail with words.
const RUN_LIMIT: Duration = Duration::from_secs(120);

/// What a binary prints in this profile.
fn print_of(binary: &str, profile: &'static str) -> String {
    static RELEASE: OnceLock<()> = OnceLock::new();
    static DEV: OnceLock<()> = OnceLock::new();
    let built = if profile == "release" { &RELEASE } else { &DEV };
    built.get_or_init(|| {
        let (_, errors) = finish_within(BUILD_LIMIT, &mut run("build", profile));
        assert!(!errors.contains("warning"), "the firmware builds with warnings:\n{errors}");
    });
    finish_within(RUN_LIMIT, &mut run(binary, profile)).0
}

#[test]
fn cart_pole_on_the_board_equals_the_host() {
    let printed = print_of("hello", "release");
    assert_as_recorded("hello", &printed);
    let host = portable::cart_pole_walk::fingerprint_of_steps(1_000);
    assert!(printed.contains(&format!("{host:016x}")), "the host has {host:016x}:\n{printed}");
}
