//! Means over seeds with their 95 % bands, and curves made from what trials recorded.
//!
//! Every sum runs over the seeds in their order, so that a figure does not depend on which trial was finished first.

use super::trial::Point;
use serde::Serialize;

/// A mean over seeds, and where it lies with a probability of 95 % if the seeds' figures are about normal: the mean
/// plus or minus Student's t times its standard error. With one seed all three are the same.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// The mean.
    pub mean: f64,
    /// The lower end of the band.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Band {
    /// The band of some figures; not a number if there is none.
    pub fn of(figures: &[f64]) -> Self {
        let count = figures.len() as f64;
        let mean = figures.iter().sum::<f64>() / count;
        if figures.len() < 2 {
            return Self { mean, low: mean, high: mean };
        }
        let squares = figures.iter().map(|figure| (figure - mean) * (figure - mean)).sum::<f64>();
        let error = (squares / (count - 1.0) / count).sqrt();
        let half = student(figures.len() - 1) * error;
        Self { mean, low: mean - half, high: mean + half }
    }

    /// How far the band goes to either side.
    pub fn half(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The 97.5 % quantile of Student's t. From 31 degrees on by its expansion around the normal one, which is right to
/// two decimals.
fn student(degrees: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
        2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
        2.052, 2.048, 2.045, 2.042,
    ];
    TABLE.get(degrees - 1).copied().unwrap_or(1.96 + 2.37 / degrees as f64)
}

/// What a curve shows of the points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Mean return, or mean reward of a bandit, over the window.
    Return,
    /// Mean length over the window.
    Length,
    /// All regret so far.
    TotalRegret,
    /// Share of the best arm over the window.
    BestArm,
}

/// The figure where the x-axis is at each of `places`: a point's number, from 1, or its step. What lies before the
/// first point is not a number; the window is as long as there are points for it.
pub fn curve(
    points: &[Point],
    figure: Figure,
    window: u64,
    places: &[u64],
    by_step: bool,
) -> Vec<f64> {
    let value = |point: &Point| match figure {
        Figure::Return => point.total_reward,
        Figure::Length => f64::from(point.length),
        Figure::TotalRegret => f64::from(point.regret),
        Figure::BestArm => f64::from(u8::from(point.best_arm)),
    };
    // Sums of all points before each one; the difference of two is the sum of a window.
    let mut sums = Vec::with_capacity(points.len() + 1);
    let mut sum = 0.0;
    sums.push(sum);
    sums.extend(points.iter().map(|point| {
        sum += value(point);
        sum
    }));
    let count_until = |place: u64| match by_step {
        true => points.partition_point(|point| point.step <= place),
        false => (place as usize).min(points.len()),
    };
    let at = |&place: &u64| {
        let count = count_until(place);
        let first = match figure {
            Figure::TotalRegret => 0,
            _ => count.saturating_sub(window as usize),
        };
        let sum = sums[count] - sums[first];
        match figure {
            Figure::TotalRegret => sum,
            _ => sum / (count - first) as f64,
        }
    };
    places.iter().map(at).collect()
}

/// At most `most` places from 1 to `last`, evenly, the last one among them.
pub fn places(last: u64, most: u64) -> Vec<u64> {
    let count = last.min(most);
    (1..=count)
        .map(|number| (u128::from(last) * u128::from(number) / u128::from(count)) as u64)
        .collect()
}

/// At most `most` places from 1 to `last` whose distances grow with them: even on a logarithmic axis.
pub fn rising_places(last: u64, most: u64) -> Vec<u64> {
    let growth = (last as f64).ln() / most as f64;
    let mut places: Vec<u64> =
        (1..=most).map(|number| (growth * number as f64).exp().round() as u64).collect();
    places.dedup();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_the_one_by_hand() {
        // Deviations -1, 0, 1: a standard deviation of 1, a standard error of 1 / sqrt 3.
        let band = Band::of(&[4.0, 5.0, 6.0]);
        assert_eq!(band.mean, 5.0);
        assert!((band.half() - 4.303 / 3f64.sqrt()).abs() < 1e-12);
        assert_eq!(Band::of(&[2.5]), Band { mean: 2.5, low: 2.5, high: 2.5 });
        // Quantiles from tables: 2.021 at 40 degrees, 1.984 at 100.
        assert!((student(40) - 2.021).abs() < 2e-3 && (student(100) - 1.984).abs() < 1e-3);
    }

    #[test]
    fn a_window_moves_and_regret_adds_up() {
        let point = |step, total_reward, best_arm| Point {
            step,
            total_reward,
            length: 1,
            regret: if best_arm { 0.0 } else { 2.0 },
            best_arm,
        };
        let points = [point(1, 4.0, true), point(3, 8.0, false), point(4, 0.0, false)];
        let by_number = |figure| curve(&points, figure, 2, &[1, 2, 3], false);
        assert_eq!(by_number(Figure::Return), [4.0, 6.0, 4.0]);
        assert_eq!(by_number(Figure::BestArm), [1.0, 0.5, 0.0]);
        assert_eq!(by_number(Figure::TotalRegret), [0.0, 2.0, 4.0]);
        let by_step = curve(&points, Figure::Return, 2, &[0, 2, 4], true);
        assert!(by_step[0].is_nan());
        assert_eq!(by_step[1..], [4.0, 4.0]);
        assert_eq!(places(10, 4), [2, 5, 7, 10]);
        assert_eq!(places(3, 100), [1, 2, 3]);
        assert_eq!(rising_places(81, 4), [3, 9, 27, 81]);
        assert_eq!(rising_places(1_000_000, 300).last(), Some(&1_000_000));
    }
}
