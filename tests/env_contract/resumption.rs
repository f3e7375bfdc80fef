//! What an environment wrote out in the middle of an episode is the whole of it.

use core::fmt::Debug;
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::breakout::Breakout;
use embedded_rl_core::envs::classic::{
    Acrobot, CartPole, MountainCar, MountainCarContinuous, Pendulum,
};
use embedded_rl_core::envs::docking::Docking;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::gridworld::{Gridworld, View, Viewed};
use embedded_rl_core::envs::pixel_grid::{Colours, PixelGrid};
use embedded_rl_core::envs::toy_text::{
    Blackjack, CliffWalking, FrozenLake, LakeOptions, Taxi, TaxiOptions,
};
use embedded_rl_core::preprocess::Flattened;
use embedded_rl_core::rng::{Generator, SeedableRng};
use serde::{Serialize, de::DeserializeOwned};

/// Written out in the middle of an episode and read back, an environment is the same and goes on the same.
fn resumes<E>(env: E)
where
    E: Env<Action = u32> + Clone + Debug + PartialEq + Serialize + DeserializeOwned,
{
    resumes_by(env, |step| step % 2);
}

/// The same with the actions of these steps.
fn resumes_by<E>(mut env: E, action: impl Fn(u32) -> E::Action)
where
    E: Env + Clone + Debug + PartialEq + Serialize + DeserializeOwned,
{
    let rng = &mut Generator::seed_from_u64(5);
    let mut observation = vec![E::Element::default(); env.observation_space().len()];
    env.reset(rng, &mut observation);
    for step in 0..20 {
        let text = serde_json::to_string(&env).expect("what can be written");
        let mut twin: E = serde_json::from_str(&text).expect(&text);
        assert_eq!(twin, env);
        let (mut twin_rng, mut twin_observation) = (rng.clone(), observation.clone());
        let taken = env.step(action(step), rng, &mut observation);
        assert_eq!(twin.step(action(step), &mut twin_rng, &mut twin_observation), taken);
        assert!(twin_observation == observation);
    }
}

#[test]
fn environments_resume_from_what_was_written() {
    resumes(TimeLimit::new(CartPole::new(), 10));
    resumes(MountainCar::new());
    resumes(Acrobot::new());
    resumes(Flattened::new(Docking::new()));
    resumes_by(MountainCarContinuous::with_goal_velocity(0.01), |step| [(step as f32).sin()]);
    resumes_by(Pendulum::with_gravity(9.81), |step| [2.0 * (step as f32).sin()]);
    resumes(FrozenLake::<64>::large(LakeOptions::default()).unwrap());
    resumes(CliffWalking::new(true));
    resumes(Taxi::new(TaxiOptions { fickle: true, ..TaxiOptions::default() }));
    resumes(Blackjack::casino(true));
    resumes(BanditRooms::new(5, 0.3, 20.0, &mut Generator::seed_from_u64(9)).unwrap());
    resumes(GaussianBandit::drifting(10, 0.01).unwrap());
    resumes(Gridworld::<90>::random_goal().unwrap());
    resumes(Breakout::new(Breakout::STICKINESS));
    resumes(PixelGrid::with_tile(Gridworld::<90>::random_goal().unwrap(), Colours::Grey, 2));
    resumes(Viewed::new(Gridworld::<90>::simple().unwrap(), View::Planes));
}
