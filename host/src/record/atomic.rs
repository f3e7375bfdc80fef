//! Whole files: either the old content or the new one.

use crate::failure::{Failure, Outcome};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

/// Replaces `path` by `content`, or leaves it as it is.
pub fn write_atomically(path: &Path, content: &[u8]) -> Outcome<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.part"));
    let written = File::create(&temporary)
        .and_then(|mut file| {
            file.write_all(content)?;
            // Without this a power cut could leave the new name with none of the content.
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary);
        Failure::failed(format!("cannot write {}: {error}", path.display()))
    })
}
