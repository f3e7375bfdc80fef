//! Mostly the best action, sometimes any.

use super::greedy;
use crate::rng::{Rng, integers, random};

/// With probability `epsilon` one of `actions` actions, each as likely; else the greedy one of `values()`, which
/// is called only then. One draw decides, a second one chooses if it explores.
pub fn epsilon_greedy<'v, R: Rng + ?Sized>(
    rng: &mut R,
    epsilon: f64,
    actions: u32,
    values: impl FnOnce() -> &'v [f32],
) -> u32 {
    if random(rng) < epsilon {
        integers(rng, 0, i64::from(actions)) as u32
    } else {
        greedy(values())
    }
}

#[cfg(test)]
mod tests {
    use super::epsilon_greedy;
    use crate::rng::{Role, stream};

    #[test]
    fn explores_a_share_of_epsilon_over_all_actions() {
        let rng = &mut stream(1, Role::Exploration);
        let mut counts = [0u32; 4];
        for _ in 0..40_000 {
            counts[epsilon_greedy(rng, 0.2, 4, || &[0.0, 1.0, 0.0, 0.0]) as usize] += 1;
        }
        // 0.2 / 4 of the choices for each of the others.
        for (action, count) in counts.iter().enumerate().filter(|&(action, _)| action != 1) {
            assert!((1_800..2_200).contains(count), "action {action}: {count}");
        }
    }

    #[test]
    fn without_epsilon_the_choice_is_greedy_and_with_one_no_value_is_asked_for() {
        let rng = &mut stream(2, Role::Exploration);
        assert!((0..100).all(|_| epsilon_greedy(rng, 0.0, 2, || &[0.0, 1.0]) == 1));
        assert!((0..100).all(|_| epsilon_greedy(rng, 1.0, 2, || unreachable!()) < 2));
    }
}
