use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::optimiser;
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(4);
    let mut cases = Vec::new();
    for count in [1, 15, 16, 17, 255, 256, 257, 273, 512, 5_060] {
        // Below, near and far above the norm.
        for maximum in [0.5, 10.0, 1e6] {
            cases.push(case(numbers, count, maximum));
        }
    }
    cases
}

fn case(numbers: &mut Numbers, count: usize, maximum: f32) -> Case {
    let before = numbers.floats(count);
    let (mut together, mut each) = (before.clone(), before.clone());
    if count > 20 {
        each[numbers.size(0, 19)] = f32::NAN;
    }
    let each_before = each.clone();
    let norm = optimiser::clip_norm(Scalar, maximum, &mut together);
    optimiser::clip_value(Scalar, maximum, &mut each);

    let mut case = Case::new(format!("{count} gradients clipped to {maximum}"));
    let together = case.changed("together", &before, &together);
    let norm = case.written("norm", &[norm]);
    let each = case.changed("each", &each_before, &each);
    let block = Launch::one_block().with_threads(16 * numbers.size(1, 20) as u32);
    let grid = Launch::elements(count as u32).with_threads(numbers.size(1, 256) as u32);
    let maximum = Argument::F32(maximum);
    case.launch("clip_norm_measure", block, &[together.clone(), norm.clone(), size(count)]);
    case.launch("clip_norm_scale", grid, &[together, norm, maximum.clone(), size(count)]);
    case.launch("clip_value", grid, &[each, maximum, size(count)]);
    case
}
