//! The table: one value for every state and action, in the caller's memory. It knows no rule.

use crate::bellman::move_toward;

/// Values of actions, `[states][actions]` row by row.
#[derive(Debug, PartialEq)]
pub struct ActionValues<'a> {
    values: &'a mut [f32],
    actions: u32,
}

impl<'a> ActionValues<'a> {
    /// A table over `values`, which are left as they are: zeros for a start, or what was learned before.
    ///
    /// # Panics
    /// If there are no actions or no whole number of states.
    pub fn new(values: &'a mut [f32], actions: u32) -> Self {
        assert!(actions > 0, "a table has at least one action");
        assert!(
            values.len().is_multiple_of(actions as usize),
            "{} values are no rows of {actions} actions",
            values.len()
        );
        Self { values, actions }
    }

    /// Marks the actions that `is_possible(state, action)` denies with minus infinity. A state in which nothing is
    /// possible is left as it is: it ends an episode or is never reached, and its value is finite.
    pub fn forbid_impossible(&mut self, is_possible: impl Fn(u32, u32) -> bool) {
        let actions = self.actions;
        for (state, row) in (0u32..).zip(self.values.chunks_exact_mut(actions as usize)) {
            if (0..actions).any(|action| is_possible(state, action)) {
                for (action, value) in (0u32..).zip(row) {
                    if !is_possible(state, action) {
                        *value = f32::NEG_INFINITY;
                    }
                }
            }
        }
    }

    /// How many actions there are.
    pub const fn action_count(&self) -> u32 {
        self.actions
    }

    /// How many states there are.
    pub const fn state_count(&self) -> u32 {
        self.values.len() as u32 / self.actions
    }

    /// All values, row by row.
    pub fn all(&self) -> &[f32] {
        self.values
    }

    /// All values, row by row.
    pub(super) fn all_mut(&mut self) -> &mut [f32] {
        self.values
    }

    /// The values of a state.
    ///
    /// # Panics
    /// If there is no such state.
    #[inline]
    pub fn of(&self, state: u32) -> &[f32] {
        let actions = self.actions as usize;
        &self.values[state as usize * actions..][..actions]
    }

    /// The value of an action in a state.
    ///
    /// # Panics
    /// If there is no such state or action.
    #[inline]
    pub fn value(&self, state: u32, action: u32) -> f32 {
        self.of(state)[action as usize]
    }

    /// Where a state and action stand among [`ActionValues::all`].
    #[inline]
    pub(super) const fn index(&self, state: u32, action: u32) -> u32 {
        state * self.actions + action
    }

    /// Moves one value by the share `step_size` toward `target`.
    ///
    /// # Panics
    /// If there is no such state or action.
    #[inline]
    pub fn move_toward(&mut self, state: u32, action: u32, step_size: f32, target: f32) {
        let actions = self.actions as usize;
        let row = &mut self.values[state as usize * actions..][..actions];
        let value = &mut row[action as usize];
        *value = move_toward(*value, step_size, target);
    }
}

#[cfg(test)]
mod tests {
    use super::ActionValues;

    #[test]
    fn a_row_holds_a_state_s_actions() {
        let mut values = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut table = ActionValues::new(&mut values, 3);
        table.move_toward(1, 2, 0.5, 10.0);
        assert_eq!((table.state_count(), table.of(1)), (2, &[4.0, 5.0, 8.0][..]));
        assert_eq!((table.value(0, 1), table.index(1, 2)), (2.0, 5));
    }

    #[test]
    fn impossible_actions_are_marked_where_others_are_possible() {
        let mut values = [0.0; 6];
        let mut table = ActionValues::new(&mut values, 2);
        table.forbid_impossible(|state, action| state == 0 || (state == 1 && action == 1));
        assert_eq!(table.all(), [0.0, 0.0, f32::NEG_INFINITY, 0.0, 0.0, 0.0]);
    }

    #[test]
    #[should_panic(expected = "5 values are no rows of 2 actions")]
    fn half_a_row_is_refused() {
        ActionValues::new(&mut [0.0; 5], 2);
    }
}
