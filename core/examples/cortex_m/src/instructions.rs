//! Counts the instructions of a piece of code with SysTick, the timer inside every Cortex-M.
//!
//! Under `qemu-system-arm -icount shift=0` each instruction takes one nanosecond of the board's time, and
//! netduinoplus2 runs its processor clock at 168 MHz: one tick is 1000/168 instructions, so a loop of a hundred
//! calls is exact to a fraction of an instruction. On silicon SysTick counts cycles instead; ticks are then what
//! to report. Without `-icount` the figures are wall-clock noise.

use core::hint::black_box;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;

/// Nanoseconds a tick, as a fraction: 1000 / 168.
const INSTRUCTIONS_PER_TICK: (u64, u64) = (125, 21);
/// SysTick counts down through 24 bits.
const LARGEST: u32 = 0x00FF_FFFF;

/// SysTick, counting.
pub struct InstructionCounter {
    timer: SYST,
}

impl InstructionCounter {
    /// Starts the timer.
    pub fn new(mut timer: SYST) -> Self {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(LARGEST);
        timer.clear_current();
        timer.enable_counter();
        Self { timer }
    }

    /// Instructions that `calls` calls of `body` take in all, those of the loop around them taken off.
    ///
    /// # Panics
    /// If they are more than the timer can hold, some 99 million.
    pub fn count(&mut self, calls: u32, mut body: impl FnMut()) -> u64 {
        let empty = self.instructions(calls, || ());
        self.instructions(calls, &mut body).saturating_sub(empty)
    }

    #[inline(never)]
    fn instructions(&mut self, calls: u32, mut body: impl FnMut()) -> u64 {
        self.timer.clear_current();
        self.timer.has_wrapped(); // Reading the flag clears it.
        let start = SYST::get_current();
        for _ in 0..black_box(calls) {
            body();
            black_box(());
        }
        let end = SYST::get_current();
        assert!(!self.timer.has_wrapped(), "more instructions than SysTick's 24 bits can count");
        let (numerator, denominator) = INSTRUCTIONS_PER_TICK;
        u64::from(start.wrapping_sub(end) & LARGEST) * numerator / denominator
    }
}
