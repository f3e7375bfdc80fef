//! What happens to an observation or an action between the environment and everything that learns from it.
//!
//! Functions over the caller's slices, and wrappers that are environments themselves, so that they go around any
//! other: `FrameStack::new(ActionRepeat::new(env, ..), ..)`. What is made of rewards is for
//! [`replay::Rewards`](crate::replay::Rewards), a time limit for [`TimeLimit`](crate::env::TimeLimit).
//!
//! | here | Gymnasium's | differs in |
//! |---|---|---|
//! | [`ActionRepeat`] | `MaxAndSkipObservation`, part of `AtariPreprocessing` | an episode that ends early shows its own last frames, not older ones |
//! | [`NoOpStarts`], [`LifeLoss`] | parts of `AtariPreprocessing` | the time limit outside counts none of these steps |
//! | [`GreyImage`] | parts of `AtariPreprocessing` | grey is OpenCV's; the emulator's own (ale-py 0.12) is the same for all 127 colours of 45 games |
//! | [`FrameStack`] | `FrameStackObservation(padding_type="reset")` | |
//! | [`RunningStatistics`] | `NormalizeObservation` | |
//! | [`Discretised`], [`Clipped`] | `DiscretizeAction`, `ClipAction` | |
//! | [`Flattened`] | none | |

mod actions;
mod elements;
mod frame_stack;
pub mod image;
mod normalise;
mod one_hot;
mod repeat;
mod running_statistics;
mod starts;

pub use actions::{Clipped, Discretised, Flattened, action_of, number_of};
pub use elements::Elements;
pub use frame_stack::{FrameStack, shift_in};
pub use image::GreyImage;
pub use normalise::Normalise;
pub use one_hot::{OneHot, one_hot};
pub use repeat::ActionRepeat;
pub use running_statistics::RunningStatistics;
pub use starts::{LifeLoss, NoOpStarts};
