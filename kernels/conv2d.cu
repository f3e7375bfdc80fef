// The convolution of images (a correlation: the kernel is not flipped). Twin: core/src/nn/conv2d.rs.
//
//   B batch, P positions of the kernel (output pixels, row by row), K numbers under the kernel, F filters
//   x[b][p][k]   what lies under the kernel at p, zero where that is padding; k runs over [C][kernel rows][kernel columns]
//                of a channels-first image, [kernel rows][kernel columns][C] of a channels-last one
//   W [K][F], behind it the bias [F], are the layer's part of the flat parameters
//   conv2d_forward              y[b][p][f] = bias[f] + sum over k of x[b][p][k] W[k][f]
//   conv2d_input_gradient       dx[pixel]  = sum over the p whose kernel covers the pixel of (sum over f of dy[b][p][f] W[k][f])
//   conv2d_parameter_gradient   dW[k][f]  += sum over b, then p, of x[b][p][k] dy[b][p][f]      db[f] += sum of dy[b][p][f]
//
// The elementwise function behind the layer, and the slope of the one before it, are computed on the way as in dense.cu.
//
// The products of a dense layer with a row a position; what lies under the kernel is looked up while a tile is loaded and
// never written out. The _u8 kernels take images of bytes, as they are stored, each divided by `divisor`.
//
// Launch, but for the input's gradient: blocks of TILE x TILE threads, one a result; the grid covers the result's columns
// along x and its rows along y. Shared memory: Tiles, static.
#include "activation.cuh"
#include "conv2d.cuh"
#include "matrix.cuh"

template <class Element>
__device__ __forceinline__ void forward(Tiles& tiles, const float* parameters, const Element* input, float* output,
                                        float divisor, const Conv2d& conv, u32 batch, u32 activation) {
    const u32 rows = batch * positions_of(conv), inner = inner_of(conv);
    const u32 row = row_of_thread(), column = column_of_thread();
    const bool is_inside = row < rows && column < conv.filters;
    const float bias = is_inside ? parameters[inner * conv.filters + column] : 0.0f;
    const float sum = add_products<Along::Second, Along::Second>(
        tiles, bias, {rows, inner, conv.filters}, [&](u32 r, u32 k) { return under_kernel(conv, input, divisor, r, k); },
        [&](u32 k, u32 f) { return parameters[k * conv.filters + f]; });
    if (is_inside) output[row * conv.filters + column] = activated((Activation)activation, sum);
}

// Results: output [batch][P][filters].
extern "C" __global__ void conv2d_forward(const float* __restrict__ parameters, const float* __restrict__ input,
                                          float* __restrict__ output, Conv2d conv, u32 batch, u32 activation) {
    __shared__ Tiles tiles;
    forward(tiles, parameters, input, output, 1.0f, conv, batch, activation);
}

extern "C" __global__ void conv2d_forward_u8(const float* __restrict__ parameters, const u8* __restrict__ input,
                                             float* __restrict__ output, float divisor, Conv2d conv, u32 batch,
                                             u32 activation) {
    __shared__ Tiles tiles;
    forward(tiles, parameters, input, output, divisor, conv, batch, activation);
}

// The bias is the row behind the weights, as if of a number under the kernel that is always 1.
template <class Element>
__device__ __forceinline__ void parameter_gradient(Tiles& tiles, const Element* input, const float* d_output,
                                                   float* d_parameters, float divisor, const Conv2d& conv, u32 batch) {
    const u32 rows = batch * positions_of(conv), inner = inner_of(conv);
    const u32 row = row_of_thread(), column = column_of_thread();
    const bool is_inside = row <= inner && column < conv.filters;
    const float start = is_inside ? d_parameters[row * conv.filters + column] : 0.0f;
    const float sum = add_products<Along::First, Along::Second>(
        tiles, start, {inner + 1, rows, conv.filters},
        [&](u32 k, u32 r) { return k < inner ? under_kernel(conv, input, divisor, r, k) : 1.0f; },
        [&](u32 r, u32 f) { return d_output[r * conv.filters + f]; });
    if (is_inside) d_parameters[row * conv.filters + column] = sum;
}

// Results: d_parameters [K + 1][filters], to which is added.
extern "C" __global__ void conv2d_parameter_gradient(const float* __restrict__ input, const float* __restrict__ d_output,
                                                     float* __restrict__ d_parameters, Conv2d conv, u32 batch) {
    __shared__ Tiles tiles;
    parameter_gradient(tiles, input, d_output, d_parameters, 1.0f, conv, batch);
}

extern "C" __global__ void conv2d_parameter_gradient_u8(const u8* __restrict__ input, const float* __restrict__ d_output,
                                                        float* __restrict__ d_parameters, float divisor, Conv2d conv,
                                                        u32 batch) {
    __shared__ Tiles tiles;
    parameter_gradient(tiles, input, d_output, d_parameters, divisor, conv, batch);
}

// Results: d_input, images of the input's shape. Launch: a thread a number of the input, any block.
extern "C" __global__ void conv2d_input_gradient(const float* __restrict__ parameters, const float* __restrict__ d_output,
                                                 float* __restrict__ d_input, const float* __restrict__ input, Conv2d conv,
                                                 u32 batch, u32 activation) {
    const u32 i = thread_in_grid();
    const u32 count = count_of(conv);
    if (i >= batch * count) return;
    const u32 within = i % count;
    const u32 pixel = conv.channels_last ? within / conv.channels : within % (conv.height * conv.width);
    const u32 channel = conv.channels_last ? within % conv.channels : within / (conv.height * conv.width);
    const u32 y = pixel / conv.width + conv.above, x = pixel % conv.width + conv.before;
    // The first position whose kernel reaches as far as the pixel; the last one begins at it.
    const u32 first_row = y >= conv.kernel_height ? (y - conv.kernel_height) / conv.down + 1 : 0;
    const u32 first_column = x >= conv.kernel_width ? (x - conv.kernel_width) / conv.right + 1 : 0;

    float total = 0.0f;
    for (u32 row = first_row; row < conv.output_height && row * conv.down <= y; ++row) {
        for (u32 column = first_column; column < conv.output_width && column * conv.right <= x; ++column) {
            const u32 kernel_row = y - row * conv.down, kernel_column = x - column * conv.right;
            const u32 k = conv.channels_last
                              ? (kernel_row * conv.kernel_width + kernel_column) * conv.channels + channel
                              : (channel * conv.kernel_height + kernel_row) * conv.kernel_width + kernel_column;
            const u32 position = row * conv.output_width + column;
            const float* const dy = d_output + ((u64)(i / count) * positions_of(conv) + position) * conv.filters;
            float sum = 0.0f;
            for (u32 f = 0; f < conv.filters; ++f) sum += dy[f] * parameters[k * conv.filters + f];
            total += sum;
        }
    }
    d_input[i] = through((Activation)activation, input, i, total);
}
