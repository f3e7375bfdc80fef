#![no_std]
#![no_main]
//! Plays CartPole with a policy that lies in flash, and measures what an inference costs.

use core::hint::black_box;
use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_core::nn::{Activation, Initialisation, Lanes, NetworkSpec, network};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_cortex_m::ending;
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::memory;

/// The network of the goal: LunarLander's.
const LANDER: NetworkSpec = NetworkSpec::mlp(&[8, 64, 64, 4], Activation::Relu);
/// Inferences that a figure is the mean of.
const CALLS: u32 = 200;

#[entry]
fn main() -> ! {
    static mut PARAMETERS: [f32; LANDER.parameter_count()] = [0.0; LANDER.parameter_count()];
    static mut SCRATCH: [f32; LANDER.scratch_count()] = [0.0; LANDER.scratch_count()];
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);
    Initialisation::PyTorch.draw(&LANDER, &mut stream(0, Role::Initialisation), PARAMETERS);
    let input = [0.1, -0.2, 0.3, -0.4, 0.5, -0.6, 0.7, -0.8];
    for lanes in [Lanes::best(), Lanes::scalar()] {
        memory::paint_stack();
        let counted = counter.count(CALLS, || {
            black_box(network::infer(lanes, black_box(&LANDER), PARAMETERS, black_box(&input), SCRATCH));
        });
        let stack = memory::stack_used();
        hprintln!("measured: {} instructions an inference of 8-64-64-4, {} {}", counted / u64::from(CALLS), lanes.name(), stack);
    }
    hprintln!(
        "measured: {} bytes of flash, {} bytes of static RAM",
        memory::flash(),
        memory::static_ram()
    );
    ending::done()
}
