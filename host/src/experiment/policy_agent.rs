//! Core's agents without values behind one face, over memory sized at run time.
//!
//! All of them have a network as their policy, so all can be played greedily, hashed and exported alike. Imitation is
//! here only with what it has learned; it learns in `lockstep.rs`.

use super::agent::Sizes;
use super::memory::Memory;
use super::policy_config::{PolicyAgentConfig, PolicyRule};
use crate::failure::{Failure, Outcome};
use embedded_rl_core::agent::Agent;
use embedded_rl_core::env::Step;
use embedded_rl_core::nn::{Lanes, NetworkSpec, network};
use embedded_rl_core::policy::greedy_of_logits;
use embedded_rl_core::policy_search::{
    CrossEntropy, EvolutionStrategy, Genetic, HillClimbing, RandomSearch, Search, SearchAgent,
};
use embedded_rl_core::reinforce::Reinforce;
use embedded_rl_core::rng::{Generator, Rng, Role, stream};

/// An agent without values.
pub(super) struct PolicyAgent<'a> {
    spec: NetworkSpec,
    lanes: Lanes,
    /// Which elements of an observation it sees; all if empty.
    inputs: &'a [usize],
    seen: Vec<f32>,
    scratch: Vec<f32>,
    learner: Learner<'a>,
}

enum Learner<'a> {
    Fixed(Vec<f32>),
    Search(Box<SearchAgent<'a, AnySearch<'a>>>),
    Reinforce(Box<Reinforce<'a>>),
}

/// A search of any kind, so that one agent serves all of them.
struct AnySearch<'a>(Box<dyn Search + 'a>);

impl Search for AnySearch<'_> {
    fn population(&self) -> usize {
        self.0.population()
    }

    fn propose(&mut self, candidates: &mut [f32]) {
        self.0.propose(candidates);
    }

    fn learn(&mut self, candidates: &[f32], fitness: &[f32]) {
        self.0.learn(candidates, fitness);
    }

    fn parameters(&self) -> &[f32] {
        self.0.parameters()
    }
}

/// How much memory an agent takes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Needs {
    /// Floats of the agent itself.
    pub(super) floats: usize,
    /// Floats of its search.
    pub(super) search_floats: usize,
    /// Places of candidates, or actions of steps.
    pub(super) integers: usize,
}

impl Needs {
    /// What an agent needs that fits its environment.
    pub(super) fn of(config: &PolicyAgentConfig, sizes: Sizes) -> Outcome<Self> {
        if let Some(misfit) = config.misfit(sizes.width, sizes.actions) {
            return Err(Failure::wrong_use(misfit));
        }
        let spec = config.network.spec(sizes.width, sizes.actions);
        let parameters = spec.parameter_count();
        let search = |population: usize, search_floats, integers| Self {
            floats: SearchAgent::<AnySearch<'_>>::float_count(&spec, population),
            search_floats,
            integers,
        };
        Ok(match &config.rule {
            PolicyRule::LinearPolicy(_) | PolicyRule::Imitation(_) => Self::default(),
            PolicyRule::RandomSearch(_) => search(1, RandomSearch::float_count(parameters), 0),
            PolicyRule::HillClimbing(_) => search(1, HillClimbing::float_count(parameters), 0),
            PolicyRule::Genetic(config) => {
                let population = config.population as usize;
                search(population, Genetic::float_count(config, parameters), population)
            }
            PolicyRule::CrossEntropy(config) => {
                let population = config.population as usize;
                search(population, CrossEntropy::float_count(parameters), population)
            }
            PolicyRule::EvolutionStrategy(config) => {
                let floats = EvolutionStrategy::float_count(config, parameters);
                search(2 * config.pairs as usize, floats, 0)
            }
            PolicyRule::Reinforce(rule) => {
                let limit = sizes.limit.ok_or_else(|| {
                    Failure::wrong_use(
                        "reinforce remembers whole episodes; give a step_limit to this environment",
                    )
                })?;
                let steps = rule.episodes_an_update as usize * limit as usize;
                let value = rule.baseline.map(|_| config.network.value_spec(sizes.width));
                let floats = Reinforce::float_count(rule, &spec, value.as_ref(), steps);
                Self { floats, search_floats: 0, integers: steps }
            }
        })
    }
}

/// The policy's first parameters, and those of a network for values, which are drawn after them.
pub(super) fn first_parameters(
    config: &PolicyAgentConfig,
    seed: u64,
    specs: &[NetworkSpec],
) -> Vec<Vec<f32>> {
    let rng = &mut stream(seed, Role::Initialisation);
    let draw = |spec: &NetworkSpec| {
        let mut parameters = vec![0.0; spec.parameter_count()];
        config.network.initialisation.draw(spec, rng, &mut parameters);
        parameters
    };
    specs.iter().map(draw).collect()
}

impl<'a> PolicyAgent<'a> {
    /// An agent that has seen nothing, in memory as it [`Needs`] it.
    pub(super) fn new(
        config: &'a PolicyAgentConfig,
        sizes: Sizes,
        seed: u64,
        memory: &'a mut Memory,
    ) -> Self {
        let spec = config.network.spec(sizes.width, sizes.actions);
        let lanes = Lanes::best();
        let (floats, search_floats) = (&mut memory.values[..], &mut memory.other_values[..]);
        let order = &mut memory.visits[..];
        let rng = || -> Generator { stream(seed, Role::Learning) };
        let first = || first_parameters(config, seed, &[spec]).swap_remove(0);
        let search: Box<dyn Search + 'a> = match &config.rule {
            PolicyRule::LinearPolicy(sum) => {
                return Self::fixed(config, sizes, lanes, sum.parameters());
            }
            PolicyRule::Imitation(_) => return Self::fixed(config, sizes, lanes, first()),
            PolicyRule::Reinforce(rule) => {
                let value = rule.baseline.map(|_| config.network.value_spec(sizes.width));
                let specs: Vec<NetworkSpec> = [Some(spec), value].into_iter().flatten().collect();
                let first = first_parameters(config, seed, &specs);
                let value = value.map(|value| (value, &first[1][..]));
                let policy = (spec, &first[0][..]);
                let agent = Reinforce::new(*rule, lanes, policy, value, floats, order);
                let learner = Learner::Reinforce(Box::new(agent));
                return Self::with(config, sizes, lanes, learner);
            }
            PolicyRule::RandomSearch(rule) => {
                Box::new(RandomSearch::new(*rule, rng(), search_floats))
            }
            PolicyRule::HillClimbing(rule) => {
                Box::new(HillClimbing::new(*rule, rng(), search_floats))
            }
            PolicyRule::Genetic(rule) => Box::new(Genetic::new(*rule, rng(), search_floats, order)),
            PolicyRule::CrossEntropy(rule) => {
                Box::new(CrossEntropy::new(*rule, rng(), search_floats, order))
            }
            PolicyRule::EvolutionStrategy(rule) => {
                Box::new(EvolutionStrategy::new(*rule, rng(), lanes, &first(), search_floats))
            }
        };
        // A rule that searches was read with its settings.
        let Some(tries) = config.search else { unreachable!("a search without its settings") };
        let agent = SearchAgent::new(spec, lanes, tries, AnySearch(search), floats);
        Self::with(config, sizes, lanes, Learner::Search(Box::new(agent)))
    }

    fn fixed(
        config: &'a PolicyAgentConfig,
        sizes: Sizes,
        lanes: Lanes,
        parameters: Vec<f32>,
    ) -> Self {
        Self::with(config, sizes, lanes, Learner::Fixed(parameters))
    }

    fn with(
        config: &'a PolicyAgentConfig,
        sizes: Sizes,
        lanes: Lanes,
        learner: Learner<'a>,
    ) -> Self {
        let spec = config.network.spec(sizes.width, sizes.actions);
        Self {
            spec,
            lanes,
            inputs: &config.network.inputs,
            seen: vec![0.0; spec.inputs()],
            scratch: vec![0.0; spec.scratch_count()],
            learner,
        }
    }

    /// The policy: what was learned, or is best so far.
    pub(super) fn parameters(&self) -> &[f32] {
        match &self.learner {
            Learner::Fixed(parameters) => parameters,
            Learner::Search(agent) => agent.parameters(),
            Learner::Reinforce(agent) => agent.parameters(),
        }
    }

    /// Which network they are of.
    pub(super) const fn spec(&self) -> &NetworkSpec {
        &self.spec
    }

    /// Which elements of an observation it sees; all if empty.
    pub(super) const fn inputs(&self) -> &[usize] {
        self.inputs
    }

    /// Plays with other parameters from now on.
    pub(super) fn replace(&mut self, parameters: Vec<f32>) {
        self.learner = Learner::Fixed(parameters);
    }

    /// Episodes that a search needed to reach its goal.
    pub(super) fn episodes_to_goal(&self) -> Option<u64> {
        match &self.learner {
            Learner::Search(agent) => agent.found().map(|found| found.episodes),
            _ => None,
        }
    }

    /// The likeliest action.
    pub(super) fn greedy_action<T: Copy + Into<f64>>(&mut self, observation: &[T]) -> u32 {
        see(observation, self.inputs, &mut self.seen);
        let parameters = match &self.learner {
            Learner::Fixed(parameters) => parameters,
            Learner::Search(agent) => agent.parameters(),
            Learner::Reinforce(agent) => agent.parameters(),
        };
        let logits =
            network::infer(self.lanes, &self.spec, parameters, &self.seen, &mut self.scratch);
        greedy_of_logits(logits)
    }
}

impl<T: Copy + Into<f64>> Agent<T> for PolicyAgent<'_> {
    fn start<R: Rng + ?Sized>(&mut self, observation: &[T], rng: &mut R) -> u32 {
        see(observation, self.inputs, &mut self.seen);
        match &mut self.learner {
            Learner::Fixed(_) => self.greedy_action(observation),
            Learner::Search(agent) => agent.start(&self.seen, rng),
            Learner::Reinforce(agent) => agent.start(&self.seen, rng),
        }
    }

    fn step<R: Rng + ?Sized>(
        &mut self,
        step: Step,
        next_observation: &[T],
        rng: &mut R,
    ) -> Option<u32> {
        see(next_observation, self.inputs, &mut self.seen);
        match &mut self.learner {
            Learner::Fixed(_) if step.ending.is_some() => None,
            Learner::Fixed(_) => Some(self.greedy_action(next_observation)),
            Learner::Search(agent) => agent.step(step, &self.seen, rng),
            Learner::Reinforce(agent) => agent.step(step, &self.seen, rng),
        }
    }
}

/// Copies the elements of an observation that `inputs` name, or all.
pub(super) fn see<T: Copy + Into<f64>>(observation: &[T], inputs: &[usize], seen: &mut [f32]) {
    for (place, seen) in seen.iter_mut().enumerate() {
        let index = inputs.get(place).copied().unwrap_or(place);
        let element: f64 = observation[index].into();
        *seen = element as f32;
    }
}
