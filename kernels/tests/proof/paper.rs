//! What is computed on paper: the launches that it counts are those that are proven, and the committed tables are what it
//! says.

use crate::case::Case;
use crate::cases::{fused_update, update};
use embedded_rl_kernels::roofline::{self, Network, Step, work};

const LADDER_TABLE: &str = include_str!("../../ladder/table.md");
const UPDATE_TABLE: &str = include_str!("../../roofline.md");

#[test]
fn the_updates_on_paper_are_the_launches_that_give_the_bits_of_core() {
    let capacity = 200;
    let small = Network::mlp(&[8, 64, 64, 4]);
    let gridworld = Network::of(270, None).conv2d([3, 9, 10], 32, 4, 2);
    let gridworld = gridworld.conv2d([32, 3, 4], 64, 3, 1).dense(50).dense(4).ended();
    let fused = fused_update::cases();
    are_proven(&fused[0], 10, &roofline::fused(&small, capacity, 32), 4);
    are_proven(&fused[1], 2, &roofline::fused(&small, capacity, 300), 4);
    let layer_by_layer = update::cases();
    let of_gridworld = roofline::fused(&gridworld, capacity, 8);
    are_proven(&layer_by_layer[1], 3, &of_gridworld, of_gridworld.len());
    // What stands apart on paper stands apart up to the gradients.
    let apart = roofline::apart(&small, capacity, 32);
    are_proven(&layer_by_layer[0], 10, &apart, apart.len() - 5);
}

/// The first `count` launches on paper are those of the case, and have the work of those; if that is all of them, the case has
/// no others in so many updates.
fn are_proven(case: &Case, updates: usize, paper: &[Step], count: usize) {
    let proven = case.sizes();
    for (Step { kernel, sizes, .. }, proven) in paper[..count].iter().zip(&proven) {
        let work_of = |sizes| work(kernel, sizes).expect("a row of work");
        assert_eq!(*kernel, proven.0, "{}", case.name);
        assert_eq!(work_of(sizes), work_of(&proven.1), "{kernel} of {}", case.name);
    }
    assert!(count < paper.len() || updates * count == proven.len(), "{}", case.name);
}

#[test]
fn the_tables_are_what_the_formulas_say() {
    for (file, committed, made) in [
        ("ladder/table.md", LADDER_TABLE, roofline::ladder_tables(crate::set::OF_LADDER.budget)),
        ("roofline.md", UPDATE_TABLE, roofline::update_table()),
    ] {
        assert!(committed.ends_with(&made), "kernels/{file} is to end with\n{made}");
    }
}
