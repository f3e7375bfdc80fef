//! How fast a machine multiplies and adds, separately, on one thread: what benches measure themselves by.

use core::hint::black_box;
use embedded_rl_core::nn::{Lanes, Simd, WithSimd};
use std::time::Instant;

const ROUNDS: usize = 20_000;
/// As many as hide each other's latency and fit sixteen registers.
const CHAINS: usize = 12;

/// The shortest time of several runs, in seconds: of a busy machine, the one that was disturbed least.
pub fn shortest_time(mut run: impl FnMut()) -> f64 {
    let mut time = || {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let first = time();
    // About a fifth of a second.
    let runs = (0.2 / first.max(1e-9)).clamp(5.0, 1e5) as usize;
    (0..runs).fold(first, |shortest, _| shortest.min(time()))
}

/// Multiplications and additions a second in registers, chains of both of which none is fused.
pub fn operations_a_second(lanes: Lanes) -> f64 {
    let mut width = 0;
    let seconds = shortest_time(|| width = black_box(lanes.dispatch(Chains)).1);
    (2 * ROUNDS * CHAINS * width) as f64 / seconds
}

struct Chains;

impl WithSimd for Chains {
    /// A sum of everything, so that nothing is left out, and how many numbers a vector has.
    type Output = (f32, usize);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> (f32, usize) {
        let (factor, term) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(black_box(1.0)));
        let mut sums = [simd.splat_f32s(black_box(0.25)); CHAINS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = simd.add_f32s(simd.mul_f32s(*sum, factor), term);
            }
        }
        (sums.into_iter().map(|sum| simd.reduce_sum_f32s(sum)).sum(), S::F32_LANES)
    }
}
