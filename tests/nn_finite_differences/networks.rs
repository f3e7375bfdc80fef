//! Gradients of whole networks: dense layers with every activation, and networks of images.

use crate::differences::{
    BATCHES, Gradient, assert_gradient, check_parameters, differences, double, random, weighted_sum,
};
use crate::naive_forward::naive_forward;
use embedded_rl_core::nn::{Activation, Baseline, Image, Lanes, NetworkSpec};
use embedded_rl_core::rng::{Generator, SeedableRng};

const FUNCTIONS: [Activation; 4] =
    [Activation::Relu, Activation::Elu, Activation::Tanh, Activation::Sigmoid];

#[test]
fn network_gradients_equal_finite_differences() {
    for function in FUNCTIONS {
        for sizes in
            [&[1, 1][..], &[3, 5], &[17, 1], &[5, 33], &[3, 5, 2], &[2, 17, 1], &[5, 9, 3, 4]]
        {
            // Once with the last layer linear and once with an activation behind it.
            let linear = NetworkSpec::mlp(sizes, function);
            for spec in [linear, linear.activation(function)] {
                for batch in BATCHES {
                    let rng = &mut Generator::seed_from_u64(9);
                    let parameters = random(rng, spec.parameter_count());
                    let input = random(rng, batch * spec.inputs());
                    let d_output = random(rng, batch * spec.outputs());
                    let wide_input = double(&input);
                    let want = differences(&double(&parameters), |parameters| {
                        weighted_sum(
                            &naive_forward(&spec, parameters, batch, &wide_input),
                            &d_output,
                        )
                    });
                    let (parameters, input, d_output) =
                        (&parameters[..], &input[..], &d_output[..]);
                    let spec = &spec;
                    let got = Lanes::best().dispatch(Gradient {
                        spec,
                        batch,
                        parameters,
                        input,
                        d_output,
                    });
                    assert_gradient(&format!("{function:?} {sizes:?}, batch {batch}"), &got, &want);
                }
            }
        }
    }
}

#[test]
fn gradients_of_networks_of_images_equal_finite_differences() {
    for image in [Image::channels_first(2, 7, 6), Image::channels_last(7, 6, 2)] {
        let elu = Activation::Elu;
        let first = NetworkSpec::image(image).conv2d(3, [3, 2], [1, 2], [1, 0]).activation(elu);
        let second = first.conv2d(4, [2, 3], [3, 1], [0, 1]);
        for spec in [
            second,
            second.activation(elu).dense(3).activation(elu).dueling(2, Baseline::Mean),
            first
                .batch_norm()
                .activation(elu)
                .conv2d(2, [1, 2], [2, 1], [0, 0])
                .batch_norm()
                .dense(2),
        ] {
            for batch in [1, 3] {
                check_parameters(&format!("{:?}", spec.layers()), &spec, batch);
            }
        }
    }
}
