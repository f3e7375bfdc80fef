//! Vectorised environments do what single ones do one by one, over any number of threads, and as Gymnasium's.

use core::fmt::Debug;
use core::panic::AssertUnwindSafe;
use embedded_rl::vector_env::{Batch, VectorEnv, jumps, seeds};
use embedded_rl_core::env::{Ending, Env, Step, TimeLimit};
use embedded_rl_core::envs::classic::{Acrobot, CartPole, MountainCar, Pendulum};
use embedded_rl_core::envs::lunar_lander::{LanderOptions, LunarLander};
use embedded_rl_core::envs::toy_text::{FrozenLake, LakeOptions};
use embedded_rl_core::lanes::Lanes;
use embedded_rl_core::rng::{Generator, Rng, Role, SeedableRng, integers, stream, uniform};
use serde::Deserialize;
use std::panic::catch_unwind;
use std::path::Path;

const COPIES: usize = 13;

/// What one environment does by itself: all that a batch says about one copy, step by step.
struct Alone<E: Env, R> {
    env: TimeLimit<E>,
    rng: R,
    observation: Vec<E::Element>,
    episodes: u32,
}

impl<E: Env<Element: Debug>, R: Rng> Alone<E, R> {
    fn new(env: E, limit: u32, mut rng: R) -> Self {
        let mut env = TimeLimit::new(env, limit);
        let mut observation = vec![E::Element::default(); env.observation_space().len()];
        env.reset(&mut rng, &mut observation);
        Self { env, rng, observation, episodes: 0 }
    }

    fn step(&mut self, action: E::Action, batch: &Batch<E::Element>, copy: usize) {
        let Step { reward, ending } = self.env.step(action, &mut self.rng, &mut self.observation);
        assert_eq!(batch.rewards[copy].to_bits(), reward.to_bits(), "copy {copy}");
        assert_eq!(batch.endings[copy], ending, "copy {copy}");
        assert_eq!(batch.led_to(copy), self.observation, "copy {copy}");
        if ending.is_some() {
            let width = batch.width();
            assert_eq!(batch.final_observations[copy * width..][..width], self.observation);
            self.env.reset(&mut self.rng, &mut self.observation);
            self.episodes += 1;
        }
        assert_eq!(batch.observation(copy), self.observation, "copy {copy}");
    }
}

/// Steps copies over 1 to 16 threads, and as many single environments, and compares everything.
fn assert_as_alone<E, R, I>(
    env: &E,
    limit: u32,
    generators: impl Fn() -> I,
    action: impl Fn(&mut Generator) -> E::Action,
) where
    E: Env<Action: Sync, Element: Send + Debug> + Clone + Send,
    R: Rng + Send + Clone,
    I: Iterator<Item = R>,
{
    for threads in [1, 2, 3, 5, 16] {
        let mut copies = VectorEnv::new(env, Some(limit), generators().take(COPIES));
        copies = copies.over_threads(threads);
        let mut batch = copies.batch();
        copies.reset(&mut batch);
        let mut alone: Vec<_> =
            generators().take(COPIES).map(|rng| Alone::new(env.clone(), limit, rng)).collect();
        for (copy, alone) in alone.iter().enumerate() {
            assert_eq!(batch.observation(copy), alone.observation);
        }
        let mut chooser = Generator::seed_from_u64(5);
        for _ in 0..3 * limit {
            let actions: Vec<_> = (0..COPIES).map(|_| action(&mut chooser)).collect();
            copies.step(&actions, &mut batch);
            for (copy, alone) in alone.iter_mut().enumerate() {
                alone.step(actions[copy], &batch, copy);
            }
        }
        assert!(alone.iter().all(|alone| alone.episodes >= 3), "each begins again and again");
    }
}

fn any(count: i64) -> impl Fn(&mut Generator) -> u32 {
    move |rng| integers(rng, 0, count) as u32
}

#[test]
fn copies_do_what_single_environments_do_over_any_number_of_threads() {
    assert_as_alone(&CartPole::new(), 30, || seeds(3), any(2));
    assert_as_alone(&CartPole::new(), 30, || jumps(3), any(2));
    assert_as_alone(&MountainCar::new(), 50, || jumps(0), any(3));
    assert_as_alone(&Acrobot::new(), 50, || seeds(0), any(3));
    assert_as_alone(&Pendulum::new(), 40, || jumps(1), |rng| [uniform(rng, -2.0, 2.0) as f32]);
    let lake = FrozenLake::<64>::small(LakeOptions::default()).expect("the usual map");
    assert_as_alone(&lake, 20, || seeds(9), any(4));
    let lander = LunarLander::new(LanderOptions::default()).expect("the usual options");
    assert_as_alone(&lander, 90, || seeds(1), any(4));
}

/// A recording of `tests/golden/vector`.
#[derive(Deserialize)]
struct Recording {
    copies: usize,
    seed: u64,
    limit: u32,
    first: Vec<Vec<u32>>,
    steps: Vec<RecordedStep>,
}

#[derive(Deserialize)]
struct RecordedStep {
    actions: Vec<u32>,
    obs: Vec<Vec<u32>>,
    rewards: Vec<String>,
    terminated: Vec<bool>,
    truncated: Vec<bool>,
    #[serde(rename = "final")]
    final_observations: Vec<Option<Vec<u32>>>,
}

#[test]
fn cart_poles_are_gymnasiums_vector_environment_to_the_bit() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/vector/cart_pole.json");
    let text = std::fs::read_to_string(path).expect("the recording");
    let recording: Recording = serde_json::from_str(&text).expect("a recording");
    let bits = |row: &[f32]| row.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    let generators = seeds(recording.seed).take(recording.copies);
    let mut copies = VectorEnv::new(&CartPole::new(), Some(recording.limit), generators);
    let mut batch = copies.batch();
    copies.reset(&mut batch);
    let rows = |batch: &Batch<f32>| batch.observations.chunks(4).map(bits).collect::<Vec<_>>();
    assert_eq!(rows(&batch), recording.first);
    let (mut terminated, mut truncated) = (0, 0);
    for (number, step) in recording.steps.iter().enumerate() {
        copies.step(&step.actions, &mut batch);
        assert_eq!(rows(&batch), step.obs, "step {number}");
        for copy in 0..recording.copies {
            let reward = format!("{:016x}", batch.rewards[copy].to_bits());
            assert_eq!(reward, step.rewards[copy], "step {number}");
            let ending = match (step.terminated[copy], step.truncated[copy]) {
                (true, _) => Some(Ending::Terminated),
                (false, true) => Some(Ending::Truncated),
                (false, false) => None,
            };
            assert_eq!(batch.endings[copy], ending, "step {number}");
            let last = ending.map(|_| bits(&batch.final_observations[4 * copy..][..4]));
            assert_eq!(last, step.final_observations[copy], "step {number}");
            match ending {
                Some(Ending::Terminated) => terminated += 1,
                Some(Ending::Truncated) => truncated += 1,
                None => {}
            }
        }
    }
    assert!(terminated > 5 && truncated > 5, "{terminated} terminated, {truncated} truncated");
}

#[test]
fn what_steps_many_at_a_time_takes_the_place_of_the_plain_loop() {
    let new = || VectorEnv::new(&CartPole::new(), Some(9), jumps(2).take(COPIES)).over_threads(4);
    let (mut plain, mut backwards) = (new(), new());
    let mut batches = [plain.batch(), plain.batch()];
    plain.reset(&mut batches[0]);
    backwards.reset(&mut batches[1]);
    for step in 0..40 {
        let actions: Vec<u32> = (0..COPIES as u32).map(|copy| (copy + step) % 2).collect();
        plain.step(&actions, &mut batches[0]);
        let from_the_end = |envs: &mut [CartPole],
                            actions: &[u32],
                            rngs: &mut [Generator],
                            observations: &mut [f32],
                            steps: &mut [Step]| {
            for copy in (0..envs.len()).rev() {
                let row = &mut observations[4 * copy..][..4];
                steps[copy] = envs[copy].step(actions[copy], &mut rngs[copy], row);
            }
        };
        backwards.step_by(from_the_end, &actions, &mut batches[1]);
        assert_eq!(batches[0], batches[1], "step {step}");
    }
}

#[test]
fn landers_in_lockstep_are_landers_one_by_one() {
    let lander = LunarLander::new(LanderOptions::default()).expect("the usual options");
    let new = || VectorEnv::new(&lander, Some(120), seeds(20).take(40)).over_threads(3);
    let mut plain = new();
    let mut batches = [plain.batch(), plain.batch()];
    for lanes in Lanes::available() {
        let mut lockstep = new();
        plain = new();
        plain.reset(&mut batches[0]);
        lockstep.reset(&mut batches[1]);
        let mut chooser = Generator::seed_from_u64(8);
        let mut endings = 0;
        for step in 0..300 {
            let actions: Vec<u32> = (0..40).map(|_| any(4)(&mut chooser)).collect();
            plain.step(&actions, &mut batches[0]);
            lockstep.step_by(
                |landers, actions, rngs, observations, steps| {
                    LunarLander::step_together(lanes, landers, actions, rngs, observations, steps);
                },
                &actions,
                &mut batches[1],
            );
            assert_eq!(batches[0], batches[1], "step {step}, {}", lanes.name());
            endings += batches[0].endings.iter().flatten().count();
        }
        assert!(endings > 80, "{endings} episodes ended");
    }
}

#[test]
fn without_a_limit_only_the_task_ends_episodes() {
    let mut copies = VectorEnv::new(&Acrobot::new(), None, jumps(0).take(2));
    let mut batch = copies.batch();
    copies.reset(&mut batch);
    for _ in 0..2 * Acrobot::STEPS {
        copies.step(&[1, 1], &mut batch);
        assert_eq!(batch.endings, [None, None], "hanging links hang on");
    }
    // A second reset goes on with the same generators, and forgets how long the episodes were.
    copies.reset(&mut batch);
    let mut single = Acrobot::new();
    let (mut rng, mut observation) = (stream(0, Role::Environment), [0.0; 6]);
    single.reset(&mut rng, &mut observation);
    single.reset(&mut rng, &mut observation);
    assert_eq!(batch.observation(0), observation);
}

#[test]
fn wrong_use_is_refused_in_a_sentence() {
    let new = |count| VectorEnv::new(&CartPole::new(), Some(5), seeds(0).take(count));
    let refused = |words: &str, wrong: &dyn Fn()| {
        let payload = catch_unwind(AssertUnwindSafe(wrong)).expect_err(words);
        let message = payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| payload.downcast_ref::<&str>().map(|text| (*text).to_owned()))
            .expect("a sentence");
        assert!(message.contains(words), "'{message}' does not say '{words}'");
    };
    refused("at least one copy", &|| drop(new(0)));
    refused("at least one step", &|| {
        drop(VectorEnv::new(&CartPole::new(), Some(0), seeds(0).take(1)));
    });
    refused("somebody has to step", &|| drop(new(1).over_threads(0)));
    refused("one action a copy", &|| {
        let (mut copies, mut batch) = (new(2), new(2).batch());
        copies.step(&[0], &mut batch);
    });
    refused("made for other copies", &|| new(2).reset(&mut new(3).batch()));
    refused("actions 0 and 1, not 2", &|| {
        let mut copies = new(3).over_threads(2);
        copies.step(&[0, 0, 2], &mut copies.batch());
    });
}
