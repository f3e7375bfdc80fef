//! Tries candidates of a search in episodes of an environment: an agent like any other to the wheel.
//!
//! A candidate acts greedily by the network that its parameters are; its fitness is the mean return of its episodes. Once
//! one has reached the goal nothing is searched any more, and that one plays on.

use super::Search;
use crate::agent::Agent;
use crate::env::Step;
use crate::nn::{Lanes, NetworkSpec, network};
use crate::policy::greedy_of_logits;
use crate::rng::Rng;

/// How candidates are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct SearchConfig {
    /// Episodes of each candidate.
    pub episodes_a_candidate: u32,
    /// The mean return at which the search is over; infinite for never.
    pub goal: f32,
    /// Episodes over which a candidate at the goal must stay there, if these are more.
    pub confirmed_over: u32,
}

impl SearchConfig {
    /// What is wrong with the settings, in words; `None` if nothing is.
    pub fn complaint(&self) -> Option<&'static str> {
        if self.episodes_a_candidate == 0 {
            Some("episodes_a_candidate must be at least 1")
        } else if self.goal.is_nan() {
            Some("goal must be a number (inf for never)")
        } else {
            None
        }
    }
}

/// When the goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Episodes of all candidates until then, its own included.
    pub episodes: u64,
}

/// A search at work.
#[derive(Debug)]
pub struct SearchAgent<'a, S> {
    spec: NetworkSpec,
    lanes: Lanes,
    config: SearchConfig,
    search: S,
    /// `[population][parameters]`
    candidates: &'a mut [f32],
    /// `[population]`
    fitness: &'a mut [f32],
    scratch: &'a mut [f32],
    /// Which candidate is tried.
    number: usize,
    /// Its finished episodes.
    tries: u32,
    /// Its rewards in all of them.
    total_reward: f64,
    episodes: u64,
    found: Option<Found>,
}

impl<'a, S: Search> SearchAgent<'a, S> {
    /// How many floats [`SearchAgent::new`] takes for a network and a search with so many candidates.
    pub const fn float_count(spec: &NetworkSpec, population: usize) -> usize {
        population * (spec.parameter_count() + 1) + spec.scratch_count()
    }

    /// An agent with the first generation of `search`.
    ///
    /// # Panics
    /// If the floats are not [`SearchAgent::float_count`], or the search is for other parameters.
    pub fn new(
        spec: NetworkSpec,
        lanes: Lanes,
        config: SearchConfig,
        mut search: S,
        floats: &'a mut [f32],
    ) -> Self {
        let population = search.population();
        assert_eq!(
            search.parameters().len(),
            spec.parameter_count(),
            "a search for another network"
        );
        assert_eq!(floats.len(), Self::float_count(&spec, population), "memory of another search");
        let (candidates, rest) = floats.split_at_mut(population * spec.parameter_count());
        let (fitness, scratch) = rest.split_at_mut(population);
        search.propose(candidates);
        Self {
            spec,
            lanes,
            config,
            search,
            candidates,
            fitness,
            scratch,
            number: 0,
            tries: 0,
            total_reward: 0.0,
            episodes: 0,
            found: None,
        }
    }

    /// The candidate that reached the goal, or what the search thinks best so far.
    pub fn parameters(&self) -> &[f32] {
        if self.found.is_some() { self.candidate() } else { self.search.parameters() }
    }

    /// When the goal was reached, if it was.
    pub const fn found(&self) -> Option<Found> {
        self.found
    }

    fn candidate(&self) -> &[f32] {
        let width = self.spec.parameter_count();
        &self.candidates[self.number * width..][..width]
    }

    fn choose(&mut self, observation: &[f32]) -> u32 {
        let width = self.spec.parameter_count();
        let candidate = &self.candidates[self.number * width..][..width];
        let logits = network::infer(self.lanes, &self.spec, candidate, observation, self.scratch);
        greedy_of_logits(logits)
    }

    /// An episode is over: the same candidate, the next one, or the next generation.
    fn conclude(&mut self) {
        self.episodes += 1;
        self.tries += 1;
        let mean = (self.total_reward / f64::from(self.tries)) as f32;
        let at_goal = mean >= self.config.goal;
        if self.tries < self.config.episodes_a_candidate
            || (at_goal && self.tries < self.config.confirmed_over)
        {
            return;
        }
        if at_goal {
            self.found = Some(Found { episodes: self.episodes });
            return;
        }
        self.fitness[self.number] = mean;
        (self.tries, self.total_reward) = (0, 0.0);
        self.number += 1;
        if self.number == self.fitness.len() {
            self.number = 0;
            self.search.learn(self.candidates, self.fitness);
            self.search.propose(self.candidates);
        }
    }
}

impl<S: Search> Agent<f32> for SearchAgent<'_, S> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[f32], _: &mut R) -> u32 {
        self.choose(observation)
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[f32],
        _: &mut R,
    ) -> Option<u32> {
        self.total_reward += step.reward;
        if step.ending.is_none() {
            return Some(self.choose(next_observation));
        }
        if self.found.is_none() {
            self.conclude();
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::env::Ending;
    use crate::rng::{Generator, SeedableRng};

    /// Two candidates a generation, the numbers from 0 on.
    struct Counting {
        next: f32,
        best: [f32; 2],
        heard: [f32; 2],
    }

    impl Search for Counting {
        fn population(&self) -> usize {
            2
        }

        fn propose(&mut self, candidates: &mut [f32]) {
            for candidate in candidates.chunks_mut(2) {
                candidate.copy_from_slice(&[0.0, self.next]);
                self.next += 1.0;
            }
        }

        fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
            self.best.copy_from_slice(&candidates[..2]);
            self.heard.copy_from_slice(fitness);
        }

        fn parameters(&self) -> &[f32] {
            &self.best
        }
    }

    #[test]
    fn candidates_take_turns_and_one_at_the_goal_must_stay_there() {
        const NET: NetworkSpec = NetworkSpec::input(1).dense(1);
        let config = SearchConfig { episodes_a_candidate: 2, goal: 10.0, confirmed_over: 3 };
        let search = Counting { next: 0.0, best: [0.0; 2], heard: [0.0; 2] };
        let mut floats = [0.0; SearchAgent::<Counting>::float_count(&NET, 2)];
        let mut agent = SearchAgent::new(NET, Lanes::scalar(), config, search, &mut floats);
        let rng = &mut Generator::seed_from_u64(0);
        let mut episode = |agent: &mut SearchAgent<'_, Counting>, reward: f64| {
            assert_eq!(agent.start(&[0.0], rng), u32::from(agent.candidate()[1] > 0.0));
            let last = Step { reward, ending: Some(Ending::Terminated) };
            assert_eq!(agent.step(last, &[0.0], rng), None);
        };
        // Candidate 0: 3 on average. Candidate 1: at the goal over two, not over three.
        for reward in [2.0, 4.0, 10.0, 10.0, 4.0] {
            episode(&mut agent, reward);
        }
        assert_eq!(agent.search.heard, [3.0, 8.0]);
        assert_eq!((agent.found(), agent.parameters()), (None, &[0.0, 0.0][..]));
        // Candidate 2 stays there.
        for _ in 0..3 {
            episode(&mut agent, 10.0);
        }
        assert_eq!(agent.found(), Some(Found { episodes: 8 }));
        episode(&mut agent, 0.0);
        assert_eq!(
            (agent.found(), agent.parameters()),
            (Some(Found { episodes: 8 }), &[0.0, 2.0][..])
        );
    }
}
