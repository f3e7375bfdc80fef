//! What agents for bandits do over many seeds: how regret grows in rooms, and the testbed of Sutton and Barto.

use embedded_rl_core::bandit_agents::{BanditAgent, BanditConfig, BanditRule};
use embedded_rl_core::env::{Ending, Step};
use embedded_rl_core::envs::bandit_rooms::BanditRooms;
use embedded_rl_core::envs::gaussian_bandit::GaussianBandit;
use embedded_rl_core::policy::{Per, Schedule};
use embedded_rl_core::rng::{Role, stream};
use embedded_rl_core::run::online::Run;

const LARGEST_REWARD: f32 = 10.0;

/// Averages over seeds of a run of 3,000 episodes in 20 rooms whose intervals overlap by nine tenths.
struct Rooms {
    /// Total regret after 375, 750, 1,500 and 3,000 episodes.
    regret: [f64; 4],
    /// Share of the best room among the last 500 choices.
    best_share: f64,
}

fn rooms(config: BanditConfig, seeds: u64) -> Rooms {
    let mut average = Rooms { regret: [0.0; 4], best_share: 0.0 };
    for seed in 0..seeds {
        let draws = &mut stream(seed, Role::Initialisation);
        let env = BanditRooms::new(20, 0.9, f64::from(LARGEST_REWARD), draws).unwrap();
        let means: Vec<f64> =
            (0..20).map(|room| (env.interval(room).start + env.interval(room).end) / 2.0).collect();
        let best = env.best();
        let (mut agent, mut observation) = (BanditAgent::new(config, 20), [0]);
        let mut run = Run::new(env, &mut observation, seed);
        let (mut regret, mut best_taken) = (0.0, 0.0);
        for episode in 1..=3_000 {
            let turn = run.turn(&mut agent);
            assert_eq!(turn.episode.unwrap().ending, Ending::Terminated);
            regret += means[best as usize] - means[turn.action as usize];
            best_taken += f64::from(u8::from(episode > 2_500 && turn.action == best));
            if let Some(mark) = [375, 750, 1_500, 3_000].iter().position(|&mark| mark == episode) {
                average.regret[mark] += regret / seeds as f64;
            }
        }
        average.best_share += best_taken / 500.0 / seeds as f64;
    }
    average
}

fn epsilon_greedy(epsilon: f64) -> BanditConfig {
    BanditConfig::of(BanditRule::EpsilonGreedy { epsilon: Schedule::constant(epsilon) })
}

/// Intervals are a = 10 / 2.9 long and the mean gap to the best room is 9.5 * a / 10 = 3.276.
const MEAN_GAP: f64 = 9.5 * LARGEST_REWARD as f64 / 29.0;

#[test]
fn choosing_at_random_loses_the_mean_gap_each_time() {
    let Rooms { regret, best_share } = rooms(BanditConfig::of(BanditRule::Random), 20);
    assert!((regret[3] / 3_000.0 - MEAN_GAP).abs() < 0.05, "{regret:?}");
    assert!((best_share - 0.05).abs() < 0.01, "{best_share}");
}

/// For regret that grows like log t, what is added while t doubles stays the same; for linear regret it doubles.
#[test]
fn regret_of_ucb_grows_like_the_logarithm_of_time() {
    let ucb = BanditRule::Ucb { confidence: 0.2 * LARGEST_REWARD };
    let Rooms { regret: r, best_share } = rooms(BanditConfig::of(ucb), 40);
    let added = [r[1] - r[0], r[2] - r[1], r[3] - r[2]];
    assert!(added.windows(2).all(|pair| (0.8..1.3).contains(&(pair[1] / pair[0]))), "{added:?}");
    assert!(best_share > 0.95, "{best_share}");
}

#[test]
fn regret_of_epsilon_greedy_grows_linearly() {
    let Rooms { regret: r, best_share } = rooms(epsilon_greedy(0.07), 100);
    assert!((1.5..2.2).contains(&((r[3] - r[2]) / (r[2] - r[1]))), "{r:?}");
    // Exploration alone loses 0.07 * 3.276 a step for ever; the rest is what it takes the second best room for.
    let slope = (r[3] - r[2]) / 1_500.0;
    assert!((0.95..1.45).contains(&(slope / (0.07 * MEAN_GAP))), "{slope}");
    assert!((0.75..0.93).contains(&best_share), "{best_share}");
}

#[test]
fn everyone_who_learns_beats_chance_by_far() {
    let falling = Schedule::Inverse { from: 1.0, to: 0.0, decay: 0.05, per: Per::Episode };
    let thompson_gaussian = BanditRule::ThompsonGaussian {
        prior_mean: 0.5 * LARGEST_REWARD,
        prior_deviation: 0.3 * LARGEST_REWARD,
        reward_deviation: 0.1 * LARGEST_REWARD,
    };
    // Most regret and least share of the best room; chance loses 9,800.
    for (name, config, most_regret, least_share) in [
        ("decaying", BanditConfig::of(BanditRule::EpsilonGreedy { epsilon: falling }), 900.0, 0.6),
        (
            "optimistic",
            BanditConfig {
                first_estimate: LARGEST_REWARD,
                step_size: Some(0.1),
                ..epsilon_greedy(0.0)
            },
            600.0,
            0.9,
        ),
        (
            "gradient",
            BanditConfig::of(BanditRule::Gradient { step_size: 0.05, baseline: true }),
            1_500.0,
            0.5,
        ),
        ("thompson, gaussian", BanditConfig::of(thompson_gaussian), 250.0, 0.95),
        (
            "thompson, bernoulli",
            BanditConfig::of(BanditRule::ThompsonBernoulli { largest_reward: LARGEST_REWARD }),
            1_300.0,
            0.8,
        ),
    ] {
        let Rooms { regret, best_share } = rooms(config, 10);
        assert!(regret[3] < most_regret, "{name}: {regret:?}");
        assert!(best_share > least_share, "{name}: {best_share}");
    }
}

/// Average reward and share of the best arm in the last 100 of 1,000 steps, over `runs` ten-armed bandits.
fn testbed(config: BanditConfig, mean: f64, runs: u64) -> (f64, f64) {
    let (mut reward, mut best_taken) = (0.0, 0.0);
    for seed in 0..runs {
        let (mut agent, mut observation) = (BanditAgent::new(config, 10), [0]);
        let bandit = GaussianBandit::stationary(10, mean).unwrap();
        let mut run = Run::new(bandit, &mut observation, seed);
        for step in 0..GaussianBandit::STEPS {
            let turn = run.turn(&mut agent);
            if step >= GaussianBandit::STEPS - 100 {
                reward += turn.step.reward;
                best_taken += f64::from(u8::from(turn.action == run.env.best()));
            }
        }
    }
    let steps = 100.0 * runs as f64;
    (reward / steps, best_taken / steps)
}

/// Figures 2.2 to 2.4 of the book, read off at the end of the curves.
#[test]
fn the_testbed_looks_like_the_book_s() {
    let moving = |first_estimate, epsilon| BanditConfig {
        first_estimate,
        step_size: Some(0.1),
        ..epsilon_greedy(epsilon)
    };
    let ucb = BanditConfig::of(BanditRule::Ucb { confidence: 2.0 });
    for (name, config, reward, share) in [
        ("greedy", epsilon_greedy(0.0), 1.05, 0.36),
        ("epsilon .01", epsilon_greedy(0.01), 1.3, 0.58),
        ("epsilon .1", epsilon_greedy(0.1), 1.37, 0.79),
        ("optimistic", moving(5.0, 0.0), 1.43, 0.84),
        ("realistic", moving(0.0, 0.1), 1.35, 0.75),
        ("upper confidence bound", ucb, 1.5, 0.84),
    ] {
        let (got_reward, got_share) = testbed(config, 0.0, 300);
        assert!((got_reward - reward).abs() < 0.13, "{name}: reward {got_reward}, not {reward}");
        assert!((got_share - share).abs() < 0.07, "{name}: share {got_share}, not {share}");
    }
}

/// Figure 2.5: where all rewards are around 4, preferences without a baseline climb for whatever is tried.
#[test]
fn the_gradient_needs_its_baseline() {
    let share = |step_size, baseline| {
        let rule = BanditRule::Gradient { step_size, baseline };
        testbed(BanditConfig::of(rule), 4.0, 300).1
    };
    let shares = [share(0.1, true), share(0.4, true), share(0.1, false), share(0.4, false)];
    assert!(shares.windows(2).all(|pair| pair[0] > pair[1] + 0.05), "{shares:?}");
    assert!(shares[0] > 0.78 && shares[3] < 0.45, "{shares:?}");
}

#[test]
fn thompson_sampling_finds_the_better_coin() {
    let config = BanditConfig::of(BanditRule::ThompsonBernoulli { largest_reward: 1.0 });
    let (mut taken, rates) = (0, [0.45, 0.55]);
    for seed in 0..20 {
        let mut agent = BanditAgent::new(config, 2);
        let (choices, coins) =
            (&mut stream(seed, Role::Exploration), &mut stream(seed, Role::Environment));
        for _ in 0..2_000 {
            let arm = agent.act(choices);
            let won = embedded_rl_core::rng::random(coins) < rates[arm as usize];
            agent.observe(arm, Step { reward: f64::from(u8::from(won)), ending: None });
        }
        taken += agent.counts()[1];
    }
    assert!(taken > 34_000, "the better coin {taken} of 40,000 times");
}

#[test]
fn a_checkpointed_agent_goes_on_as_if_nothing_had_happened() {
    let config = BanditConfig::of(BanditRule::Gradient { step_size: 0.1, baseline: true });
    let mut agent = BanditAgent::new(config, 5);
    let rng = &mut stream(1, Role::Exploration);
    let mut play = |agent: &mut BanditAgent, steps| {
        for _ in 0..steps {
            let arm = agent.act(rng);
            agent.observe(arm, Step { reward: f64::from(arm % 3), ending: None });
        }
    };
    play(&mut agent, 50);
    let text = serde_json::to_string(&agent).unwrap();
    let mut copy: BanditAgent = serde_json::from_str(&text).unwrap();
    assert_eq!(copy, agent);
    let (arm, pay) = (3, Step { reward: 2.0, ending: Some(Ending::Terminated) });
    agent.observe(arm, pay);
    copy.observe(arm, pay);
    assert_eq!(copy, agent);
}
