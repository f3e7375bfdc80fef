//! What a run leaves on disk. A file that others read is written under a temporary name and renamed, so a kill at
//! any moment leaves the old one or the new one, never half of one.

mod atomic;
mod metrics;
mod run_folder;
mod summary;

pub use atomic::{write_atomically, write_atomically_with};
pub use metrics::{EpisodeRow, EvaluationRow, Table};
pub use run_folder::RunFolder;
pub use summary::Summary;
