// The dense layer. Twin: core/src/nn/dense.rs, forward and backward.
//
//   B batch, I inputs, O outputs; W [I][O], behind it the bias [O], are the layer's part of the flat parameters
//   dense_forward              y[b][o]   = bias[o] + sum over i of x[b][i] W[i][o]
//   dense_input_gradient       dx[b][i]  = sum over o of dy[b][o] W[i][o]
//   dense_parameter_gradient   dW[i][o] += sum over b of x[b][i] dy[b][o]        db[o] += sum over b of dy[b][o]
//
// The elementwise function behind the layer can be computed on the way (activation.cuh), and the slope of the one before it
// from its values x: with Activation::None neither is, and nobody looks at x.
//
// Launch: blocks of TILE x TILE threads, one a result; the grid covers the result's columns along x and its rows along y.
// Shared memory: Tiles, static.
#include "activation.cuh"
#include "matrix.cuh"

// Results: output [batch][outputs].
extern "C" __global__ void dense_forward(const float* __restrict__ parameters, const float* __restrict__ input,
                                         float* __restrict__ output, u32 inputs, u32 outputs, u32 batch,
                                         u32 activation) {
    __shared__ Tiles tiles;
    const u32 row = row_of_thread(), column = column_of_thread();
    const bool is_inside = row < batch && column < outputs;
    const float bias = is_inside ? parameters[inputs * outputs + column] : 0.0f;
    const float sum = add_products<Along::Second, Along::Second>(
        tiles, bias, {batch, inputs, outputs}, [=](u32 b, u32 i) { return input[b * inputs + i]; },
        [=](u32 i, u32 o) { return parameters[i * outputs + o]; });
    if (is_inside) output[row * outputs + column] = activated((Activation)activation, sum);
}

// Results: d_input [batch][inputs].
extern "C" __global__ void dense_input_gradient(const float* __restrict__ parameters, const float* __restrict__ d_output,
                                                float* __restrict__ d_input, const float* __restrict__ input, u32 inputs,
                                                u32 outputs, u32 batch, u32 activation) {
    __shared__ Tiles tiles;
    const float sum = add_products<Along::Second, Along::First>(
        tiles, 0.0f, {batch, outputs, inputs}, [=](u32 b, u32 o) { return d_output[b * outputs + o]; },
        [=](u32 o, u32 i) { return parameters[i * outputs + o]; });
    const u32 row = row_of_thread(), column = column_of_thread();
    if (row < batch && column < inputs) {
        d_input[row * inputs + column] = through((Activation)activation, input, row * inputs + column, sum);
    }
}

// Results: d_parameters [inputs + 1][outputs], to which is added. The bias is the row behind the weights, as if of an input
// that is always 1: a product with 1 is exact.
extern "C" __global__ void dense_parameter_gradient(const float* __restrict__ input, const float* __restrict__ d_output,
                                                    float* __restrict__ d_parameters, u32 inputs, u32 outputs, u32 batch) {
    __shared__ Tiles tiles;
    const u32 row = row_of_thread(), column = column_of_thread();
    const bool is_inside = row <= inputs && column < outputs;
    const float start = is_inside ? d_parameters[row * outputs + column] : 0.0f;
    const float sum = add_products<Along::First, Along::Second>(
        tiles, start, {inputs + 1, batch, outputs}, [=](u32 i, u32 b) { return i < inputs ? input[b * inputs + i] : 1.0f; },
        [=](u32 b, u32 o) { return d_output[b * outputs + o]; });
    if (is_inside) d_parameters[row * outputs + column] = sum;
}
