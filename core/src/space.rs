//! The sets that actions and observations come from, after Gymnasium's spaces.
//!
//! A space describes; it holds no value and draws none. Every element of a space is compared as an `f64`, which
//! holds each supported element type (`f32`, `u32`, `u8`) exactly.

/// A set of actions or observations.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Space<'a> {
    /// One number of `0..n`.
    Discrete {
        /// How many values there are.
        n: u32,
    },
    /// Several numbers, the i-th of `0..counts[i]`.
    MultiDiscrete {
        /// How many values each component has.
        counts: &'a [u32],
    },
    /// A vector of reals, the i-th in `low[i]..=high[i]`; infinite bounds are allowed.
    Box {
        /// Smallest value of each element.
        low: &'a [f32],
        /// Largest value of each element.
        high: &'a [f32],
    },
    /// Pixels of `0..=255` in `[channels][height][width]` order.
    Image {
        /// Planes of the image.
        channels: usize,
        /// Rows of a plane.
        height: usize,
        /// Columns of a plane.
        width: usize,
    },
    /// Zeros and ones in `[channels][height][width]` order.
    Planes {
        /// How many planes there are.
        channels: usize,
        /// Rows of a plane.
        height: usize,
        /// Columns of a plane.
        width: usize,
    },
}

impl Space<'_> {
    /// How many elements a value of this space has.
    #[expect(clippy::len_without_is_empty, reason = "no space is empty")]
    pub const fn len(&self) -> usize {
        match *self {
            Space::Discrete { .. } => 1,
            Space::MultiDiscrete { counts } => counts.len(),
            Space::Box { low, .. } => low.len(),
            Space::Image { channels, height, width }
            | Space::Planes { channels, height, width } => channels * height * width,
        }
    }

    /// Whether `value` has the right length, every element is in its range and no element is NaN.
    pub fn contains<T: Copy + Into<f64>>(&self, value: &[T]) -> bool {
        value.len() == self.len()
            && value.iter().enumerate().all(|(index, &element)| {
                let element: f64 = element.into();
                match *self {
                    Space::Discrete { n } => in_count(element, n),
                    Space::MultiDiscrete { counts } => in_count(element, counts[index]),
                    Space::Box { low, high } => {
                        element >= f64::from(low[index]) && element <= f64::from(high[index])
                    }
                    Space::Image { .. } => in_count(element, 256),
                    Space::Planes { .. } => in_count(element, 2),
                }
            })
    }
}

fn in_count(element: f64, n: u32) -> bool {
    element >= 0.0 && element < f64::from(n) && f64::from(element as u32) == element
}

impl core::fmt::Display for Space<'_> {
    /// Gymnasium's spelling, as far as the lengths go.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Space::Discrete { n } => write!(f, "Discrete({n})"),
            Space::MultiDiscrete { counts } => write!(f, "MultiDiscrete({counts:?})"),
            Space::Box { low, .. } => write!(f, "Box({})", low.len()),
            Space::Image { channels, height, width } => {
                write!(f, "Image({channels}, {height}, {width})")
            }
            Space::Planes { channels, height, width } => {
                write!(f, "Planes({channels}, {height}, {width})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Space;

    #[test]
    fn discrete_holds_whole_numbers_below_n() {
        let space = Space::Discrete { n: 2 };
        assert!(space.contains(&[0u32]) && space.contains(&[1u32]));
        assert!(
            !space.contains(&[2u32]) && !space.contains(&[0.5f32]) && !space.contains(&[-1.0f32])
        );
        assert!(!space.contains::<u32>(&[]) && !space.contains(&[0u32, 0]));
    }

    #[test]
    fn a_box_is_closed_and_refuses_nan() {
        let space = Space::Box { low: &[-1.0, f32::NEG_INFINITY], high: &[1.0, f32::INFINITY] };
        assert!(space.contains(&[1.0f32, 1e30]) && space.contains(&[-1.0f32, f32::INFINITY]));
        assert!(!space.contains(&[1.0001f32, 0.0]) && !space.contains(&[0.0, f32::NAN]));
    }
}
