//! CartPole without a value in sight: a policy by hand, three weights by a search, a network by REINFORCE. One file.
//!
//!     cargo run --release --example 05_policies_without_values [SEED]
//!
//! What is left out here and is in the library: the other searches (`policy_search`), learning from a teacher
//! (`imitation`), a value baseline and memory for long episodes (`reinforce`), candidates that must stay at the goal.

use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, NetworkSpec, Optimiser, OptimiserState, Simd, WithSimd,
    network,
};
use embedded_rl_core::policy::{
    CART_POLE_ANGLE, CART_POLE_ANGLE_AND_VELOCITY, linear, sample_logits, surprise,
};
use embedded_rl_core::policy_search::{CrossEntropy, CrossEntropyConfig, Search};
use embedded_rl_core::returns::{discounted_returns, normalise};
use embedded_rl_core::rng::{Generator, Role, stream};
use embedded_rl_core::run::online::play;

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(0);
    by_hand(seed);
    by_search(seed);
    by_reinforce(seed);
}

/// Mean return of `episodes` in which `choose` acts.
fn mean_return(
    limit: u32,
    episodes: u32,
    rng: &mut Generator,
    mut choose: impl FnMut(&[f32]) -> u32,
) -> f64 {
    let mut env = TimeLimit::new(CartPole::new(), limit);
    let mut total = 0.0;
    for _ in 0..episodes {
        total += play(&mut env, rng, &mut [0.0; 4], &mut choose).total_reward;
    }
    total / f64::from(episodes)
}

fn by_hand(seed: u64) {
    let rng = &mut stream(seed, Role::Environment);
    let angle = mean_return(2_000, 500, rng, |seen| linear(&CART_POLE_ANGLE, seen));
    let both = mean_return(2_000, 500, rng, |seen| linear(&CART_POLE_ANGLE_AND_VELOCITY, seen));
    println!("by hand: {angle:.1} steps by the angle, {both:.0} with the angular velocity");
}

/// Weights of angle and angular velocity, and one more: the cross-entropy method.
fn by_search(seed: u64) {
    const CONFIG: CrossEntropyConfig =
        CrossEntropyConfig { population: 30, elite: 8, spread: 1.0, noise: 0.2, noise_decay: 0.8 };
    const POPULATION: usize = CONFIG.population as usize;
    let mut floats = [0.0; CrossEntropy::float_count(3)];
    let mut order = [0; POPULATION];
    let rng = stream(seed, Role::Learning);
    let mut search = CrossEntropy::new(CONFIG, rng, &mut floats, &mut order);
    let mut candidates = [[0.0; 3]; POPULATION];
    let mut fitness = [0.0; POPULATION];
    let rng = &mut stream(seed, Role::Environment);
    for generation in 1..=8 {
        search.propose(candidates.as_flattened_mut());
        for (candidate, fitness) in candidates.iter().zip(&mut fitness) {
            *fitness = mean_return(500, 1, rng, |seen| linear(candidate, &seen[2..])) as f32;
        }
        search.learn(candidates.as_flattened(), &fitness);
        let mean = fitness.iter().sum::<f32>() / fitness.len() as f32;
        println!("by search: generation {generation} balances for {mean:.0} steps");
    }
}

const NET: NetworkSpec = NetworkSpec::mlp(&[4, 5, 1], Activation::Elu);
const P: usize = NET.parameter_count();
const OPTIMISER: Optimiser = Optimiser::adam(0.01);
const DISCOUNT: f32 = 0.95;
const EPISODES: usize = 10;
const STEPS: u32 = 200;
/// Room for the longest batch.
const B: usize = EPISODES * STEPS as usize;

/// Everything that learning needs. On a microcontroller this would be a `static`.
struct Memory {
    parameters: [f32; P],
    gradients: [f32; P],
    moments: [f32; OPTIMISER.moment_count(P)],
    state: OptimiserState,
    observations: [[f32; 4]; B],
    actions: [u32; B],
    returns: [f32; B],
    activations: [f32; NET.activation_count(B)],
    d_logits: [f32; B],
    workspace: [f32; NET.workspace_count(B)],
}

fn by_reinforce(seed: u64) {
    let mut moments = [0.0; OPTIMISER.moment_count(P)];
    let state = OPTIMISER.start(&mut moments);
    let mut memory = Box::new(Memory {
        parameters: [0.0; P],
        gradients: [0.0; P],
        moments,
        state,
        observations: [[0.0; 4]; B],
        actions: [0; B],
        returns: [0.0; B],
        activations: [0.0; NET.activation_count(B)],
        d_logits: [0.0; B],
        workspace: [0.0; NET.workspace_count(B)],
    });
    let lanes = Lanes::best();
    let mut scratch = [0.0; NET.scratch_count()];
    let mut env = TimeLimit::new(CartPole::new(), STEPS);
    let mut env_rng = stream(seed, Role::Environment);
    let mut exploration_rng = stream(seed, Role::Exploration);
    let initialisation_rng = &mut stream(seed, Role::Initialisation);
    Initialisation::XavierUniform.draw(&NET, initialisation_rng, &mut memory.parameters);

    for iteration in 1..=150 {
        // Act: ten episodes by a policy that does not change meanwhile.
        let mut steps = 0;
        for _ in 0..EPISODES {
            let (start, mut observation) = (steps, [0.0; 4]);
            env.reset(&mut env_rng, &mut observation);
            loop {
                memory.observations[steps] = observation;
                let logits =
                    network::infer(lanes, &NET, &memory.parameters, &observation, &mut scratch);
                let action = sample_logits(&mut exploration_rng, logits);
                let step = env.step(action, &mut env_rng, &mut observation);
                (memory.actions[steps], memory.returns[steps]) = (action, step.reward as f32);
                steps += 1;
                if step.ending.is_some() {
                    break;
                }
            }
            // What followed each step, of this episode alone.
            discounted_returns(DISCOUNT, 0.0, &mut memory.returns[start..steps]);
        }
        // More than usual, or less?
        normalise(&mut memory.returns[..steps]);

        lanes.dispatch(Learn { memory: &mut memory, steps });
        if iteration % 25 == 0 {
            let mean = steps as f64 / EPISODES as f64;
            println!("by REINFORCE: iteration {iteration} balances for {mean:.0} steps of 200");
        }
    }
}

/// One update. It is a [`WithSimd`] so that all of it is compiled for the vector instructions of this machine.
struct Learn<'a> {
    memory: &'a mut Memory,
    steps: usize,
}

impl WithSimd for Learn<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { memory: m, steps } = self;
        let observations = m.observations[..steps].as_flattened();
        let activations = &mut m.activations[..NET.activation_count(steps)];
        let workspace = &mut m.workspace[..NET.workspace_count(steps)];
        network::forward(simd, &NET, &m.parameters, steps, observations, activations);

        // L = 1/B sum of -ln p(action) times the normalised return.
        let logits = network::output(&NET, steps, activations);
        let share = 1.0 / steps as f32;
        for (b, (logit, d)) in logits.chunks(1).zip(m.d_logits.chunks_mut(1)).enumerate() {
            surprise(logit, m.actions[b], share * m.returns[b], d);
        }
        m.gradients.fill(0.0);
        network::backward(
            simd,
            &NET,
            &m.parameters,
            steps,
            observations,
            activations,
            &m.d_logits[..steps],
            workspace,
            &mut m.gradients,
        );
        OPTIMISER.step(simd, &mut m.state, &mut m.parameters, &m.gradients, &mut m.moments);
    }
}
