#![no_std]
//! What the firmware's binaries share.
//!
//! [`portable`] is the work itself: plain calls of the core, which `tests/firmware.rs` runs on the host too and
//! compares with what the board printed. The other modules are the board's side: the policy in flash, counting
//! instructions, measuring memory, ending. Output goes through semihosting, the debugger's (here QEMU's) own channel.

pub mod ending;
pub mod instructions;
pub mod memory;
pub mod policy;
pub mod portable;
