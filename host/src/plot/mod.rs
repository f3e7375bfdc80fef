//! Pictures of runs and of what was learned, as SVG: `panels` for curves, `heatmap` for values on a floor plan.
//!
//! Everything here draws plain data, and the same data gives the same bytes. What moves is drawn in `draw`.

mod axis;
mod colours;
mod curve;
mod heatmap;
mod panels;
mod sheet;
mod thinning;

pub use curve::draw_curve;
pub use heatmap::{ValueMap, Values, draw_maps, maps_svg};
pub use panels::{Marks, Panel, Point, Series, draw_panels, panels_svg};
