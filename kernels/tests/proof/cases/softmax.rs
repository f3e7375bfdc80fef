use crate::case::{Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::nn::softmax;
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(13);
    (0..15).map(|_| case(numbers)).collect()
}

fn case(numbers: &mut Numbers) -> Case {
    let (width, rows) = (numbers.size(1, 60), numbers.size(1, 50));
    let mut logits = numbers.floats(rows * width);
    // Impossible ones, and some so large that exponentials would overflow.
    for index in numbers.indices(rows, logits.len()) {
        logits[index as usize] = [f32::NEG_INFINITY, 200.0][index as usize % 2];
    }
    let (mut after, outputs, d) =
        (logits.clone(), numbers.magnitudes(rows * width), numbers.floats(rows * width));
    let mut d_after = d.clone();
    softmax::forward(width, &mut after);
    softmax::backward(width, &outputs, &mut d_after);

    let mut case = Case::new(format!("softmax of {rows} rows of {width}"));
    let (values, outputs) = (case.changed("values", &logits, &after), case.given("p", &outputs));
    let d = case.changed("d", &d, &d_after);
    let grid = Launch::elements(rows as u32).with_threads(numbers.size(1, 64) as u32);
    case.launch("softmax_forward", grid, &[values, size(width), size(rows)]);
    case.launch("softmax_backward", grid, &[outputs, d, size(width), size(rows)]);
    case
}
