//! Numbers with their sums in a tree: one changes, or the one at a share of the total is found, in `log2(N)` steps.
//!
//! ```text
//! N = 5 leaves, 2 N nodes       nodes[0] is not used, nodes[1] is the total
//!                1              nodes[i] = nodes[2 i] + nodes[2 i + 1]
//!         2             3       leaf k is nodes[N + k]
//!      4     5       6     7
//!    8  9   k=0     k=1   k=2   (8 and 9 are k = 3 and 4)
//! ```
//!
//! Invariant: every inner node is the sum of its children as they are, left plus right, so the tree follows from its
//! leaves alone and not from the order in which they were written. What the numbers mean is not known here.

/// A tree of sums over the caller's memory. Numbers are finite and not negative.
#[derive(Debug)]
pub struct SumTree<'a> {
    nodes: &'a mut [f32],
}

impl<'a> SumTree<'a> {
    /// A tree of `nodes.len() / 2` zeros.
    ///
    /// # Panics
    /// If `nodes` is empty or of odd length.
    pub fn new(nodes: &'a mut [f32]) -> Self {
        assert!(!nodes.is_empty() && nodes.len().is_multiple_of(2), "two nodes a number");
        nodes.fill(0.0);
        Self { nodes }
    }

    fn count(&self) -> usize {
        self.nodes.len() / 2
    }

    /// The numbers.
    pub fn leaves(&self) -> &[f32] {
        &self.nodes[self.count()..]
    }

    /// Their sum.
    pub fn total(&self) -> f32 {
        // Of one number, the leaf itself.
        self.nodes[1]
    }

    /// Writes one number.
    ///
    /// # Panics
    /// If there is no such leaf.
    pub fn set(&mut self, leaf: u32, value: f32) {
        debug_assert!(value >= 0.0 && value.is_finite(), "{value} has no place in a tree of sums");
        let mut node = self.count() + leaf as usize;
        self.nodes[node] = value;
        while node > 1 {
            node /= 2;
            self.nodes[node] = self.nodes[2 * node] + self.nodes[2 * node + 1];
        }
    }

    /// Writes the first numbers; the others become zero.
    ///
    /// # Panics
    /// If there are more than leaves.
    pub fn set_front(&mut self, values: &[f32]) {
        let count = self.count();
        let leaves = &mut self.nodes[count..];
        leaves.fill(0.0);
        leaves[..values.len()].copy_from_slice(values);
        for node in (1..count).rev() {
            self.nodes[node] = self.nodes[2 * node] + self.nodes[2 * node + 1];
        }
    }

    /// The leaf in which `target`, a place of `0 .. total`, lies. Rounding may move the borders between leaves a little,
    /// but a leaf of zero is never found while another one is there.
    pub fn find(&self, target: f64) -> u32 {
        let (mut node, mut target) = (1, target);
        while node < self.count() {
            let left = 2 * node;
            let sum = f64::from(self.nodes[left]);
            if self.nodes[left] > 0.0 && (target < sum || self.nodes[left + 1] == 0.0) {
                node = left;
            } else {
                target -= sum;
                node = left + 1;
            }
        }
        (node - self.count()) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::SumTree;

    #[test]
    fn shares_of_the_total_find_their_leaves() {
        let mut nodes = [7.0; 10];
        let mut tree = SumTree::new(&mut nodes);
        tree.set_front(&[1.0, 0.0, 2.0]);
        tree.set(3, 4.0);
        assert_eq!((tree.leaves(), tree.total()), (&[1.0, 0.0, 2.0, 4.0, 0.0][..], 7.0));
        // In the order of the tree's lowest level, from the left: 3, 4, 0, 1, 2.
        let found = [0.0, 3.9, 4.0, 4.9, 5.0, 6.9, 99.0].map(|target| tree.find(target));
        assert_eq!(found, [3, 3, 0, 0, 2, 2, 2]);
    }

    #[test]
    fn a_tree_of_one_number_is_that_number() {
        let mut nodes = [0.0; 2];
        let mut tree = SumTree::new(&mut nodes);
        tree.set(0, 3.0);
        assert_eq!((tree.total(), tree.find(1.0)), (3.0, 0));
    }
}
