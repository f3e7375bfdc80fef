//! The colours of pictures: for things to be told apart, and for amounts.
//!
//! Both are made for readers who see red and green alike: the first from Okabe and Ito (2008) with three of Tol (2021)
//! behind them, the second the darker and darker blue-greens of ColorBrewer's `YlGnBu`, whose order shows in grey too.

use core::fmt;

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour(pub(super) u8, pub(super) u8, pub(super) u8);

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

pub(super) const WHITE: Colour = Colour(255, 255, 255);
/// Text, axes, arrows.
pub(super) const INK: Colour = Colour(38, 38, 38);
/// What stands behind: lines of the grid, frames.
pub(super) const FAINT: Colour = Colour(226, 226, 226);
/// Dashed lines and the words beside them.
pub(super) const GREY: Colour = Colour(105, 105, 105);

const DISTINCT: [Colour; 10] = [
    Colour(0, 114, 178),
    Colour(213, 94, 0),
    Colour(0, 158, 115),
    Colour(204, 121, 167),
    Colour(230, 159, 0),
    Colour(86, 180, 233),
    Colour(38, 38, 38),
    Colour(136, 34, 85),
    Colour(153, 153, 51),
    Colour(51, 34, 136),
];

/// The colour of the `index`-th thing; they come round again after the tenth.
pub(super) const fn distinct(index: usize) -> Colour {
    DISTINCT[index % DISTINCT.len()]
}

const AMOUNTS: [Colour; 6] = [
    Colour(255, 255, 229),
    Colour(237, 248, 177),
    Colour(163, 219, 184),
    Colour(78, 186, 197),
    Colour(38, 136, 188),
    Colour(32, 78, 155),
];

/// The colour of an amount in `[0, 1]`.
pub(super) fn amount(share: f64) -> Colour {
    let place = share.clamp(0.0, 1.0) * (AMOUNTS.len() - 1) as f64;
    let index = (place as usize).min(AMOUNTS.len() - 2);
    let (from, to, share) = (AMOUNTS[index], AMOUNTS[index + 1], place - index as f64);
    let mix = |a: u8, b: u8| (f64::from(a) + share * (f64::from(b) - f64::from(a))).round() as u8;
    Colour(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

/// Black or white, whichever is easier to read on `ground`.
pub(super) fn readable_on(ground: Colour) -> Colour {
    let Colour(red, green, blue) = ground;
    // Weights of ITU-R BT.601.
    let light = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    if light < 140_000 { WHITE } else { INK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_get_darker_and_stay_within_their_ends() {
        assert_eq!(amount(0.0), AMOUNTS[0]);
        assert_eq!((amount(1.0), amount(7.0)), (AMOUNTS[5], AMOUNTS[5]));
        assert_eq!(amount(0.1), Colour(246, 252, 203));
        assert_eq!((readable_on(amount(0.0)), readable_on(amount(1.0))), (INK, WHITE));
    }
}
