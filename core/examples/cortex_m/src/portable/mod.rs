//! The work of the firmware's binaries, without the board: `tests/firmware.rs` runs these same files on the
//! host and asks for the same bits. Knows neither registers nor semihosting.

pub mod cart_pole_walk;
pub mod grid;
pub mod lander;
pub mod observations;
pub mod q_learning;
pub mod training;
