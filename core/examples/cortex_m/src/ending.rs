//! How a firmware ends under QEMU: with status 0, or with a sentence and status 1. Never by hanging.
//!
//! Without a debugger attached a semihosting call faults on a real board: replace these functions there.

use core::panic::PanicInfo;
use cortex_m_rt::{ExceptionFrame, exception};
use cortex_m_semihosting::debug::{self, EXIT_FAILURE, EXIT_SUCCESS, ExitStatus};
use cortex_m_semihosting::hprintln;

/// Ends the run: everything was done.
pub fn done() -> ! {
    leave(EXIT_SUCCESS)
}

fn leave(status: ExitStatus) -> ! {
    loop {
        debug::exit(status);
    }
}

#[panic_handler]
fn panic(info: &PanicInfo) -> ! {
    hprintln!("{}", info);
    leave(EXIT_FAILURE)
}

// SAFETY: nothing of the interrupted program runs again after this handler.
#[exception]
unsafe fn HardFault(frame: &ExceptionFrame) -> ! {
    // All registers, `{:?}`, would cost over a kilobyte of flash.
    hprintln!("hard fault at {:08x}, called from {:08x}", frame.pc(), frame.lr());
    leave(EXIT_FAILURE)
}
