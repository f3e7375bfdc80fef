#![no_std]
#![no_main]
//! Lands on the moon: Gymnasium's own episode again, bit for bit, then episodes of the policy in flash.

use core::hint::black_box;
use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_core::env::Env;
use embedded_rl_core::nn::Lanes;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::portable::lander::{land, lander, recorded_episode};
use embedded_rl_cortex_m::{ending, memory, policy};

const EPISODES: u64 = 2;
/// Steps of free fall that a figure is the mean of: not so many that the ground comes.
const CALLS: u32 = 50;

#[entry]
fn main() -> ! {
    static mut SCRATCH: [f32; policy::SCRATCH] = [0.0; policy::SCRATCH];
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);
    memory::paint_stack();
    let mut env = lander();

    let (hash, steps) = recorded_episode(&mut env);
    hprintln!("recorded episode: {} steps, hash {:016x}", steps, hash.0);

    let policy = policy::lander_from_flash();
    for seed in 0..EPISODES {
        let episode = land(&mut env, Lanes::best(), &policy, SCRATCH, seed);
        // Printing a float would cost 20 KB of flash.
        let (whole, bits) = (episode.total_reward as i32, episode.total_reward.to_bits());
        hprintln!(
            "landing {}: {} steps, return {}, bits {:016x}",
            seed,
            episode.length,
            whole,
            bits
        );
    }
    let stack = memory::stack_used();

    let rng = &mut NumpyGenerator::new(0);
    let mut observation = [0.0; 8];
    env.reset(rng, &mut observation);
    let counted = counter.count(CALLS, || {
        black_box(env.step(black_box(0), rng, &mut observation));
    });
    hprintln!("measured: {} instructions a step of free fall", counted / u64::from(CALLS));
    hprintln!("measured: {} bytes of the lander and its world", size_of_val(&env));
    hprintln!("measured: {} bytes of stack at its deepest", stack);
    hprintln!("measured: {} bytes of static RAM", memory::static_ram());
    hprintln!("measured: {} bytes of flash", memory::flash());
    ending::done()
}
