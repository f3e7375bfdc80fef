//! What a replay found: counts, and the first difference in words.

use super::format::Bodies;
use crate::registry::{Physics, Tolerance};
use embedded_rl_core::env::Ending;
use embedded_rl_core::space::Space;
use std::fmt;

/// What a replay found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Gymnasium's identifier of the environment.
    pub environment: String,
    /// Episodes that match whole.
    pub episodes: u64,
    /// Steps that match, those of an unfinished episode included.
    pub steps: u64,
    /// Values of `f64` states that were compared after a step.
    pub state_values: u64,
    /// How many of them match within the tolerance, but not to the bit.
    pub inexact: u64,
    /// The largest distance among them, in last places of the value or, where it is smaller, of one.
    pub largest_distance: f64,
    /// Where the environment first went another way; the replay stops there.
    pub difference: Option<Difference>,
}

impl Report {
    pub(super) fn new(environment: &str) -> Self {
        Self {
            environment: environment.to_owned(),
            episodes: 0,
            steps: 0,
            state_values: 0,
            inexact: 0,
            largest_distance: 0.0,
            difference: None,
        }
    }

    /// Whether the environment does exactly what the trace says.
    pub const fn matches(&self) -> bool {
        self.difference.is_none()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { environment, episodes, steps, .. } = self;
        write!(f, "{environment}: {episodes} episodes and {steps} steps match")?;
        if self.inexact > 0 {
            let Self { inexact, state_values, largest_distance, .. } = self;
            write!(
                f,
                " ({inexact} of {state_values} state values differ in the last \
                 place, by {largest_distance} at most)"
            )?;
        }
        match &self.difference {
            Some(difference) => write!(f, "; {difference}"),
            None => Ok(()),
        }
    }
}

/// One value that is not the recorded one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The trace's number of the episode.
    pub episode: u64,
    /// Steps into the episode; 0 is the reset.
    pub step: u64,
    /// What differs: `observation[2]`, `reward`, `ending`.
    pub field: String,
    /// The value that the environment gave.
    pub got: String,
    /// The recorded one.
    pub want: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { episode, step, field, got, want } = self;
        write!(f, "episode {episode}, step {step}: {field} is {got}, recorded is {want}")
    }
}

/// A field that differs, its value and the recorded one.
pub(super) type Mismatch = (String, String, String);

/// Observations are recorded as bit patterns of `f32` where the space is real, else as whole numbers.
pub(super) fn observation(space: Space<'_>, got: &[f64], want: &[u32]) -> Result<(), Mismatch> {
    let real = matches!(space, Space::Box { .. });
    for (index, (&got, &want)) in got.iter().zip(want).enumerate() {
        let same = if real { (got as f32).to_bits() == want } else { got == f64::from(want) };
        if !same {
            let want = if real { f32::from_bits(want).to_string() } else { want.to_string() };
            let got = if real { (got as f32).to_string() } else { got.to_string() };
            return Err((format!("observation[{index}]"), got, want));
        }
    }
    Ok(())
}

/// Equal to the bit.
pub(super) fn double(field: &str, got: f64, want: f64) -> Result<(), Mismatch> {
    if got.to_bits() == want.to_bits() {
        return Ok(());
    }
    Err((field.to_owned(), format!("{got:e}"), format!("{want:e}")))
}

/// One reward, or the sum of those of so many steps.
pub(super) fn rewards(
    field: &str,
    got: f64,
    want: f64,
    tolerance: Tolerance,
    steps: u64,
) -> Result<(), Mismatch> {
    let tolerance = match tolerance {
        Tolerance::Bits => Tolerance::Bits,
        Tolerance::LastPlaces(most) => Tolerance::LastPlaces(most * steps as f64),
        Tolerance::Absolute(most) => Tolerance::Absolute(most * steps as f64),
    };
    near(got, want, tolerance).map(|_| ()).map_err(|(got, want)| (field.to_owned(), got, want))
}

/// One number of a state. Says how far apart, counted in last places of the recorded value or, where it is
/// smaller, of one: terms of that size are added, and where they cancel, an error of one last bit in a cosine
/// would be many last places of what is left.
pub(super) fn state(
    index: usize,
    got: f64,
    want: f64,
    tolerance: Tolerance,
) -> Result<f64, Mismatch> {
    near(got, want, tolerance).map_err(|(got, want)| (format!("state[{index}]"), got, want))
}

/// The distance in last places, or both numbers in words.
fn near(got: f64, want: f64, tolerance: Tolerance) -> Result<f64, (String, String)> {
    if got.to_bits() == want.to_bits() {
        return Ok(0.0);
    }
    let apart = (got - want).abs();
    let magnitude = want.abs().max(1.0);
    let places = apart / (magnitude.next_up() - magnitude);
    let near = match tolerance {
        Tolerance::Bits => false,
        Tolerance::LastPlaces(most) => places <= most,
        Tolerance::Absolute(most) => apart <= most,
    };
    if near {
        return Ok(places);
    }
    Err((format!("{got:e} ({places} last places away)"), format!("{want:e}")))
}

/// Every body to the bit, and every flag, as far as they were recorded.
pub(super) fn bodies(got: Option<Physics>, want: &Bodies) -> Result<(), Mismatch> {
    let Some(got) = got else { return Ok(()) };
    let values = got.bodies.as_flattened().iter();
    for (index, (&got, &want)) in
        values.zip(want.bodies.as_ref().map_or(&[][..], |bodies| bodies.as_flattened())).enumerate()
    {
        if got.to_bits() != want {
            let field = format!("bodies[{}][{}]", index / 6, index % 6);
            return Err((field, format!("{got:e}"), format!("{:e}", f32::from_bits(want))));
        }
    }
    flags("awake", &got.awake, want.awake.as_ref().map(<[_; 3]>::as_slice))?;
    flags("contacts", &got.contacts, want.contacts.as_ref().map(<[_; 2]>::as_slice))?;
    flags("game_over", &[got.game_over], want.game_over.as_ref().map(core::slice::from_ref))
}

fn flags(field: &str, got: &[bool], want: Option<&[bool]>) -> Result<(), Mismatch> {
    match want {
        Some(want) if got != want => {
            Err((field.to_owned(), format!("{got:?}"), format!("{want:?}")))
        }
        _ => Ok(()),
    }
}

/// Gymnasium sets both flags where a step terminates at the limit; here it has terminated then.
pub(super) fn ending(
    got: Option<Ending>,
    terminated: bool,
    truncated: bool,
) -> Result<(), Mismatch> {
    let want = match (terminated, truncated) {
        (true, _) => Some(Ending::Terminated),
        (false, true) => Some(Ending::Truncated),
        (false, false) => None,
    };
    if got == want {
        return Ok(());
    }
    let name = |ending| match ending {
        Some(Ending::Terminated) => "terminated",
        Some(Ending::Truncated) => "truncated",
        None => "none",
    };
    Err(("ending".to_owned(), name(got).to_owned(), name(want).to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_place_is_that_of_the_value_or_of_one() {
        let one = Tolerance::LastPlaces(1.0);
        let last = f64::EPSILON;
        assert_eq!(state(0, 1.0 + last, 1.0, one), Ok(1.0));
        assert!(state(0, 1.0 + 2.0 * last, 1.0, one).is_err());
        assert_eq!(state(0, 4.0 + 4.0 * last, 4.0, one), Ok(1.0));
        assert_eq!(state(0, 0.25 + last, 0.25, one), Ok(1.0));
        assert!(state(0, 0.25 + 2.0 * last, 0.25, one).is_err());
    }

    #[test]
    fn rewards_may_be_a_tolerance_a_step_away_and_are_exact_without_one() {
        let check = |got, tolerance, steps| rewards("reward", got, 1.0, tolerance, steps);
        let places = |count: f64| 1.0 + count * f64::EPSILON;
        assert!(check(places(2.0), Tolerance::LastPlaces(2.0), 1).is_ok());
        assert!(check(places(3.0), Tolerance::LastPlaces(2.0), 1).is_err());
        assert!(check(places(6.0), Tolerance::LastPlaces(2.0), 3).is_ok());
        assert!(check(1.0, Tolerance::Bits, 1).is_ok());
        assert!(check(places(1.0), Tolerance::Bits, 9).is_err());
        assert!(rewards("reward", -0.0, 0.0, Tolerance::Bits, 1).is_err());
    }

    #[test]
    fn what_is_not_finite_matches_itself_alone() {
        let one = Tolerance::LastPlaces(1.0);
        assert_eq!(state(0, f64::NAN, f64::NAN, one), Ok(0.0));
        for (got, want) in [(f64::NAN, 1.0), (f64::INFINITY, 1.0), (1.0, f64::NEG_INFINITY)] {
            assert!(state(0, got, want, one).is_err());
            assert!(state(0, got, want, Tolerance::Absolute(1e-12)).is_err());
        }
    }

    #[test]
    fn both_flags_together_mean_terminated() {
        assert!(ending(Some(Ending::Terminated), true, true).is_ok());
        assert!(ending(Some(Ending::Truncated), true, true).is_err());
        assert!(ending(Some(Ending::Truncated), false, true).is_ok());
        assert!(ending(Some(Ending::Terminated), false, true).is_err());
        assert!(ending(None, false, false).is_ok());
    }
}
