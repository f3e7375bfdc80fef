#![no_std]
#![no_main]
//! The first thing to run on a new board: steps CartPole, prints a hash of all its states, and checks the
//! instruction counter against a loop whose length is known.

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_cortex_m::ending;
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::portable::cart_pole_walk::hash_of_states;

#[entry]
fn main() -> ! {
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);
    hprintln!("states of 1000 steps of CartPole-v1: hash {:016x}", hash_of_states(1_000));
    // Two instructions a turn, and one turn more than asked for.
    let counted = counter.count(1, || cortex_m::asm::delay(1_000_000));
    hprintln!("measured: {} instructions in a loop of 2000002", counted);
    ending::done()
}
