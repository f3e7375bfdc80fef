//! Images as a network sees them: how large, and in which order their numbers stand. Pictures and files are not here.
//!
//! ```text
//! channels first   [C][H][W]   planes, one after the other: PyTorch's images and stacks of frames
//! channels last    [H][W][C]   all channels of a pixel side by side: cameras, TensorFlow
//! ```
//!
//! A network takes either at its input. Between its layers channels are last, because vector lanes run across them.

/// Where the channels of a pixel stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Channels {
    /// `[C][H][W]`
    First,
    /// `[H][W][C]`
    Last,
}

/// The shape of an image. Sizes are `u16`, so that a network's spec stays small on a microcontroller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Image {
    /// Numbers a pixel.
    pub channels: u16,
    /// Rows of pixels.
    pub height: u16,
    /// Pixels a row.
    pub width: u16,
    /// Their order.
    pub order: Channels,
}

impl Image {
    /// `[channels][height][width]`
    pub const fn channels_first(channels: u16, height: u16, width: u16) -> Self {
        Self { channels, height, width, order: Channels::First }
    }

    /// `[height][width][channels]`
    pub const fn channels_last(height: u16, width: u16, channels: u16) -> Self {
        Self { channels, height, width, order: Channels::Last }
    }

    /// How many numbers the image has.
    pub const fn count(&self) -> usize {
        self.channels as usize * self.height as usize * self.width as usize
    }

    /// The image as planes of rows of pixels: (planes, numbers a pixel of a plane). One of the two is 1.
    pub(super) const fn planes(&self) -> (usize, usize) {
        match self.order {
            Channels::First => (self.channels as usize, 1),
            Channels::Last => (1, self.channels as usize),
        }
    }
}
