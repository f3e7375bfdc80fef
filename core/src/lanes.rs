//! Which vector instructions networks and crowds of landers run on. Never changes a result, only the time it takes.
//!
//! Lanes run across independent outputs or environments, each one's sums have one order, and nothing fuses a
//! multiply with an add; so the width of a vector cannot be seen in the numbers. Detect once and carry the value:
//! asking the processor what it can do is slow inside a virtual machine.
//!
//! Functions below a [`Lanes::dispatch`] are `#[inline(always)]`: inlined, they are compiled for the
//! instructions that were chosen; on their own they would not be.

use pulp::{Scalar256b, Simd, WithSimd};

/// A choice of vector instructions that this machine has.
#[derive(Clone, Copy, Debug)]
pub struct Lanes(Choice);

#[derive(Clone, Copy, Debug)]
enum Choice {
    #[cfg(not(target_os = "none"))]
    Scalar,
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2(pulp::x86::V3),
    #[cfg(target_arch = "x86_64")]
    Avx512(pulp::x86::V4),
}

/// Runs `op` behind a call: one piece of code for all who call it, whose loops have the registers for themselves.
#[inline(never)]
pub(super) fn apart<S: Simd, Op: WithSimd>(simd: S, op: Op) -> Op::Output {
    simd.vectorize(op)
}

impl Lanes {
    /// The widest that this machine has.
    pub fn best() -> Self {
        Self::avx512().or_else(Self::avx2).unwrap_or(Self::portable())
    }

    /// One lane: the plainest code. On bare metal, whose flash is too small for everything twice, the portable lanes.
    pub const fn scalar() -> Self {
        #[cfg(not(target_os = "none"))]
        return Self(Choice::Scalar);
        #[cfg(target_os = "none")]
        Self::portable()
    }

    /// Arrays of eight, in whatever instructions the target has without asking: the best of a microcontroller.
    pub const fn portable() -> Self {
        Self(Choice::Portable)
    }

    /// Eight lanes of x86-64's AVX2; `None` on a machine without.
    pub fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return pulp::x86::V3::try_new().map(|simd| Self(Choice::Avx2(simd)));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// Sixteen lanes of x86-64's AVX-512; `None` on a machine without.
    pub fn avx512() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        return pulp::x86::V4::try_new().map(|simd| Self(Choice::Avx512(simd)));
        #[cfg(not(target_arch = "x86_64"))]
        None
    }

    /// Every choice that this machine has, narrowest first: tests compare them.
    pub fn available() -> impl Iterator<Item = Self> {
        [Some(Self::scalar()), Some(Self::portable()), Self::avx2(), Self::avx512()]
            .into_iter()
            .flatten()
    }

    /// A name for tables.
    pub const fn name(self) -> &'static str {
        match self.0 {
            #[cfg(not(target_os = "none"))]
            Choice::Scalar => "scalar",
            Choice::Portable => "portable",
            #[cfg(target_arch = "x86_64")]
            Choice::Avx2(_) => "avx2",
            #[cfg(target_arch = "x86_64")]
            Choice::Avx512(_) => "avx512",
        }
    }

    /// Runs `op` compiled for these instructions.
    #[inline(always)]
    pub fn dispatch<Op: WithSimd>(self, op: Op) -> Op::Output {
        match self.0 {
            #[cfg(not(target_os = "none"))]
            Choice::Scalar => pulp::Scalar.vectorize(op),
            Choice::Portable => Scalar256b.vectorize(op),
            #[cfg(target_arch = "x86_64")]
            Choice::Avx2(simd) => Simd::vectorize(simd, op),
            #[cfg(target_arch = "x86_64")]
            Choice::Avx512(simd) => Simd::vectorize(simd, op),
        }
    }
}
