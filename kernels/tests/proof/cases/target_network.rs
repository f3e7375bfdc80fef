use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::dqn::{hard_copy, soft_update};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(7);
    [1, 255, 256, 257, 1_000].into_iter().map(|count| case(numbers, count)).collect()
}

fn case(numbers: &mut Numbers, count: usize) -> Case {
    let (online, before) = (numbers.floats(count), numbers.floats(count));
    let (mut copied, mut followed) = (before.clone(), before.clone());
    hard_copy(&online, &mut copied);
    soft_update(Scalar, 0.005, &online, &mut followed);

    let mut case = Case::new(format!("a target network of {count} parameters"));
    let online = case.given("online", &online);
    let copied = case.changed("copied", &before, &copied);
    let followed = case.changed("followed", &before, &followed);
    let filled = case.written("filled", &vec![-0.5_f32; count]);
    let (grid, count) = (Launch::elements(count as u32), size(count));
    case.launch("hard_copy", grid, &[online.clone(), copied, count.clone()]);
    case.launch("soft_update", grid, &[online, followed, Argument::F32(0.005), count.clone()]);
    case.launch("fill", grid, &[filled, Argument::F32(-0.5), count]);
    case
}
