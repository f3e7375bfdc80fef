//! The colours of pictures.
//!
//! Things are to be told apart by readers who see red and green alike, too: seven colours of Okabe and Ito (2008), and
//! three of Tol (2021) behind them.

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
