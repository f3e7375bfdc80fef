//! Vector width never shows in a number: dense layers and convolutions equal a naive twin bit for bit on every choice of
//! lanes, so do optimisers and clipping, 200 updates leave one hash, and one input alone gives the bits of its row in a
//! batch.

mod bits;
mod convolution;
mod dense;
mod elementwise;
mod rows;
mod updates;
