#![no_std]
#![no_main]
//! A small convolutional network finds its way: walks through a gridworld that it sees as planes, and measures what an
//! inference costs.

use core::hint::black_box;
use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_core::env::Env;
use embedded_rl_core::nn::{Lanes, network};
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::portable::grid::{SCRATCH, WIDTH, grid, walk};
use embedded_rl_cortex_m::{ending, memory, policy};

/// Inferences that a figure is the mean of.
const CALLS: u32 = 10;

#[entry]
fn main() -> ! {
    static mut MEMORY: [f32; SCRATCH] = [0.0; SCRATCH];
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);
    memory::paint_stack();

    let policy = policy::grid_from_flash();
    let lanes = Lanes::best();
    let steps = walk(&policy, lanes, MEMORY, |cell, q, action| {
        // Printing a float would cost 20 KB of flash.
        let [up, right, down, left] = [q[0], q[1], q[2], q[3]].map(f32::to_bits);
        hprintln!(
            "cell {}: {:08x} {:08x} {:08x} {:08x}, action {}",
            cell,
            up,
            right,
            down,
            left,
            action
        );
    });
    hprintln!("goal after {} steps", steps);
    let stack = memory::stack_used();

    let (spec, parameters) = (policy.spec(), policy.parameters());
    let mut observation = [0.0; WIDTH];
    grid().reset(&mut NumpyGenerator::new(0), &mut observation);
    let counted = counter.count(CALLS, || {
        black_box(network::infer(lanes, black_box(spec), parameters, &observation, MEMORY));
    });
    let instructions = counted / u64::from(CALLS);
    hprintln!("measured: {} instructions an inference", instructions);
    hprintln!("measured: {} parameters in flash", spec.parameter_count());
    hprintln!("measured: {} bytes of stack at its deepest", stack);
    hprintln!("measured: {} bytes of static RAM", memory::static_ram());
    hprintln!("measured: {} bytes of flash", memory::flash());
    ending::done()
}
