//! The proof of the kernels, on a machine without a graphics card.
//!
//! `cases` holds random cases of every kernel with what core makes of them; `emulated` replays them on the kernels'
//! text as the C++ compiler takes it and compares every bit, `sanitized` does so with sanitizers, `planted` shows that
//! mistakes in the text are seen, `compiled` that the text is what NVRTC takes. Each does so for the kernels in use and for
//! the ladder: `set`.

mod bounds;
mod case;
mod cases;
mod compiled;
mod compiler;
mod counted;
mod emulated;
mod fast;
mod numbers;
mod paper;
mod planted;
mod planted_in_ladder;
mod runtime;
mod sanitized;
mod set;
mod single;
