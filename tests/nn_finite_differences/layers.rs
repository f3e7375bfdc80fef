//! Gradients of layers: of their parameters, and of the input, which a network computes for every layer but its first.

use crate::differences::{
    BATCHES, Gradient, assert_gradient, check_parameters, differences, double, random, weighted_sum,
};
use crate::naive_forward::naive_forward;
use embedded_rl_core::nn::{
    Activation, BatchNorm, Channels, Conv2d, Image, Lanes, Layer, NetworkSpec, Simd, WithSimd,
    batch_norm, conv2d, dense,
};
use embedded_rl_core::rng::{Generator, SeedableRng};

/// The input gradient of a dense layer.
struct DenseInputGradient<'a>(Gradient<'a>);

impl WithSimd for DenseInputGradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Gradient { spec, batch, parameters, input, d_output } = self.0;
        let mut d_input = vec![f32::NAN; input.len()];
        dense::backward(
            simd,
            spec.inputs(),
            spec.outputs(),
            batch,
            parameters,
            input,
            d_output,
            Some(&mut d_input),
            &mut vec![0.0; parameters.len()],
            &mut vec![0.0; spec.inputs() * spec.outputs()],
        );
        d_input
    }
}

#[test]
fn dense_input_gradients_equal_finite_differences() {
    for (inputs, outputs) in [(1, 1), (3, 5), (17, 1), (5, 33)] {
        let spec = &NetworkSpec::input(inputs).dense(outputs);
        for batch in BATCHES {
            let rng = &mut Generator::seed_from_u64(10);
            let parameters = &random(rng, spec.parameter_count())[..];
            let input = &random(rng, batch * inputs)[..];
            let d_output = &random(rng, batch * outputs)[..];
            let wide = double(parameters);
            let want = differences(&double(input), |input| {
                weighted_sum(&naive_forward(spec, &wide, batch, input), d_output)
            });
            let gradient = Gradient { spec, batch, parameters, input, d_output };
            let got = Lanes::best().dispatch(DenseInputGradient(gradient));
            assert_gradient(&format!("{inputs}x{outputs}, batch {batch}"), &got, &want);
        }
    }
}

/// One pixel, a stride longer than the kernel, a kernel larger than the image, padding on one axis, more filters than
/// a vector has lanes, and kernels whose rows are copied by functions of their own.
fn odd_convolutions() -> Vec<Conv2d> {
    let sizes: [(_, u16, _, _, _); 9] = [
        ([1, 1, 1], 1, [1, 1], [1, 1], [0, 0]),
        ([2, 5, 7], 3, [3, 2], [2, 3], [1, 0]),
        ([3, 4, 9], 5, [2, 3], [3, 4], [0, 0]),
        ([1, 2, 2], 17, [3, 3], [1, 1], [1, 1]),
        ([2, 3, 8], 2, [1, 4], [1, 2], [0, 3]),
        ([1, 3, 3], 2, [5, 5], [2, 2], [2, 2]),
        ([3, 6, 5], 2, [2, 4], [2, 1], [0, 1]),
        ([3, 3, 9], 1, [2, 8], [1, 1], [0, 0]),
        ([4, 3, 3], 2, [2, 2], [1, 1], [3, 2]),
    ];
    let of_order = |order| {
        sizes.map(|([channels, height, width], filters, kernel, stride, padding)| {
            let input = Image { channels, height, width, order };
            Conv2d { input, filters, kernel, stride, padding }
        })
    };
    [of_order(Channels::First), of_order(Channels::Last)].concat()
}

#[test]
fn convolution_gradients_equal_finite_differences() {
    for conv in odd_convolutions() {
        for batch in [1, 2, 5] {
            let spec = NetworkSpec::input(conv.input.count()).conv2d_of(conv);
            check_parameters(&format!("{conv:?}"), &spec, batch);
        }
    }
}

#[test]
fn batch_normalisation_gradients_equal_finite_differences() {
    let wide = BatchNorm { features: 3, rows: 7, momentum: 0.01, epsilon: 1e-3 };
    for batch in [1, 2, 7, 64] {
        for spec in [
            NetworkSpec::input(5).batch_norm(),
            NetworkSpec::input(21).batch_norm_of(wide),
            NetworkSpec::input(3).dense(17).batch_norm().activation(Activation::Elu).dense(2),
            NetworkSpec::input(2).dense(3).activation(Activation::Tanh).batch_norm().batch_norm(),
        ] {
            check_parameters(&format!("{:?}", spec.layers()), &spec, batch);
        }
    }
}

/// The input gradient of a convolution or a normalisation.
struct LayerInputGradient<'a>(Gradient<'a>);

impl WithSimd for LayerInputGradient<'_> {
    type Output = Vec<f32>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Vec<f32> {
        let Gradient { spec, batch, parameters, input, d_output } = self.0;
        let mut d_input = vec![f32::NAN; input.len()];
        let d_parameters = &mut vec![0.0; parameters.len()];
        match &spec.layers()[0] {
            Layer::Conv2d(conv) => conv2d::backward(
                simd,
                conv,
                batch,
                parameters,
                input,
                d_output,
                Some(&mut d_input),
                d_parameters,
                &mut vec![f32::NAN; conv.scratch_count(batch)],
                &mut vec![f32::NAN; conv.weight_count()],
            ),
            Layer::BatchNorm(norm) => {
                let mut statistics = vec![f32::NAN; norm.statistics_count()];
                batch_norm::statistics(simd, norm, input, &mut statistics);
                batch_norm::backward(
                    simd,
                    norm,
                    parameters,
                    &statistics,
                    input,
                    d_output,
                    Some(&mut d_input),
                    d_parameters,
                );
            }
            other => unreachable!("{other:?}"),
        }
        d_input
    }
}

#[test]
fn input_gradients_of_convolutions_and_normalisations_equal_finite_differences() {
    let mut specs: Vec<_> = odd_convolutions()
        .iter()
        .map(|conv| NetworkSpec::input(conv.input.count()).conv2d_of(*conv))
        .collect();
    let wide = BatchNorm { features: 19, rows: 2, momentum: 0.1, epsilon: 0.1 };
    specs.extend([1, 3, 17].map(|features| NetworkSpec::input(features).batch_norm()));
    specs.push(NetworkSpec::input(38).batch_norm_of(wide));
    for spec in &specs {
        for batch in [1, 4] {
            let rng = &mut Generator::seed_from_u64(12);
            let parameters = &random(rng, spec.parameter_count())[..];
            let input = &random(rng, batch * spec.inputs())[..];
            let d_output = &random(rng, batch * spec.outputs())[..];
            let wide = double(parameters);
            let want = differences(&double(input), |input| {
                weighted_sum(&naive_forward(spec, &wide, batch, input), d_output)
            });
            let gradient = Gradient { spec, batch, parameters, input, d_output };
            let got = Lanes::best().dispatch(LayerInputGradient(gradient));
            assert_gradient(&format!("{:?}, batch {batch}", spec.layers()), &got, &want);
        }
    }
}
