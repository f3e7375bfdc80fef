//! One hash an agent without values: what it has learned on CartPole, to the bit. With every kind of lanes, with and
//! without optimisation; the firmware can compare itself with the same numbers.

use embedded_rl_core::agent::Agent;
use embedded_rl_core::env::{Env, TimeLimit};
use embedded_rl_core::envs::classic::CartPole;
use embedded_rl_core::imitation::Imitation;
use embedded_rl_core::nn::{
    Activation, Initialisation, Lanes, NetworkSpec, Optimiser, RmsPropForm,
};
use embedded_rl_core::policy::{CART_POLE_ANGLE, linear};
use embedded_rl_core::policy_search::{
    CrossEntropy, CrossEntropyConfig, EvolutionStrategy, EvolutionStrategyConfig, Genetic,
    GeneticConfig, HillClimbing, HillClimbingConfig, RandomSearch, RandomSearchConfig,
    Reproduction, Search, SearchAgent, SearchConfig,
};
use embedded_rl_core::reinforce::{BaselineConfig, Reinforce, ReinforceConfig};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::Run;
use embedded_rl_core::weights;

const NET: NetworkSpec = NetworkSpec::mlp(&[4, 5, 1], Activation::Elu);
const PARAMETERS: usize = NET.parameter_count();

fn first_parameters() -> [f32; PARAMETERS] {
    let mut parameters = [0.0; PARAMETERS];
    let rng = &mut stream(1, Role::Initialisation);
    Initialisation::XavierUniform.draw(&NET, rng, &mut parameters);
    parameters
}

/// Lets an agent act and learn in episodes of at most 100 steps.
fn live<A: Agent<f32>>(agent: &mut A, episodes: u64) {
    let mut observation = [0.0; 4];
    let env = TimeLimit::new(CartPole::new(), 100);
    Run::new(env, &mut observation, 1).episodes(agent, episodes, |_| {});
}

fn searched<S: Search>(lanes: Lanes, search: S) -> u64 {
    let config = SearchConfig { episodes_a_candidate: 2, goal: f32::INFINITY, confirmed_over: 0 };
    let mut floats = vec![0.0; SearchAgent::<S>::float_count(&NET, search.population())];
    let mut agent = SearchAgent::new(NET, lanes, config, search, &mut floats);
    live(&mut agent, 200);
    weights::hash(agent.parameters())
}

#[test]
fn every_search_finds_the_recorded_bits() {
    let draws = || stream(1, Role::Learning);
    let genetic = |reproduction| GeneticConfig {
        population: 10,
        parents: 3,
        survivors: 1,
        reproduction,
        mutation: 0.3,
        mutation_share: 0.5,
        spread: 1.0,
    };
    let climbing = HillClimbingConfig {
        spread: 1.0,
        step: 0.5,
        after_better: 0.5,
        after_worse: 1.5,
        smallest_step: 0.01,
        largest_step: 2.0,
    };
    let cross_entropy =
        CrossEntropyConfig { population: 10, elite: 3, spread: 1.0, noise: 0.2, noise_decay: 0.8 };
    let strategy =
        EvolutionStrategyConfig { pairs: 5, deviation: 0.5, optimiser: Optimiser::adam(0.1) };
    let bred = |lanes, reproduction| {
        let config = genetic(reproduction);
        let mut floats = vec![0.0; Genetic::float_count(&config, PARAMETERS)];
        searched(lanes, Genetic::new(config, draws(), &mut floats, &mut [0; 10]))
    };
    for lanes in Lanes::available() {
        let mut one = [0.0; PARAMETERS];
        let mut two = [0.0; 2 * PARAMETERS];
        let mut more = vec![0.0; EvolutionStrategy::float_count(&strategy, PARAMETERS)];
        let guess = RandomSearchConfig { spread: 1.0 };
        let found = [
            searched(lanes, RandomSearch::new(guess, draws(), &mut one)),
            searched(lanes, HillClimbing::new(climbing, draws(), &mut one)),
            bred(lanes, Reproduction::Asexual),
            bred(lanes, Reproduction::Sexual),
            searched(lanes, CrossEntropy::new(cross_entropy, draws(), &mut two, &mut [0; 10])),
            searched(
                lanes,
                EvolutionStrategy::new(strategy, draws(), lanes, &first_parameters(), &mut more),
            ),
        ];
        let expected = [
            "1b54eaa0a5c905b4",
            "960706b341926869",
            "a0a414c61e3b98d9",
            "15287451c83e805f",
            "b77a30147893bf8f",
            "3974dd0e4d620813",
        ];
        assert_eq!(found.map(|hash| format!("{hash:016x}")), expected, "{lanes:?}");
    }
}

#[test]
fn reinforce_with_a_baseline_learns_the_recorded_bits() {
    let config = ReinforceConfig {
        discount: 0.95,
        episodes_an_update: 5,
        normalise: true,
        optimiser: Optimiser::adam(0.01),
        clip_norm: 0.1,
        baseline: Some(BaselineConfig { optimiser: Optimiser::adam(0.01), passes: 3 }),
    };
    let first = first_parameters();
    for lanes in Lanes::available() {
        let (mut floats, mut actions) =
            (vec![0.0; Reinforce::float_count(&config, &NET, Some(&NET), 500)], vec![0; 500]);
        let value = Some((NET, &first[..]));
        let mut agent =
            Reinforce::new(config, lanes, (NET, &first[..]), value, &mut floats, &mut actions);
        live(&mut agent, 100);
        assert_eq!(agent.updates, 20);
        let hash = weights::hash(agent.parameters());
        assert_eq!(format!("{hash:016x}"), "8712f9164de5b4b1", "{lanes:?}");
    }
}

#[test]
fn imitation_learns_the_recorded_bits() {
    let optimiser = Optimiser::RmsProp {
        learning_rate: 1e-3,
        decay: 0.9,
        epsilon: 1e-7,
        form: RmsPropForm::Plain,
    };
    for lanes in Lanes::available() {
        let mut floats = vec![0.0; Imitation::float_count(&NET, &optimiser)];
        let mut learner = Imitation::new(NET, lanes, optimiser, &first_parameters(), &mut floats);
        let (env_rng, exploration_rng) =
            (&mut stream(1, Role::Environment), &mut stream(1, Role::Exploration));
        // 45 rows, so that the last part of a batch is another size.
        let mut crowd = vec![(TimeLimit::new(CartPole::new(), 100), [0.0; 4]); 45];
        for (env, seen) in &mut crowd {
            env.reset(env_rng, seen);
        }
        for _ in 0..100 {
            let seen: Vec<[f32; 4]> = crowd.iter().map(|(_, seen)| *seen).collect();
            let shown: Vec<u32> = seen.iter().map(|seen| linear(&CART_POLE_ANGLE, seen)).collect();
            for (env, seen) in &mut crowd {
                let action = learner.sample(seen, exploration_rng);
                if env.step(action, env_rng, seen).ending.is_some() {
                    env.reset(env_rng, seen);
                }
            }
            learner.learn(seen.as_flattened(), &shown);
        }
        let hash = weights::hash(learner.parameters());
        assert_eq!(format!("{hash:016x}"), "57e847be6adaf9d6", "{lanes:?}");
    }
}
