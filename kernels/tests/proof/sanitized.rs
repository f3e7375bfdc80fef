//! No kernel reads or writes what it should not, does what C++ leaves undefined, or races with itself.
//!
//! The program is one of its own, started here: the sanitizers do not have to share a process with Rust.

use crate::case::file_of;
use crate::cases;
use crate::compiler::{Build, program, replay};

#[test]
fn no_kernel_leaves_its_buffers_or_does_what_is_undefined() {
    sanitized(Build::Address, 3);
}

#[test]
fn no_threads_of_a_block_race_between_two_barriers() {
    // What could have run at the same time is seen in any order.
    sanitized(Build::Thread, 1);
}

fn sanitized(build: Build, orders: u32) {
    let output = replay(&program(build), &file_of(cases::all().iter()), orders);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    println!("{build:?} sanitizer: {}", String::from_utf8_lossy(&output.stdout).trim());
}
