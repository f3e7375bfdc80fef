//! Environments. Each is one file whose documentation is the table people know from Gymnasium; time limits are
//! not in them but in [`crate::env::TimeLimit`].

pub mod classic;
pub mod finite;
pub mod tile_map;
pub mod toy_text;
