#![no_std]
#![no_main]
//! Prints the bits of the policy's two action values for a thousand observations, and of an implicit quantile network's for
//! the first of them: what a host compares.

use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_core::nn::{Lanes, network};
use embedded_rl_cortex_m::portable::observations;
use embedded_rl_cortex_m::{ending, policy};

#[entry]
fn main() -> ! {
    static mut SCRATCH: [f32; policy::SCRATCH] = [0.0; policy::SCRATCH];
    let policy = policy::from_flash();
    let spec = policy.spec();
    assert!(policy::fits_cart_pole(spec), "the policy in flash is not one for CartPole");
    let lanes = Lanes::best();
    let scratch = &mut SCRATCH[..spec.scratch_count()];
    for mut observation in observations::drawn() {
        policy.normalise().apply(&mut observation);
        let q = network::infer(lanes, spec, policy.parameters(), &observation, scratch);
        hprintln!("{:08x} {:08x}", q[0].to_bits(), q[1].to_bits());
    }
    let implicit = policy::implicit_from_flash();
    let scratch = &mut SCRATCH[..implicit.spec().scratch_count()];
    for observation in observations::drawn().take(observations::IMPLICIT) {
        let (spec, parameters) = (implicit.spec(), implicit.parameters());
        let q = network::infer(lanes, spec, parameters, &observation[..spec.inputs()], scratch);
        hprintln!("{:08x} {:08x}", q[0].to_bits(), q[1].to_bits());
    }
    ending::done()
}
