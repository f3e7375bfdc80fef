//! Each switch of a DQN does what its name says, seen from outside: in what is stored, in errors and in parameters.

use embedded_rl_checks::cart_pole::Training;
use embedded_rl_checks::dqn_update::{DqnUpdate, PLAIN};
use embedded_rl_core::dqn::{Behaviour, DqnConfig, Learner, Sampling, TargetUpdate};
use embedded_rl_core::nn::{
    Activation, Baseline, Branches, Image, Lanes, Layer, Loss, NetworkSpec, Optimiser, network,
};
use embedded_rl_core::policy::{Per, Schedule, greedy};
use embedded_rl_core::preprocess::action_of;
use embedded_rl_core::replay::Rewards;
use embedded_rl_core::rng::{Generator, Role, stream};

/// Acts at random and learns soon.
const RANDOM: DqnConfig = DqnConfig {
    learning_starts: 100,
    target: TargetUpdate::Soft { tau: 0.01 },
    exploration: Schedule::constant(1.0),
    ..DqnConfig::PLAIN
};

fn rng() -> Generator {
    stream(0, Role::Learning)
}

/// The online network after so many steps on CartPole.
fn trained(config: DqnConfig, steps: u64) -> Vec<f32> {
    let mut training = Training::new(&[16], config, 32, 1_000);
    let (mut agent, mut run) = training.start(Lanes::best(), 3);
    while agent.state.steps < steps {
        run.turn(&mut agent);
    }
    agent.learner.parameters().to_vec()
}

#[test]
fn no_target_network_is_one_that_follows_wholly_after_every_update() {
    let none = DqnConfig { target: TargetUpdate::None, ..RANDOM };
    let whole = DqnConfig { target: TargetUpdate::Soft { tau: 1.0 }, ..RANDOM };
    let learned = trained(none, 600);
    assert_eq!(learned, trained(whole, 600));
    assert_ne!(learned, trained(RANDOM, 600));
}

#[test]
fn each_number_of_a_gradient_is_cut_by_its_value() {
    const LARGEST: f32 = 0.03;
    let learn = |clip_value, clip_norm| {
        let optimiser = Optimiser::Sgd { learning_rate: 1.0, momentum: 0.0 };
        let config = DqnConfig { optimiser, clip_value, clip_norm, ..PLAIN };
        let mut memory = DqnUpdate::new(&[5, 12, 3], 16, config);
        let (mut learner, slots) = memory.start(Lanes::best());
        let before = learner.parameters().to_vec();
        learner.learn(slots, None, 1.0, &mut rng());
        (before, learner.parameters().to_vec())
    };
    let (before, whole) = learn(f32::INFINITY, f32::INFINITY);
    let (_, cut) = learn(LARGEST, f32::INFINITY);
    let mut counts = [0; 2];
    for ((&before, &whole), &cut) in before.iter().zip(&whole).zip(&cut) {
        let is_long = (before - whole).abs() > LARGEST;
        let expected = if is_long { before - LARGEST.copysign(before - whole) } else { whole };
        assert!((cut - expected).abs() < 1e-6, "{before} to {whole}, cut {cut}");
        counts[usize::from(is_long)] += 1;
    }
    assert!(counts.iter().all(|&count| count > 20), "{counts:?}");
    let (_, shortened) = learn(f32::INFINITY, LARGEST);
    assert!(shortened != cut && shortened != whole, "a norm is another matter");
}

#[test]
fn weights_multiply_gradients() {
    let sgd = |learning_rate| DqnConfig {
        optimiser: Optimiser::Sgd { learning_rate, momentum: 0.0 },
        ..PLAIN
    };
    let learn = |config, weights: Option<f32>| {
        let mut memory = DqnUpdate::new(&[5, 12, 3], 16, config);
        let (mut learner, slots) = memory.start(Lanes::best());
        let weights = weights.map(|weight| [weight; 16]);
        let weights = weights.as_ref().map(|weights| &weights[..]);
        let update = learner.learn(slots, weights, 1.0, &mut rng());
        (update.loss, learner.parameters().to_vec())
    };
    let plain = learn(sgd(1e-2), None);
    assert_eq!(learn(sgd(1e-2), Some(1.0)), plain);
    let doubled = learn(sgd(1e-2), Some(2.0));
    assert_eq!((doubled.0, doubled.1), (2.0 * plain.0, learn(sgd(2e-2), None).1));
}

#[test]
fn errors_are_what_was_expected_less_what_was_said_before_the_step() {
    for double in [false, true] {
        let config = DqnConfig { double, ..PLAIN };
        let mut memory = DqnUpdate::new(&[5, 12, 3], 16, config);
        let (mut learner, slots) = memory.start(Lanes::best());
        let expected: Vec<f32> = slots
            .iter()
            .map(|&slot| {
                let transition = learner.storage.as_whole().expect("no frames").get(slot);
                let (observation, next) =
                    (transition.observation.to_vec(), transition.next_observation.to_vec());
                let (action, reward, discount) =
                    (transition.action, transition.reward, transition.discount);
                // At first both networks are the same, so it does not matter which chooses.
                let next_q = learner.q_values(&next, None);
                let target = reward + discount * next_q[greedy(next_q) as usize];
                target - learner.q_values(&observation, None)[action as usize]
            })
            .collect();
        learner.learn(slots, None, 1.0, &mut rng());
        assert_eq!(learner.errors(), expected);
    }
}

#[test]
fn several_updates_of_a_batch_see_its_targets_move() {
    let twice = DqnConfig { updates_per_batch: 2, ..RANDOM };
    let mut training = Training::new(&[16], twice, 32, 1_000);
    let (mut agent, mut run) = training.start(Lanes::best(), 3);
    while agent.state.steps < 300 {
        run.turn(&mut agent);
    }
    assert_eq!(agent.state.updates, 2 * 201, "step 100 included");
    assert_ne!(agent.learner.parameters(), trained(RANDOM, 300));
}

const BODY: NetworkSpec = NetworkSpec::input(5).dense(12).activation(Activation::Relu);

#[test]
fn one_branch_is_a_network_of_actions() {
    let one = Branches::new(&[3]).expect("a branch");
    for (double, loss) in [(false, Loss::Huber), (true, Loss::SquaredError)] {
        let config = DqnConfig { double, loss, ..PLAIN };
        let learned = [BODY.dense(3), BODY.dense(3).joint_values(one)].map(|spec| {
            let mut memory = DqnUpdate::of(spec, 16, config);
            let (mut learner, slots) = memory.start(Lanes::best());
            let updates = [(); 3].map(|()| learner.learn(slots, None, 1.0, &mut rng()));
            let errors: Vec<f32> = learner.errors().iter().map(|error| error.abs()).collect();
            (updates, errors, learner.parameters().to_vec())
        });
        assert_eq!(learned[0], learned[1]);
    }
}

/// The network's last bias moves by the sum of what each transition says of each branch's taken choice.
#[test]
fn every_branch_learns_the_one_target_of_all() {
    let branches = Branches::new(&[2, 3]).expect("two branches");
    let optimiser = Optimiser::Sgd { learning_rate: 1.0, momentum: 0.0 };
    let config = DqnConfig { optimiser, ..PLAIN };
    let mut memory = DqnUpdate::of(BODY.dense(5).joint_values(branches), 16, config);
    let (mut learner, slots) = memory.start(Lanes::best());
    let before = learner.parameters().to_vec();
    let trained = BODY.dense(5);
    let values = |observation: &[f32]| {
        let mut scratch = vec![0.0; trained.scratch_count()];
        network::infer(Lanes::best(), &trained, &before, observation, &mut scratch).to_vec()
    };
    let (mut expected, mut errors) = ([0.0; 5], vec![]);
    for &slot in slots {
        let t = learner.storage.as_whole().expect("no frames").get(slot);
        let (q, next) = (values(t.observation), values(t.next_observation));
        let best = (next[0].max(next[1]) + next[2].max(next[3]).max(next[4])) / 2.0;
        let target = t.reward + t.discount * best;
        // The numbers are those of a flattened environment.
        let mut choices = [0; 2];
        action_of(&[2, 3], t.action, &mut choices);
        let taken = [choices[0] as usize, 2 + choices[1] as usize];
        taken.iter().for_each(|&place| expected[place] += (target - q[place]) / 16.0);
        errors.push(taken.map(|place| (target - q[place]).abs()).iter().sum::<f32>() / 2.0);
    }
    learner.learn(slots, None, 1.0, &mut rng());
    assert_eq!(learner.errors(), errors);
    let after = learner.parameters();
    for (place, expected) in expected.into_iter().enumerate() {
        let index = after.len() - 5 + place;
        let moved = after[index] - before[index];
        assert!((moved - expected).abs() < 1e-6, "{place}: {moved}, expected {expected}");
    }
}

/// Where batch normalisations stand among the parameters: their running statistics.
fn running_statistics(spec: &NetworkSpec) -> Vec<usize> {
    let (mut places, mut start) = (vec![], 0);
    for layer in spec.layers() {
        let end = start + layer.parameter_count();
        if let Layer::BatchNorm(norm) = layer {
            places.extend(end - 2 * norm.feature_count()..end);
        }
        start = end;
    }
    places
}

#[test]
fn batch_normalisation_follows_the_batches_and_targets_follow_it() {
    const NET: NetworkSpec = NetworkSpec::image(Image::channels_first(2, 5, 4))
        .conv2d(3, [2, 2], [1, 1], [0, 0])
        .batch_norm()
        .activation(Activation::Elu)
        .dense(7)
        .batch_norm()
        .activation(Activation::Elu)
        .dueling(3, Baseline::Max);
    for target in [
        TargetUpdate::None,
        TargetUpdate::Hard { every: 1, per: Per::Step },
        TargetUpdate::Soft { tau: 0.25 },
    ] {
        // Nothing is learned, so that only what follows can move.
        let optimiser = Optimiser::Sgd { learning_rate: 0.0, momentum: 0.0 };
        let config = DqnConfig { target, optimiser, ..PLAIN };
        let mut memory = DqnUpdate::of(NET, 16, config);
        let (mut learner, slots) = memory.start(Lanes::best());
        let before = learner.parameters().to_vec();
        learner.learn(slots, None, 1.0, &mut rng());
        let after = learner.parameters().to_vec();
        let moved: Vec<_> = (0..after.len()).filter(|&i| after[i] != before[i]).collect();
        assert_eq!(moved, running_statistics(&NET), "{target:?}");

        let expected: Vec<f32> = match target {
            TargetUpdate::None => vec![],
            TargetUpdate::Hard { .. } => before.clone(),
            TargetUpdate::Soft { tau } => {
                before.iter().zip(&after).map(|(old, new)| tau * new + (1.0 - tau) * old).collect()
            }
        };
        assert_eq!(learner.memory.target_parameters, expected);
        learner.synchronise_target();
        if target != TargetUpdate::None {
            assert_eq!(learner.memory.target_parameters, after);
        }
    }
}

#[test]
fn what_follows_is_valued_by_running_statistics_whatever_else_is_in_the_batch() {
    const NET: NetworkSpec =
        NetworkSpec::input(5).dense(9).batch_norm().activation(Activation::Relu).dense(3);
    let config = DqnConfig { loss: Loss::SquaredError, ..PLAIN };
    let mut memory = DqnUpdate::of(NET, 4, config);
    let (mut learner, slots) = memory.start(Lanes::best());
    // One transition four times: by the batch's statistics it is its own mean, so beta is all that is left.
    let slots = [slots[0]; 4];
    let transition = learner.storage.as_whole().expect("no frames").get(slots[0]);
    let (next, action) = (transition.next_observation.to_vec(), transition.action as usize);
    let (reward, discount) = (transition.reward, transition.discount);
    let next_q = learner.q_values(&next, None);
    let target = reward + discount * next_q[greedy(next_q) as usize];
    // Beta is zero at first, so what is said is the last layer's bias.
    let parameters = learner.parameters();
    let said = parameters[parameters.len() - 3 + action];
    learner.learn(&slots, None, 1.0, &mut rng());
    assert_eq!(learner.errors(), [target - said; 4]);
}

/// Observation, action, reward, discount and next observation.
type Stored = (Vec<f32>, u32, f32, f32, Vec<f32>);

/// Rewards, discounts, observations and next observations of the first transitions of a run.
fn stored(config: DqnConfig, count: usize) -> Vec<Stored> {
    let config = DqnConfig { learning_starts: u64::MAX, ..config };
    let mut training = Training::new(&[4], config, 32, 2_000);
    let (mut agent, mut run) = training.start(Lanes::best(), 3);
    while agent.learner.stored() < count {
        run.turn(&mut agent);
    }
    (0..count as u32)
        .map(|slot| {
            let t = agent.learner.storage.as_whole().expect("no frames").get(slot);
            let (observation, next) = (t.observation.to_vec(), t.next_observation.to_vec());
            (observation, t.action, t.reward, t.discount, next)
        })
        .collect()
}

#[test]
fn over_several_steps_transitions_are_those_that_single_steps_add_up_to() {
    let single = stored(RANDOM, 1_100);
    for n in [2, 3, 7] {
        let several = stored(DqnConfig { n_step: n, ..RANDOM }, 1_000);
        assert!(several.iter().filter(|transition| transition.3 == 0.0).count() > 20 * n as usize);
        for (start, got) in several.iter().enumerate() {
            let (mut reward, mut factor, mut next) = (0.0, 1.0, &single[start].4);
            for (_, _, r, discount, after) in &single[start..start + n as usize] {
                reward += factor * r;
                factor *= discount;
                next = after;
                if *discount == 0.0 {
                    break;
                }
            }
            let expected = (single[start].0.clone(), single[start].1, reward, factor, next.clone());
            assert_eq!(*got, expected, "{n} steps from {start}");
        }
    }
}

#[test]
fn a_fall_is_remembered_with_the_reward_of_a_failure() {
    let rewards = Rewards::Failure { failure: -10.0 };
    let (plain, failing) = (stored(RANDOM, 500), stored(DqnConfig { rewards, ..RANDOM }, 500));
    for (plain, failing) in plain.iter().zip(&failing) {
        let expected = if plain.3 == 0.0 { -10.0 } else { 1.0 };
        assert_eq!((plain.2, failing.2), (1.0, expected));
    }
}

#[test]
fn updates_and_copies_can_go_by_episodes() {
    let config = DqnConfig {
        train_per: Per::Episode,
        learning_starts: 5,
        train_every: 2,
        updates_per_round: 3,
        target: TargetUpdate::Hard { every: 4, per: Per::Episode },
        ..RANDOM
    };
    let mut training = Training::new(&[16], config, 32, 1_000);
    let (mut agent, mut run) = training.start(Lanes::best(), 3);
    let (mut updates, mut copies) = (vec![], vec![]);
    let mut target = agent.learner.memory.target_parameters.to_vec();
    while agent.state.episodes < 20 {
        let turn = run.turn(&mut agent);
        let episode = agent.state.episodes;
        assert!(turn.update.is_none() || turn.episode.is_some(), "between two episodes");
        turn.update.iter().for_each(|_| updates.push(episode));
        if *agent.learner.memory.target_parameters != target[..] {
            target = agent.learner.memory.target_parameters.to_vec();
            assert_eq!(target, agent.learner.parameters());
            copies.push(episode);
        }
    }
    assert_eq!(updates, [6, 8, 10, 12, 14, 16, 18, 20]);
    assert_eq!(agent.state.updates, 3 * 8);
    assert_eq!(copies, [8, 12, 16, 20], "the fourth episode's copy changed nothing");
}

#[test]
fn noise_on_values_explores_without_epsilon() {
    let act = |deviation| {
        let config = DqnConfig {
            behaviour: Behaviour::NoisyValues,
            exploration: Schedule::constant(deviation),
            ..RANDOM
        };
        let mut training = Training::new(&[4], config, 32, 1_000);
        let (mut agent, _) = training.start(Lanes::best(), 3);
        let actions = (0..200).map(|_| agent.act(&[0.1, 0.2, 0.3, 0.4], 2));
        actions.sum::<u32>()
    };
    assert!([0, 200].contains(&act(0.0)), "without noise always the same");
    assert!((60..140).contains(&act(100.0)), "with much of it either");
}

#[test]
fn what_makes_no_sense_is_refused_in_words() {
    let prioritised = |alpha, beta, epsilon| Sampling::Prioritised { alpha, beta, epsilon };
    let half = Schedule::constant(0.5);
    let cases = [
        (DqnConfig { n_step: 0, ..RANDOM }, "n_step"),
        (DqnConfig { clip_value: 0.0, ..RANDOM }, "clip_value"),
        (DqnConfig { clip_value: f32::NAN, ..RANDOM }, "clip_value"),
        (DqnConfig { clip_value: 1.0, clip_norm: 10.0, ..RANDOM }, "clipped once"),
        (DqnConfig { updates_per_batch: 0, ..RANDOM }, "updates_per_batch"),
        (DqnConfig { double: true, target: TargetUpdate::None, ..RANDOM }, "double needs a target"),
        (
            DqnConfig { target: TargetUpdate::Hard { every: 0, per: Per::Episode }, ..RANDOM },
            "target.hard.every",
        ),
        (DqnConfig { sampling: prioritised(1.5, half, 0.1), ..RANDOM }, "sampling.alpha"),
        (
            DqnConfig { sampling: prioritised(0.6, Schedule::constant(2.0), 0.1), ..RANDOM },
            "sampling.beta",
        ),
        (DqnConfig { sampling: prioritised(0.6, half, 0.0), ..RANDOM }, "sampling.epsilon"),
        (DqnConfig { rewards: Rewards::Clipped { low: 1.0, high: -1.0 }, ..RANDOM }, "rewards.low"),
        (
            DqnConfig { rewards: Rewards::Failure { failure: f32::NAN }, ..RANDOM },
            "rewards.failure",
        ),
        (DqnConfig { exploration: Schedule::constant(3.0), ..RANDOM }, "between 0 and 1"),
        (
            DqnConfig {
                behaviour: Behaviour::NoisyValues,
                exploration: Schedule::constant(-3.0),
                ..RANDOM
            },
            "negative",
        ),
    ];
    for (config, expected) in cases {
        let complaint = config.complaint().unwrap_or_else(|| panic!("{expected} was accepted"));
        assert!(complaint.contains(expected), "{expected}: {complaint}");
    }
    let noisy = DqnConfig {
        behaviour: Behaviour::NoisyValues,
        exploration: Schedule::constant(3.0),
        sampling: prioritised(1.0, half, 0.1),
        ..RANDOM
    };
    assert_eq!(noisy.complaint(), None, "a deviation may be any");
}
