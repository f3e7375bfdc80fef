//! Whatever is typed or handed in, and whatever the disk does: one plain sentence on standard error, the right exit
//! status, nothing on standard output that is not JSON under `--json`, and no file the worse for it.

mod arguments;
mod configurations;
mod files_of_a_run;
mod recordings;
mod refusal;
mod unfinished;
