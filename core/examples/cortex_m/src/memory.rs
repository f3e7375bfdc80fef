//! How much memory a firmware uses: flash and static RAM from the linker's symbols, the stack by painting it.
//!
//! ```text
//! RAM  0x2000_0000 | .data | .bss | free, painted ......... | stack, growing down | _stack_start
//! ```

use cortex_m::register::msp;

/// What free RAM is filled with. A stack that happens to end in this very word measures one word too short.
const PAINT: u32 = 0xC5C5_C5C5;

// cortex-m-rt's link.x defines these; only their addresses mean anything.
unsafe extern "C" {
    static __vector_table: u32;
    static __sidata: u32;
    static __sdata: u32;
    static __edata: u32;
    static __ebss: u32;
    static _stack_start: u32;
}

/// Bytes of flash: code, constants (a policy among them) and the initial values of `.data`.
pub fn flash() -> usize {
    let initial_values = (&raw const __edata).addr() - (&raw const __sdata).addr();
    (&raw const __sidata).addr() + initial_values - (&raw const __vector_table).addr()
}

/// Bytes of RAM in `.data` and `.bss`.
pub fn static_ram() -> usize {
    (&raw const __ebss).addr() - (&raw const __sdata).addr()
}

/// Fills the free RAM between the static data and the stack, for [`stack_used`] to look at later.
#[inline(never)]
pub fn paint_stack() {
    let mut word = (&raw const __ebss).cast_mut();
    while word.addr() < msp::read() as usize {
        // SAFETY: `__ebss` is word-aligned, and the words from it up to the stack pointer belong to nobody: the
        // static data end there, there is no heap, and no interrupt is enabled that could push onto the stack.
        unsafe {
            word.write_volatile(PAINT);
            word = word.add(1);
        }
    }
}

/// Bytes of stack at its deepest since [`paint_stack`], everything from the reset on included.
#[inline(never)]
pub fn stack_used() -> usize {
    let mut word = &raw const __ebss;
    let top = (&raw const _stack_start).addr();
    // SAFETY: all words between `__ebss` and `_stack_start` are RAM; they are only read.
    while word.addr() < top && unsafe { word.read_volatile() } == PAINT {
        // SAFETY: as above, `word` is below `_stack_start`.
        word = unsafe { word.add(1) };
    }
    top - word.addr()
}
