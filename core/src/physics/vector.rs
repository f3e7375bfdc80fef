//! Vectors, rotations and transforms of the plane, with the order of operations written out.
//!
//! Nothing here knows a body. `smaller`, `larger` and `clamp` decide ties and signs of zero as their comparisons
//! do; the methods of `f32` with those meanings may not.

use crate::math;
use core::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};

/// A point or a direction, in m.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Vector {
    /// To the right.
    pub x: f32,
    /// Up.
    pub y: f32,
}

impl Vector {
    /// The origin.
    pub const ZERO: Self = Self::new(0.0, 0.0);

    /// The vector with these coordinates.
    pub const fn new(x: f32, y: f32) -> Self {
        Self { x, y }
    }

    /// The inner product.
    #[inline(always)]
    pub fn dot(self, other: Self) -> f32 {
        self.x * other.x + self.y * other.y
    }

    /// The third component of the outer product.
    #[inline(always)]
    pub fn cross(self, other: Self) -> f32 {
        self.x * other.y - self.y * other.x
    }

    /// The velocity of the end of this vector when it turns about its start [rad/s].
    #[inline(always)]
    pub fn turning(self, speed: f32) -> Self {
        Self::new(-speed * self.y, speed * self.x)
    }

    /// Turned a quarter clockwise.
    #[inline(always)]
    pub fn clockwise(self) -> Self {
        Self::new(self.y, -self.x)
    }

    /// The square of the length.
    #[inline(always)]
    pub fn length_squared(self) -> f32 {
        self.dot(self)
    }

    /// The length.
    #[inline(always)]
    pub fn length(self) -> f32 {
        math::sqrt_f32(self.length_squared())
    }

    /// The direction as a vector of length one, and the length; itself and 0 where it has none worth the name.
    #[inline]
    pub fn normalised(self) -> (Self, f32) {
        let length = self.length();
        if length < f32::EPSILON {
            return (self, 0.0);
        }
        let inverse = 1.0 / length;
        (Self::new(self.x * inverse, self.y * inverse), length)
    }

    /// The smaller of each coordinate.
    #[inline(always)]
    pub fn smaller(self, other: Self) -> Self {
        Self::new(smaller(self.x, other.x), smaller(self.y, other.y))
    }

    /// The larger of each coordinate.
    #[inline(always)]
    pub fn larger(self, other: Self) -> Self {
        Self::new(larger(self.x, other.x), larger(self.y, other.y))
    }
}

impl Add for Vector {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self::new(self.x + other.x, self.y + other.y)
    }
}

impl Sub for Vector {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self::new(self.x - other.x, self.y - other.y)
    }
}

impl AddAssign for Vector {
    #[inline(always)]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Vector {
    #[inline(always)]
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Vector {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        Self::new(-self.x, -self.y)
    }
}

impl Mul<Vector> for f32 {
    type Output = Vector;

    #[inline(always)]
    fn mul(self, vector: Vector) -> Vector {
        Vector::new(self * vector.x, self * vector.y)
    }
}

/// The first unless the second is smaller or they tie.
#[inline(always)]
pub fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The first unless the second is larger or they tie.
#[inline(always)]
pub fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// `x`, but not below `low` and not above `high`.
#[inline(always)]
pub fn clamp(x: f32, low: f32, high: f32) -> f32 {
    larger(low, smaller(x, high))
}

/// A turn by an angle, as its sine and cosine.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rotation {
    /// Sine of the angle.
    pub sine: f32,
    /// Cosine of the angle.
    pub cosine: f32,
}

impl Rotation {
    /// No turn.
    pub const NONE: Self = Self { sine: 0.0, cosine: 1.0 };

    /// A turn by `angle`, counter-clockwise, in rad.
    #[inline]
    pub fn by(angle: f32) -> Self {
        let (sine, cosine) = math::glibc_sin_cos_f32(angle);
        Self { sine, cosine }
    }

    /// `vector` turned.
    #[inline(always)]
    pub fn turn(self, vector: Vector) -> Vector {
        Vector::new(
            self.cosine * vector.x - self.sine * vector.y,
            self.sine * vector.x + self.cosine * vector.y,
        )
    }

    /// `vector` turned back.
    #[inline(always)]
    pub fn turn_back(self, vector: Vector) -> Vector {
        Vector::new(
            self.cosine * vector.x + self.sine * vector.y,
            -self.sine * vector.x + self.cosine * vector.y,
        )
    }
}

/// From a body's own coordinates to the world's: a turn, then a shift.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transform {
    /// Where the body's origin is.
    pub position: Vector,
    /// How the body is turned.
    pub rotation: Rotation,
}

impl Transform {
    /// Where `point` of the body is in the world.
    #[inline(always)]
    pub fn apply(&self, point: Vector) -> Vector {
        self.rotation.turn(point) + self.position
    }

    /// Which point of the body `point` of the world is.
    #[inline(always)]
    pub fn apply_back(&self, point: Vector) -> Vector {
        self.rotation.turn_back(point - self.position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transform_and_back_is_where_it_began() {
        let transform = Transform {
            position: Vector::new(3.0, -1.0),
            rotation: Rotation { sine: 1.0, cosine: 0.0 },
        };
        let point = Vector::new(2.0, 5.0);
        assert_eq!(transform.apply(point), Vector::new(-2.0, 1.0));
        assert_eq!(transform.apply_back(transform.apply(point)), point);
    }

    #[test]
    fn products_have_the_signs_of_a_right_handed_plane() {
        let (right, up) = (Vector::new(1.0, 0.0), Vector::new(0.0, 1.0));
        assert_eq!(right.cross(up), 1.0);
        assert_eq!(up.clockwise(), right);
        assert_eq!(right.turning(2.0), Vector::new(0.0, 2.0));
        assert_eq!(Vector::new(3.0, 4.0).normalised().1, 5.0);
        assert_eq!(Vector::ZERO.normalised(), (Vector::ZERO, 0.0));
    }

    #[test]
    fn clamp_keeps_what_is_inside() {
        assert_eq!([-3.0, 0.5, 3.0].map(|x| clamp(x, -1.0, 1.0)), [-1.0, 0.5, 1.0]);
    }
}
