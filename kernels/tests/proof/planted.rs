//! Mistakes in the kernels' text are seen: every barrier is dropped once, every comparison moved by one, every pair of
//! indices swapped, in a copy of the text, and each copy has to fail.

use crate::case::{Case, file_of};
use crate::compiler::{Build, program_of_copies, replay_copies};
use crate::counted;
use crate::fast;
use crate::planted_in_ladder::{WITHOUT_EFFECT_IN_FAST, WITHOUT_EFFECT_IN_LADDER};
use crate::set::{IN_USE, OF_LADDER, Set};
use core::sync::atomic::{AtomicUsize, Ordering};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// A change that changes nothing: the file, the line as it is, what is changed in it, and why it does not matter.
pub(crate) type WithoutEffect = (&'static str, &'static str, &'static str, &'static str);

const WITHOUT_EFFECT: &[WithoutEffect] = &[
    (
        "acrobot.cu",
        "if (fabs(angle) > 100.0) angle = fmod(angle, 2.0 * PI);",
        " > ",
        "no step ends at exactly a hundred",
    ),
    (
        "acrobot.cu",
        "terminated[i] = -cosine(links.first) - cosine(links.second + links.first) > 1.0 ? 1 : 0;",
        " > ",
        "no step ends at exactly that height",
    ),
    (
        "mountain_car.cu",
        "if (car.position == leftmost && car.velocity < 0.0) car.velocity = 0.0;",
        " < ",
        "what rests stays at rest",
    ),
    (
        "activation.cuh",
        "__device__ __forceinline__ float elu(float x) { return x <= 0.0f ? exp_m1_f32(x) : x; }",
        " <= ",
        "the function of a zero is that zero",
    ),
    (
        "activation.cuh",
        "__device__ __forceinline__ float elu_slope(float y) { return y <= 0.0f ? y + 1.0f : 1.0f; }",
        " <= ",
        "both slopes are 1 at zero",
    ),
    (
        "clip.cuh",
        "for (u32 first = 0; first < count; first += blockDim.x) {",
        " < ",
        "a last round without elements",
    ),
    ("clip.cuh", "if (threadIdx.x < PARTIAL_SUMS) {", " < ", "one more sum that nobody reads"),
    ("clip.cuh", "if (threadIdx.x < PARTIAL_SUMS) {", "threadIdx.x", "more sums that nobody reads"),
    (
        "clip.cuh",
        "if (threadIdx.x < PARTIAL_SUMS) squares[threadIdx.x] = sum;",
        " < ",
        "one more sum that nobody reads, in the thread's own place",
    ),
    (
        "clip.cuh",
        "if (threadIdx.x < PARTIAL_SUMS) squares[threadIdx.x] = sum;",
        "threadIdx.x",
        "more sums that nobody reads, in each thread's own place",
    ),
    (
        "clip.cuh",
        "return factor < 1.0f ? gradient * factor : gradient;",
        " < ",
        "times 1 is the same",
    ),
    (
        "clip.cu",
        "const float below = maximum < gradients[i] ? maximum : gradients[i];",
        " < ",
        "either of two equals",
    ),
    (
        "clip.cu",
        "gradients[i] = below < -maximum ? -maximum : below;",
        " < ",
        "either of two equals",
    ),
    (
        "matrix.cuh",
        "const bool is_inside = row_of_thread(tile) < shape.rows && column_of_thread(tile) < shape.columns;",
        " < ",
        "a sum outside, which nobody stores",
    ),
    (
        "matrix.cuh",
        "for (u32 first = 0; first < shape.inner; first += TILE) {",
        " < ",
        "a last round without products",
    ),
    ("matrix.cuh", "const u32 count = left < TILE ? left : TILE;", " < ", "either of two equals"),
    (
        "branches.cu",
        "for (u32 first = 0; first < batch; first += blockDim.x) {",
        " < ",
        "a last round without terms",
    ),
    (
        "branches.cu",
        "if (threadIdx.x == 0) {",
        "threadIdx.x",
        "every thread adds, and one is asked",
    ),
    (
        "cross_entropy.cu",
        "for (u32 first = 0; first < batch; first += blockDim.x) {",
        " < ",
        "a last round without terms",
    ),
    (
        "cross_entropy.cu",
        "if (threadIdx.x == 0) {",
        "threadIdx.x",
        "every thread adds, and one is asked",
    ),
    (
        "distribution.cu",
        "if (moved < atoms.lowest) moved = atoms.lowest;",
        " < ",
        "either of two equals",
    ),
    (
        "distribution.cu",
        "if (moved > atoms.highest) moved = atoms.highest;",
        " > ",
        "either of two equals",
    ),
    (
        "distribution.cu",
        "const bool is_below = u < 0.0f;",
        " < ",
        "an error of zero is nothing, whatever its weight",
    ),
    (
        "distribution.cu",
        "const bool is_far = 1.0f < magnitude;",
        " < ",
        "both forms give a half and 1 there",
    ),
    (
        "distribution.cu",
        "for (u32 first = 0; first < batch; first += blockDim.x) {",
        " < ",
        "a last round without terms",
    ),
    (
        "distribution.cu",
        "if (threadIdx.x == 0) {",
        "threadIdx.x",
        "every thread adds, and one is asked",
    ),
    (
        "frames.cu",
        "const u32 place = (last + shape.places - (back < age ? back : age)) % shape.places;",
        " < ",
        "either of two equals",
    ),
    (
        "random.cuh",
        "if ((u32)product < count) {",
        " < ",
        "what is equal to the count is above the threshold",
    ),
    ("rms_prop.cu", "return variance < 0.0f ? 0.0f : variance;", " < ", "either of two zeros"),
    (
        "loss.cu",
        "for (u32 first = 0; first < batch; first += blockDim.x) {",
        " < ",
        "a last round without terms",
    ),
    ("loss.cu", "if (threadIdx.x == 0) {", "threadIdx.x", "every thread adds, and one is asked"),
    (
        "sums.cu",
        "for (u32 first = 0; first < count; first += blockDim.x) {",
        " < ",
        "a last round without numbers",
    ),
    ("sums.cu", "if (threadIdx.x == 0) {", "threadIdx.x", "every thread adds, and one is asked"),
    (
        "loss.cuh",
        "if (magnitude <= 1.0f) return {0.5f * error * error, -error};",
        " <= ",
        "both forms give a half and 1 there",
    ),
];

/// What a fault is tried in.
const EXACT: [Build; 3] = [Build::Plain, Build::Address, Build::Thread];

/// How many copies of a text are compiled together: the compiler takes most of its time to begin and to link.
const COPIES: usize = 12;

/// A copy of a file's text with one mistake.
struct Fault {
    file: &'static str,
    /// File and number of the line.
    place: String,
    line: String,
    /// Where in the line.
    at: usize,
    from: String,
    to: String,
    unit: String,
}

impl Fault {
    /// The same for the texts of all files that include the line.
    fn key(&self) -> (String, usize, String) {
        (self.place.clone(), self.at, self.from.clone())
    }
}

#[test]
fn every_dropped_barrier_moved_limit_and_swapped_index_is_seen() {
    plant(&IN_USE, EXACT, (IN_USE.cases)(), |name| !FAST.contains(&name), WITHOUT_EFFECT);
}

#[test]
fn every_fault_in_the_product_of_the_fast_mode_is_seen() {
    let builds = [Build::Fast, Build::FastAddress, Build::FastThread];
    plant(&IN_USE, builds, fast::cases(), |name| FAST.contains(&name), WITHOUT_EFFECT_IN_FAST);
}

#[test]
fn every_fault_in_the_ladder_is_seen() {
    plant(&OF_LADDER, EXACT, (OF_LADDER.cases)(), |_| true, WITHOUT_EFFECT_IN_LADDER);
}

/// Files that only the fast mode compiles.
const FAST: [&str; 2] = ["matrix_fast.cuh", "tensor_cores.cuh"];

/// Plants faults in those of a set's own files that `is_meant` says.
fn plant(
    set: &Set,
    builds: [Build; 3],
    cases: Vec<Case>,
    is_meant: impl Fn(&str) -> bool,
    without_effect: &[WithoutEffect],
) {
    // What several files include is one fault with a text of each.
    let mut faults: BTreeMap<(String, usize, String), Vec<Fault>> = BTreeMap::new();
    for fault in set.kernel_files().flat_map(|file| faults_of(set, file)) {
        // What the ladder includes of the kernels in use is planted there.
        let name = name_of(&fault.place);
        if set.own_files().iter().any(|(own, _)| *own == name) && is_meant(name) {
            faults.entry(fault.key()).or_default().push(fault);
        }
    }
    let faults: Vec<Vec<Fault>> = faults.into_values().map(own_file_first).collect();
    let of_files: BTreeMap<&str, Vec<u8>> =
        set.kernel_files().map(|file| (file, cases_of(set, file, &cases))).collect();
    // What is soonest compiled first: most faults show in the numbers. Then another file that includes the line.
    let mut missed: Vec<&Vec<Fault>> = faults.iter().collect();
    for (index, build) in (0..).flat_map(|index| builds.map(|build| (index, build))) {
        if missed.iter().all(|texts| index >= texts.len()) {
            break;
        }
        let mut batches: BTreeMap<&str, Vec<&Fault>> = BTreeMap::new();
        for fault in missed.iter().filter_map(|texts| texts.get(index)) {
            batches.entry(fault.file).or_default().push(fault);
        }
        let batches: Vec<&[&Fault]> = batches.values().flat_map(|all| all.chunks(COPIES)).collect();
        let (next, seen) = (AtomicUsize::new(0), Mutex::new(BTreeSet::new()));
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let found = seen_among(batch, build, &of_files[batch[0].file]);
                        seen.lock().expect("no panic").extend(found);
                    }
                });
            }
        });
        let seen = seen.into_inner().expect("no panic");
        missed.retain(|texts| texts.get(index).is_none_or(|fault| !seen.contains(&fault.key())));
    }
    let missed: Vec<&Fault> = missed.iter().map(|texts| &texts[0]).collect();
    let mut problems = Vec::new();
    let is_known = |fault: &Fault, known: &WithoutEffect| {
        known.0 == name_of(&fault.place) && known.1 == fault.line.trim() && known.2 == fault.from
    };
    for fault in &missed {
        if !without_effect.iter().any(|known| is_known(fault, known)) {
            let Fault { place, line, from, to, .. } = fault;
            problems
                .push(format!("{place}: \"{from}\" as \"{to}\" is not seen in: {}", line.trim()));
        }
    }
    for known in without_effect {
        if !missed.iter().any(|fault| is_known(fault, known)) {
            problems.push(format!("{known:?} is no change, or has an effect"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let is_fast = builds[0] == Build::Fast;
    let line = format!(
        "{} faults planted in kernels {}{}, {} caught, {} have no effect",
        faults.len(),
        set.name,
        if is_fast { ", products of the fast mode" } else { "" },
        faults.len() - missed.len(),
        missed.len()
    );
    let mode = if is_fast { "fast" } else { "exact" };
    counted::say(&format!("3 planted faults, kernels {}, {mode}", set.name), &line);
}

/// The file that a header is named for has the cases that look at it most closely.
fn own_file_first(mut texts: Vec<Fault>) -> Vec<Fault> {
    let stem = |name: &str| name.split('.').next().unwrap_or_default().to_owned();
    texts.sort_by_key(|fault| stem(fault.file) != stem(&fault.place));
    texts
}

/// The file of a place.
fn name_of(place: &str) -> &str {
    place.split(':').next().unwrap_or_default()
}

/// The cases that launch kernels of this file alone.
fn cases_of(set: &Set, file: &str, cases: &[Case]) -> Vec<u8> {
    let of_file = |name: &str| set.kernels.iter().any(|k| k.name == name && k.file == file);
    file_of(cases.iter().filter(|case| case.kernels().all(of_file)))
}

/// Those of these faults of one file that fail in this build.
fn seen_among(faults: &[&Fault], build: Build, cases: &[u8]) -> Vec<(String, usize, String)> {
    let mut copies: Vec<&Fault> = faults.to_vec();
    let program = loop {
        let texts: Vec<&str> = copies.iter().map(|fault| fault.unit.as_str()).collect();
        match program_of_copies(build, faults[0].file, &texts) {
            Ok(program) => break program,
            Err(message) => {
                // A text that is not even taken by the compiler harms nobody.
                let refused: BTreeSet<usize> = message.lines().filter_map(copy_of_error).collect();
                assert!(!refused.is_empty(), "{message}");
                let mut number = 0..;
                copies.retain(|_| number.next().is_some_and(|number| !refused.contains(&number)));
            }
        }
    };
    let orders = if [Build::Thread, Build::FastThread].contains(&build) { 1 } else { 3 };
    let output = replay_copies(&program, cases, orders, copies.len());
    let answer = String::from_utf8_lossy(&output.stdout);
    let statuses: Vec<&str> =
        answer.lines().filter_map(|line| Some(line.split_once(' ')?.1)).collect();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(statuses.len(), copies.len(), "a status a copy: {answer}{said}");
    let unseen: BTreeSet<_> = (copies.iter().zip(statuses))
        .filter(|(_, status)| *status == "0")
        .map(|(fault, _)| fault.key())
        .collect();
    faults.iter().map(|fault| fault.key()).filter(|key| !unseen.contains(key)).collect()
}

/// The number of the copy that an error of the compiler's is about: `3/dense.cu:12:4: error: ..`.
fn copy_of_error(line: &str) -> Option<usize> {
    // An error in a loop that the compiler follows has no place but that of the loop.
    let of_loop = || line.split_once(" note: within this loop");
    let (place, _) = line.split_once(" error: ").or_else(of_loop)?;
    place.split_once('/')?.0.parse().ok()
}

/// Files of mathematics, which are compared with core's on numbers of all magnitudes instead: most of their limits choose
/// between two ways to the same bits.
const MATHEMATICS: [&str; 2] = ["math.cuh", "trigonometry.cuh"];

/// Every fault that can be planted in a file and in what it includes.
fn faults_of(set: &Set, file: &'static str) -> Vec<Fault> {
    let unit = set.translation_unit(file);
    let (mut faults, mut name, mut number, mut offset) = (Vec::new(), String::new(), 0, 0);
    for line in unit.split_inclusive('\n') {
        if let Some(place) = line.strip_prefix("#line ") {
            let (first, of) = place.trim().split_once(' ').expect("a number and a name");
            (number, name) = (first.parse().expect("a number"), of.trim_matches('"').to_owned());
            offset += line.len();
            continue;
        }
        let code = line.split("//").next().unwrap_or_default();
        if !MATHEMATICS.contains(&name.as_str()) && !code.starts_with('#') {
            for (at, from, to) in changes(code) {
                let mut unit = unit.clone();
                unit.replace_range(offset + at..offset + at + from.len(), &to);
                let (place, line) = (format!("{name}:{number}"), line.to_owned());
                faults.push(Fault { file, place, line, at, from, to, unit });
            }
        }
        offset += line.len();
        number += 1;
    }
    faults
}

/// What can be changed in a line: where, from what, to what.
fn changes(code: &str) -> Vec<(usize, String, String)> {
    let mut changes = Vec::new();
    for (from, to) in [
        ("__syncthreads();", ""),
        ("wait_for_groups<1>();", ""),
        (" < ", " <= "),
        (" <= ", " < "),
        (" > ", " >= "),
        (" >= ", " > "),
        ("threadIdx.x", "threadIdx.y"),
        ("threadIdx.y", "threadIdx.x"),
    ] {
        let found = code.match_indices(from);
        changes.extend(found.map(|(at, _)| (at, from.to_owned(), to.to_owned())));
    }
    for (times, _) in code.match_indices(" * ") {
        // row * columns + column
        let before = &code[..times];
        let start = before.rfind(|c: char| !is_of_name(c)).map_or(0, |at| at + 1);
        let (first, rest) = (&before[start..], &code[times + 3..]);
        let Some((factor, rest)) = rest.split_once(" + ") else { continue };
        let end = rest.find(|c: char| !is_of_name(c)).unwrap_or(rest.len());
        let second = &rest[..end];
        let is_index = |name: &str| name.starts_with(|c: char| c.is_ascii_lowercase());
        let is_table = rest[end..].starts_with(['[', '(']);
        let is_other = first != second;
        if is_other
            && is_index(first)
            && is_index(second)
            && !is_table
            && factor.chars().all(is_of_name)
        {
            let from = format!("{first} * {factor} + {second}");
            changes.push((start, from, format!("{second} * {factor} + {first}")));
        }
    }
    changes
}

fn is_of_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '.'
}
