//! What goes between an environment and an agent: equal to OpenCV and Gymnasium where they have it too, and every
//! wrapper keeps the contract of an environment.

mod atari;
mod contract;
mod frames;
mod numbers;
mod recorded;
