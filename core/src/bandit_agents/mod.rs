//! Agents for bandits: one situation, several arms, and the question of how much to try.
//!
//! [`BanditAgent`] is all of them: what is kept of an arm (an estimate or a preference, and a count) is the same, and a
//! [`BanditRule`] says how an arm is chosen. Nothing here looks at an observation; agents that do are in
//! `tabular`. Source: Sutton and Barto (2018), chapter 2.

mod gradient;
mod thompson;

use crate::agent::Agent;
use crate::bellman::move_toward;
use crate::env::Step;
use crate::policy::{Schedule, epsilon_greedy, upper_confidence};
use crate::rng::{Rng, integers};

/// The most arms there can be.
pub const MOST_ARMS: u32 = 32;

/// How an arm is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "name", rename_all = "kebab-case", deny_unknown_fields))]
pub enum BanditRule {
    /// Each arm as likely.
    Random,
    /// Mostly the arm with the highest estimate (section 2.2). A schedule that falls is decaying epsilon; zero and a
    /// high first estimate are the optimistic start (section 2.6).
    EpsilonGreedy {
        /// The share of exploration.
        epsilon: Schedule,
    },
    /// The highest upper confidence bound, UCB1 (section 2.7).
    Ucb {
        /// How much doubt counts, in units of the reward.
        confidence: f32,
    },
    /// Preferences that climb the gradient of the expected reward (section 2.8).
    Gradient {
        /// How far a reward moves the preferences.
        step_size: f32,
        /// Whether rewards are compared with their average so far; without, with zero.
        baseline: bool,
    },
    /// The arm that is best in a draw from what is believed: rewards normal with a known deviation, their means
    /// normal beforehand (Thompson 1933; Russo et al. 2018, section 4).
    ThompsonGaussian {
        /// Mean of the arms' means before anything is seen.
        prior_mean: f32,
        /// Standard deviation of the arms' means before anything is seen.
        prior_deviation: f32,
        /// Standard deviation of a reward around its arm's mean.
        reward_deviation: f32,
    },
    /// The same for rewards of 0 or `largest_reward` whose probability is uniform beforehand (Chapelle and Li 2011). A
    /// reward in between counts as that share of a success and the rest of a failure.
    ThompsonBernoulli {
        /// What a success pays.
        largest_reward: f32,
    },
}

/// The settings of a bandit agent.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct BanditConfig {
    /// How an arm is chosen.
    pub rule: BanditRule,
    /// The estimate of an arm never tried.
    #[cfg_attr(feature = "serde", serde(default))]
    pub first_estimate: f32,
    /// How far a reward moves its arm's estimate. `None` is `1 / count`, which makes it the average of the arm's
    /// rewards and forgets the first estimate with the first of them.
    #[cfg_attr(feature = "serde", serde(default))]
    pub step_size: Option<f32>,
}

impl BanditConfig {
    /// A rule on averages that begin at zero.
    pub const fn of(rule: BanditRule) -> Self {
        Self { rule, first_estimate: 0.0, step_size: None }
    }

    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        let positive = |x: f32| x > 0.0 && x < f32::INFINITY;
        if !self.first_estimate.is_finite() {
            return Some("first_estimate must be a number");
        }
        if self.step_size.is_some_and(|step_size| !(step_size > 0.0 && step_size <= 1.0)) {
            return Some("step_size must be greater than 0 and at most 1");
        }
        let averages = self.step_size.is_none() && self.first_estimate == 0.0;
        match self.rule {
            BanditRule::Random => None,
            BanditRule::EpsilonGreedy { epsilon } => {
                let (first, last) = epsilon.range();
                let share = |x: f64| (0.0..=1.0).contains(&x);
                (!share(first) || !share(last)).then_some("epsilon must stay between 0 and 1")
            }
            BanditRule::Ucb { confidence } => (!(0.0..f32::INFINITY).contains(&confidence))
                .then_some("confidence must not be negative"),
            BanditRule::Gradient { step_size, .. } => {
                (!positive(step_size)).then_some("rule.step_size must be greater than 0")
            }
            BanditRule::ThompsonGaussian { .. } | BanditRule::ThompsonBernoulli { .. }
                if !averages =>
            {
                Some("Thompson sampling needs averages: leave out first_estimate and step_size")
            }
            BanditRule::ThompsonGaussian { prior_mean, prior_deviation, reward_deviation } => {
                (!(prior_mean.is_finite()
                    && positive(prior_deviation)
                    && positive(reward_deviation)))
                .then_some("prior_mean must be a number, the deviations greater than 0")
            }
            BanditRule::ThompsonBernoulli { largest_reward } => {
                (!positive(largest_reward)).then_some("largest_reward must be greater than 0")
            }
        }
    }
}

/// An agent and what it knows of the arms.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct BanditAgent {
    config: BanditConfig,
    arms: u32,
    /// Steps seen.
    pub steps: u64,
    /// Episodes finished.
    pub episodes: u64,
    /// The average of all rewards so far: the gradient's baseline.
    pub average_reward: f32,
    last: u32,
    counts: [u32; MOST_ARMS as usize],
    estimates: [f32; MOST_ARMS as usize],
    preferences: [f32; MOST_ARMS as usize],
}

impl BanditAgent {
    /// An agent that has seen nothing.
    ///
    /// # Panics
    /// If there are no arms or more than [`MOST_ARMS`], or the configuration has a
    /// [complaint](BanditConfig::complaint).
    pub fn new(config: BanditConfig, arms: u32) -> Self {
        assert!((1..=MOST_ARMS).contains(&arms), "there must be 1 to {MOST_ARMS} arms, not {arms}");
        if let Some(complaint) = config.complaint() {
            panic!("{complaint}");
        }
        Self {
            config,
            arms,
            steps: 0,
            episodes: 0,
            average_reward: 0.0,
            last: 0,
            counts: [0; MOST_ARMS as usize],
            estimates: [config.first_estimate; MOST_ARMS as usize],
            preferences: [0.0; MOST_ARMS as usize],
        }
    }

    /// How often each arm was taken.
    pub fn counts(&self) -> &[u32] {
        &self.counts[..self.arms as usize]
    }

    /// What each arm is thought to pay.
    pub fn estimates(&self) -> &[f32] {
        &self.estimates[..self.arms as usize]
    }

    /// The gradient's preferences; zero with other rules.
    pub fn preferences(&self) -> &[f32] {
        &self.preferences[..self.arms as usize]
    }

    /// Chooses an arm.
    pub fn act<R: Rng + ?Sized>(&self, rng: &mut R) -> u32 {
        let (counts, estimates) = (self.counts(), self.estimates());
        match self.config.rule {
            BanditRule::Random => integers(rng, 0, i64::from(self.arms)) as u32,
            BanditRule::EpsilonGreedy { epsilon } => {
                let epsilon = epsilon.value(self.steps, self.episodes);
                epsilon_greedy(rng, epsilon, self.arms, || estimates)
            }
            BanditRule::Ucb { confidence } => upper_confidence(estimates, counts, confidence),
            BanditRule::Gradient { .. } => gradient::choose(rng, self.preferences()),
            BanditRule::ThompsonGaussian { prior_mean, prior_deviation, reward_deviation } => {
                let belief = thompson::Belief { prior_mean, prior_deviation, reward_deviation };
                thompson::choose_gaussian(rng, belief, estimates, counts)
            }
            BanditRule::ThompsonBernoulli { largest_reward } => {
                thompson::choose_bernoulli(rng, largest_reward, estimates, counts)
            }
        }
    }

    /// Learns what `arm` paid.
    ///
    /// # Panics
    /// If there is no such arm.
    pub fn observe(&mut self, arm: u32, step: Step) {
        assert!(arm < self.arms, "the arms are 0 to {}, not {arm}", self.arms - 1);
        let reward = step.reward as f32;
        if let BanditRule::Gradient { step_size, baseline } = self.config.rule {
            // The first reward is its own average, so that it moves nothing.
            let average = if self.steps == 0 { reward } else { self.average_reward };
            let advantage = reward - if baseline { average } else { 0.0 };
            let preferences = &mut self.preferences[..self.arms as usize];
            gradient::climb(preferences, arm, step_size * advantage);
        }
        self.steps += 1;
        if step.ending.is_some() {
            self.episodes += 1;
        }
        let share = 1.0 / self.steps as f32;
        self.average_reward = move_toward(self.average_reward, share, reward);
        let (count, estimate) = (&mut self.counts[arm as usize], &mut self.estimates[arm as usize]);
        *count = count.saturating_add(1);
        let step_size = self.config.step_size.unwrap_or(1.0 / *count as f32);
        *estimate = move_toward(*estimate, step_size, reward);
    }
}

/// Whatever is observed, it is the one situation there is.
impl<T> Agent<T> for BanditAgent {
    fn start<R: Rng + ?Sized>(&mut self, _: &[T], rng: &mut R) -> u32 {
        self.last = self.act(rng);
        self.last
    }

    fn step<R: Rng + ?Sized>(&mut self, step: Step, _: &[T], rng: &mut R) -> Option<u32> {
        self.observe(self.last, step);
        if step.ending.is_some() {
            return None;
        }
        self.last = self.act(rng);
        Some(self.last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GREEDY: BanditRule = BanditRule::EpsilonGreedy { epsilon: Schedule::constant(0.0) };

    fn pays(reward: f64) -> Step {
        Step { reward, ending: None }
    }

    #[test]
    fn estimates_are_averages_or_move_by_the_step_size() {
        let mut average = BanditAgent::new(BanditConfig::of(GREEDY), 2);
        let config = BanditConfig { first_estimate: 8.0, step_size: Some(0.5), rule: GREEDY };
        let mut moving = BanditAgent::new(config, 2);
        for reward in [4.0, 2.0, 6.0] {
            average.observe(1, pays(reward));
            moving.observe(1, pays(reward));
        }
        assert_eq!((average.estimates(), average.counts()), (&[0.0, 4.0][..], &[0, 3][..]));
        // 8, 6, 4, 5.
        assert_eq!(moving.estimates(), [8.0, 5.0]);
    }

    #[test]
    fn an_optimistic_start_tries_every_arm_without_any_epsilon() {
        let config = BanditConfig { first_estimate: 5.0, step_size: Some(0.1), rule: GREEDY };
        let mut agent = BanditAgent::new(config, 4);
        let rng = &mut crate::rng::stream(1, crate::rng::Role::Exploration);
        for expected in 0..4 {
            assert_eq!(agent.act(rng), expected);
            agent.observe(expected, pays(0.0));
        }
    }

    #[test]
    fn settings_that_make_no_sense_are_refused_in_words() {
        let complaint = |rule| BanditConfig::of(rule).complaint();
        assert_eq!(complaint(GREEDY), None);
        let epsilon = Schedule::constant(1.5);
        assert!(complaint(BanditRule::EpsilonGreedy { epsilon }).is_some());
        assert!(complaint(BanditRule::Ucb { confidence: f32::NAN }).is_some());
        assert!(complaint(BanditRule::ThompsonBernoulli { largest_reward: 0.0 }).is_some());
        let thompson = BanditRule::ThompsonBernoulli { largest_reward: 1.0 };
        let moving = BanditConfig { rule: thompson, first_estimate: 0.0, step_size: Some(0.1) };
        assert!(moving.complaint().is_some_and(|words| words.contains("averages")));
    }
}
