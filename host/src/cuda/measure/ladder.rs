//! Every version of the ladder, as it is measured: the product as dense layer and as convolution, and the sum of squares.

use super::layers::{conv_lengths, conv_sizes, dense_sizes};
use super::workload::{Content, Scale, Workload, floats, zeros};
use embedded_rl_kernels::ladder::{LADDER, SIDE};
use embedded_rl_kernels::{Launch, TILE};

/// Threads of a block of the sums.
const THREADS: u32 = 256;

pub(super) fn workloads(scale: Scale) -> Vec<Workload> {
    LADDER
        .iter()
        .map(|kernel| {
            let name = kernel.name;
            let (sizes, launch, buffers) = match name.split_once('_') {
                Some(("dense", version)) => {
                    let sizes = dense_sizes(scale);
                    let [i, o, b] = sizes.map(|size| size as usize);
                    let buffers = [floats((i + 1) * o), floats(b * i), floats(b * o)];
                    (sizes.to_vec(), product(version, sizes[2], sizes[1]), buffers.to_vec())
                }
                Some(("conv2d", version)) => {
                    let (conv, batch) = conv_sizes(scale);
                    let (sizes, lengths) = conv_lengths(&conv, batch);
                    let rows = batch * conv.positions() as u32;
                    let launch = product(version, rows, conv.filters.into());
                    (sizes, launch, lengths.map(floats).to_vec())
                }
                _ => sum(name.trim_start_matches("square_sum_"), scale),
            };
            Workload::new(kernel, &sizes, &[], launch, buffers)
        })
        .collect()
}

/// The launch of a version of the product.
fn product(version: &str, rows: u32, columns: u32) -> Launch {
    let warps = |x: u32, y: u32| Launch {
        blocks: [x.div_ceil(32), y.div_ceil(8), 1],
        threads: [32, 8, 1],
        shared_bytes: 0,
    };
    match version {
        "naive" => warps(rows, columns),
        "coalesced" => warps(columns, rows),
        "shared_tiles" => Launch::tiles(rows, columns),
        _ => Launch {
            blocks: [columns.div_ceil(SIDE), rows.div_ceil(SIDE), 1],
            threads: [TILE * TILE, 1, 1],
            shared_bytes: 0,
        },
    }
}

/// A version of the sum; of those that leave a number a block, the first launch, which has nearly all of the work.
fn sum(version: &str, scale: Scale) -> (Vec<u32>, Launch, Vec<Content>) {
    let count: u32 = scale.of(1 << 24, 1_000);
    let values = floats(count as usize);
    let passes = |each: u32| {
        let blocks = count.div_ceil(each * THREADS);
        (vec![1, count], Launch::blocks(blocks), vec![values, floats(blocks as usize)])
    };
    match version {
        "atomics" => (vec![count], Launch::elements(count), vec![values, zeros(1)]),
        "several_elements" => passes(16),
        "one_pass" => {
            let blocks = scale.of(THREADS, 3);
            let buffers = vec![values, floats(blocks as usize), zeros(1), floats(1)];
            (vec![count], Launch::blocks(blocks), buffers)
        }
        "order_of_core" => (vec![count], Launch::blocks(1), vec![values, floats(1)]),
        _ => passes(1),
    }
}
