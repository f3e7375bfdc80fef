//! A gridworld seen as planes, walked by the larger action values of a small convolutional network.

use embedded_rl_core::env::Env;
use embedded_rl_core::envs::gridworld::{Gridworld, View, Viewed};
use embedded_rl_core::nn::{Activation, Image, Lanes, NetworkSpec, network};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::weights::PolicyView;

/// The network of the preset `grid-planes`.
pub const NET: NetworkSpec = NetworkSpec::image(Image::channels_first(3, 9, 10))
    .conv2d(32, [4, 4], [2, 2], [0, 0])
    .activation(Activation::Relu)
    .conv2d(64, [3, 3], [1, 1], [0, 0])
    .activation(Activation::Relu)
    .dense(50)
    .activation(Activation::Relu)
    .dense(50)
    .activation(Activation::Relu)
    .dense(4);
/// Numbers of scratch memory that an inference takes.
pub const SCRATCH: usize = NET.scratch_count();
/// Elements of an observation.
pub const WIDTH: usize = 3 * 90;
/// Further than any shortest way.
const MOST_STEPS: usize = 20;

/// `gridworld-simple-planes`.
pub fn grid() -> Viewed<90> {
    Viewed::new(Gridworld::simple().expect("a map of 90 cells"), View::Planes)
}

/// Walks to the goal, or until it takes too long; `each` hears of every cell, its action values and the choice. Says
/// how many steps it took.
pub fn walk<const KINDS: u32>(
    policy: &PolicyView<'_, KINDS>,
    lanes: Lanes,
    scratch: &mut [f32; SCRATCH],
    mut each: impl FnMut(u32, &[f32], u32),
) -> usize {
    let (mut env, rng) = (grid(), &mut NumpyGenerator::new(0));
    let mut observation = [0.0; WIDTH];
    env.reset(rng, &mut observation);
    for steps in 1..=MOST_STEPS {
        let q = network::infer(lanes, policy.spec(), policy.parameters(), &observation, scratch);
        let action = greedy(q);
        each(env.grid.agent(), q, action);
        if env.step(action, rng, &mut observation).ending.is_some() {
            return steps;
        }
    }
    MOST_STEPS
}
