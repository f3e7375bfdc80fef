//! No kernel reads or writes what it should not, does what C++ leaves undefined, or races with itself.
//!
//! The program is one of its own, started here: the sanitizers do not have to share a process with Rust.

use crate::case::file_of;
use crate::compiler::{Build, replay};
use crate::counted;
use crate::set::{IN_USE, OF_LADDER, Set};

#[test]
fn no_kernel_leaves_its_buffers_or_does_what_is_undefined() {
    sanitized(&IN_USE, Build::Address, 3);
}

#[test]
fn no_threads_of_a_block_race_between_two_barriers() {
    // What could have run at the same time is seen in any order.
    sanitized(&IN_USE, Build::Thread, 1);
}

#[test]
fn no_version_of_the_ladder_leaves_its_buffers_or_races() {
    sanitized(&OF_LADDER, Build::Address, 1);
    sanitized(&OF_LADDER, Build::Thread, 1);
}

fn sanitized(set: &Set, build: Build, orders: u32) {
    let output = replay(&set.program(build), &file_of((set.cases)().iter()), orders);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    let counts = String::from_utf8_lossy(&output.stdout);
    let what = format!("{build:?} sanitizer, kernels {}", set.name);
    counted::say(
        &format!("2 {what}"),
        &format!("{what}: {}", counts.lines().next().unwrap_or_default()),
    );
}
