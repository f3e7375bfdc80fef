//! Every kernel gives core's bits, or, where its head says so, numbers within a bound.

use crate::case::{Case, file_of};
use crate::compiler::{Build, replay};
use crate::counted;
use crate::set::{IN_USE, OF_LADDER, Set};

#[test]
fn every_kernel_gives_the_bits_of_core_in_three_orders_of_threads() {
    compare(&IN_USE);
}

#[test]
fn every_version_of_the_ladder_gives_the_bits_of_core_or_stays_within_its_bound() {
    compare(&OF_LADDER);
}

#[test]
fn every_kernel_has_a_case_and_a_place_in_the_list() {
    for set in [IN_USE, OF_LADDER] {
        let cases = (set.cases)();
        for kernel in set.kernels {
            let is_launched = |case: &Case| case.kernels().any(|name| name == kernel.name);
            assert!(cases.iter().any(is_launched), "{} has no case", kernel.name);
        }
        for (file, text) in set.own_files() {
            for rest in text.split("__global__ void ").skip(1) {
                let name = rest.split('(').next().unwrap_or_default();
                let is_listed = |kernel: &_| is_named(kernel, name, file);
                assert!(set.kernels.iter().any(is_listed), "{name} of {file} is not in the list");
            }
        }
    }
}

fn is_named(kernel: &embedded_rl_kernels::Kernel, name: &str, file: &str) -> bool {
    kernel.name == name && kernel.file == file
}

fn compare(set: &Set) {
    let output = replay(&set.program(Build::Plain), &file_of((set.cases)().iter()), 3);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    let counts = String::from_utf8_lossy(&output.stdout);
    let line = format!("{} kernels {}, {}", set.kernels.len(), set.name, counts.trim());
    counted::say(&format!("1 bits, kernels {}", set.name), &line);
}
