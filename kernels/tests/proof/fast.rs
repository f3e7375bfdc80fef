//! The fast mode, the same text with products and additions fused and with what EMBEDDED_RL_FAST chooses: every kernel, one
//! launch of the cases at a time, stays within a bound of the exact mode, or has its bits.

use crate::bounds::{self, Bound};
use crate::case::{Argument, Case, file_of};
use crate::compiler::{Build, program_of, replay};
use crate::counted;
use crate::set::IN_USE;
use crate::single::{Single, launches_of};
use embedded_rl_kernels::Launch;
use std::collections::BTreeMap;

/// Kernels, bounds, and what was measured.
const TABLE: &str = include_str!("../../fast.md");

#[test]
fn the_fast_mode_of_every_kernel_stays_within_its_bound_of_the_exact_mode() {
    let bounded = cases();
    for kernel in IN_USE.kernels {
        let is_launched = |case: &Case| case.kernels().any(|name| name == kernel.name);
        assert!(bounded.iter().any(is_launched), "{}", kernel.name);
    }
    let output = replay(&IN_USE.program(Build::Fast), &file_of(bounded.iter()), 3);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {said}", output.status);
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    let table = table_of(&answer);
    counted::say("6 fast mode", &format!("{} launches, each in both modes", bounded.len()));
    print!("{table}");
    assert!(
        without_measure(TABLE.split("```").nth(1).unwrap_or_default()) == without_measure(&table),
        "kernels/fast.md is to have\n{table}"
    );
}

#[test]
fn the_product_of_the_fast_mode_leaves_no_buffer_and_does_not_race() {
    let cases = cases_of_products();
    for build in [Build::FastAddress, Build::FastThread] {
        let units = PRODUCTS.map(|file| (file, IN_USE.translation_unit(file)));
        let program = program_of(build, units.into_iter()).unwrap_or_else(|said| panic!("{said}"));
        let output = replay(&program, &file_of(cases.iter()), 1);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{build:?}, {}: {said}", output.status);
    }
}

/// Files whose kernels have another text in the fast mode.
const PRODUCTS: [&str; 3] = ["conv2d.cu", "dense.cu", "mlp.cu"];

/// Every launch of every case with its bounds.
pub(crate) fn cases() -> Vec<Case> {
    let cases: Vec<Case> = (IN_USE.cases)().into_iter().filter(is_of_one_file).collect();
    launches_of(&cases).iter().map(case_of).collect()
}

fn cases_of_products() -> Vec<Case> {
    let of = |name| IN_USE.kernels.iter().any(|k| k.name == name && PRODUCTS.contains(&k.file));
    cases().into_iter().filter(|case| case.kernels().all(of)).collect()
}

/// Compilers differ in what they fuse, and with it what is measured.
fn without_measure(table: &str) -> Vec<&str> {
    let lines = table.lines().filter(|line| !line.is_empty() && *line != "text");
    lines.map(|line| line.split(" differs by ").next().unwrap_or_default()).collect()
}

/// Sums of whole updates are no kernel's own, finite differences have other bounds already, and on an edge a last bit decides
/// what comes to an end.
fn is_of_one_file(case: &Case) -> bool {
    let file = |name| IN_USE.kernels.iter().find(|kernel| kernel.name == name).map(|k| k.file);
    let mut files = case.kernels().map(file);
    let first = files.next();
    let apart = ["updates", "differences of", "on an edge"];
    files.all(|file| Some(file) == first) && !apart.iter().any(|kind| case.name.contains(kind))
}

/// The launch as a case of its own, with bounds where its kernel has some.
fn case_of(single: &Single) -> Case {
    let mut case = Case::new(format!("{} of {}", single.kernel, single.case));
    case.buffers = single.buffers.clone();
    let bound = bounds::all().find(|bound| bound.kernel == single.kernel);
    for (parameter, bounds) in bound.map(|bound| (bound.of)(single)).unwrap_or_default() {
        let Argument::Buffer { index, .. } = single.arguments[parameter] else { continue };
        case.buffers[index as usize].bounded(&bounds);
        let name = format!("{}/{parameter}", single.kernel);
        // Names live as long as the program: there are as many as rows of the table.
        case.buffers[index as usize].name = kept_name(name);
    }
    case.launch_unlisted(single.kernel, single.launch, &single.arguments);
    case
}

fn kept_name(name: String) -> &'static str {
    use std::sync::Mutex;
    static NAMES: Mutex<BTreeMap<String, &'static str>> = Mutex::new(BTreeMap::new());
    let mut names = NAMES.lock().expect("no panic");
    names.entry(name.clone()).or_insert_with(|| Box::leak(name.into_boxed_str()))
}

/// The text of `fast.md`: of each kernel that may differ its bound, and its results in the order of its parameters.
fn table_of(answer: &str) -> String {
    let mut table = String::new();
    for Bound { kernel, formula, .. } in bounds::all() {
        table += &format!("{kernel}: {formula}\n");
        for line in answer.lines().filter(|line| line.split('/').next() == Some(kernel)) {
            let (name, measured) = line.split_once(": ").expect("a name and what was measured");
            let parameter: usize =
                name.rsplit('/').next().unwrap_or_default().parse().expect("one");
            let (share, difference) =
                measured.split_once(" of its bound, largest difference ").expect("two numbers");
            let result = parameter_name(kernel, parameter);
            table +=
                &format!("    {result} differs by {difference} at most, {share} of the bound\n");
        }
    }
    table
}

/// As the kernel's text calls it.
fn parameter_name(kernel: &str, parameter: usize) -> String {
    let listed = IN_USE.kernels.iter().find(|listed| listed.name == kernel).expect("a kernel");
    let unit = IN_USE.translation_unit(listed.file);
    let (_, rest) = unit.split_once(&format!("__global__ void {kernel}(")).expect("its text");
    let text = rest.split(')').next().unwrap_or_default().split(',').nth(parameter);
    text.and_then(|text| text.split_whitespace().next_back()).unwrap_or_default().to_owned()
}

#[test]
fn the_fast_mode_fuses_a_product_with_the_addition_behind_it() {
    const TEXT: &str = r#"
extern "C" __global__ void rest(const float* x, float* out) {
    out[0] = x[0] * x[1] - x[2];
}
EMULATED(rest)
"#;
    let (a, b) = (1.0f32 + f32::EPSILON, 1.0f32 - f32::EPSILON);
    let lost = f64::from(a) * f64::from(b) - f64::from(a * b);
    assert!(lost != 0.0, "a product that is rounded");
    for (build, rest) in [(Build::Plain, 0.0), (Build::Fast, lost as f32)] {
        let mut case = Case::new("what rounding loses".to_owned());
        let x = case.given("x", &[a, b, a * b]);
        let out = case.written("out", &[rest]);
        case.launch_unlisted("rest", Launch::one_thread(), &[x, out]);
        let program = program_of(build, [("fused.cu", TEXT.to_owned())].into_iter());
        let program = program.unwrap_or_else(|message| panic!("{message}"));
        let output = replay(&program, &file_of([case].iter()), 1);
        assert!(output.status.success(), "{build:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}
