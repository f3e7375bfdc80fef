//! Fewer points that look the same: a picture has so many pixels, a run may have a million steps.
//!
//! Points are in pixels already and go from left to right.

use std::collections::BTreeSet;

/// A place in pixels.
pub(super) type Place = (f64, f64);

/// Of the points above one pixel the highest and the lowest, in their order.
pub(super) fn thinned_line(points: &[Place]) -> Vec<Place> {
    let mut kept = Vec::new();
    for column in points.chunk_by(|a, b| a.0.floor() == b.0.floor()) {
        let by_height = |a: &&Place, b: &&Place| a.1.total_cmp(&b.1);
        if let (Some(highest), Some(lowest)) =
            (column.iter().min_by(by_height), column.iter().max_by(by_height))
        {
            let (first, second) =
                if highest.0 <= lowest.0 { (highest, lowest) } else { (lowest, highest) };
            kept.push(*first);
            if first != second {
                kept.push(*second);
            }
        }
    }
    kept
}

/// The outline of the band between `(x, upper, lower)`: in every two columns of pixels the widest it is there.
pub(super) fn thinned_band(points: &[(f64, f64, f64)]) -> Vec<Place> {
    let (mut uppers, mut lowers) = (Vec::new(), Vec::new());
    for columns in points.chunk_by(|a, b| (0.5 * a.0).floor() == (0.5 * b.0).floor()) {
        let upper = columns.iter().map(|(_, upper, _)| *upper).fold(f64::INFINITY, f64::min);
        let lower = columns.iter().map(|(.., lower)| *lower).fold(f64::NEG_INFINITY, f64::max);
        uppers.push((columns[0].0, upper));
        lowers.push((columns[0].0, lower));
    }
    // To the very end, which may be in the middle of its columns.
    if let (Some(last), Some(upper), Some(lower)) = (points.last(), uppers.last(), lowers.last())
        && upper.0 < last.0
    {
        let (upper, lower) = (upper.1, lower.1);
        uppers.push((last.0, upper));
        lowers.push((last.0, lower));
    }
    lowers.reverse();
    uppers.append(&mut lowers);
    uppers
}

/// Of the points in one square of three pixels the first.
pub(super) fn thinned_dots(points: &[Place]) -> Vec<Place> {
    let mut taken = BTreeSet::new();
    let square = |place: &Place| ((place.0 / 3.0) as i64, (place.1 / 3.0) as i64);
    points.iter().filter(|place| taken.insert(square(place))).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_a_line_keeps_its_extremes() {
        let points = [(0.1, 1.0), (0.2, 5.0), (0.3, -2.0), (0.4, 0.0), (1.0, 9.0)];
        assert_eq!(thinned_line(&points), [(0.2, 5.0), (0.3, -2.0), (1.0, 9.0)]);
    }

    #[test]
    fn a_band_is_as_wide_as_its_widest_place() {
        let points = [(0.0, 4.0, 5.0), (1.0, 2.0, 4.0), (2.0, 3.0, 3.5), (3.0, 3.0, 9.0)];
        let outline = [(0.0, 2.0), (2.0, 3.0), (3.0, 3.0), (3.0, 9.0), (2.0, 9.0), (0.0, 5.0)];
        assert_eq!(thinned_band(&points), outline);
    }

    #[test]
    fn dots_that_cover_each_other_become_one() {
        let points = [(0.0, 0.0), (1.0, 2.0), (4.0, 0.0), (0.0, 3.0)];
        assert_eq!(thinned_dots(&points), [(0.0, 0.0), (4.0, 0.0), (0.0, 3.0)]);
    }
}
