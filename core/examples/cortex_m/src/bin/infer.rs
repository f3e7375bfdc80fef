#![no_std]
#![no_main]
//! Plays CartPole with the policy that lies in flash, and measures what an inference costs.

use core::hint::black_box;
use cortex_m::Peripherals;
use cortex_m_rt::entry;
use cortex_m_semihosting::hprintln;
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::nn::{Activation, Lanes, NetworkSpec, network};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::run::play;
use embedded_rl_core::weights::PolicyView;
use embedded_rl_cortex_m::instructions::InstructionCounter;
use embedded_rl_cortex_m::{ending, memory, policy};

/// The network that figures are compared by; LunarLander's size.
const LANDER: NetworkSpec = NetworkSpec::mlp(&[8, 64, 64, 4], Activation::Relu);
const EPISODES: u64 = 10;
/// Inferences that a figure is the mean of.
const CALLS: u32 = 100;

#[entry]
fn main() -> ! {
    static mut SCRATCH: [f32; policy::SCRATCH] = [0.0; policy::SCRATCH];
    static mut LANDER_PARAMETERS: [f32; LANDER.parameter_count()] = [0.0; LANDER.parameter_count()];
    let peripherals = Peripherals::take().expect("taken once");
    let mut counter = InstructionCounter::new(peripherals.SYST);

    let policy = policy::from_flash();
    let spec = policy.spec();
    hprintln!(
        "policy for {}: {} inputs, {} outputs, {} parameters, {} bytes of flash",
        policy.environment(),
        spec.inputs(),
        spec.outputs(),
        spec.parameter_count(),
        policy::file_length()
    );
    if policy::fits_cart_pole(spec) {
        play_cart_pole(&policy, SCRATCH);
    } else {
        hprintln!("not a policy for CartPole: no episodes");
    }

    let own = cost(&mut counter, spec, policy.parameters(), SCRATCH);
    hprintln!("measured: {} instructions an inference of the policy", own.instructions);
    hprintln!("measured: {} bytes of stack at its deepest", own.stack);

    // Any numbers do for this one, too.
    let parameters = policy.parameters().iter().cycle();
    LANDER_PARAMETERS.iter_mut().zip(parameters).for_each(|(place, &number)| *place = number);
    let spec = LANDER.only::<{ LANDER.kinds() }>();
    let lander = cost(&mut counter, &spec, LANDER_PARAMETERS, SCRATCH);
    hprintln!("measured: {} instructions an inference of 8-64-64-4", lander.instructions);

    hprintln!("measured: {} bytes of flash", memory::flash());
    let for_lander = size_of_val(LANDER_PARAMETERS);
    hprintln!(
        "measured: {} bytes of static RAM beside the {} of 8-64-64-4",
        memory::static_ram() - for_lander,
        for_lander
    );
    ending::done()
}

/// Plays [`EPISODES`] episodes from Gymnasium's starts, always choosing the action of the larger value.
fn play_cart_pole<const KINDS: u32>(policy: &PolicyView<'_, KINDS>, scratch: &mut [f32]) {
    let (spec, lanes) = (policy.spec(), Lanes::best());
    let scratch = &mut scratch[..spec.scratch_count()];
    let mut env = TimeLimit::new(CartPole::new(), CartPole::V1_STEPS);
    for seed in 0..EPISODES {
        let mut rng = NumpyGenerator::new(seed);
        let choose = |observation: &[f32]| {
            greedy(network::infer(lanes, spec, policy.parameters(), observation, scratch))
        };
        let episode = play(&mut env, &mut rng, policy.normalise(), &mut [0.0; 4], choose);
        // CartPole's returns are whole; printing a float would cost 20 KB of flash.
        hprintln!("episode {}: return {}", seed, episode.total_reward as u32);
    }
}

/// What an inference costs.
struct Cost {
    instructions: u64,
    /// [bytes]
    stack: usize,
}

fn cost<const KINDS: u32>(
    counter: &mut InstructionCounter,
    spec: &NetworkSpec<KINDS>,
    parameters: &[f32],
    scratch: &mut [f32],
) -> Cost {
    // Any numbers do as an input; a dense layer has at least as many weights as inputs.
    let input = &parameters[..spec.inputs()];
    let (lanes, scratch) = (Lanes::best(), &mut scratch[..spec.scratch_count()]);
    memory::paint_stack();
    let counted = counter.count(CALLS, || {
        black_box(network::infer(lanes, black_box(spec), parameters, black_box(input), scratch));
    });
    Cost { instructions: counted / u64::from(CALLS), stack: memory::stack_used() }
}
