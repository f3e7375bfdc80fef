//! Classic control: small continuous tasks with `f64` states, as Gymnasium has them.

mod cart_pole;

pub use cart_pole::CartPole;
