//! The `embedded-rl` command.
fn main() {}
