//! Training on an NVIDIA card, to the bits of the CPU.
//!
//! ```text
//! learner     the column of core's cpu_learner.rs, as launches; a graph the second time
//!   storage, network, returns, optimiser     what is on the card, and in which order kernels work on it
//!   state                                    all of that to the host and back
//!     kernels/  one safe function a kernel
//!       launch    kernels by name, copies, recorded graphs
//!         text      NVRTC and what it made before
//!         buffers   memory on the card, and of the host for copies
//!           device    the driver and the card
//! ```
//!
//! Nothing of NVIDIA's is needed to build this, and nothing is looked for unless a card is asked for. All unsafe code of the
//! host is in this folder. Which transitions are drawn, and when, is core's to decide.

mod buffers;
mod device;
mod kernels;
mod launch;
mod learner;
mod network;
mod optimiser;
mod returns;
mod state;
mod storage;
mod text;

pub use device::check;
pub use learner::CudaLearner;
