#![no_std]
#![no_main]
//! Learns on the device: Q-learning finds the way around the obstacle in a table of 1,440 bytes.

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::{hprint, hprintln};
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::portable::q_learning::{Learned, Memory, start, train};
use embedded_rl_cortex_m::{ending, memory};

/// Further steps that the figure is the mean of.
const CALLS: u32 = 10_000;

#[entry]
fn main() -> ! {
    static mut MEMORY: Memory = Memory::new();
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);
    memory::paint_stack();
    let (mut agent, mut run) = start(MEMORY);
    train(&mut agent, &mut run);
    let stack = memory::stack_used();
    hprint!("{}", Learned(&agent));

    let counted = counter.count(CALLS, || {
        run.turn(&mut agent);
    });
    hprintln!("measured: {} instructions a step of Q-learning", counted / u64::from(CALLS));
    hprintln!("measured: {} bytes of stack while learning", stack);
    hprintln!("measured: {} bytes of static RAM", memory::static_ram());
    hprintln!("measured: {} bytes of flash", memory::flash());
    ending::done()
}
