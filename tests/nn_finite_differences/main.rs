//! Every backward of core's networks against central differences of a naive forward in `f64`, at odd shapes.
//!
//! `naive_forward` is the slow twin of whole networks; `differences` makes gradients of it and compares. A new layer gets
//! an arm in the one and a case in `layers` or, if it stands at a network's end, in `heads`.

mod differences;
mod heads;
mod implicit_networks;
mod layers;
mod losses;
mod naive_forward;
mod networks;
