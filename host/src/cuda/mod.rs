//! Training on an NVIDIA card, to the bits of the CPU.
//!
//! ```text
//! learner     what is there, and how it is asked
//!   update    the column of core's cpu_learner.rs, as launches; a graph the second time
//!   storage   transitions on the card: transitions whole, frames as bytes
//!   network, embedding, returns, optimiser     layer by layer, from a batch to a step
//!   fused     the same of dense networks, in few launches
//!   draws, noise     what an update draws, on the host, and noise in weights
//!   memory    what a learner has on the card, and the boxes for what goes there and comes back
//!   state     what was learned, to the host and back
//!   complaint what cannot be trained there
//!     kernels/  one safe function a kernel
//!       launch    kernels by name, copies, recorded graphs
//!         text      NVRTC and what it made before
//!         buffers   memory on the card, and of the host for copies
//!           device    the driver and the card
//! measure     how long each kernel takes; nothing that trains uses it
//! ```
//!
//! Nothing of NVIDIA's is needed to build this, and nothing is looked for unless a card is asked for. All unsafe code of the
//! host is in this folder. Which transitions are drawn, and when, is core's to decide.

mod buffers;
mod complaint;
mod device;
mod draws;
mod embedding;
mod frames;
mod fused;
mod kernels;
mod launch;
mod learner;
pub mod measure;
mod memory;
mod network;
mod noise;
mod optimiser;
mod returns;
mod state;
mod storage;
mod text;
mod transitions;
mod update;

pub(crate) use complaint::complaint;
pub use device::check;
pub use learner::CudaLearner;
pub use storage::Keeping;
