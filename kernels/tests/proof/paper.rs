//! What is computed on paper: the launches that it counts are those that are proven, and the committed tables are what it
//! says.

use crate::cases;
use embedded_rl_kernels::roofline::{self, Network, Step};

const LADDER_TABLE: &str = include_str!("../../ladder/table.md");
const UPDATE_TABLE: &str = include_str!("../../roofline.md");

#[test]
fn the_updates_on_paper_are_the_launches_that_give_the_bits_of_core() {
    let gridworld = Network::of(270, None).conv2d([3, 9, 10], 32, 4, 2);
    let gridworld = gridworld.conv2d([32, 3, 4], 64, 3, 1).dense(50).dense(4).ended();
    for (name, network, batch) in
        [("8-64-64-4", Network::mlp(&[8, 64, 64, 4]), 32), ("gridworld", gridworld, 8)]
    {
        let is_named = |case: &&crate::case::Case| case.name().contains(name);
        let cases = cases::update::cases();
        let proven = cases.iter().find(is_named).expect("a case of this network").sizes();
        let paper = roofline::fused(&network, 200, batch);
        for (index, (Step { kernel, sizes, .. }, proven)) in paper.iter().zip(&proven).enumerate() {
            assert_eq!(*kernel, proven.0, "launch {index} of {name}");
            // Rates are no sizes.
            assert!(
                *kernel == "prepare_step" || *sizes == proven.1,
                "{kernel}: {sizes:?} {proven:?}"
            );
        }
        let of_one = proven.iter().skip(1).position(|(kernel, _)| *kernel == "gather");
        assert_eq!(of_one.map_or(proven.len(), |at| at + 1), paper.len(), "launches of {name}");
    }
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
