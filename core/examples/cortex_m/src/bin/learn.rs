#![no_std]
#![no_main]
//! Trains on the device: a DQN learns CartPole in the board's own RAM.

use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_core::dqn::Learner;
use embedded_rl_core::nn::Lanes;
use embedded_rl_core::weights;
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::portable::training::{BATCH, Memory, NET, start, ten_returns, train};
use embedded_rl_cortex_m::{ending, memory};

/// Updates that the figure is the mean of.
const CALLS: u32 = 2;

#[entry]
fn main() -> ! {
    static mut MEMORY: Memory = Memory::new();
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);
    memory::paint_stack();
    let (mut agent, mut run) = start(Lanes::best(), MEMORY);
    hprintln!("before: {} reward in ten greedy episodes", ten_returns(&mut agent));
    train(&mut agent, &mut run);
    hprintln!("after: {} reward in ten greedy episodes", ten_returns(&mut agent));
    let stack = memory::stack_used();
    let state = &agent.state;
    hprintln!(
        "trained: {} steps, {} episodes, {} updates",
        state.steps,
        state.episodes,
        state.updates
    );
    let hash = weights::hash(agent.learner.parameters());
    hprintln!("{} parameters: hash {:016x}", NET.parameter_count(), hash);

    let slots: [u32; BATCH] = core::array::from_fn(|slot| slot as u32);
    let (learner, draws) = (&mut agent.learner, &mut agent.state.learning);
    let counted = counter.count(CALLS, || {
        learner.learn(&slots, None, 1.0, draws);
    });
    hprintln!(
        "measured: {} instructions an update with {} transitions",
        counted / u64::from(CALLS),
        BATCH
    );
    hprintln!("measured: {} bytes of stack while training", stack);
    hprintln!("measured: {} bytes of static RAM", memory::static_ram());
    hprintln!("measured: {} bytes of flash", memory::flash());
    ending::done()
}
