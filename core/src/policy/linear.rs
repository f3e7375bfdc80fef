//! Two actions by the sign of a weighted sum, with weights written by hand or found by a search.
//!
//! ```text
//! score = w0 + w[0] x[0] + w[1] x[1] + ..        action 1 where the score is above zero, else 0
//! ```
//!
//! The parameters are those of a dense layer with one output, `[w.., w0]`, summed in the same order: a linear policy is the
//! smallest network.

/// CartPole: push to where the pole leans.
pub const CART_POLE_ANGLE: [f32; 5] = [0.0, 0.0, 1.0, 0.0, 0.0];

/// CartPole: push to where the pole leans, or will within a second if it keeps turning as it does.
pub const CART_POLE_ANGLE_AND_VELOCITY: [f32; 5] = [0.0, 0.0, 1.0, 1.0, 0.0];

/// The weighted sum; `parameters` are a weight an element of the observation, then `w0`.
///
/// # Panics
/// If there is not one parameter more than elements.
pub fn linear_score(parameters: &[f32], observation: &[f32]) -> f32 {
    assert_eq!(parameters.len(), observation.len() + 1, "a weight an element, and one more");
    let (weights, rest) = parameters.split_at(observation.len());
    weights.iter().zip(observation).fold(rest[0], |score, (weight, x)| score + x * weight)
}

/// The action that the score says.
///
/// # Panics
/// As [`linear_score`].
pub fn linear(parameters: &[f32], observation: &[f32]) -> u32 {
    u32::from(linear_score(parameters, observation) > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pole_is_followed_and_zero_is_the_first_action() {
        assert_eq!(linear_score(&[2.0, -1.0, 0.5], &[3.0, 4.0]), 2.5);
        let leans_right_and_swings_left = [0.0, 0.0, 0.05, -0.4];
        assert_eq!(linear(&CART_POLE_ANGLE, &leans_right_and_swings_left), 1);
        assert_eq!(linear(&CART_POLE_ANGLE_AND_VELOCITY, &leans_right_and_swings_left), 0);
        assert_eq!(linear(&CART_POLE_ANGLE, &[1.0, 1.0, 0.0, 1.0]), 0);
    }
}
