//! What can be switched on in a DQN and of its distributions, backups and noise: each alone and Rainbow (Hessel et al.,
//! 2018) learn CartPole, and leave the same bits on all lanes, in debug and in release. What makes no sense is refused.
//! `cargo test --release --test rainbow -- --nocapture` shows the figures.

use embedded_rl::evaluate::Player;
use embedded_rl::task::Task;
use embedded_rl_checks::cart_pole::Training;
use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN, hashes};
use embedded_rl_core::bellman::Munchausen;
use embedded_rl_core::dqn::{
    Backup, Distribution, DqnConfig, Learner, Sampling, Settings, TargetUpdate,
};
use embedded_rl_core::nn::{Activation, Baseline, Lanes, Loss, NetworkSpec, Optimiser};
use embedded_rl_core::policy::{Per, Schedule};
use embedded_rl_core::preprocess::Normalise;
use embedded_rl_core::rng::{Generator, SeedableRng};

const CATEGORICAL: Distribution =
    Distribution::Categorical { atoms: 51, lowest: 0.0, highest: 100.0 };
const QUANTILES: Distribution = Distribution::Quantiles { count: 16 };
const IMPLICIT: Distribution =
    Distribution::Implicit { cosines: 8, fractions: 8, target_fractions: 8, policy_fractions: 8 };
const MUNCHAUSEN: Backup = Backup::Munchausen(Munchausen::PAPER);
const PRIORITISED: Sampling = Sampling::Prioritised {
    alpha: 0.5,
    beta: Schedule::Linear { from: 0.4, to: 1.0, over: STEPS, per: Per::Step },
    epsilon: 1e-6,
};

/// Environment steps of each training.
const STEPS: u64 = 10_000;
const CONFIG: DqnConfig = DqnConfig {
    learning_starts: 500,
    target: TargetUpdate::Soft { tau: 0.01 },
    optimiser: Optimiser::adam(2e-3),
    learning_rate_schedule: Schedule::Linear { from: 1.0, to: 0.1, over: STEPS, per: Per::Step },
    clip_norm: 10.0,
    exploration: Schedule::Linear { from: 1.0, to: 0.02, over: 4_000, per: Per::Step },
    ..DqnConfig::PLAIN
};

const NO_EPSILON: Schedule = Schedule::Constant { value: 0.0 };

/// Names, settings, whether the network is dueling, and what the best evaluation of each seed has to reach: 500 is the
/// most there is, chance reaches 22, and of fifty fresh networks none 150. Noise alone explores least here.
const VARIANTS: [(&str, DqnConfig, bool, f64); 8] = [
    ("munchausen", DqnConfig { backup: MUNCHAUSEN, ..CONFIG }, false, 150.0),
    ("categorical", DqnConfig { distribution: CATEGORICAL, ..CONFIG }, false, 150.0),
    ("quantiles", DqnConfig { distribution: QUANTILES, ..CONFIG }, false, 150.0),
    (
        "munchausen quantiles",
        DqnConfig { distribution: QUANTILES, backup: MUNCHAUSEN, ..CONFIG },
        false,
        150.0,
    ),
    ("noise", DqnConfig { weight_noise: 0.5, exploration: NO_EPSILON, ..CONFIG }, false, 100.0),
    (
        "dueling double quantiles",
        DqnConfig { distribution: QUANTILES, double: true, ..CONFIG },
        true,
        150.0,
    ),
    ("rainbow", RAINBOW, true, 150.0),
    ("implicit", DqnConfig { distribution: IMPLICIT, ..CONFIG }, false, 150.0),
];

const RAINBOW: DqnConfig = DqnConfig {
    double: true,
    n_step: 3,
    sampling: PRIORITISED,
    distribution: CATEGORICAL,
    weight_noise: 0.5,
    exploration: NO_EPSILON,
    ..CONFIG
};

/// A network of these sizes as it acts.
fn network(sizes: &[usize], config: &DqnConfig, dueling: bool) -> NetworkSpec {
    let (&actions, hidden) = sizes.split_last().unwrap();
    let (&last, body) = hidden.split_last().unwrap();
    let width = config.distribution.width();
    let body = match body {
        [inputs] => NetworkSpec::input(*inputs),
        sizes => NetworkSpec::mlp(sizes, Activation::Relu).activation(Activation::Relu),
    };
    let body = config.distribution.embedded(body).dense(last).activation(Activation::Relu);
    config.distribution.policy(if dueling {
        body.wide_dueling(actions, width, Baseline::Mean)
    } else {
        body.dense(actions * width)
    })
}

/// The best of the means of twenty greedy episodes, every thousand steps.
fn best_of_training(config: DqnConfig, dueling: bool, seed: u64) -> f64 {
    let task = Task::make("CartPole-v1").expect("an environment").0;
    let spec = network(&[4, 32, 32, 2], &config, dueling);
    let mut training = Training::of(spec, config, 64, STEPS as usize);
    let lanes = Lanes::best();
    let (mut agent, mut run) = training.start(lanes, seed);
    let mut best = 0f64;
    while agent.state.steps < STEPS {
        run.turn(&mut agent);
        if agent.state.steps.is_multiple_of(1_000) {
            let parameters = agent.learner.parameters();
            let player = Player { spec: &spec, parameters, normalise: Normalise::IDENTITY, lanes };
            best = best.max(player.play_together(&task, 1_000, 20).mean());
        }
    }
    best
}

#[test]
fn every_variant_takes_cart_pole_far_above_chance_for_every_seed() {
    let bests = VARIANTS.map(|(name, config, dueling, _)| {
        let bests = [0, 1].map(|seed| best_of_training(config, dueling, seed));
        println!("{name}: {bests:?}");
        bests
    });
    for ((name, _, _, band), bests) in VARIANTS.iter().zip(bests) {
        assert!(bests.iter().all(|best| best >= band), "{name}: {bests:?}");
    }
}

/// Hashes of the online and the target network after ten updates, weighted where transitions are.
fn after_ten_updates(config: DqnConfig, dueling: bool, lanes: Lanes) -> [u64; 2] {
    let config = DqnConfig { target: PLAIN.target, ..config };
    let spec = network(&[5, 19, 8, 3], &config, dueling);
    ten_updates(DqnUpdate::of(spec, 9, config), spec, config, lanes)
}

fn ten_updates<const KINDS: u32>(
    mut memory: DqnUpdate,
    spec: NetworkSpec<KINDS>,
    settings: impl Settings,
    lanes: Lanes,
) -> [u64; 2] {
    let sampling = settings.config().sampling;
    let (mut learner, slots) = memory.start_known(lanes, spec, settings);
    let weights: Vec<f32> = (1..=9).map(|index| index as f32 / 9.0).collect();
    let weights = (sampling != Sampling::Uniform).then_some(&weights[..]);
    let draws = &mut Generator::seed_from_u64(4);
    for _ in 0..10 {
        assert!(learner.learn(slots, weights, 1.0, draws).loss.is_finite());
        assert!(learner.errors().iter().all(|error| error.is_finite()));
    }
    hashes(&learner)
}

#[test]
fn ten_updates_of_every_variant_leave_these_bits_on_all_lanes() {
    const EXPECTED: [[u64; 2]; 10] = [
        [0xEAAD_4C40_0232_6F4E, 0x0F2A_6079_67A4_7AC0],
        [0x027D_CBE8_E9CD_C5A6, 0x2404_13F5_98E2_53D1],
        [0xCE50_4130_B0F1_B3A0, 0xF97B_98BA_DCEE_C102],
        [0xC0DA_2B33_975E_FD0A, 0xA9CD_8B69_7A50_6136],
        [0x7E27_D6F7_20BD_3496, 0x6633_716D_5672_1717],
        [0x04A7_B83C_C190_B778, 0xFAE1_72C8_7E04_BB20],
        [0xA106_C31E_9393_E647, 0x95AD_273A_9CFB_0756],
        [0x8175_9B5B_107E_9D67, 0x2DB4_F6F0_CD78_2195],
        [0x67A3_9918_B036_D514, 0x6471_9900_1EFF_2782],
        [0x7367_E165_ECB8_152A, 0x1202_0D91_2155_D522],
    ];
    let mut found = Vec::new();
    let others = [
        ("implicit rainbow", DqnConfig { distribution: IMPLICIT, ..RAINBOW }, true, 0.0),
        (
            "implicit Munchausen",
            DqnConfig { distribution: IMPLICIT, backup: MUNCHAUSEN, ..CONFIG },
            false,
            0.0,
        ),
    ];
    for (name, config, dueling, _) in VARIANTS.into_iter().chain(others) {
        assert_eq!(config.complaint(), None, "{name}");
        let plainest = after_ten_updates(config, dueling, Lanes::scalar());
        for lanes in Lanes::available() {
            let same = after_ten_updates(config, dueling, lanes) == plainest;
            assert!(same, "{name}: other bits on {}", lanes.name());
        }
        found.push(plainest);
    }
    assert_eq!(found, EXPECTED, "{found:#018X?}");
}

/// Rainbow where the compiler sees it, as a firmware would have it.
struct Constant;

impl Settings for Constant {
    fn config(&self) -> &DqnConfig {
        &RAINBOW
    }
}

#[test]
fn layers_and_settings_that_a_type_knows_change_no_bit() {
    const NET: NetworkSpec =
        CATEGORICAL.policy(
            NetworkSpec::mlp(&[5, 19, 8], Activation::Relu)
                .activation(Activation::Relu)
                .wide_dueling(3, CATEGORICAL.width(), Baseline::Mean),
        );
    let memory = || DqnUpdate::of(NET, 9, RAINBOW);
    for lanes in Lanes::available() {
        let known = ten_updates(memory(), NET.only::<{ NET.kinds() }>(), Constant, lanes);
        assert_eq!(known, ten_updates(memory(), NET, RAINBOW, lanes), "{}", lanes.name());
    }
}

#[test]
fn noise_is_drawn_for_learning_and_acting_and_absent_from_the_policy() {
    let config = DqnConfig { weight_noise: 0.5, ..PLAIN };
    let spec = network(&[5, 19, 3], &config, false);
    let mut memory = DqnUpdate::of(spec, 9, config);
    let (mut learner, slots) = memory.start(Lanes::best());
    assert_eq!(learner.parameters().len(), spec.parameter_count());
    let draws = &mut Generator::seed_from_u64(4);
    let observation = [0.5; 5];
    let policy = learner.q_values(&observation, None).to_vec();
    assert_eq!(learner.q_values(&observation, None), policy);
    let one = learner.q_values(&observation, Some(draws)).to_vec();
    let two = learner.q_values(&observation, Some(draws)).to_vec();
    assert!(one != two && one != policy && two != policy);

    let deviations = |learner: &embedded_rl_core::dqn::CpuLearner<'_>| {
        learner.memory.parameters[spec.parameter_count()..].to_vec()
    };
    let before = deviations(&learner);
    learner.learn(slots, None, 1.0, draws);
    let moved = deviations(&learner).iter().zip(&before).filter(|(now, then)| now != then).count();
    assert!(2 * moved > before.len(), "{moved} of {} deviations have learned", before.len());
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let quantiles = |count| Distribution::Quantiles { count };
    let atoms = |atoms, lowest, highest| Distribution::Categorical { atoms, lowest, highest };
    let implicit = |cosines, fractions, target_fractions, policy_fractions| {
        Distribution::Implicit { cosines, fractions, target_fractions, policy_fractions }
    };
    let munchausen =
        |alpha, temperature, lowest| Backup::Munchausen(Munchausen { alpha, temperature, lowest });
    for (config, expected) in [
        (DqnConfig { distribution: quantiles(0), ..PLAIN }, "loss to huber"),
        (DqnConfig { distribution: quantiles(0), ..CONFIG }, "distribution.count"),
        (DqnConfig { distribution: quantiles(1_001), ..CONFIG }, "distribution.count"),
        (DqnConfig { distribution: atoms(1, 0.0, 1.0), ..CONFIG }, "distribution.atoms"),
        (DqnConfig { distribution: atoms(51, 1.0, 1.0), ..CONFIG }, "distribution.atoms"),
        (DqnConfig { distribution: atoms(51, f32::NAN, 1.0), ..CONFIG }, "distribution.atoms"),
        (DqnConfig { distribution: atoms(5_000, 0.0, 1.0), ..CONFIG }, "distribution.atoms"),
        (DqnConfig { distribution: IMPLICIT, ..PLAIN }, "loss to huber"),
        (DqnConfig { distribution: implicit(0, 8, 8, 8), ..CONFIG }, "distribution.cosines"),
        (DqnConfig { distribution: implicit(8, 0, 8, 8), ..CONFIG }, "distribution.cosines"),
        (DqnConfig { distribution: implicit(8, 8, 0, 8), ..CONFIG }, "distribution.cosines"),
        (DqnConfig { distribution: implicit(8, 8, 8, 1_001), ..CONFIG }, "distribution.cosines"),
        (DqnConfig { backup: munchausen(1.5, 0.03, -1.0), ..CONFIG }, "backup.alpha"),
        (DqnConfig { backup: munchausen(0.9, 0.0, -1.0), ..CONFIG }, "backup.temperature"),
        (DqnConfig { backup: munchausen(0.9, 0.03, 1.0), ..CONFIG }, "backup.lowest"),
        (DqnConfig { backup: MUNCHAUSEN, double: true, ..CONFIG }, "chooses none"),
        (DqnConfig { backup: MUNCHAUSEN, n_step: 3, ..CONFIG }, "n_step 1"),
        (DqnConfig { backup: MUNCHAUSEN, distribution: CATEGORICAL, ..CONFIG }, "off the atoms"),
        (DqnConfig { weight_noise: -0.5, ..CONFIG }, "weight_noise"),
        (DqnConfig { weight_noise: f32::NAN, ..CONFIG }, "weight_noise"),
    ] {
        let complaint = config.complaint().unwrap_or_else(|| panic!("{config:?} is accepted"));
        assert!(complaint.contains(expected), "{complaint}");
    }
    for (name, config, ..) in VARIANTS {
        assert_eq!(config.complaint(), None, "{name}");
    }
    assert_eq!(CONFIG.loss, Loss::Huber);
}
