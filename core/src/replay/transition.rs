//! One remembered step, and many of them as one array a field.

/// A step as learning sees it. How it ended is in `discount` alone: zero if nothing follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Transition<'a> {
    /// What was observed before the action.
    pub observation: &'a [f32],
    /// The action taken.
    pub action: u32,
    /// What it brought.
    pub reward: f32,
    /// What the value of `next_observation` is multiplied by.
    pub discount: f32,
    /// What was observed after the action, on the last step of an episode too.
    pub next_observation: &'a [f32],
}

/// Gathered transitions, one array a field. Legend: B transitions, W elements of an observation.
#[derive(Debug)]
pub struct Batch<'a> {
    /// `[B][W]`
    pub observations: &'a mut [f32],
    /// `[B]`
    pub actions: &'a mut [u32],
    /// `[B]`
    pub rewards: &'a mut [f32],
    /// `[B]`
    pub discounts: &'a mut [f32],
    /// `[B][W]`
    pub next_observations: &'a mut [f32],
}
