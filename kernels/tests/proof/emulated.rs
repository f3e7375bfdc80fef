//! Every kernel gives core's bits.

use crate::case::{Case, file_of};
use crate::cases;
use crate::compiler::{Build, program, replay};
use embedded_rl_kernels::KERNELS;

#[test]
fn every_kernel_gives_the_bits_of_core_in_three_orders_of_threads() {
    let cases = cases::all();
    let output = replay(&program(Build::Plain), &file_of(cases.iter()), 3);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    let counts = String::from_utf8_lossy(&output.stdout);
    println!("{} kernels, {}", KERNELS.len(), counts.trim());
}

#[test]
fn every_kernel_has_a_case_and_a_place_in_the_list() {
    let cases = cases::all();
    for kernel in KERNELS {
        let is_launched = |case: &Case| case.kernels().any(|name| name == kernel.name);
        assert!(cases.iter().any(is_launched), "{} has no case", kernel.name);
    }
    for (file, text) in embedded_rl_kernels::FILES {
        for rest in text.split("__global__ void ").skip(1) {
            let name = rest.split('(').next().unwrap_or_default();
            let is_listed =
                KERNELS.iter().any(|kernel| kernel.name == name && kernel.file == *file);
            assert!(is_listed, "{name} of {file} is not in the list");
        }
    }
}
