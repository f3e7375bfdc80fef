//! One hash an agent: what it has learned after 10,000 steps, to the bit. The tests run with and without optimisation,
//! and the firmware can compare itself with the same numbers.

use embedded_rl_core::bandit_agents::{BanditAgent, BanditConfig, BanditRule};
use embedded_rl_core::env::TimeLimit;
use embedded_rl_core::envs::classic::MountainCar;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::envs::gridworld::Gridworld;
use embedded_rl_core::linear::{LinearMemory, SemiGradientSarsa, TileCoder};
use embedded_rl_core::policy::{Per, Schedule, Ties};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::Run;
use embedded_rl_core::tabular::{
    ActionValues, DoubleQLearning, DynaQ, ExpectedSarsa, ModelEntry, MonteCarlo, MonteCarloMemory,
    NStepSarsa, PolicyEvaluation, QLearning, ReplayQLearning, Sarsa, SarsaLambda, TabularAgent,
    TabularConfig, Trace, Transition,
};

/// Settings that depend on steps and on episodes, so that a miscounted one shows.
const CONFIG: TabularConfig = TabularConfig {
    discount: 0.9,
    step_size: Schedule::Inverse { from: 0.5, to: 0.05, decay: 0.01, per: Per::Episode },
    exploration: Schedule::Linear { from: 1.0, to: 0.1, over: 5_000, per: Per::Step },
    ties: Ties::Random,
};

/// FNV-1a of the numbers' bits.
fn hash(numbers: &[f32]) -> u64 {
    numbers.iter().fold(0xCBF2_9CE4_8422_2325, |hash, number| {
        (hash ^ u64::from(number.to_bits())).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// The hash of what `agent` learns on the obstacle map in episodes of at most 50 steps.
fn learned<A: TabularAgent>(mut agent: A) -> u64 {
    let (mut observation, mut episodes) = ([0], 0);
    let env = TimeLimit::new(Gridworld::<90>::obstacle().unwrap(), 50);
    let mut run = Run::new(env, &mut observation, 1);
    for _ in 0..10_000 {
        episodes += u64::from(run.turn(&mut agent).episode.is_some());
    }
    assert_eq!((agent.progress().steps, agent.progress().episodes), (10_000, episodes));
    let values: Vec<f32> = (0..90)
        .flat_map(|state| [0, 1, 2, 3].map(|action| (state, action)))
        .map(|(state, action)| agent.value(state, action))
        .collect();
    hash(&values)
}

fn assert_hash(name: &str, got: u64, want: u64) {
    assert!(got == want, "{name} has learned something else: {got:#018X}, not {want:#018X}");
}

#[test]
fn every_table_is_the_known_one_to_the_bit() {
    let mut memory = vec![[0.0; 360]; 12];
    let mut next = memory.iter_mut();
    let mut table = || ActionValues::new(next.next().unwrap(), 4);
    assert_hash("q-learning", learned(QLearning::new(CONFIG, table())), 0xEF23_31BB_6874_2CE2);
    assert_hash("sarsa", learned(Sarsa::new(CONFIG, table())), 0x82EA_BD18_ED95_2A2F);
    assert_hash(
        "expected sarsa",
        learned(ExpectedSarsa::new(CONFIG, table())),
        0x16DC_F70A_2CA9_AB1D,
    );
    let coins = stream(1, Role::Learning);
    let double = DoubleQLearning::new(CONFIG, [table(), table()], coins);
    assert_hash("double q-learning", learned(double), 0xF3A6_9396_C0F8_D859);
    let recent = &mut [Transition::default(); 4];
    assert_hash(
        "n-step sarsa",
        learned(NStepSarsa::new(CONFIG, table(), recent)),
        0xF8E8_1237_2142_5C63,
    );
    let traces = &mut [0.0; 360];
    let lambda = SarsaLambda::new(CONFIG, 0.9, Trace::Replacing, table(), traces);
    assert_hash("sarsa(lambda)", learned(lambda), 0xF385_3F42_5F4A_4030);
    let steps = &mut [Transition::default(); 500];
    let replay = ReplayQLearning::new(CONFIG, 5, table(), steps, stream(1, Role::Replay));
    assert_hash("replay q-learning", learned(replay), 0xA857_5EBD_C927_A6F2);
    let model = &mut [ModelEntry::default(); 360];
    let dyna = DynaQ::new(CONFIG, 5, table(), model, stream(1, Role::Learning));
    assert_hash("dyna-q", learned(dyna), 0x8A05_8CD9_4679_4348);
    let memory = MonteCarloMemory {
        steps: &mut [Transition::default(); 50],
        first_visits: &mut [0; 360],
        counts: &mut [0; 360],
    };
    assert_hash(
        "monte carlo",
        learned(MonteCarlo::new(CONFIG, table(), memory)),
        0xF4C2_8D8E_6BED_CAE2,
    );
    let evaluated = |_, action| if action == 2 { 0.7 } else { 0.1 };
    let evaluation = PolicyEvaluation::new(CONFIG, |_, _| 0.25, evaluated, table());
    assert_hash("policy evaluation", learned(evaluation), 0x1408_F44A_1DDE_6928);
}

#[test]
fn the_car_s_weights_are_the_known_ones_to_the_bit() {
    let coder = TileCoder::new(8, 8, [-1.2, -0.07], [0.5, 0.07]);
    let mut weights = vec![0.0; 3 * coder.tile_count()];
    let memory =
        LinearMemory { weights: &mut weights, active: &mut [0; 8], next_active: &mut [0; 8] };
    let mut agent = SemiGradientSarsa::new(CONFIG, coder, 3, memory);
    let (mut observation, mut episodes) = ([0.0; 2], 0);
    let mut run = Run::new(TimeLimit::new(MountainCar::new(), 200), &mut observation, 1);
    for _ in 0..10_000 {
        episodes += u64::from(run.turn(&mut agent).episode.is_some());
    }
    assert_eq!((agent.state.steps, agent.state.episodes), (10_000, episodes));
    assert_hash("semi-gradient sarsa", hash(&weights), 0x959E_E376_A5D2_3BCB);
}

#[test]
fn every_bandit_agent_is_the_known_one_to_the_bit() {
    let falling = Schedule::Inverse { from: 1.0, to: 0.0, decay: 0.2, per: Per::Episode };
    let thompson_gaussian = BanditRule::ThompsonGaussian {
        prior_mean: 0.0,
        prior_deviation: 1.0,
        reward_deviation: 1.0,
    };
    for (name, rule, want) in [
        ("random", BanditRule::Random, 0x8F7B_830D_CB13_5BA8),
        ("epsilon-greedy", BanditRule::EpsilonGreedy { epsilon: falling }, 0xB6D2_12DD_B643_37C2),
        ("ucb", BanditRule::Ucb { confidence: 2.0 }, 0xC43D_5493_20B9_D741),
        (
            "gradient",
            BanditRule::Gradient { step_size: 0.1, baseline: true },
            0x05E9_FA9F_6870_B183,
        ),
        ("thompson, gaussian", thompson_gaussian, 0xC8F7_0687_4780_26EB),
        (
            "thompson, bernoulli",
            BanditRule::ThompsonBernoulli { largest_reward: 2.0 },
            0x6162_8C4F_8286_D8E3,
        ),
    ] {
        let mut agent = BanditAgent::new(BanditConfig::of(rule), 10);
        let (mut observation, mut episodes) = ([0], 0);
        let bandit = TimeLimit::new(GaussianBandit::stationary(10, 1.0).unwrap(), 100);
        let mut run = Run::new(bandit, &mut observation, 1);
        for _ in 0..2_000 {
            episodes += u64::from(run.turn(&mut agent).episode.is_some());
        }
        assert_eq!((agent.steps, agent.episodes), (2_000, episodes));
        let both = [agent.estimates(), agent.preferences()].concat();
        assert_hash(name, hash(&both), want);
    }
}
