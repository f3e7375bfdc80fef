//! What followed each step of finished episodes: discounted returns, and the same brought to mean zero and deviation one.
//!
//! Pure functions of numbers, in place. `bellman.rs` has the backup of one step; no network and no table is known here.

use crate::bellman;
use crate::math;

/// Replaces the `rewards` of one episode, in its order, by the returns `G[t] = r[t] + discount * G[t + 1]`, the sum
/// running from the last step to the first. `after` is the value of what follows the last: 0 where nothing does.
///
/// Sutton and Barto (2018), equation 3.9. Call it once an episode: returns do not cross from one into the next.
pub fn discounted_returns(discount: f32, after: f32, rewards: &mut [f32]) {
    let mut following = after;
    for reward in rewards.iter_mut().rev() {
        following = bellman::one_step(*reward, discount, following);
        *reward = following;
    }
}

/// Takes the mean off all `returns`, those of several episodes in a row, and divides them by their standard deviation
/// (numpy's `std`: the root of the mean squared distance). Returns that are all the same become zero.
///
/// Both sums are made in `f64` in the order of the returns. How an action did against the others of the batch is a
/// baseline that needs no second network.
pub fn normalise(returns: &mut [f32]) {
    let count = returns.len() as f64;
    let mean = returns.iter().fold(0.0, |sum, &x| sum + f64::from(x)) / count;
    let squares = returns.iter().fold(0.0, |sum, &x| {
        let distance = f64::from(x) - mean;
        sum + distance * distance
    });
    let deviation = math::sqrt(squares / count);
    // Rounding alone must not become a signal: what is this small against the mean is zero.
    let flat = deviation <= 1e-7 * mean.abs();
    for x in returns {
        *x = if flat { 0.0 } else { ((f64::from(*x) - mean) / deviation) as f32 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_s_rewards_are_discounted_and_normalised_as_there() {
        let mut returns = [10.0, 0.0, -50.0, 10.0, 20.0];
        discounted_returns(0.8, 0.0, &mut returns[..3]);
        assert_eq!(returns[..3], [-22.0, -40.0, -50.0]);
        discounted_returns(0.8, 0.0, &mut returns[3..]);
        assert_eq!(returns[3..], [26.0, 20.0]);
        normalise(&mut returns);
        let expected = [-0.284_350_71, -0.865_977_18, -1.189_102_99, 1.266_653_18, 1.072_777_7];
        for (found, expected) in returns.map(f64::from).into_iter().zip(expected) {
            assert!((found - expected).abs() < 1e-7, "{returns:?}");
        }
    }

    #[test]
    fn what_follows_a_cut_episode_counts_and_equal_returns_say_nothing() {
        let mut returns = [1.0, 1.0];
        discounted_returns(0.5, 4.0, &mut returns);
        assert_eq!(returns, [2.5, 3.0]);
        let mut equal = [0.1; 7];
        normalise(&mut equal);
        assert_eq!(equal, [0.0; 7]);
    }
}
