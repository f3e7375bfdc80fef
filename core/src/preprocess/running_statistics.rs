//! Mean and variance of every element of what was seen so far, and observations in their units.
//!
//! ```text
//! delta = x - mean;  n += 1;  mean += delta / n;  squares += delta^2 (n - 1) / n;  variance = squares / n
//! ```
//!
//! Welford (1962), in `f64` and in the order of the observations. Deciding when to look and when to stop looking is
//! the caller's.

use crate::math;

/// Statistics over the caller's memory.
#[derive(Debug)]
pub struct RunningStatistics<'a> {
    means: &'a mut [f64],
    squares: &'a mut [f64],
    count: f64,
}

impl<'a> RunningStatistics<'a> {
    /// What Gymnasium's `NormalizeObservation` begins with: as if a ten-thousandth of an observation with mean 0 and
    /// variance 1 had been seen.
    pub const GYMNASIUM_PRIOR: f64 = 1e-4;
    /// What keeps the root of a variance above zero, as there.
    const EPSILON: f64 = 1e-8;

    /// Nothing seen yet but `prior` observations of mean 0 and variance 1; zero is plain. One number an element.
    ///
    /// # Panics
    /// If the lengths differ or `prior` is negative.
    pub fn new(prior: f64, means: &'a mut [f64], squares: &'a mut [f64]) -> Self {
        assert_eq!(means.len(), squares.len(), "one of each an element");
        assert!(prior >= 0.0, "a count is not negative");
        means.fill(0.0);
        squares.fill(prior);
        Self { means, squares, count: prior }
    }

    /// How many observations were seen, the prior ones included.
    pub const fn count(&self) -> f64 {
        self.count
    }

    /// Mean of every element.
    pub fn means(&self) -> &[f64] {
        self.means
    }

    /// Variance of every element, over the count.
    pub fn variances(&self) -> impl Iterator<Item = f64> {
        self.squares.iter().map(|squares| squares / self.count)
    }

    /// Counts an observation in.
    ///
    /// # Panics
    /// If it has another length.
    pub fn update(&mut self, observation: &[f32]) {
        assert_eq!(observation.len(), self.means.len(), "one of each an element");
        let before = self.count;
        self.count += 1.0;
        let numbers = self.means.iter_mut().zip(self.squares.iter_mut()).zip(observation);
        for ((mean, squares), &x) in numbers {
            let delta = f64::from(x) - *mean;
            *mean += delta / self.count;
            *squares += delta * delta * before / self.count;
        }
    }

    /// `(x - mean) / sqrt(variance + 1e-8)`, element by element, in place.
    ///
    /// # Panics
    /// If the observation has another length, or nothing was seen yet.
    pub fn normalise(&self, observation: &mut [f32]) {
        assert_eq!(observation.len(), self.means.len(), "one of each an element");
        assert!(self.count > 0.0, "nothing was seen yet");
        let numbers = self.means.iter().zip(self.variances());
        for (x, (mean, variance)) in observation.iter_mut().zip(numbers) {
            *x = ((f64::from(*x) - mean) / math::sqrt(variance + Self::EPSILON)) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunningStatistics;

    #[test]
    fn mean_and_variance_are_as_by_hand() {
        let (mut means, mut squares) = ([9.0; 2], [9.0; 2]);
        let mut statistics = RunningStatistics::new(0.0, &mut means, &mut squares);
        for x in [[1.0, -4.0], [2.0, -4.0], [6.0, -4.0]] {
            statistics.update(&x);
        }
        assert_eq!((statistics.means(), statistics.count()), (&[3.0, -4.0][..], 3.0));
        assert!(
            statistics.variances().zip([14.0 / 3.0, 0.0]).all(|(got, want)| got - want < 1e-15)
        );
        let mut x = [3.0 + 2.160_247, -4.0];
        statistics.normalise(&mut x);
        assert!((x[0] - 1.0).abs() < 1e-6 && x[1] == 0.0, "{x:?}");
    }
}
