//! Whole files: either the old content or the new one.

use crate::failure::{Failure, Outcome};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Replaces `path` by `content`, or leaves it as it is.
pub fn write_atomically(path: &Path, content: &[u8]) -> Outcome<()> {
    write_atomically_with(path, |file| file.write_all(content))
}

/// Replaces `path` by what `write` writes, or leaves it as it is.
pub fn write_atomically_with(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> Outcome<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let temporary = path.with_file_name(format!(".{name}.part"));
    let written = File::create(&temporary)
        .and_then(|mut file| {
            write(&mut file)?;
            // Without this a power cut could leave the new name with none of the content.
            file.sync_all()
        })
        .and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        let _ = fs::remove_file(&temporary);
        Failure::failed(format!("cannot write {}: {error}", path.display()))
    })
}
