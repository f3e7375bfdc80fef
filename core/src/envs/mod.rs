//! Environments. Each is one file whose documentation is the table people know from Gymnasium; time limits are
//! not in them but in [`crate::env::TimeLimit`].

pub mod bandit_rooms;
pub mod breakout;
pub mod classic;
pub mod docking;
pub mod finite;
pub mod gaussian_bandit;
pub mod gridworld;
pub mod lunar_lander;
pub mod markov_chain;
pub mod mdp;
pub mod pixel_breakout;
pub mod pixel_grid;
pub mod tile_map;
pub mod toy_text;
