// Elementwise functions in place, and their gradients from their outputs: activation.cuh has the formulas. Twin:
// core/src/nn/activation.rs.
//
// Launch: a thread an element, any block; the grid covers `count`.
#include "activation.cuh"

extern "C" __global__ void relu_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = relu(values[i]);
}

extern "C" __global__ void relu_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= relu_slope(outputs[i]);
}

extern "C" __global__ void elu_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = elu(values[i]);
}

extern "C" __global__ void elu_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= elu_slope(outputs[i]);
}

extern "C" __global__ void tanh_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = tanh_f32(values[i]);
}

extern "C" __global__ void tanh_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= tanh_slope(outputs[i]);
}

extern "C" __global__ void sigmoid_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = sigmoid(values[i]);
}

extern "C" __global__ void sigmoid_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= sigmoid_slope(outputs[i]);
}
