//! Convolutions against one plain loop an index, with a rule of their own for where a pixel lies.

use crate::bits::{LayerBits, bits, random};
use embedded_rl_core::nn::{Channels, Conv2d, Image, Lanes, Simd, WithSimd, conv2d};
use embedded_rl_core::rng::{Generator, SeedableRng};

struct ConvCase {
    conv: Conv2d,
    batch: usize,
    parameters: Vec<f32>,
    input: Vec<f32>,
    d_output: Vec<f32>,
    d_before: Vec<f32>,
}

impl ConvCase {
    fn new(conv: Conv2d, batch: usize) -> Self {
        let rng = &mut Generator::seed_from_u64(7);
        let count = conv.weight_count() + usize::from(conv.filters);
        let [parameters, d_before] = [random(rng, count), random(rng, count)];
        let input = random(rng, batch * conv.input.count());
        let d_output = random(rng, batch * conv.output().count());
        Self { conv, batch, parameters, input, d_output, d_before }
    }

    /// The formulas of conv2d.rs with one plain loop an index.
    fn naive(&self) -> LayerBits {
        let Self { conv, batch, parameters, input, d_output, d_before } = self;
        let (image, columns) = (conv.input, usize::from(conv.output().width));
        let [channels, height, width] =
            [image.channels, image.height, image.width].map(usize::from);
        let [kernel_height, kernel_width] = conv.kernel.map(usize::from);
        let [filters, inner] = [usize::from(conv.filters), conv.inner()];
        // Where the k-th number under the kernel at a position lies in an image; nowhere in the padding.
        let place = |position: usize, k: usize| {
            let (channel, down, right) = match image.order {
                Channels::First => {
                    let pixels = kernel_height * kernel_width;
                    (k / pixels, k % pixels / kernel_width, k % kernel_width)
                }
                Channels::Last => {
                    (k % channels, k / channels / kernel_width, k / channels % kernel_width)
                }
            };
            let [stride, padding] = [conv.stride, conv.padding].map(|pair| pair.map(usize::from));
            let y = (position / columns * stride[0] + down).checked_sub(padding[0])?;
            let x = (position % columns * stride[1] + right).checked_sub(padding[1])?;
            (y < height && x < width).then_some(match image.order {
                Channels::First => (channel * height + y) * width + x,
                Channels::Last => (y * width + x) * channels + channel,
            })
        };
        let (mut output, mut d_input) = (vec![0.0; d_output.len()], vec![0.0; input.len()]);
        let mut d_parameters = d_before.clone();
        for b in 0..*batch {
            let start = b * image.count();
            for p in 0..conv.positions() {
                let row = (b * conv.positions() + p) * filters;
                for f in 0..filters {
                    let d = d_output[row + f];
                    let mut sum = parameters[inner * filters + f];
                    for k in 0..inner {
                        let x = place(p, k).map_or(0.0, |place| input[start + place]);
                        sum += x * parameters[k * filters + f];
                        d_parameters[k * filters + f] += x * d;
                    }
                    output[row + f] = sum;
                    d_parameters[inner * filters + f] += d;
                }
                for k in 0..inner {
                    let mut sum = 0.0;
                    for f in 0..filters {
                        sum += d_output[row + f] * parameters[k * filters + f];
                    }
                    if let Some(place) = place(p, k) {
                        d_input[start + place] += sum;
                    }
                }
            }
        }
        LayerBits {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

impl WithSimd for &ConvCase {
    type Output = LayerBits;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> LayerBits {
        let ConvCase { conv, batch, parameters, input, d_output, d_before } = self;
        let mut output = vec![f32::NAN; d_output.len()];
        let mut scratch = vec![f32::NAN; conv.scratch_count(*batch)];
        conv2d::forward(simd, conv, *batch, parameters, input, &mut output, &mut scratch);
        let mut d_input = vec![f32::NAN; input.len()];
        let mut d_parameters = d_before.clone();
        conv2d::backward(
            simd,
            conv,
            *batch,
            parameters,
            input,
            d_output,
            Some(&mut d_input),
            &mut d_parameters,
            &mut scratch,
            &mut vec![f32::NAN; conv.weight_count()],
        );
        LayerBits {
            output: bits(&output),
            d_input: bits(&d_input),
            d_parameters: bits(&d_parameters),
        }
    }
}

#[test]
fn convolutions_equal_their_naive_twin_bit_for_bit() {
    for (sizes, filters, kernel, stride, padding, batch) in [
        ([1, 1, 1], 1, [1, 1], [1, 1], [0, 0], 1),
        ([3, 9, 10], 32, [4, 4], [2, 2], [0, 0], 3),
        ([2, 7, 11], 5, [3, 5], [2, 1], [1, 2], 4),
        ([5, 4, 3], 17, [3, 3], [1, 1], [1, 1], 2),
        ([1, 5, 5], 3, [2, 1], [3, 4], [0, 2], 7),
        // Several blocks of positions, which do not end where images do.
        ([4, 20, 24], 19, [8, 8], [2, 2], [3, 0], 3),
    ] {
        for order in [Channels::First, Channels::Last] {
            let [channels, height, width] = sizes;
            let input = Image { channels, height, width, order };
            let case = ConvCase::new(Conv2d { input, filters, kernel, stride, padding }, batch);
            let expected = case.naive();
            for lanes in Lanes::available() {
                let found = lanes.dispatch(&case);
                assert!(found == expected, "{:?}, {}", case.conv, lanes.name());
            }
        }
    }
}
