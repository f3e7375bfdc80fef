//! REINFORCE: what was followed by more than usual becomes likelier.
//!
//! ```text
//! L = 1/B sum over the B steps of a batch of episodes of -A ln p(action | observation)
//! A = G                      the discounted return from the step on
//!   = G - V(observation)     with a value baseline, a second network that learns G by squared error
//!     then, if wanted, normalised over the batch: mean 0, deviation 1
//! ```
//!
//! Williams (1992); Sutton and Barto (2018), section 13.3 without the factor discount^t, and 13.4. Episodes end where the
//! environment says; after a truncation the baseline's value of the last observation follows, and nothing without one.
//! The agent samples its actions; [`Reinforce::greedy`] plays the likeliest.
//!
//! Memory is the caller's: for the networks, and for the steps of a batch of episodes. What does not fit of an episode is
//! acted in and not learned from.

use crate::agent::Agent;
use crate::env::Step;
use crate::in_parts;
use crate::nn::{
    Lanes, NetworkSpec, Optimiser, OptimiserState, Simd, WithSimd, network, optimiser,
};
use crate::policy::{greedy_of_logits, sample_logits, surprise};
use crate::replay::Accumulator;
use crate::returns::{discounted_returns, normalise};
use crate::rng::Rng;

/// What can be chosen about [`Reinforce`].
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct ReinforceConfig {
    /// Factor between what two steps that follow each other count, in `[0, 1]`.
    pub discount: f32,
    /// Episodes between two updates.
    pub episodes_an_update: u32,
    /// Whether returns, or what they are above the baseline, are normalised over the batch.
    pub normalise: bool,
    /// How gradients move the policy.
    pub optimiser: Optimiser,
    /// Norm to which the policy's gradient is shortened; infinite for never.
    #[cfg_attr(feature = "serde", serde(default = "infinite"))]
    pub clip_norm: f32,
    /// The value baseline, if there is one.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub baseline: Option<BaselineConfig>,
}

/// How the value baseline learns.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BaselineConfig {
    /// How gradients move it.
    pub optimiser: Optimiser,
    /// Times that it learns from each batch.
    pub passes: u32,
}

#[cfg(feature = "serde")]
fn infinite() -> f32 {
    f32::INFINITY
}

impl ReinforceConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        if !(0.0..=1.0).contains(&self.discount) {
            Some("discount must be between 0 and 1")
        } else if self.episodes_an_update == 0 {
            Some("episodes_an_update must be at least 1")
        } else if self.clip_norm.is_nan() || self.clip_norm <= 0.0 {
            Some("clip_norm must be greater than 0 (inf for never)")
        } else if self.baseline.is_some_and(|baseline| baseline.passes == 0) {
            Some("baseline.passes must be at least 1")
        } else {
            let baseline = self.baseline.and_then(|baseline| baseline.optimiser.complaint());
            self.optimiser.complaint().or(baseline)
        }
    }
}

/// A network that learns.
#[derive(Debug)]
struct Trained<'a> {
    spec: NetworkSpec,
    optimiser: Optimiser,
    parameters: &'a mut [f32],
    gradients: &'a mut [f32],
    moments: &'a mut [f32],
    state: OptimiserState,
}

/// The agent.
#[derive(Debug)]
pub struct Reinforce<'a> {
    config: ReinforceConfig,
    accumulator: Accumulator,
    lanes: Lanes,
    policy: Trained<'a>,
    baseline: Option<Trained<'a>>,
    scratch: &'a mut [f32],
    inference: &'a mut [f32],
    /// `[steps][inputs]`
    observations: &'a mut [f32],
    /// `[steps]`
    actions: &'a mut [u32],
    /// `[steps]`: rewards of the episode under way, returns of those that are over.
    returns: &'a mut [f32],
    /// `[steps]`
    advantages: &'a mut [f32],
    /// Steps of the batch so far.
    steps: usize,
    /// Where the episode under way begins.
    start: usize,
    /// Finished episodes of the batch.
    episodes: u32,
    /// Updates so far.
    pub updates: u64,
}

impl<'a> Reinforce<'a> {
    /// How many floats [`Reinforce::new`] takes for a policy network, a baseline if there is one, and so many steps of a
    /// batch.
    pub const fn float_count(
        config: &ReinforceConfig,
        policy: &NetworkSpec,
        value: Option<&NetworkSpec>,
        steps: usize,
    ) -> usize {
        let parameters = policy.parameter_count();
        let mut count = 2 * parameters + config.optimiser.moment_count(parameters);
        if let (Some(baseline), Some(value)) = (config.baseline, value) {
            let parameters = value.parameter_count();
            count += 2 * parameters + baseline.optimiser.moment_count(parameters);
        }
        let (scratch, inference) = Self::scratch_counts(policy, value);
        count + scratch + inference + steps * (policy.inputs() + 2)
    }

    const fn scratch_counts(policy: &NetworkSpec, value: Option<&NetworkSpec>) -> (usize, usize) {
        let mut counts = (in_parts::scratch_count(policy), policy.scratch_count());
        if let Some(value) = value {
            let (parts, inference) = (in_parts::scratch_count(value), value.scratch_count());
            if parts > counts.0 {
                counts.0 = parts;
            }
            if inference > counts.1 {
                counts.1 = inference;
            }
        }
        counts
    }

    /// An agent that has seen nothing. `policy` and `value` are the networks with their first parameters; the outputs of
    /// the policy are logits (see [`surprise`]), the value has one output. `actions` has a place a step of a batch.
    ///
    /// # Panics
    /// If a length does not follow from the others, there is no place for a step, there is a value network without a configuration of the baseline or the
    /// other way round, they have different inputs, or one has batch normalisation.
    pub fn new(
        config: ReinforceConfig,
        lanes: Lanes,
        policy: (NetworkSpec, &[f32]),
        value: Option<(NetworkSpec, &[f32])>,
        floats: &'a mut [f32],
        actions: &'a mut [u32],
    ) -> Self {
        let (steps, inputs) = (actions.len(), policy.0.inputs());
        assert!(steps > 0, "a batch has at least one step");
        let value_spec = value.as_ref().map(|(spec, _)| spec);
        assert_eq!(config.baseline.is_some(), value.is_some(), "a baseline is a network");
        assert!(in_parts::is_row_by_row(&policy.0), "no batch normalisation here");
        assert!(
            value_spec.is_none_or(|spec| spec.inputs() == inputs
                && spec.outputs() == 1
                && in_parts::is_row_by_row(spec)),
            "a baseline gives the same observations one value, without batch normalisation"
        );
        let expected = Self::float_count(&config, &policy.0, value_spec, steps);
        assert_eq!(floats.len(), expected, "memory of another agent");
        let counts = Self::scratch_counts(&policy.0, value_spec);

        let mut rest = floats;
        let mut cut = |length| rest.split_off_mut(..length).unwrap_or_default();
        let mut trained = |(spec, first): (NetworkSpec, &[f32]), optimiser: Optimiser| {
            let parameters: &mut [f32] = cut(spec.parameter_count());
            parameters.copy_from_slice(first);
            let gradients = cut(spec.parameter_count());
            let moments = cut(optimiser.moment_count(spec.parameter_count()));
            let state = optimiser.start(moments);
            Trained { spec, optimiser, parameters, gradients, moments, state }
        };
        let policy = trained(policy, config.optimiser);
        let baseline = value.zip(config.baseline);
        let baseline = baseline.map(|(value, baseline)| trained(value, baseline.optimiser));
        Self {
            config,
            accumulator: Accumulator::new(config.discount),
            lanes,
            policy,
            baseline,
            scratch: cut(counts.0),
            inference: cut(counts.1),
            observations: cut(steps * inputs),
            actions,
            returns: cut(steps),
            advantages: cut(steps),
            steps: 0,
            start: 0,
            episodes: 0,
            updates: 0,
        }
    }

    /// The policy network's parameters.
    pub fn parameters(&self) -> &[f32] {
        self.policy.parameters
    }

    /// The likeliest action.
    pub fn greedy(&mut self, observation: &[f32]) -> u32 {
        greedy_of_logits(self.logits(observation))
    }

    fn logits(&mut self, observation: &[f32]) -> &[f32] {
        let Trained { spec, parameters, .. } = &self.policy;
        let scratch = &mut self.inference[..spec.scratch_count()];
        network::infer(self.lanes, spec, parameters, observation, scratch)
    }

    /// Samples an action and remembers both, if there is room.
    fn choose<R: Rng + ?Sized>(&mut self, observation: &[f32], rng: &mut R) -> u32 {
        let action = sample_logits(rng, self.logits(observation));
        if let Some(place) = self.actions.get_mut(self.steps) {
            *place = action;
            let inputs = observation.len();
            self.observations[self.steps * inputs..][..inputs].copy_from_slice(observation);
        }
        action
    }

    /// The episode's rewards become returns; `after` is the value of what follows it.
    fn conclude(&mut self, after: f32) {
        let episode = &mut self.returns[self.start..self.steps];
        discounted_returns(self.config.discount, after, episode);
        self.start = self.steps;
        self.episodes += 1;
        if self.episodes == self.config.episodes_an_update {
            let lanes = self.lanes;
            lanes.dispatch(Learn { agent: self });
            self.updates += 1;
            (self.steps, self.start, self.episodes) = (0, 0, 0);
        }
    }

    /// What the baseline thinks will follow.
    fn value(&mut self, observation: &[f32]) -> f32 {
        let Some(Trained { spec, parameters, .. }) = &self.baseline else { return 0.0 };
        let scratch = &mut self.inference[..spec.scratch_count()];
        network::infer(self.lanes, spec, parameters, observation, scratch)[0]
    }
}

impl Agent<f32> for Reinforce<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[f32], rng: &mut R) -> u32 {
        self.choose(observation, rng)
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[f32],
        rng: &mut R,
    ) -> Option<u32> {
        if let Some(place) = self.returns.get_mut(self.steps) {
            *place = step.reward as f32;
            self.steps += 1;
        }
        if step.ending.is_none() {
            return Some(self.choose(next_observation, rng));
        }
        let goes_on = self.accumulator.discount_after(step) > 0.0;
        let after = if goes_on { self.value(next_observation) } else { 0.0 };
        self.conclude(after);
        None
    }
}

/// An update as an operation that the chosen lanes run.
struct Learn<'l, 'a> {
    agent: &'l mut Reinforce<'a>,
}

impl WithSimd for Learn<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Reinforce { config, policy, baseline, scratch, steps, .. } = self.agent;
        let observations = &self.agent.observations[..*steps * policy.spec.inputs()];
        let (actions, returns) = (&self.agent.actions[..*steps], &self.agent.returns[..*steps]);
        let advantages = &mut self.agent.advantages[..*steps];
        let share = 1.0 / *steps as f32;

        // A = G - V. The baseline then learns, after it was asked.
        advantages.copy_from_slice(returns);
        if let Some(Trained { spec, optimiser, parameters, gradients, moments, state }) = baseline {
            in_parts::outputs(simd, spec, parameters, observations, scratch, |row, value| {
                advantages[row] -= value[0];
            });
            for _ in 0..config.baseline.map_or(0, |baseline| baseline.passes) {
                gradients.fill(0.0);
                in_parts::gradient(
                    simd,
                    spec,
                    parameters,
                    observations,
                    scratch,
                    gradients,
                    |row, value, d| d[0] = share * (2.0 * (value[0] - returns[row])),
                );
                optimiser.step(simd, state, parameters, gradients, moments);
            }
        }
        if config.normalise {
            normalise(advantages);
        }

        let Trained { spec, optimiser, parameters, gradients, moments, state } = policy;
        gradients.fill(0.0);
        in_parts::gradient(
            simd,
            spec,
            parameters,
            observations,
            scratch,
            gradients,
            |row, logits, d_logits| {
                surprise(logits, actions[row], share * advantages[row], d_logits);
            },
        );
        if config.clip_norm.is_finite() {
            optimiser::clip_norm(simd, config.clip_norm, gradients);
        }
        optimiser.step(simd, state, parameters, gradients, moments);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Ending;
    use crate::rng::{Generator, Role, stream};

    const NET: NetworkSpec = NetworkSpec::input(1).dense(1);
    const SGD: Optimiser = Optimiser::Sgd { learning_rate: 1.0, momentum: 0.0 };
    const CONFIG: ReinforceConfig = ReinforceConfig {
        discount: 0.5,
        episodes_an_update: 1,
        normalise: false,
        optimiser: SGD,
        clip_norm: f32::INFINITY,
        baseline: None,
    };

    /// An episode of the observations 1 and 3 with the rewards 2 and 4; what was done in it.
    fn episode(agent: &mut Reinforce<'_>, rng: &mut Generator, ending: Ending) -> [u32; 2] {
        let first = agent.start(&[1.0], rng);
        let second = agent.step(Step { reward: 2.0, ending: None }, &[3.0], rng);
        let last = Step { reward: 4.0, ending: Some(ending) };
        assert_eq!(agent.step(last, &[5.0], rng), None);
        [first, second.expect("the episode goes on")]
    }

    /// Returns 4 and 4, surprises of a half at logits of zero: -1/2 sum of 4 (1/2 - a) x.
    #[test]
    fn the_first_update_is_the_one_by_hand() {
        const COUNT: usize = Reinforce::float_count(&CONFIG, &NET, None, 2);
        let (mut floats, mut actions) = ([0.0; COUNT], [0; 2]);
        let policy = (NET, &[0.0, 0.0][..]);
        let lanes = Lanes::scalar();
        let mut agent = Reinforce::new(CONFIG, lanes, policy, None, &mut floats, &mut actions);
        let rng = &mut stream(1, Role::Exploration);
        let done = episode(&mut agent, rng, Ending::Truncated);
        let push = done.map(|action| 2.0 * (action as f32 - 0.5));
        assert_eq!(agent.parameters(), [push[0] + 3.0 * push[1], push[0] + push[1]]);
        assert_eq!((agent.updates, agent.steps), (1, 0));
    }

    /// The baseline says 6 everywhere: advantages of 4 + 6/4 - 6 and 4 + 6/2 - 6 where the episode was cut, and of 4 - 6
    /// where it ended.
    #[test]
    fn a_baseline_is_taken_off_and_counts_after_a_truncation_alone() {
        let config = ReinforceConfig {
            baseline: Some(BaselineConfig { optimiser: SGD.scaled(0.0), passes: 1 }),
            ..CONFIG
        };
        let count = Reinforce::float_count(&config, &NET, Some(&NET), 2);
        let (mut floats, mut actions) = ([0.0; 256], [0; 2]);
        let rng = &mut stream(2, Role::Exploration);
        for (ending, advantages) in
            [(Ending::Truncated, [-0.5, 1.0]), (Ending::Terminated, [-2.0, -2.0])]
        {
            let (policy, value) = ((NET, &[0.0, 0.0][..]), Some((NET, &[0.0, 6.0][..])));
            let (floats, lanes) = (&mut floats[..count], Lanes::scalar());
            let mut agent = Reinforce::new(config, lanes, policy, value, floats, &mut actions);
            episode(&mut agent, rng, ending);
            assert_eq!(*agent.advantages, advantages, "{ending:?}");
        }
    }

    #[test]
    fn steps_beyond_the_memory_are_acted_in_and_not_learned_from() {
        const COUNT: usize = Reinforce::float_count(&CONFIG, &NET, None, 1);
        let (mut floats, mut actions) = ([0.0; COUNT], [0; 1]);
        let policy = (NET, &[0.0, 0.0][..]);
        let lanes = Lanes::scalar();
        let mut agent = Reinforce::new(CONFIG, lanes, policy, None, &mut floats, &mut actions);
        let rng = &mut stream(3, Role::Exploration);
        let [first, _] = episode(&mut agent, rng, Ending::Terminated);
        // A return of 2, the only step's.
        let push = 2.0 * (first as f32 - 0.5);
        assert_eq!(agent.parameters(), [push, push]);
    }
}
