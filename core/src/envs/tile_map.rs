//! A rectangle of letters, read from text: the board of grid tasks.
//!
//! Cells are numbered row by row. What a letter means is the task's own affair.

use core::fmt;

/// At most `CELLS` letters in rows of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TileMap<const CELLS: usize> {
    /// Row by row; zeros past the last cell.
    tiles: [u8; CELLS],
    rows: u32,
    columns: u32,
}

/// Why a text is no map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MapError {
    /// There is no letter at all.
    Empty,
    /// A row has another length than the first.
    Ragged {
        /// Number of the row, from 0.
        row: u32,
    },
    /// There are more cells than the map can hold.
    TooLarge {
        /// How many it can hold.
        most: usize,
    },
    /// A letter that means nothing here.
    Letter {
        /// The letter.
        letter: char,
        /// The letters that mean something.
        known: &'static str,
    },
    /// A tile that has to be there is not.
    Missing {
        /// Its letter.
        letter: char,
    },
    /// A tile of which there may be one is there twice.
    Twice {
        /// Its letter.
        letter: char,
    },
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "the map is empty"),
            Self::Ragged { row } => write!(f, "row {row} of the map is not as long as the first"),
            Self::TooLarge { most } => write!(f, "the map has more than {most} cells"),
            Self::Letter { letter, known } => {
                write!(f, "the map has a '{letter}', but only {known} mean something")
            }
            Self::Missing { letter } => write!(f, "the map has no '{letter}'"),
            Self::Twice { letter } => write!(f, "the map has more than one '{letter}'"),
        }
    }
}

impl core::error::Error for MapError {}

impl<const CELLS: usize> TileMap<CELLS> {
    /// Reads a map, one row a line, of the letters in `known`.
    ///
    /// # Errors
    /// If the text is empty, ragged, larger than `CELLS` or has another letter.
    pub fn parse(text: &str, known: &'static str) -> Result<Self, MapError> {
        let mut map = Self { tiles: [0; CELLS], rows: 0, columns: 0 };
        let mut count = 0;
        for (row, line) in text.lines().enumerate() {
            for letter in line.chars() {
                if !known.contains(letter) {
                    return Err(MapError::Letter { letter, known });
                }
                let tile = map.tiles.get_mut(count).ok_or(MapError::TooLarge { most: CELLS })?;
                // `known` is ASCII, and so then is the letter.
                *tile = letter as u8;
                count += 1;
            }
            let length = line.chars().count() as u32;
            if row == 0 {
                map.columns = length;
            } else if length != map.columns {
                return Err(MapError::Ragged { row: row as u32 });
            }
            map.rows += 1;
        }
        if count == 0 { Err(MapError::Empty) } else { Ok(map) }
    }

    /// How many rows there are.
    pub const fn rows(&self) -> u32 {
        self.rows
    }

    /// How many cells a row has.
    pub const fn columns(&self) -> u32 {
        self.columns
    }

    /// The letters, row by row.
    pub fn tiles(&self) -> &[u8] {
        &self.tiles[..self.cell_count() as usize]
    }

    /// How many cells there are.
    pub const fn cell_count(&self) -> u32 {
        self.rows * self.columns
    }

    /// The only cell with this letter.
    ///
    /// # Errors
    /// If there is none, or more than one.
    pub fn only(&self, letter: u8) -> Result<u32, MapError> {
        let mut cells =
            (0u32..).zip(self.tiles()).filter(|&(_, &tile)| tile == letter).map(|(cell, _)| cell);
        let letter = char::from(letter);
        let cell = cells.next().ok_or(MapError::Missing { letter })?;
        if cells.next().is_some() { Err(MapError::Twice { letter }) } else { Ok(cell) }
    }

    /// The cell one step away, or `cell` itself at the map's edge.
    pub fn step(&self, cell: u32, direction: Direction) -> u32 {
        let (row, column) = (cell / self.columns, cell % self.columns);
        let inside = match direction {
            Direction::Up => row > 0,
            Direction::Right => column + 1 < self.columns,
            Direction::Down => row + 1 < self.rows,
            Direction::Left => column > 0,
        };
        match direction {
            _ if !inside => cell,
            Direction::Up => cell - self.columns,
            Direction::Right => cell + 1,
            Direction::Down => cell + self.columns,
            Direction::Left => cell - 1,
        }
    }
}

/// One of the four neighbours on a grid, in clockwise order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To the row above.
    Up,
    /// To the next column.
    Right,
    /// To the row below.
    Down,
    /// To the column before.
    Left,
}

impl<const CELLS: usize> fmt::Display for TileMap<CELLS> {
    /// The text that [`TileMap::parse`] reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (row, tiles) in self.tiles().chunks(self.columns as usize).enumerate() {
            if row > 0 {
                f.write_str("\n")?;
            }
            tiles.iter().try_for_each(|&tile| write!(f, "{}", char::from(tile)))?;
        }
        Ok(())
    }
}

#[cfg(feature = "serde")]
impl<const CELLS: usize> serde::Serialize for TileMap<CELLS> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de, const CELLS: usize> serde::Deserialize<'de> for TileMap<CELLS> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(Text::<CELLS>)
    }
}

/// Reads a map from the string that its text was serialised as.
#[cfg(feature = "serde")]
struct Text<const CELLS: usize>;

#[cfg(feature = "serde")]
impl<const CELLS: usize> serde::de::Visitor<'_> for Text<CELLS> {
    type Value = TileMap<CELLS>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the rows of a map, one a line")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        // Which letters mean something, the task checked when it made the map.
        const LETTERS: &str = "#.ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        TileMap::parse(text, LETTERS).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_stop_at_the_edges() {
        let map = TileMap::<6>::parse("abc\ndef", "abcdef").unwrap();
        use Direction::{Down, Left, Right, Up};
        let from = |cell| [Up, Right, Down, Left].map(|direction| map.step(cell, direction));
        assert_eq!(from(0), [0, 1, 3, 0]);
        assert_eq!(from(4), [1, 5, 4, 3]);
        assert_eq!(from(5), [2, 5, 5, 4]);
    }

    #[test]
    fn what_is_no_map_is_refused() {
        let parse = |text| TileMap::<4>::parse(text, "ab").unwrap_err();
        assert_eq!(parse(""), MapError::Empty);
        assert_eq!(parse("\n\n"), MapError::Empty);
        assert_eq!(parse("ab\na"), MapError::Ragged { row: 1 });
        assert_eq!(parse("ab\nab\nab"), MapError::TooLarge { most: 4 });
        assert_eq!(parse("aé"), MapError::Letter { letter: 'é', known: "ab" });
        let map = TileMap::<4>::parse("aab", "abc").unwrap();
        assert_eq!(map.only(b'b'), Ok(2));
        assert_eq!(map.only(b'a'), Err(MapError::Twice { letter: 'a' }));
        assert_eq!(map.only(b'c'), Err(MapError::Missing { letter: 'c' }));
    }
}
