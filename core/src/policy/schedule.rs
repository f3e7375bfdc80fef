//! A number that changes as training goes on: epsilon, or any other setting.

use crate::math;

/// What a schedule counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Per {
    /// Steps of the environment.
    #[default]
    Step,
    /// Finished episodes.
    Episode,
}

/// A value over time.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum Schedule {
    /// Always `value`.
    Constant {
        /// The value.
        value: f64,
    },
    /// From `from` to `to` in equal steps over `over` counts, then `to`.
    Linear {
        /// First value.
        from: f64,
        /// Last value.
        to: f64,
        /// How many counts the way takes.
        over: u64,
        /// What is counted.
        #[cfg_attr(feature = "serde", serde(default))]
        per: Per,
    },
    /// `from * decay^count`, but never below `to`.
    Exponential {
        /// First value.
        from: f64,
        /// Smallest value.
        to: f64,
        /// Factor a count, in `(0, 1]`.
        decay: f64,
        /// What is counted.
        #[cfg_attr(feature = "serde", serde(default))]
        per: Per,
    },
    /// As [`Schedule::Exponential`] with the decay `1 + ln(to / from) / over`: about `to` after `over` counts.
    ExponentialOver {
        /// First value.
        from: f64,
        /// Smallest value, above zero.
        to: f64,
        /// How many counts the way takes, about.
        over: f64,
        /// What is counted.
        #[cfg_attr(feature = "serde", serde(default))]
        per: Per,
    },
    /// `from / (1 + decay * count)`, but never below `to`. With `from` and `decay` of 1 an episode: 1, 1/2, 1/3 ..
    Inverse {
        /// First value.
        from: f64,
        /// Smallest value.
        #[cfg_attr(feature = "serde", serde(default))]
        to: f64,
        /// How fast it falls: after `1 / decay` counts it has halved.
        decay: f64,
        /// What is counted.
        #[cfg_attr(feature = "serde", serde(default))]
        per: Per,
    },
}

impl Schedule {
    /// Always `value`.
    pub const fn constant(value: f64) -> Self {
        Schedule::Constant { value }
    }

    /// The value after so many steps and finished episodes. Inlined, so that of a schedule that the compiler knows only its
    /// own formula remains.
    #[inline(always)]
    pub fn value(&self, steps: u64, episodes: u64) -> f64 {
        let count = |per| match per {
            Per::Step => steps,
            Per::Episode => episodes,
        };
        match *self {
            Schedule::Constant { value } => value,
            Schedule::Linear { from, to, over, per } => {
                let count = count(per);
                if count >= over { to } else { from + (to - from) * (count as f64 / over as f64) }
            }
            Schedule::Exponential { from, to, decay, per } => {
                let value = from * math::pow(decay, count(per) as f64);
                if value > to { value } else { to }
            }
            Schedule::ExponentialOver { from, to, over, per } => {
                let value = from * math::pow(decay_over(from, to, over), count(per) as f64);
                if value > to { value } else { to }
            }
            Schedule::Inverse { from, to, decay, per } => {
                let value = from / (1.0 + decay * count(per) as f64);
                if value > to { value } else { to }
            }
        }
    }

    /// Whether its numbers are numbers, and a decay brings it from the first to the last value.
    #[inline(always)]
    pub fn is_sound(&self) -> bool {
        let (first, last) = self.range();
        let decays = match *self {
            Schedule::Exponential { from, to, decay, .. } => {
                decay > 0.0 && decay <= 1.0 && from >= to
            }
            Schedule::ExponentialOver { from, to, over, .. } => {
                // A longer way than the logarithm: the first step must not pass zero.
                to > 0.0 && from >= to && over.is_finite() && decay_over(from, to, over) > 0.0
            }
            Schedule::Inverse { from, to, decay, .. } => {
                decay.is_finite() && decay >= 0.0 && from >= to
            }
            Schedule::Constant { .. } | Schedule::Linear { .. } => true,
        };
        first.is_finite() && last.is_finite() && decays
    }

    /// The first and the last value, between which all others lie.
    pub fn range(&self) -> (f64, f64) {
        match *self {
            Schedule::Constant { value } => (value, value),
            Schedule::Linear { from, to, .. }
            | Schedule::Exponential { from, to, .. }
            | Schedule::ExponentialOver { from, to, .. }
            | Schedule::Inverse { from, to, .. } => (from, to),
        }
    }
}

fn decay_over(from: f64, to: f64, over: f64) -> f64 {
    1.0 + math::ln(to / from) / over
}

#[cfg(test)]
mod tests {
    use super::{Per, Schedule};

    #[test]
    fn linear_goes_straight_and_stays() {
        let schedule = Schedule::Linear { from: 1.0, to: 0.1, over: 9, per: Per::Step };
        assert_eq!(schedule.value(0, 0), 1.0);
        assert!((schedule.value(3, 50) - 0.7).abs() < 1e-12);
        assert_eq!((schedule.value(9, 0), schedule.value(1_000, 0)), (0.1, 0.1));
    }

    #[test]
    fn exponential_by_episode_ignores_steps_and_stops_at_the_floor() {
        let schedule = Schedule::Exponential { from: 1.0, to: 0.01, decay: 0.5, per: Per::Episode };
        assert_eq!(schedule.value(99, 3), 0.125);
        assert_eq!(schedule.value(0, 60), 0.01);
        assert_eq!(Schedule::Constant { value: 0.3 }.value(5, 5), 0.3);
    }

    #[test]
    fn exponential_over_takes_about_as_many_counts_as_it_says() {
        let schedule =
            Schedule::ExponentialOver { from: 1.0, to: 0.01, over: 300.0, per: Per::Episode };
        let decay = 1.0 + 0.01f64.ln() / 300.0;
        assert!((schedule.value(9, 2) - decay * decay).abs() < 1e-12);
        assert!((0.01..0.0105).contains(&schedule.value(0, 297)));
        assert_eq!(schedule.value(0, 310), 0.01);
        assert!(schedule.is_sound());
        for (to, over) in [(0.0, 300.0), (0.01, 4.0), (0.01, f64::NAN), (2.0, 300.0)] {
            let schedule = Schedule::ExponentialOver { from: 1.0, to, over, per: Per::Episode };
            assert!(!schedule.is_sound(), "{to} {over}");
        }
    }

    #[test]
    fn inverse_falls_as_one_over_the_count() {
        let schedule = Schedule::Inverse { from: 1.0, to: 0.2, decay: 1.0, per: Per::Episode };
        assert_eq!([0, 1, 3, 9].map(|episodes| schedule.value(7, episodes)), [1.0, 0.5, 0.25, 0.2]);
        let schedule = Schedule::Inverse { from: 0.5, to: 0.0, decay: 0.25, per: Per::Step };
        assert_eq!([0, 4].map(|steps| schedule.value(steps, 9)), [0.5, 0.25]);
    }

    #[test]
    fn a_linear_schedule_over_nothing_is_its_end() {
        let schedule = Schedule::Linear { from: 1.0, to: 0.1, over: 0, per: Per::Step };
        assert_eq!(schedule.value(0, 0), 0.1);
    }

    #[test]
    fn only_sound_schedules_stay_between_their_ends() {
        let exponential =
            |from, to, decay| Schedule::Exponential { from, to, decay, per: Per::Episode };
        assert!(exponential(1.0, 0.1, 0.99).is_sound() && exponential(1.0, 1.0, 1.0).is_sound());
        for (from, to, decay) in [
            (1.0, 0.1, 0.0),
            (1.0, 0.1, -0.5),
            (1.0, 0.1, 1.01),
            (1.0, 0.1, f64::NAN),
            (0.1, 1.0, 0.9),
            (f64::INFINITY, 0.0, 0.9),
        ] {
            assert!(!exponential(from, to, decay).is_sound(), "{from} {to} {decay}");
        }
        assert!(!Schedule::Constant { value: f64::NAN }.is_sound());
        assert!(Schedule::Linear { from: 0.0, to: 1.0, over: 0, per: Per::Step }.is_sound());
    }
}
