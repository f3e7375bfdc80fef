//! A twin of the part of Box2D 2.3 that the lunar lander uses: the same bits, in fixed memory.
//!
//! A [`World`] is a ground of fixed edges and one craft: body 0, the hull, and other bodies that hang on it by
//! revolute joints. Bodies meet the ground and not each other. It is no general engine: no other joints, no circles,
//! no bodies that come or go, no bouncing, no rays.
//!
//! One step, file by file:
//!
//! ```text
//!   world.rs            step: who touches whom, then the three below
//!     collide.rs        edge against polygon -> manifold
//!     contact.rs        what two shapes that are near remember of each other
//!   island.rs           velocities, 180 sweeps over joints and contacts, positions, sleep
//!     revolute_joint.rs
//!     joint_sweeps.rs   nine tenths of the time
//!     contact_solver.rs
//!   continuous.rs       nothing may tunnel through the ground in one step
//!     time_of_impact.rs when two shapes first touch
//!     distance.rs       how far apart they are
//! ```
//!
//! [`solve_flights`] does the sweeps of many crafts in flight side by side (`lockstep.rs`, `number.rs`).
//! [`vector`], [`shape`] and [`body`] are what all of these work on.
//!
//! Equality needs the same operations in the same order, in single precision, with multiplication and addition never
//! fused, and the sine and cosine of [`glibc_sin_cos_f32`](crate::math::glibc_sin_cos_f32). Where the original's
//! generality cannot be seen in any number it is left out: the ground neither moves nor turns, so its terms are
//! zeros (they could change the sign of a zero and nothing else); nothing bounces; there is no damping; and its tree
//! of boxes only finds which boxes overlap, which comparing them all does as well.
//!
//! # Box2D
//!
//! This is not Box2D and none of its source text is here, but what it computes, step by step and constant by
//! constant, is Erin Catto's design, which came with this notice: Copyright (c) 2006-2011 Erin Catto
//! <http://www.box2d.org>. "This software is provided 'as-is', without any express or implied warranty. In no event
//! will the authors be held liable for any damages arising from the use of this software. Permission is granted to
//! anyone to use this software for any purpose, including commercial applications, and to alter it and redistribute
//! it freely, subject to the following restrictions: 1. The origin of this software must not be misrepresented; you
//! must not claim that you wrote the original software. If you use this software in a product, an acknowledgment in
//! the product documentation would be appreciated but is not required. 2. Altered source versions must be plainly
//! marked as such, and must not be misrepresented as being the original software. 3. This notice may not be removed
//! or altered from any source distribution."

pub mod body;
mod collide;
mod contact;
mod contact_solver;
mod continuous;
mod distance;
mod island;
mod joint_sweeps;
mod lockstep;
mod number;
pub mod revolute_joint;
pub mod shape;
mod time_of_impact;
pub mod vector;
mod world;

pub use island::Flight;
pub use lockstep::solve_flights;
pub use world::World;

/// Edges of the ground.
pub const EDGES: usize = 11;
/// Bodies of the craft, its hull included.
pub const BODIES: usize = 3;
/// Joints of the craft: joint `j` hangs body `j + 1` on the hull.
pub const JOINTS: usize = BODIES - 1;

/// Duration of a step, in s.
pub const TIME_STEP: f32 = 0.02;
/// Sweeps over all velocity constraints in a step.
pub const VELOCITY_SWEEPS: usize = 180;
/// Most sweeps over all position constraints in a step.
const POSITION_SWEEPS: usize = 60;

/// Box2D's own, which is not the nearest single-precision number to more digits of it.
#[expect(clippy::excessive_precision, clippy::approx_constant, reason = "as it is written there")]
const PI: f32 = 3.14159265359;
/// A length that is allowed to be wrong, in m.
const LINEAR_SLOP: f32 = 0.005;
/// An angle that is allowed to be wrong, in rad.
const ANGULAR_SLOP: f32 = 2.0 / 180.0 * PI;
/// How far shapes reach beyond their outlines, in m.
const SKIN: f32 = 2.0 * LINEAR_SLOP;
/// How much larger than the shape the box around it is made, in m.
const BOUNDS_MARGIN: f32 = 0.1;
/// Over how many steps like the last one the box reaches ahead.
const BOUNDS_PREDICTION: f32 = 2.0;

/// The part of a position error that is corrected in one sweep.
const CORRECTION: f32 = 0.2;
/// The same after an impact within a step.
const IMPACT_CORRECTION: f32 = 0.75;
/// The largest correction of one sweep, in m.
const MAXIMUM_LINEAR_CORRECTION: f32 = 0.2;
/// The largest correction of one sweep, in rad.
const MAXIMUM_ANGULAR_CORRECTION: f32 = 8.0 / 180.0 * PI;
/// The largest motion of one step, in m.
const MAXIMUM_TRANSLATION: f32 = 2.0;
/// The largest turn of one step, in rad.
const MAXIMUM_ROTATION: f32 = 0.5 * PI;

/// How long the craft must be nearly still to fall asleep, in s.
const TIME_TO_SLEEP: f32 = 0.5;
/// What nearly still is [m/s]
const STILL_LINEAR: f32 = 0.01;
/// What nearly still is [rad/s]
const STILL_ANGULAR: f32 = 2.0 / 180.0 * PI;
