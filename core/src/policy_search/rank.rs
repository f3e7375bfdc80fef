//! Candidates in the order of their fitness.

use core::cmp::Ordering;

/// Writes the numbers of the candidates to `order`, the fittest first, of equals the one with the smaller number.
pub(super) fn fittest_first(fitness: &[f32], order: &mut [u32]) {
    assert_eq!(fitness.len(), order.len(), "a fitness a candidate");
    for (place, number) in order.iter_mut().zip(0..) {
        *place = number;
    }
    order.sort_unstable_by(|&a, &b| {
        compare(fitness[b as usize], fitness[a as usize]).then(a.cmp(&b))
    });
}

/// What is not a number is less than all numbers.
fn compare(a: f32, b: f32) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| b.is_nan().cmp(&a.is_nan()))
}

/// How a candidate stands among all, from -1/2 for the worst to 1/2 for the best; equals share a place, so a generation
/// of equals is all zeros.
pub(super) fn centred_rank(fitness: &[f32], candidate: usize) -> f32 {
    let (mut below, mut equal) = (0u32, 0u32);
    for &other in fitness {
        match compare(other, fitness[candidate]) {
            Ordering::Less => below += 1,
            Ordering::Equal => equal += 1,
            Ordering::Greater => {}
        }
    }
    (below as f32 + 0.5 * (equal - 1) as f32) / (fitness.len() - 1) as f32 - 0.5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_keep_their_order_and_a_nan_is_the_worst() {
        let mut order = [0; 5];
        fittest_first(&[1.0, 3.0, f32::NAN, 3.0, f32::NEG_INFINITY], &mut order);
        assert_eq!(order, [1, 3, 0, 4, 2]);
    }

    #[test]
    fn ranks_are_centred_and_shared_by_equals() {
        let ranks = |fitness: [f32; 3]| [0, 1, 2].map(|number| centred_rank(&fitness, number));
        assert_eq!(ranks([5.0, -7.0, 6.0]), [0.0, -0.5, 0.5]);
        assert_eq!(ranks([1.0, 9.0, 1.0]), [-0.25, 0.5, -0.25]);
        assert_eq!(ranks([2.0; 3]), [0.0; 3]);
        assert_eq!(ranks([f32::NAN, 1.0, 2.0]), [-0.5, 0.0, 0.5]);
    }
}
