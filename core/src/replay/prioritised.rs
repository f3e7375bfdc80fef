//! WHICH transitions are drawn: those that surprised most, most often. Schaul et al. (2016), the proportional form.
//!
//! ```text
//! p = (|error| + epsilon)^alpha         of a new transition: the largest p so far, 1 at first
//! drawn with P = p / sum of all p       the b-th of B from the b-th of B equal parts of the sum
//! weight = (N P)^-beta / the largest of the batch = (smallest p of the batch / p)^beta
//! ```
//!
//! Where the transitions are kept, and what an error is, is not known here.

use super::SumTree;
use crate::math;
use crate::rng::{Rng, random};

/// Priorities of the slots of a storage.
#[derive(Debug)]
pub struct Prioritised<'a> {
    tree: SumTree<'a>,
    alpha: f64,
    epsilon: f64,
    largest: f32,
}

impl<'a> Prioritised<'a> {
    /// No slot has a priority yet; `nodes` are two a slot. `alpha` of 0 draws evenly, 1 in proportion to errors.
    ///
    /// # Panics
    /// If `nodes` is empty or of odd length.
    pub fn new(alpha: f64, epsilon: f64, nodes: &'a mut [f32]) -> Self {
        Self { tree: SumTree::new(nodes), alpha, epsilon, largest: 1.0 }
    }

    /// A transition was put in `slot`.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn insert(&mut self, slot: u32) {
        self.tree.set(slot, self.largest);
    }

    /// The transition in `slot` is not there any more.
    ///
    /// # Panics
    /// If there is no such slot.
    pub fn remove(&mut self, slot: u32) {
        self.tree.set(slot, 0.0);
    }

    /// Draws slots, with replacement.
    ///
    /// # Panics
    /// If nothing was inserted.
    pub fn sample<R: Rng + ?Sized>(&self, rng: &mut R, slots: &mut [u32]) {
        let total = f64::from(self.tree.total());
        assert!(total > 0.0, "nothing to draw from");
        let part = total / slots.len() as f64;
        for (index, slot) in slots.iter_mut().enumerate() {
            *slot = self.tree.find(part * (index as f64 + random(rng)));
        }
    }

    /// Writes what each of the drawn slots counts for, in `(0, 1]`.
    pub fn weigh(&self, beta: f64, slots: &[u32], weights: &mut [f32]) {
        let priority = |slot: u32| f64::from(self.tree.leaves()[slot as usize]);
        let smallest = slots.iter().fold(f64::INFINITY, |least, &slot| least.min(priority(slot)));
        for (weight, &slot) in weights.iter_mut().zip(slots) {
            *weight = math::pow(smallest / priority(slot), beta) as f32;
        }
    }

    /// The transitions in `slots` were learned from and had these errors.
    pub fn update(&mut self, slots: &[u32], errors: &[f32]) {
        for (&slot, &error) in slots.iter().zip(errors) {
            let priority = math::pow(f64::from(error.abs()) + self.epsilon, self.alpha) as f32;
            // Of a network that has diverged the errors are no numbers; the tree stays one.
            if priority.is_finite() && priority > 0.0 {
                self.tree.set(slot, priority);
                self.largest = self.largest.max(priority);
            }
        }
    }

    /// The priority of every slot, zero where nothing is.
    pub fn priorities(&self) -> &[f32] {
        self.tree.leaves()
    }

    /// The largest priority there was.
    pub fn largest(&self) -> f32 {
        self.largest
    }

    /// Takes over what was saved of another one: the priorities of the first slots, and the largest there was.
    ///
    /// # Panics
    /// If there are more than slots.
    pub fn restore(&mut self, priorities: &[f32], largest: f32) {
        self.tree.set_front(priorities);
        self.largest = largest;
    }
}

#[cfg(test)]
mod tests {
    use super::Prioritised;
    use crate::rng::{Role, stream};

    #[test]
    fn slots_are_drawn_in_proportion_and_weighed_against_it() {
        let mut nodes = [0.0; 10];
        let mut order = Prioritised::new(0.5, 0.0, &mut nodes);
        for slot in 0..4 {
            order.insert(slot);
        }
        assert_eq!(order.priorities(), [1.0, 1.0, 1.0, 1.0, 0.0]);
        order.update(&[0, 1, 3], &[16.0, -1.0, 0.25]);
        assert_eq!((order.priorities(), order.largest()), (&[4.0, 1.0, 1.0, 0.5, 0.0][..], 4.0));
        order.insert(4);
        assert_eq!(order.priorities()[4], 4.0, "a new one has the largest priority so far");

        let mut weights = [0.0; 3];
        order.weigh(1.0, &[0, 2, 3], &mut weights);
        assert_eq!(weights, [0.125, 0.5, 1.0]);

        let (rng, mut counts, mut slots) = (&mut stream(1, Role::Replay), [0u32; 5], [0; 7]);
        for _ in 0..3_000 {
            order.sample(rng, &mut slots);
            slots.iter().for_each(|&slot| counts[slot as usize] += 1);
        }
        // 21,000 draws over a sum of 10.5.
        for (count, expected) in counts.iter().zip([8_000, 2_000, 2_000, 1_000, 8_000]) {
            assert!(count.abs_diff(expected) < 250, "{counts:?}");
        }

        order.remove(0);
        order.remove(4);
        order.sample(rng, &mut slots);
        assert!(slots.iter().all(|slot| (1..=3).contains(slot)), "{slots:?}");
    }
}
