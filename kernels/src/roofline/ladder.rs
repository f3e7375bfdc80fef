//! What each version of the ladder asks of a card, for one shape of the product and one length of the sum.
//!
//! For the product with R rows, K terms and N columns, W = R K N / 32 multiplications of whole warps:
//!
//! ```text
//! bytes      what the text asks of memory, in the sectors of 32 bytes that memory sends, as if no cache had any of it
//!   naive        a warp asks for 32 sectors of A and 1 of W          32 W (32 + 1)
//!   coalesced    1 of A and 4 of W                                   32 W (1 + 4)
//!   tiles T      a block asks for 2 T numbers for T T products       8 R K N / T         T = 16, then 64
//!   all          the results                                         4 R N
//! requests   of a warp to shared memory, a product of a warp: 2 of shared tiles; 8 for 16 of register tiles; of vector
//!            loads 1 and a wide one, which counts twice, for 16; of tensor cores 12 for 128
//! ```
//!
//! Until copies are asynchronous a block loads, waits and computes: in turns, the times add up, unless other blocks fill in.

use super::H100;
use crate::ladder::PRODUCTS;
use core::fmt::Write;

/// A product as the table has it.
struct Shape {
    name: &'static str,
    words: &'static str,
    rows: f64,
    inner: f64,
    columns: f64,
    /// Numbers behind A.
    input: f64,
}

/// Breakout's second layer, with a batch of 256, and a dense layer.
const SHAPES: [Shape; 2] = [
    Shape {
        name: "conv2d",
        words: "32 channels of 20 x 20, 64 filters of 4 x 4, stride 2, batch 256",
        rows: 256.0 * 81.0,
        inner: 512.0,
        columns: 64.0,
        input: 256.0 * 12_800.0,
    },
    Shape {
        name: "dense",
        words: "512 inputs, 512 outputs, batch 4096",
        rows: 4096.0,
        inner: 512.0,
        columns: 512.0,
        input: 4096.0 * 512.0,
    },
];

/// Elements of the sum of squares.
const COUNT: f64 = 16_777_216.0;

/// Both tables as text. `budget` is the ladder's `budget.csv`, which has registers and shared memory from the compiler.
///
/// # Panics
/// If a kernel has no row in `budget`.
pub fn ladder_tables(budget: &str) -> String {
    let mut text = String::new();
    for shape in &SHAPES {
        product_table(shape, budget, &mut text);
    }
    reduction_table(budget, &mut text);
    text
}

/// Registers on sm_90 and bytes of shared memory.
fn used(budget: &str, kernel: &str) -> (u32, u32) {
    let row = budget.lines().find(|line| line.split(',').next() == Some(kernel));
    let row = row.unwrap_or_else(|| panic!("{kernel} has no budget"));
    let numbers: Vec<u32> = row.split(',').skip(1).map(|n| n.parse().expect("a number")).collect();
    (numbers[1], numbers[3])
}

fn product_table(shape: &Shape, budget: &str, text: &mut String) {
    let Shape { name, words, rows, inner, columns, input } = shape;
    let products = rows * inner * columns;
    let operations = 2.0 * products;
    let _ = writeln!(
        text,
        "**{name}**: {words}: {:.2} Gflop, {:.0} MB if every buffer travels once\n\n\
         | version | MB asked | flop/byte | requests to shared memory, M | registers | shared bytes | memory, \u{b5}s | shared, \u{b5}s | arithmetic, \u{b5}s | roofline, \u{b5}s | in turns, \u{b5}s |\n\
         |---|---|---|---|---|---|---|---|---|---|---|",
        operations / 1e9,
        4.0 * (input + inner * columns + rows * columns) / 1e6,
    );
    for (version, _) in PRODUCTS {
        let warps = products / 32.0;
        let of_tiles = |side: f64| 8.0 * products / side;
        let (asked, requests, limit) = match version {
            "naive" => (32.0 * warps * 33.0, 0.0, H100.operations),
            "coalesced" => (32.0 * warps * 5.0, 0.0, H100.operations),
            "shared_tiles" => (of_tiles(16.0), 2.0 * warps, H100.operations),
            "register_tiles" => (of_tiles(64.0), warps / 2.0, H100.operations),
            "tensor_cores" => (of_tiles(64.0), warps * 12.0 / 128.0, H100.tensor_operations),
            _ => (of_tiles(64.0), warps * 3.0 / 16.0, H100.operations),
        };
        let bytes = asked + 4.0 * rows * columns;
        let times = [bytes / H100.bytes, requests / H100.shared_requests, operations / limit];
        let times = times.map(|seconds| seconds * 1e6);
        let roofline = times.into_iter().fold(0.0, f64::max);
        let overlaps = ["asynchronous_copies", "tensor_cores"].contains(&version);
        let (registers, shared) = used(budget, &format!("{name}_{version}"));
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.1} | {:.1} | {registers} | {shared} | {:.0} | {:.0} | {:.0} | {:.0} | {:.0} |",
            version.replace('_', " "),
            bytes / 1e6,
            operations / bytes,
            requests / 1e6,
            times[0],
            times[1],
            times[2],
            roofline,
            if overlaps { roofline } else { times[0] + times[1].max(times[2]) },
        );
    }
    text.push('\n');
}

/// A version of the sum: launches, bytes a number, barriers a block, and what else limits it, in seconds.
fn reduction_table(budget: &str, text: &mut String) {
    let _ = writeln!(
        text,
        "**sum of squares**: {COUNT} numbers: {:.1} Mflop, {:.0} MB\n\n\
         | version | launches | MB | flop/byte | barriers a block | registers | shared bytes | memory, \u{b5}s | in a line, \u{b5}s | with launches, \u{b5}s |\n\
         |---|---|---|---|---|---|---|---|---|---|",
        2.0 * COUNT / 1e6,
        4.0 * COUNT / 1e6,
    );
    // A launch leaves a number a block, which is written and read again.
    let passes = |each: f64| {
        let (mut left, mut launches, mut bytes) = (COUNT, 0.0, 0.0);
        while launches == 0.0 || left > 1.0 {
            let sums = (left / each).ceil();
            bytes += 4.0 * (left + sums);
            (left, launches) = (sums, launches + 1.0);
        }
        (launches, bytes)
    };
    let one = (1.0, 4.0 * COUNT);
    for (version, (launches, bytes), barriers, in_line) in [
        ("atomics", one, 0, COUNT / H100.atomics),
        ("shared_tree", passes(256.0), 9, 0.0),
        ("warp_shuffles", passes(256.0), 1, 0.0),
        ("several_elements", passes(4096.0), 1, 0.0),
        ("one_pass", one, 3, 0.0),
        ("order_of_core", one, 16_386, COUNT / 16.0 / H100.additions_in_line),
    ] {
        let memory = bytes / H100.bytes;
        let (registers, shared) = used(budget, &format!("square_sum_{version}"));
        let _ = writeln!(
            text,
            "| {} | {launches} | {:.1} | {:.2} | {barriers} | {registers} | {shared} | {:.0} | {:.0} | {:.0} |",
            version.replace('_', " "),
            bytes / 1e6,
            2.0 * COUNT / bytes,
            memory * 1e6,
            in_line * 1e6,
            (memory.max(in_line) + launches * H100.launch) * 1e6,
        );
    }
}
