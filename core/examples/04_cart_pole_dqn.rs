//! Double DQN on CartPole-v1 in one file, top to bottom, made of the same parts that `dqn/` puts together.
//!
//!     cargo run --release --example 04_cart_pole_dqn [SEED]
//!
//! What is left out here and is in the library: checkpoints, evaluation during training, the choice of the best
//! parameters, hard target copies, gradient clipping.

use embedded_rl_core::bellman;
use embedded_rl_core::dqn::soft_update;
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, Loss, NetworkSpec, Optimiser, OptimiserState, Simd,
    WithSimd, network,
};
use embedded_rl_core::policy::{Per, Schedule, epsilon_greedy, greedy};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::replay::{Accumulator, Batch, StorageArrays, sample_uniform};
use embedded_rl_core::rng::{NumpyGenerator, Role, stream};
use embedded_rl_core::run::play;

const NET: NetworkSpec = NetworkSpec::mlp(&[4, 64, 64, 2], Activation::Relu);
const P: usize = NET.parameter_count();
const B: usize = 64;
const STEPS: u64 = 80_000;
const LEARNING_STARTS: u64 = 1_000;
const CAPACITY: usize = 80_000;
const DISCOUNT: f32 = 0.99;
const TAU: f32 = 0.005;
const OPTIMISER: Optimiser = Optimiser::adam(1e-3);
const LEARNING_RATE: Schedule =
    Schedule::Linear { from: 1.0, to: 0.02, over: STEPS, per: Per::Step };
const EXPLORATION: Schedule =
    Schedule::Linear { from: 1.0, to: 0.01, over: 10_000, per: Per::Step };

/// Everything the networks and an update need. On a microcontroller this would be a `static`.
struct Networks {
    online: [f32; P],
    target: [f32; P],
    gradients: [f32; P],
    moments: [f32; OPTIMISER.moment_count(P)],
    state: OptimiserState,
    activations: [f32; NET.activation_count(B)],
    next_activations: [f32; NET.activation_count(B)],
    workspace: [f32; NET.workspace_count(B)],
}

/// One batch of transitions.
struct Transitions {
    observations: [[f32; 4]; B],
    actions: [u32; B],
    rewards: [f32; B],
    discounts: [f32; B],
    next_observations: [[f32; 4]; B],
}

fn main() {
    let seed = std::env::args().nth(1).and_then(|seed| seed.parse().ok()).unwrap_or(0);
    let lanes = Lanes::best();

    // Memory, all of it.
    let mut memory = Box::new(StorageArrays::<CAPACITY, 4>::new());
    let mut storage = memory.storage();
    let mut moments = [0.0; OPTIMISER.moment_count(P)];
    let state = OPTIMISER.start(&mut moments);
    let mut networks = Networks {
        online: [0.0; P],
        target: [0.0; P],
        gradients: [0.0; P],
        moments,
        state,
        activations: [0.0; NET.activation_count(B)],
        next_activations: [0.0; NET.activation_count(B)],
        workspace: [0.0; NET.workspace_count(B)],
    };
    let mut batch = Transitions {
        observations: [[0.0; 4]; B],
        actions: [0; B],
        rewards: [0.0; B],
        discounts: [0.0; B],
        next_observations: [[0.0; 4]; B],
    };
    let (mut observation, mut next_observation) = ([0.0; 4], [0.0; 4]);
    let mut scratch = [0.0; NET.scratch_count()];
    let mut slots = [0; B];

    // Each role of the run has its own stream of random numbers.
    let mut env_rng = stream(seed, Role::Environment);
    let mut exploration_rng = stream(seed, Role::Exploration);
    let mut replay_rng = stream(seed, Role::Replay);
    Initialisation::PyTorch.draw(
        &NET,
        &mut stream(seed, Role::Initialisation),
        &mut networks.online,
    );
    networks.target = networks.online;

    let mut env = TimeLimit::new(CartPole::new(), CartPole::V1_STEPS);
    let accumulator = Accumulator::new(DISCOUNT);
    let (mut episodes, mut episode_return, mut recent) = (0u64, 0.0, 0.0);
    env.reset(&mut env_rng, &mut observation);
    for step_number in 1..=STEPS {
        // Act.
        let epsilon = EXPLORATION.value(step_number - 1, episodes);
        let action = epsilon_greedy(&mut exploration_rng, epsilon, 2, || {
            network::infer(lanes, &NET, &networks.online, &observation, &mut scratch)
        });
        let step = env.step(action, &mut env_rng, &mut next_observation);

        // Remember. The ending becomes a discount here and nowhere else.
        storage.push(accumulator.transition(&observation, action, step, &next_observation));
        observation = next_observation;

        // Learn.
        if step_number >= LEARNING_STARTS {
            sample_uniform(&mut replay_rng, storage.len(), &mut slots);
            storage.gather(
                &slots,
                &mut Batch {
                    observations: batch.observations.as_flattened_mut(),
                    actions: &mut batch.actions,
                    rewards: &mut batch.rewards,
                    discounts: &mut batch.discounts,
                    next_observations: batch.next_observations.as_flattened_mut(),
                },
            );
            let rate = LEARNING_RATE.value(step_number, episodes);
            lanes.dispatch(Learn { networks: &mut networks, batch: &batch, rate });
        }

        // The observation that ended an episode has been remembered; only now comes the next start.
        episode_return += step.reward;
        if step.ending.is_some() {
            episodes += 1;
            recent += 0.05 * (episode_return - recent);
            episode_return = 0.0;
            env.reset(&mut env_rng, &mut observation);
            if episodes.is_multiple_of(50) {
                println!(
                    "episode {episodes}, step {step_number}: return about {recent:.0}, epsilon {epsilon:.2}"
                );
            }
        }
    }

    // Play, as Gymnasium's reset(seed = 0..10) starts.
    let mut total = 0.0;
    for seed in 0..10 {
        let choose =
            |o: &[f32]| greedy(network::infer(lanes, &NET, &networks.online, o, &mut scratch));
        let mut rng = NumpyGenerator::new(seed);
        total +=
            play(&mut env, &mut rng, Normalise::IDENTITY, &mut observation, choose).total_reward;
    }
    println!("mean return of ten greedy episodes: {}", total / 10.0);
}

/// One update. It is a [`WithSimd`] so that all of it is compiled for the vector instructions of this machine.
struct Learn<'a> {
    networks: &'a mut Networks,
    batch: &'a Transitions,
    rate: f64,
}

impl WithSimd for Learn<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { networks: n, batch, rate } = self;
        let observations = batch.observations.as_flattened();
        let next_observations = batch.next_observations.as_flattened();

        // y = r + discount * Q_target(s', argmax Q_online(s', .)): van Hasselt et al. (2016).
        network::forward(simd, &NET, &n.target, B, next_observations, &mut n.activations);
        network::forward(simd, &NET, &n.online, B, next_observations, &mut n.next_activations);
        let next_q = network::output(&NET, B, &n.activations).chunks_exact(2);
        let chooser = network::output(&NET, B, &n.next_activations).chunks_exact(2);
        let mut targets = [0.0; B];
        for (b, (chooser, next_q)) in chooser.zip(next_q).enumerate() {
            targets[b] =
                bellman::double_q_learning(batch.rewards[b], batch.discounts[b], chooser, next_q);
        }

        // The loss and dL/dQ in one pass, then dL/dparameters.
        network::forward(simd, &NET, &n.online, B, observations, &mut n.activations);
        let q = network::output(&NET, B, &n.activations);
        let (mut d_q, mut errors) = ([0.0; 2 * B], [0.0; B]);
        Loss::SquaredError.evaluate(q, &batch.actions, &targets, None, &mut d_q, &mut errors);
        n.gradients.fill(0.0);
        network::backward(
            simd,
            &NET,
            &n.online,
            B,
            observations,
            &n.activations,
            &d_q,
            &mut n.workspace,
            &mut n.gradients,
        );

        OPTIMISER.scaled(rate).step(
            simd,
            &mut n.state,
            &mut n.online,
            &n.gradients,
            &mut n.moments,
        );
        soft_update(simd, TAU, &n.online, &mut n.target);
    }
}
