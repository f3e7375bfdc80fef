//! Imitation in many copies of an environment at once: the learner acts, the teacher says what it would have done.
//!
//! An iteration: the teacher is asked in every copy, the network learns from the answers, and the copies are stepped by
//! actions that are as likely as the network thought before it learned. Which policy that is in the end is all that the
//! rest of a trial sees.

use super::config::TrialConfig;
use super::policy_agent::{first_parameters, see};
use super::policy_config::{ImitationConfig, PolicyAgentConfig};
use super::trial::Point;
use crate::registry::{Numbered, Registered};
use core::sync::atomic::{AtomicBool, Ordering};
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::imitation::Imitation;
use embedded_rl_core::nn::Lanes;
use embedded_rl_core::policy::linear;
use embedded_rl_core::rng::{Generator, Role, stream};

/// What imitation came to.
pub(super) struct Imitated {
    pub(super) parameters: Vec<f32>,
    pub(super) points: Vec<Point>,
    pub(super) steps: u64,
}

/// One copy in the middle of an episode.
struct Copy<E: Env> {
    env: TimeLimit<Numbered<E>>,
    rng: Generator,
    observation: Vec<E::Element>,
    total_reward: f64,
    length: u32,
}

impl<E: Registered> Copy<E> {
    fn reset(&mut self) {
        (self.total_reward, self.length) = (0.0, 0);
        self.env.reset(&mut self.rng, &mut self.observation);
    }
}

/// Learns for the steps or episodes of the configuration, counted over all copies, to the end of an iteration; `None` if
/// that was interrupted.
pub(super) fn imitate<E: Registered>(
    env: &TimeLimit<Numbered<E>>,
    config: &TrialConfig,
    agent: &PolicyAgentConfig,
    imitation: &ImitationConfig,
    seed: u64,
    interrupted: &AtomicBool,
) -> Option<Imitated> {
    let (width, inputs) = (env.observation_space().len(), &agent.network.inputs);
    // Whoever asks for this has checked that there are two actions.
    let spec = agent.network.spec(width, 2);
    let first = first_parameters(agent, seed, &[spec]).swap_remove(0);
    let mut floats = vec![0.0; Imitation::float_count(&spec, &imitation.optimiser)];
    let mut learner = Imitation::new(spec, Lanes::best(), imitation.optimiser, &first, &mut floats);
    let teacher = imitation.teacher.parameters();
    let exploration = &mut stream(seed, Role::Exploration);

    let mut generator = stream(seed, Role::Environment);
    let mut copies: Vec<Copy<E>> = (0..imitation.copies)
        .map(|_| {
            let observation = vec![E::Element::default(); width];
            let (env, rng) = (env.clone(), generator.clone());
            // So far apart that no two copies meet.
            generator.jump();
            let mut copy = Copy { env, rng, observation, total_reward: 0.0, length: 0 };
            copy.reset();
            copy
        })
        .collect();

    let mut seen = vec![0.0; copies.len() * spec.inputs()];
    let mut whole = vec![0.0; width];
    let (mut demonstrated, mut actions) = (vec![0; copies.len()], vec![0; copies.len()]);
    let (mut points, mut steps) = (Vec::new(), 0);
    while config.steps.is_none_or(|wanted| steps < wanted)
        && config.episodes.is_none_or(|wanted| (points.len() as u64) < wanted)
    {
        if interrupted.load(Ordering::Relaxed) {
            return None;
        }
        let rows = seen.chunks_exact_mut(spec.inputs());
        for (((copy, row), answer), action) in
            copies.iter().zip(rows).zip(&mut demonstrated).zip(&mut actions)
        {
            see(&copy.observation, &[], &mut whole);
            *answer = linear(&teacher, &whole);
            see(&copy.observation, inputs, row);
            *action = learner.sample(row, exploration);
        }
        learner.learn(&seen, &demonstrated);
        for (copy, &action) in copies.iter_mut().zip(&actions) {
            let step = copy.env.step(action, &mut copy.rng, &mut copy.observation);
            steps += 1;
            copy.total_reward += step.reward;
            copy.length += 1;
            if step.ending.is_some() {
                points.push(Point {
                    step: steps,
                    total_reward: copy.total_reward,
                    length: copy.length,
                    regret: 0.0,
                    best_arm: false,
                });
                copy.reset();
            }
        }
    }
    Some(Imitated { parameters: learner.parameters().to_vec(), points, steps })
}
