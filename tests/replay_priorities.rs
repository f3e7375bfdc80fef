//! The tree of sums and the prioritised draw against naive twins: whatever is written, both find the same.

use embedded_rl_core::replay::{Prioritised, SumTree};
use embedded_rl_core::rng::{Generator, SeedableRng, random};
use proptest::prelude::*;

/// The tree without a tree: numbers in a list. A sum is that of the halves that the tree's levels make.
struct Naive(Vec<f32>);

impl Naive {
    /// Sum below a node, by its definition.
    fn sum(&self, node: usize) -> f32 {
        match node.checked_sub(self.0.len()) {
            Some(leaf) => self.0[leaf],
            None => self.sum(2 * node) + self.sum(2 * node + 1),
        }
    }

    /// Leaves from left to right, as they stand below a node.
    fn in_order(&self, node: usize, leaves: &mut Vec<usize>) {
        match node.checked_sub(self.0.len()) {
            Some(leaf) => leaves.push(leaf),
            None => {
                for child in [2 * node, 2 * node + 1] {
                    self.in_order(child, leaves);
                }
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Operation {
    Set(prop::sample::Index, f32),
    SetFront(Vec<f32>),
    Find(f64),
}

/// Whole numbers too: their sums are exact, so that what is found can be said exactly.
fn operations(whole: bool) -> impl Strategy<Value = Vec<Operation>> {
    let number = move || {
        let real = prop_oneof![2 => 0.0f32..9.0, 1 => Just(0.0), 1 => 1e-6f32..1e6];
        real.prop_map(move |x| if whole { x.floor() } else { x })
    };
    let operation = prop_oneof![
        6 => (any::<prop::sample::Index>(), number()).prop_map(|(leaf, x)| Operation::Set(leaf, x)),
        1 => prop::collection::vec(number(), 0..20).prop_map(Operation::SetFront),
        4 => (0.0..1.0).prop_map(Operation::Find),
    ];
    prop::collection::vec(operation, 1..60)
}

fn apply(count: usize, operations: &[Operation], mut find: impl FnMut(&SumTree<'_>, &Naive, f64)) {
    let mut nodes = vec![f32::MAX; 2 * count];
    let (mut tree, mut naive) = (SumTree::new(&mut nodes), Naive(vec![0.0; count]));
    for operation in operations {
        match operation {
            Operation::Set(leaf, value) => {
                let leaf = leaf.index(count);
                tree.set(leaf as u32, *value);
                naive.0[leaf] = *value;
            }
            Operation::SetFront(values) => {
                let values = &values[..values.len().min(count)];
                tree.set_front(values);
                naive.0.fill(0.0);
                naive.0[..values.len()].copy_from_slice(values);
            }
            Operation::Find(share) => find(&tree, &naive, *share),
        }
        assert_eq!(tree.leaves(), naive.0);
        assert_eq!(tree.total().to_bits(), naive.sum(1).to_bits(), "of {:?}", naive.0);
    }
}

proptest! {
    #[test]
    fn the_total_is_that_of_the_naive_tree_to_the_bit_and_no_zero_is_found(
        count in 1usize..=17,
        operations in operations(false),
    ) {
        apply(count, &operations, |tree, naive, share| {
            let found = tree.find(share * f64::from(tree.total())) as usize;
            let something = naive.0.iter().any(|&x| x > 0.0);
            assert!(naive.0[found] > 0.0 || !something, "{found} of {:?}", naive.0);
        });
    }

    #[test]
    fn of_whole_numbers_the_leaf_is_the_one_that_counting_finds(
        count in 1usize..=17,
        operations in operations(true),
    ) {
        apply(count, &operations, |tree, naive, share| {
            // The sums are exact below 2^24.
            if naive.0.iter().sum::<f32>() >= 16_777_216.0 || tree.total() == 0.0 {
                return;
            }
            let target = share * f64::from(tree.total());
            let (mut order, mut sum) = (vec![], 0.0);
            naive.in_order(1, &mut order);
            let expected = order.into_iter().find(|&leaf| {
                sum += f64::from(naive.0[leaf]);
                target < sum
            });
            assert_eq!(Some(tree.find(target) as usize), expected);
        });
    }

    /// Both draw with the same numbers; the naive one walks over a list.
    #[test]
    fn what_is_drawn_and_what_it_counts_for_are_as_in_the_paper(
        alpha in 0.0..1.0,
        beta in 0.0..1.0,
        errors in prop::collection::vec(-3.0f32..3.0, 4..40),
        seed in any::<u64>(),
    ) {
        let mut nodes = vec![0.0; 2 * errors.len()];
        let mut order = Prioritised::new(alpha, 0.01, &mut nodes);
        let slots: Vec<u32> = (0..errors.len() as u32).collect();
        slots.iter().for_each(|&slot| order.insert(slot));
        order.update(&slots, &errors);
        let priority: Vec<f64> =
            errors.iter().map(|&error| (f64::from(error.abs()) + 0.01).powf(alpha)).collect();
        let total: f64 = priority.iter().sum();

        let (mut drawn, mut weights) = (vec![0; 8], vec![0.0; 8]);
        order.sample(&mut Generator::seed_from_u64(seed), &mut drawn);
        order.weigh(beta, &drawn, &mut weights);

        let naive = Naive(order.priorities().to_vec());
        let mut places = vec![];
        naive.in_order(1, &mut places);
        let rng = &mut Generator::seed_from_u64(seed);
        for (part, &slot) in drawn.iter().enumerate() {
            let target = (part as f64 + random(rng)) / 8.0 * total;
            let before = places.iter().take_while(|&&place| place != slot as usize);
            let start: f64 = before.map(|&place| priority[place]).sum();
            let (end, slack) = (start + priority[slot as usize], 1e-5 * total);
            prop_assert!(start - slack <= target && target < end + slack, "{slot} for {target}");
        }
        let weight = |&slot: &u32| {
            (errors.len() as f64 * priority[slot as usize] / total).powf(-beta)
        };
        let largest = drawn.iter().map(weight).fold(0.0, f64::max);
        for (slot, &got) in drawn.iter().zip(&weights) {
            prop_assert!((f64::from(got) - weight(slot) / largest).abs() < 1e-5);
        }
    }
}
