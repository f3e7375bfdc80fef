//! The lander keeps the contract of every environment, stays finite whatever is done to it, and has the same bits in
//! every build.

use embedded_rl_checks::contract::{Contract, Play};
use embedded_rl_core::env::{
    Ending::{Terminated, Truncated},
    Env, Step, TimeLimit,
};
use embedded_rl_core::envs::lunar_lander::{
    LanderOptions, LanderVersion, LunarLander, LunarLanderContinuous,
};
use embedded_rl_core::lanes::Lanes;
use embedded_rl_core::rng::{Generator, NumpyGenerator, SeedableRng, integers, uniform};
use proptest::prelude::*;

fn discrete(options: LanderOptions) -> LunarLander {
    LunarLander::new(options).expect("options in range")
}

fn continuous(options: LanderOptions) -> LunarLanderContinuous {
    LunarLanderContinuous::new(options).expect("options in range")
}

fn windy() -> LanderOptions {
    LanderOptions { wind: true, ..LanderOptions::default() }
}

fn any_action(rng: &mut Generator) -> u32 {
    integers(rng, 0, 4) as u32
}

fn any_throttles(rng: &mut Generator) -> [f32; 2] {
    [uniform(rng, -1.0, 1.0) as f32, uniform(rng, -1.0, 1.0) as f32]
}

#[test]
fn the_lander_keeps_the_contract() {
    for options in [LanderOptions::default(), windy()] {
        Contract {
            env: TimeLimit::new(discrete(options), LunarLander::STEPS),
            plays: &[Play {
                policy: &|_, _, rng| any_action(rng),
                ending: Terminated,
                within: LunarLander::STEPS,
            }],
            wrong_actions: &[4, u32::MAX],
            chance: true,
        }
        .check();
    }
    Contract {
        env: TimeLimit::new(discrete(LanderOptions::default()), 30),
        plays: &[Play { policy: &|_, _, _| 2, ending: Truncated, within: 30 }],
        wrong_actions: &[4],
        chance: true,
    }
    .check();
}

/// Version 2 declares bounds that its own first observation may leave.
#[test]
fn version_two_differs_in_the_declared_bounds_alone() {
    let narrow = LanderOptions { version: LanderVersion::V2, ..LanderOptions::default() };
    let (old, new) = (discrete(narrow), discrete(LanderOptions::default()));
    assert_ne!(old.observation_space(), new.observation_space());
    assert_eq!(old.action_space(), new.action_space());
    let [old, new] = [old, new]
        .map(|env| hash_of_episodes(TimeLimit::new(env, LunarLander::STEPS), 3, any_action));
    assert_eq!(old, new);
}

#[test]
fn the_lander_with_throttles_keeps_the_contract() {
    for options in [LanderOptions::default(), windy()] {
        Contract {
            env: TimeLimit::new(continuous(options), LunarLander::STEPS),
            plays: &[Play {
                policy: &|_, _, rng| any_throttles(rng),
                ending: Terminated,
                within: LunarLander::STEPS,
            }],
            wrong_actions: &[[f32::NAN, 0.0], [0.0, f32::NAN], [1.01, 0.0], [0.0, -1.01]],
            chance: true,
        }
        .check();
    }
}

/// Plays `count` landers together and each by itself, restarting those that end, and compares every bit.
fn together_equals_alone<E>(
    lanes: Lanes,
    count: usize,
    make: impl Fn() -> E,
    action: impl Fn(&mut Generator) -> E::Action,
    step_together: Together<E>,
) where
    E: Env<Element = f32> + Clone + PartialEq + core::fmt::Debug,
{
    let mut crowd: Vec<E> = (0..count).map(|_| make()).collect();
    let mut rngs: Vec<_> = (0..count).map(|seed| NumpyGenerator::new(seed as u64)).collect();
    let mut observations = vec![0.0; 8 * count];
    for ((env, rng), observation) in
        crowd.iter_mut().zip(&mut rngs).zip(observations.chunks_exact_mut(8))
    {
        env.reset(rng, observation);
    }
    let (mut alone, mut rngs_alone) = (crowd.clone(), rngs.clone());
    let mut observations_alone = observations.clone();
    let mut steps = vec![Step { reward: 0.0, ending: None }; count];
    let mut chooser = Generator::seed_from_u64(count as u64);
    let mut ended = 0;
    for _ in 0..160 {
        let actions: Vec<_> = (0..count).map(|_| action(&mut chooser)).collect();
        step_together(lanes, &mut crowd, &actions, &mut rngs, &mut observations, &mut steps);
        for index in 0..count {
            let observation = &mut observations_alone[8 * index..][..8];
            let step = alone[index].step(actions[index], &mut rngs_alone[index], observation);
            assert_eq!(steps[index], step, "lander {index} of {count} on {}", lanes.name());
            if step.ending.is_some() {
                ended += 1;
                alone[index].reset(&mut rngs_alone[index], observation);
                let observation = &mut observations[8 * index..][..8];
                crowd[index].reset(&mut rngs[index], observation);
            }
        }
        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&observations), bits(&observations_alone));
    }
    assert!(crowd == alone, "{count} landers differ on {}", lanes.name());
    assert!(ended > 0 || count < 3, "no episode of {count} ended");
}

/// `step_together` of one kind of lander.
type Together<E> =
    fn(Lanes, &mut [E], &[<E as Env>::Action], &mut [NumpyGenerator], &mut [f32], &mut [Step]);

#[test]
fn landers_stepped_together_do_what_each_does_alone() {
    for lanes in Lanes::available() {
        for count in [1, 3, 16, 70] {
            let make = || discrete(LanderOptions::default());
            together_equals_alone(lanes, count, make, any_action, LunarLander::step_together);
        }
        let together = LunarLanderContinuous::step_together;
        together_equals_alone(lanes, 21, || continuous(windy()), any_throttles, together);
    }
}

#[test]
fn slices_that_do_not_fit_are_refused() {
    let refused = |actions: &[u32], observations: &mut [f32]| {
        let mut landers = vec![discrete(LanderOptions::default()); 2];
        let mut rngs = [NumpyGenerator::new(0), NumpyGenerator::new(1)];
        let mut steps = [Step { reward: 0.0, ending: None }; 2];
        let lanes = Lanes::scalar();
        let step = || {
            LunarLander::step_together(
                lanes,
                &mut landers,
                actions,
                &mut rngs,
                observations,
                &mut steps,
            );
        };
        std::panic::catch_unwind(core::panic::AssertUnwindSafe(step)).is_err()
    };
    assert!(!refused(&[0, 3], &mut [0.0; 16]));
    assert!(refused(&[0], &mut [0.0; 16]));
    assert!(refused(&[0, 3], &mut [0.0; 15]));
    assert!(refused(&[0, 4], &mut [0.0; 16]));
}

/// FNV-1a over every bit of observations and rewards of some episodes at random.
fn hash_of_episodes<E: Env<Element = f32>>(
    mut env: E,
    episodes: u64,
    mut policy: impl FnMut(&mut Generator) -> E::Action,
) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    let mut mix = |bits: u64| hash = (hash ^ bits).wrapping_mul(0x0000_0100_0000_01B3);
    let mut chooser = Generator::seed_from_u64(9);
    let mut observation = [0.0; 8];
    for seed in 0..episodes {
        let rng = &mut NumpyGenerator::new(seed);
        env.reset(rng, &mut observation);
        loop {
            observation.iter().for_each(|value| mix(u64::from(value.to_bits())));
            let step = env.step(policy(&mut chooser), rng, &mut observation);
            mix(step.reward.to_bits());
            if step.ending.is_some() {
                break;
            }
        }
    }
    hash
}

/// The same numbers in debug and release, and wherever these tests run.
#[test]
fn episodes_hash_to_what_they_always_did() {
    let limit = LunarLander::STEPS;
    let calm = TimeLimit::new(discrete(LanderOptions::default()), limit);
    let wind = TimeLimit::new(discrete(windy()), limit);
    let throttles = TimeLimit::new(continuous(windy()), limit);
    let hashes = [
        hash_of_episodes(calm, 40, any_action),
        hash_of_episodes(wind, 40, any_action),
        hash_of_episodes(throttles, 40, any_throttles),
    ];
    let known = [0x2D43_8620_C56E_040E, 0x9B84_9EBE_70F4_6D05, 0x8F63_43B2_5C91_F0C2];
    assert_eq!(hashes, known, "{hashes:#X?}");
}

/// Steps on, also past endings, and checks that everything stays a number.
fn stays_finite<E: Env<Element = f32>>(
    mut env: E,
    seed: u64,
    steps: u32,
    mut policy: impl FnMut(u32, &[f32; 8]) -> E::Action,
) {
    let rng = &mut NumpyGenerator::new(seed);
    let mut observation = [0.0; 8];
    env.reset(rng, &mut observation);
    for step in 0..steps {
        let reward = env.step(policy(step, &observation), rng, &mut observation).reward;
        assert!(reward.is_finite(), "step {step}: reward {reward}");
        let finite = observation.iter().all(|value| value.is_finite());
        assert!(finite, "step {step}: {observation:?}");
    }
}

fn any_options() -> impl Strategy<Value = LanderOptions> {
    (-11.999..-0.001, any::<bool>(), 0.0..20.0, 0.0..2.0).prop_map(
        |(gravity, wind, wind_power, turbulence_power)| LanderOptions {
            gravity,
            wind,
            wind_power,
            turbulence_power,
            ..LanderOptions::default()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Runs of one action each, of any length, so that the lander spins, flies off, digs in and sleeps.
    #[test]
    fn no_actions_bring_a_nan_a_panic_or_an_endless_loop(
        options in any_options(),
        seed in any::<u64>(),
        actions in proptest::collection::vec(0u32..4, 1..12),
        run in 1u32..120,
    ) {
        stays_finite(discrete(options), seed, 600, |step, _| {
            actions[(step / run) as usize % actions.len()]
        });
    }

    #[test]
    fn no_throttles_bring_a_nan_a_panic_or_an_endless_loop(
        options in any_options(),
        seed in any::<u64>(),
        throttles in proptest::collection::vec([-1.0f32..=1.0, -1.0f32..=1.0], 1..12),
        run in 1u32..120,
    ) {
        stays_finite(continuous(options), seed, 600, |step, _| {
            throttles[(step / run) as usize % throttles.len()]
        });
    }

    /// Lands softly now and then: the states in which the lander stands, slides and falls asleep.
    #[test]
    fn standing_and_sleeping_landers_stay_finite(options in any_options(), seed in any::<u64>()) {
        stays_finite(discrete(options), seed, 900, |_, &[x, y, vx, vy, angle, spin, right, left]| {
            let tilt = (0.5 * x + vx).clamp(-0.4, 0.4);
            let hover = 0.55 * x.abs() - y;
            let turn = (tilt - angle) * 0.5 - spin;
            let rise = if right + left > 0.0 { -vy * 0.5 } else { hover * 0.5 - vy * 0.5 };
            let turn = if right + left > 0.0 { 0.0 } else { turn };
            match () {
                () if rise > turn.abs() && rise > 0.05 => 2,
                () if turn < -0.05 => 3,
                () if turn > 0.05 => 1,
                () => 0,
            }
        });
    }
}

/// Ten thousand steps in which nothing ends the episode: far out of the picture, spun up by one engine for ever.
#[test]
fn a_lander_that_is_lost_in_space_stays_finite() {
    let options = LanderOptions { gravity: -0.01, ..windy() };
    for throttles in [[1.0, 1.0], [1.0, -1.0], [0.0, 1.0], [1.0, 0.0]] {
        stays_finite(continuous(options), 3, 10_000, |_, _| throttles);
    }
}
