//! Pictures of runs, as SVG.

mod curve;

pub use curve::draw_curve;
