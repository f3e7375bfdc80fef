//! Playing a policy greedily, and what its returns come to.

mod together;

use crate::draw::{Filmed, Screen, film_episode};
use crate::failure::{Failure, Outcome};
use crate::registry::{self, OnEnvironment, Registered};
use crate::task::{Task, largest_byte};
use embedded_rl_core::env::Env;
use embedded_rl_core::nn::{Lanes, NetworkSpec, network};
use embedded_rl_core::policy::greedy;
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::rng::NumpyGenerator;
use embedded_rl_core::run::{Episode, play};
use serde_json::json;

/// A network to be played.
#[derive(Clone, Copy, Debug)]
pub struct Player<'a> {
    /// The network.
    pub spec: &'a NetworkSpec,
    /// Its parameters.
    pub parameters: &'a [f32],
    /// What it sees of an observation.
    pub normalise: Normalise<'a>,
    /// What it runs on.
    pub lanes: Lanes,
}

impl Player<'_> {
    /// Plays `episodes` episodes; the i-th starts as Gymnasium's `reset(seed = first_seed + i)`. `each` hears of
    /// every one and may stop by returning `false`.
    pub fn play(
        &self,
        task: &Task,
        first_seed: u64,
        episodes: u64,
        mut each: impl FnMut(u64, Episode) -> bool,
    ) -> Returns {
        let mut task = task.clone();
        let mut observation = vec![0.0; task.observation_space().len()];
        let mut scratch = vec![0.0; self.spec.scratch_count()];
        let mut returns = Returns::default();
        for index in 0..episodes {
            let seed = first_seed.wrapping_add(index);
            let choose = |observation: &[f32]| {
                greedy(network::infer(
                    self.lanes,
                    self.spec,
                    self.parameters,
                    observation,
                    &mut scratch,
                ))
            };
            let rng = &mut NumpyGenerator::new(seed);
            let episode = play(&mut task, rng, self.normalise, &mut observation, choose);
            returns.push(episode.total_reward);
            if !each(seed, episode) {
                break;
            }
        }
        returns
    }

    /// Plays the episode that starts as Gymnasium's `reset(seed)` in the environment called `id`, which must observe
    /// as many numbers as the network has inputs, and shows it.
    pub fn film(&self, id: &str, seed: u64, screen: Screen<'_>) -> Outcome<Filmed> {
        let registration =
            registry::find(id).map_err(|refusal| Failure::wrong_use(refusal.to_string()))?;
        registration
            .run(&json!({}), Filming { player: self, seed, screen })
            .map_err(|refusal| Failure::wrong_use(refusal.to_string()))?
    }
}

/// A film of an environment that is known by name.
struct Filming<'a> {
    player: &'a Player<'a>,
    seed: u64,
    screen: Screen<'a>,
}

impl OnEnvironment for Filming<'_> {
    type Output = Outcome<Filmed>;

    fn run<E: Registered>(self, mut env: E) -> Outcome<Filmed> {
        let Player { spec, parameters, normalise, lanes } = *self.player;
        let mut scratch = vec![0.0; spec.scratch_count()];
        let mut inputs = vec![0.0; spec.inputs()];
        let largest = largest_byte(env.observation_space());
        let choose = |observation: &[E::Element]| {
            for (input, &element) in inputs.iter_mut().zip(observation) {
                let element: f64 = element.into();
                *input = element as f32 / largest;
            }
            normalise.apply(&mut inputs);
            greedy(network::infer(lanes, spec, parameters, &inputs, &mut scratch))
        };
        film_episode(self.screen, &mut env, &mut NumpyGenerator::new(self.seed), choose)
    }
}

/// Mean and spread of returns.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Returns {
    values: Vec<f64>,
}

impl Returns {
    fn push(&mut self, value: f64) {
        self.values.push(value);
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.values.len() as u64
    }

    /// Their mean; not a number if there is none.
    pub fn mean(&self) -> f64 {
        self.values.iter().sum::<f64>() / self.values.len() as f64
    }

    /// Their standard deviation as numpy's `std`: the root of the mean squared distance from the mean.
    pub fn std(&self) -> f64 {
        let mean = self.mean();
        let squares = self.values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
        (squares / self.values.len() as f64).sqrt()
    }
}
