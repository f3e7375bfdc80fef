//! What may be chosen about the lander's task, and the bounds that each version declares.

use crate::space::Space;

const TURN: f32 = core::f32::consts::TAU;
const HALF_TURN: f32 = core::f32::consts::PI;

const HIGH: [[f32; 8]; 2] =
    [[1.5, 1.5, 5.0, 5.0, HALF_TURN, 5.0, 1.0, 1.0], [2.5, 2.5, 10.0, 10.0, TURN, 10.0, 1.0, 1.0]];
const LOW: [[f32; 8]; 2] = [
    [-1.5, -1.5, -5.0, -5.0, -HALF_TURN, -5.0, 0.0, 0.0],
    [-2.5, -2.5, -10.0, -10.0, -TURN, -10.0, 0.0, 0.0],
];

/// What may be chosen about the task.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LanderOptions {
    /// Downwards is negative; more than -12 and less than 0 [m/s^2]
    pub gravity: f64,
    /// Whether wind and turbulence blow while no leg is on the ground.
    pub wind: bool,
    /// The strongest wind; 0 to 20 is sensible, in N.
    pub wind_power: f64,
    /// The strongest turbulence; 0 to 2 is sensible [N m]
    pub turbulence_power: f64,
    /// Which version's bounds of observations are declared.
    pub version: LanderVersion,
}

impl LanderOptions {
    /// The options, if a lander can be made with them.
    pub(super) fn checked(self) -> Result<Self, LanderError> {
        if !(self.gravity > -12.0 && self.gravity < 0.0) {
            return Err(LanderError::Gravity(self.gravity));
        }
        match [self.wind_power, self.turbulence_power].into_iter().find(|x| !x.is_finite()) {
            Some(power) => Err(LanderError::Wind(power)),
            None => Ok(self),
        }
    }

    pub(super) fn observation_space(&self) -> Space<'static> {
        let version = self.version as usize;
        Space::Box { low: &LOW[version], high: &HIGH[version] }
    }
}

/// Gymnasium's version of the task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum LanderVersion {
    /// The narrower bounds.
    V2,
    /// The present one.
    #[default]
    V3,
}

impl Default for LanderOptions {
    fn default() -> Self {
        Self {
            gravity: -10.0,
            wind: false,
            wind_power: 15.0,
            turbulence_power: 1.5,
            version: LanderVersion::V3,
        }
    }
}

/// Why a lander was not made.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum LanderError {
    /// Gravity is not between -12 and 0.
    Gravity(f64),
    /// The power of wind or turbulence is not a finite number.
    Wind(f64),
}

impl core::fmt::Display for LanderError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Gravity(gravity) => write!(f, "gravity is between -12 and 0, not {gravity}"),
            Self::Wind(power) => write!(f, "the power of wind is a finite number, not {power}"),
        }
    }
}

impl core::error::Error for LanderError {}
