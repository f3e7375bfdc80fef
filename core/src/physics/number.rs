//! What joints compute with: one number, or one of each of several crafts side by side.
//!
//! The same text then solves one craft and many, each in its own unchanged arithmetic: the lanes of a vector never
//! meet. Choices are made by comparison; a single number may branch, lanes compute both sides and keep one.

use core::ops::{Add, Mul, Neg, Sub};
use pulp::Simd;

/// A number, or one a lane.
pub(super) trait Number:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Neg<Output = Self>
{
    /// The outcome of a comparison, or one a lane.
    type Mask: Copy;

    /// Zero.
    fn zero(self) -> Self;

    /// Whether this is less than `other`.
    fn less(self, other: Self) -> Self::Mask;

    /// `yes` where the mask holds, else `no`.
    fn select(mask: Self::Mask, yes: Self, no: Self) -> Self;

    /// What `yes` gives where the mask holds, else what `no` gives; a single number computes only one.
    fn choose<const N: usize>(
        mask: Self::Mask,
        yes: impl FnOnce() -> [Self; N],
        no: impl FnOnce() -> [Self; N],
    ) -> [Self; N];
}

impl Number for f32 {
    type Mask = bool;

    #[inline(always)]
    fn zero(self) -> Self {
        0.0
    }

    #[inline(always)]
    fn less(self, other: Self) -> bool {
        self < other
    }

    #[inline(always)]
    fn select(mask: bool, yes: Self, no: Self) -> Self {
        if mask { yes } else { no }
    }

    #[inline(always)]
    fn choose<const N: usize>(
        mask: bool,
        yes: impl FnOnce() -> [Self; N],
        no: impl FnOnce() -> [Self; N],
    ) -> [Self; N] {
        if mask { yes() } else { no() }
    }
}

/// A vector of numbers, one a craft.
#[derive(Debug)]
pub(super) struct Lane<S: Simd> {
    pub(super) simd: S,
    pub(super) values: S::f32s,
}

impl<S: Simd> Clone for Lane<S> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Simd> Copy for Lane<S> {}

impl<S: Simd> Lane<S> {
    #[inline(always)]
    fn of(self, values: S::f32s) -> Self {
        Self { simd: self.simd, values }
    }
}

/// A mask together with what its vectors are computed by.
pub(super) struct LaneMask<S: Simd> {
    simd: S,
    mask: S::m32s,
}

impl<S: Simd> Clone for LaneMask<S> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Simd> Copy for LaneMask<S> {}

impl<S: Simd> Add for Lane<S> {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.of(self.simd.add_f32s(self.values, other.values))
    }
}

impl<S: Simd> Sub for Lane<S> {
    type Output = Self;

    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.of(self.simd.sub_f32s(self.values, other.values))
    }
}

impl<S: Simd> Mul for Lane<S> {
    type Output = Self;

    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.of(self.simd.mul_f32s(self.values, other.values))
    }
}

impl<S: Simd> Neg for Lane<S> {
    type Output = Self;

    #[inline(always)]
    fn neg(self) -> Self {
        self.of(self.simd.neg_f32s(self.values))
    }
}

impl<S: Simd> Number for Lane<S> {
    type Mask = LaneMask<S>;

    #[inline(always)]
    fn zero(self) -> Self {
        self.of(self.simd.splat_f32s(0.0))
    }

    #[inline(always)]
    fn less(self, other: Self) -> LaneMask<S> {
        LaneMask { simd: self.simd, mask: self.simd.less_than_f32s(self.values, other.values) }
    }

    #[inline(always)]
    fn select(mask: LaneMask<S>, yes: Self, no: Self) -> Self {
        yes.of(mask.simd.select_f32s(mask.mask, yes.values, no.values))
    }

    #[inline(always)]
    fn choose<const N: usize>(
        mask: LaneMask<S>,
        yes: impl FnOnce() -> [Self; N],
        no: impl FnOnce() -> [Self; N],
    ) -> [Self; N] {
        let (yes, mut chosen) = (yes(), no());
        for (chosen, yes) in chosen.iter_mut().zip(yes) {
            *chosen = Self::select(mask, yes, *chosen);
        }
        chosen
    }
}
