//! From values to places along an axis, and the round numbers beside it.

/// One axis: the values it shows, and its labels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    /// Ends, as logarithms where the axis is logarithmic.
    low: f64,
    high: f64,
    logarithmic: bool,
    /// Where on the axis, from 0 to 1, and what is written there.
    pub(super) labels: Vec<(f64, String)>,
}

/// The most labels on an axis.
const LABELS: f64 = 8.0;

impl Axis {
    /// From the smallest to the largest of the values and a little more, to the rim by `margin` of their distance.
    pub(super) fn linear(values: impl Iterator<Item = f64>, margin: f64) -> Self {
        let (low, high) = ends(values);
        let more = margin * (high - low);
        let (low, high) = (low - more, high + more);
        let step = round_step((high - low) / LABELS);
        let unit = Unit::of(low.abs().max(high.abs()), step);
        // By whole numbers: a sum of steps would end in ...0001.
        let first = (low / step - 1e-9).ceil() as i64;
        let last = (high / step + 1e-9).floor() as i64;
        let mut axis = Self { low, high, logarithmic: false, labels: Vec::new() };
        axis.labels = (first..=last)
            .map(|index| index as f64 * step)
            .map(|value| (axis.place(value), unit.write(value)))
            .collect();
        axis
    }

    /// As [`Axis::linear`], beginning at zero if that is near.
    pub(super) fn along(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = ends(values);
        let low = if (0.0..0.1 * high).contains(&low) { 0.0 } else { low };
        Self::linear([low, high].into_iter(), 0.0)
    }

    /// Equal distances for equal factors. Values of zero or less have no place.
    pub(super) fn logarithmic(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = ends(values.filter(|value| *value > 0.0).map(f64::log10));
        let decades = low.floor() as i32..=high.ceil() as i32;
        let within: &[f64] = match high - low {
            distance if distance < 1.0 => &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
            distance if distance < 2.0 => &[1.0, 2.0, 5.0],
            _ => &[1.0],
        };
        let mut axis = Self { low, high, logarithmic: true, labels: Vec::new() };
        axis.labels = decades
            .flat_map(|decade| within.iter().map(move |digit| digit * 10f64.powi(decade)))
            .map(|value| (axis.place(value), Unit::of(value, value).write(value)))
            .filter(|(place, _)| (-1e-9..=1.0 + 1e-9).contains(place))
            .collect();
        axis
    }

    /// Where a value is: 0 at the low end, 1 at the high one; not finite where it has no place.
    pub(super) fn place(&self, value: f64) -> f64 {
        let value = if self.logarithmic { value.log10() } else { value };
        (value - self.low) / (self.high - self.low)
    }

    /// The longest label, in letters.
    pub(super) fn longest_label(&self) -> &str {
        let labels = self.labels.iter().map(|(_, label)| label.as_str());
        labels.max_by_key(|label| label.chars().count()).unwrap_or_default()
    }
}

/// The smallest and the largest of the finite values, never the same.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .filter(|value| value.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    match high - low {
        distance if distance > 0.0 => (low, high),
        0.0 => {
            let around = (0.05 * low.abs()).max(0.5);
            (low - around, high + around)
        }
        _ => (0.0, 1.0),
    }
}

/// The smallest of 1, 2, 5, 10, .. that is at least `step`.
fn round_step(step: f64) -> f64 {
    let decade = 10f64.powi(step.log10().floor() as i32);
    let digit = [1.0, 2.0, 5.0].into_iter().find(|digit| digit * decade >= step * (1.0 - 1e-9));
    digit.unwrap_or(10.0) * decade
}

/// How the numbers of an axis are written.
struct Unit {
    divisor: f64,
    letter: &'static str,
    decimals: usize,
}

impl Unit {
    /// For numbers up to `largest` that are `step` apart.
    fn of(largest: f64, step: f64) -> Self {
        let (divisor, letter) = match largest {
            size if size >= 1e6 => (1e6, "M"),
            size if size >= 1e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        let decimals = -(step / divisor * (1.0 + 1e-9)).log10().floor();
        Self { divisor, letter, decimals: decimals.clamp(0.0, 9.0) as usize }
    }

    fn write(&self, value: f64) -> String {
        if value == 0.0 {
            return "0".to_owned();
        }
        format!("{:.*}{}", self.decimals, value / self.divisor, self.letter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(axis: &Axis) -> Vec<&str> {
        axis.labels.iter().map(|(_, label)| label.as_str()).collect()
    }

    #[test]
    fn labels_are_round_and_short() {
        let axis = Axis::along([1.0, 3_000.0].into_iter());
        assert_eq!(labels(&axis), ["0", "500", "1000", "1500", "2000", "2500", "3000"]);
        assert_eq!((axis.place(0.0), axis.place(1_500.0)), (0.0, 0.5));
        let axis = Axis::along([0.0, 100_000.0].into_iter());
        assert_eq!(labels(&axis), ["0", "20k", "40k", "60k", "80k", "100k"]);
        let axis = Axis::linear([-0.1, 0.3].into_iter(), 0.05);
        assert_eq!(labels(&axis), ["-0.1", "0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn logarithms_have_a_label_a_decade() {
        let axis = Axis::logarithmic([0.0, 1.0, 10_000.0].into_iter());
        assert_eq!(labels(&axis), ["1", "10", "100", "1000", "10k"]);
        assert_eq!(axis.place(100.0), 0.5);
        assert!(!axis.place(0.0).is_finite());
    }

    #[test]
    fn what_has_no_extent_still_has_an_axis() {
        assert_eq!(
            labels(&Axis::linear([7.0].into_iter(), 0.0)),
            ["6.6", "6.8", "7.0", "7.2", "7.4"]
        );
        let nothing = Axis::linear([f64::NAN, f64::INFINITY].into_iter(), 0.0);
        assert_eq!(nothing.labels.len(), 6);
        assert_eq!(Axis::logarithmic([0.0].into_iter()).place(1.0), 0.0);
    }
}
