use crate::case::{Case, size};
use crate::numbers::Numbers;
use embedded_rl_core::distribution::quantile;
use embedded_rl_core::nn::cosine_embedding::{self, Fractions};
use embedded_rl_core::nn::{CosineEmbedding, midpoint};
use embedded_rl_kernels::Launch;
use pulp::Scalar;

pub(crate) fn cases() -> Vec<Case> {
    let numbers = &mut Numbers::new(28);
    let mut cases = Vec::new();
    for [rows, fractions, cosines, width] in
        [[1, 1, 1, 1], [3, 5, 7, 4], [9, 1, 2, 17], [2, 8, 64, 33], [17, 4, 3, 6]]
    {
        let embedding = CosineEmbedding { width, cosines, fractions };
        for is_drawn in [true, false] {
            cases.push(case(numbers, &embedding, rows as usize, is_drawn));
        }
    }
    cases
}

/// What core keeps of a forward pass and makes of it backward; the dense layer between is not asked about.
fn case(numbers: &mut Numbers, embedding: &CosineEmbedding, rows: usize, is_drawn: bool) -> Case {
    let [width, each, count] =
        [embedding.width, embedding.cosines, embedding.fractions].map(|size| size as usize);
    let parameters = numbers.floats(embedding.parameter_count());
    let (input, d_output) = (numbers.floats(rows * width), numbers.floats(rows * count * width));
    let mut fractions: Vec<f32> = (0..rows * count).map(|i| midpoint(i % count, count)).collect();
    if is_drawn {
        quantile::draw(&mut numbers.0, &mut fractions);
        fractions[0] = 0.0;
    }
    let mut kept = vec![0.0; rows * count * (each + 2 * width)];
    let asked = if is_drawn { Fractions::Given(&fractions) } else { Fractions::Midpoints };
    cosine_embedding::forward(Scalar, embedding, &parameters, asked, &input, &mut kept);
    let (cosines, after) = kept.split_at(rows * count * each);
    let (embedded, output) = after.split_at(rows * count * width);
    let (mut d_embedded, mut d_input) = (d_output.clone(), vec![0.0; rows * width]);
    cosine_embedding::backward(
        Scalar,
        embedding,
        &parameters,
        &input,
        &kept,
        &mut d_embedded,
        Some(&mut d_input),
        &mut vec![0.0; parameters.len()],
        &mut vec![0.0; each * width],
    );
    let mut means = vec![0.0; rows * width];
    cosine_embedding::mean(count, width, output, &mut means);

    let mut case = Case::new(format!("{embedding:?} of {rows} rows, drawn: {is_drawn}"));
    let sizes = [size(width), size(count), size(rows)];
    let grid = |count: usize| Launch::elements(count as u32).with_threads(20);
    let of = [
        case.given("fractions", &fractions),
        case.written("cosines", cosines),
        size(each),
        size(rows * count),
    ];
    case.launch("write_cosines", grid(rows * count), &of);
    let input = case.given("input", &input);
    // Of midpoints the first row's are all rows'.
    let once = if is_drawn { rows * count * width } else { count * width };
    let of = [
        case.given("embedded once", &embedded[..once]),
        input.clone(),
        case.written("output", output),
        size(once),
    ];
    let launch = grid(rows * count * width);
    case.launch("cosine_embedding_forward", launch, &[&of[..], &sizes[..]].concat());
    let of = [
        case.given("embedded", embedded),
        input,
        case.changed("d_output", &d_output, &d_embedded),
        case.written("d_input", &d_input),
    ];
    let launch = grid(rows * width);
    case.launch("cosine_embedding_backward", launch, &[&of[..], &sizes[..]].concat());
    let of = [
        case.given("values", output),
        case.written("means", &means),
        size(count),
        size(width),
        size(rows),
    ];
    case.launch("mean_of_fractions", launch, &of);
    case
}
