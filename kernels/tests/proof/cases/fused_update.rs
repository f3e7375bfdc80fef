//! Whole updates of networks of dense layers in four launches whose arguments stay the same: core's `dqn/cpu_learner.rs`.
//! Hard updates of the target network are made elsewhere, and so not here.

use super::learned::{self, CAPACITY, Learned};
use super::mlp::{both, rule, table};
use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::bellman::Munchausen;
use embedded_rl_core::dqn::{Backup, DqnConfig, TargetUpdate};
use embedded_rl_core::nn::{Activation, Baseline, Loss, Optimiser, RmsPropForm};
use embedded_rl_core::policy::Per;
use embedded_rl_kernels::{Launch, Mlp};

const RELU: Option<Activation> = Some(Activation::Relu);
const TANH: Option<Activation> = Some(Activation::Tanh);

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(23);
    let small = [(64, RELU), (64, RELU), (4, None)];
    let wide = [(33, TANH), (3, None)];
    let double = DqnConfig {
        target: TargetUpdate::Soft { tau: 5e-3 },
        double: true,
        clip_norm: 0.75,
        ..DqnConfig::PLAIN
    };
    let rms_prop = DqnConfig {
        target: TargetUpdate::Hard { every: 100, per: Per::Step },
        loss: Loss::SquaredError,
        optimiser: Optimiser::RmsProp {
            learning_rate: 2.5e-4,
            decay: 0.95,
            epsilon: 0.01,
            form: RmsPropForm::CentredEpsilonInside,
        },
        ..DqnConfig::PLAIN
    };
    let soft = DqnConfig {
        target: TargetUpdate::None,
        backup: Backup::Munchausen(Munchausen { alpha: 0.9, temperature: 0.03, lowest: -1.0 }),
        optimiser: Optimiser::Sgd { learning_rate: 0.1, momentum: 0.9 },
        clip_norm: 10.0,
        ..DqnConfig::PLAIN
    };
    let mut learn = |inputs, layers: &[_], baseline, config, batch, updates| {
        let (spec, mlp) = both(inputs, layers, baseline);
        let is_weighted = batch != 32;
        let learned = learned::learn(numbers, spec, config, batch, updates, is_weighted);
        case(&learned, &config, &mlp)
    };
    vec![
        learn(8, &small, None, double, 32, 10),
        learn(8, &small, None, double, 300, 2),
        learn(5, &wide, Some(Baseline::Mean), double, 7, 5),
        learn(4, &wide, None, rms_prop, 20, 5),
        learn(4, &wide, Some(Baseline::Max), soft, 33, 5),
    ]
}

fn case(learned: &Learned, config: &DqnConfig, mlp: &Mlp) -> Case {
    let (mut case, of) = learned.case("fused updates");
    let (batch, count) = (learned.batch, of.count);
    let values = case.between("values", batch * mlp.value_count());
    let deltas = case.between("deltas", batch * mlp.delta_count());
    let (terms, taken) = (case.between("terms", batch), case.between("taken_values", batch));
    let (munchausen, tau) = match (config.backup, config.target) {
        (Backup::Munchausen(munchausen), _) => (Some(munchausen), 0.0),
        (_, TargetUpdate::Soft { tau }) => (None, tau),
        _ => (None, 0.0),
    };
    let next = match config.target {
        TargetUpdate::None => &of.parameters,
        _ => &of.target,
    };
    let follower = match config.target {
        TargetUpdate::Soft { .. } => &of.target,
        _ => &Argument::Null,
    };
    let chooser = if config.double { &of.parameters } else { &Argument::Null };
    for [slots, weights] in &of.updates {
        let given = [slots, weights, next, chooser, &of.parameters].map(Argument::clone);
        let written = [&values, &deltas, &of.errors, &terms, &taken].map(Argument::clone);
        let sizes = [table(mlp), rule(config.loss, munchausen), size(CAPACITY), size(batch)];
        let all = [&of.stored[..], &given[..], &written[..], &sizes[..]].concat();
        case.launch("mlp_rows", mlp.rows(batch as u32), &all);
        let four = [&values, &deltas, &of.gradients].map(Argument::clone);
        let all = [&four[..], &[table(mlp), size(batch)]].concat();
        case.launch("mlp_parameter_gradient", mlp.parameter_tiles(), &all);
        let of_sums = [&of.gradients, &of.norm, &terms, &taken, &of.loss, &of.mean_q];
        let of_step = [&of.powers, &of.step, &of.factor, &of.rates];
        let all = [
            &of_sums.map(Argument::clone)[..],
            &of_step.map(Argument::clone),
            &[size(count), size(batch)],
        ];
        case.launch("update_sums", Launch::sums(), &all.concat());
        let six = [&of.step, &of.gradients, &of.norm, &of.parameters, &of.moments, follower];
        let sizes = [Argument::F32(config.clip_norm), Argument::F32(tau), size(count)];
        let all = [&six.map(Argument::clone)[..], &sizes].concat();
        case.launch(of.kernel, Launch::elements(count as u32), &all);
    }
    case
}
