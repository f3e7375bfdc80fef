use crate::case::{Argument, Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::branches;
use embedded_rl_core::nn::{Branches, Loss, joint_values};
use embedded_rl_kernels::Launch;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(30);
    let mut cases = Vec::new();
    for counts in [&[1][..], &[3], &[2, 3], &[3, 1, 4], &[2, 2, 3, 2, 1, 2, 3, 2]] {
        for batch in [1, 7, 40] {
            let branches = Branches::new(counts).expect("branches");
            cases.push(case(numbers, &branches, batch, batch == 40));
        }
    }
    cases
}

/// `struct Branches` of the kernels.
fn words(branches: &Branches) -> Argument {
    let mut words = vec![branches.count(), branches.value_count(), branches.combinations()];
    words.extend(branches.counts());
    words.resize(11, 0);
    Argument::Struct(words.into_iter().map(|word| word as u32).collect())
}

fn case(numbers: &mut Numbers, branches: &Branches, batch: usize, is_weighted: bool) -> Case {
    let (values, combinations) = (branches.value_count(), branches.combinations());
    let [q, next_q, chooser] = [(); 3].map(|()| numbers.floats(batch * values));
    let (rewards, discounts) = (numbers.floats(batch), numbers.magnitudes(batch));
    let (taken, weights) = (numbers.indices(batch, combinations), numbers.magnitudes(batch));
    let mut joint = vec![0.0; batch * combinations];
    joint_values::forward(branches, &q, &mut joint);
    let row = |all: &[f32], b: usize| all[b * values..][..values].to_vec();
    let targets: Vec<f32> = (0..batch)
        .map(|b| {
            let (chooser, next_q) = (row(&chooser, b), row(&next_q, b));
            branches::target(branches, rewards[b], discounts[b], &chooser, &next_q)
        })
        .collect();
    let of_taken = taken.iter().enumerate();
    let sum = of_taken
        .fold(0.0, |sum, (b, &number)| sum + branches::value_of(branches, &row(&q, b), number));
    let given = is_weighted.then_some(&weights[..]);
    let evaluate = |loss| {
        let (mut d_q, mut errors) = (vec![0.0; q.len()], vec![0.0; batch]);
        let total =
            branches::evaluate(loss, branches, &q, &taken, &targets, given, &mut d_q, &mut errors);
        (d_q, errors, total)
    };

    let mut case = Case::new(format!("{branches:?} of {batch}"));
    let (shape, of_batch) = (words(branches), size(batch));
    let (inputs, number) = (case.given("q", &q), case.given("taken", &taken));
    let grid = |count: usize| Launch::elements(count as u32).with_threads(20);
    let of = [inputs.clone(), case.written("joint", &joint), shape.clone(), of_batch.clone()];
    case.launch("joint_values_forward", grid(batch * combinations), &of);
    let y = case.written("targets", &targets);
    let of = [
        case.given("rewards", &rewards),
        case.given("discounts", &discounts),
        case.given("chooser", &chooser),
        case.given("next_q", &next_q),
        y.clone(),
        shape.clone(),
        of_batch.clone(),
    ];
    case.launch("branched_targets", grid(batch), &of);
    let weights = if is_weighted { case.given("weights", &weights) } else { Argument::Null };
    for (name, loss) in
        [("branched_squared_error", Loss::SquaredError), ("branched_huber", Loss::Huber)]
    {
        let (d_q, errors, total) = evaluate(loss);
        let of = [
            inputs.clone(),
            number.clone(),
            y.clone(),
            weights.clone(),
            case.written("d_q", &d_q),
            case.written("errors", &errors),
            case.written("total", &[total]),
            shape.clone(),
            of_batch.clone(),
        ];
        case.launch(name, Launch::one_block().with_threads(16), &of);
    }
    let of = [inputs, number, case.written("mean", &[sum / batch as f32]), shape, of_batch];
    case.launch("branched_mean_of_taken", Launch::one_thread(), &of);
    case
}
