//! `train` through the command itself: equal commands leave equal bytes, however often they are killed; what is
//! printed, saved and exported is the same policy.

mod ends;
mod folders;
mod kills;
mod results;
mod short_run;
