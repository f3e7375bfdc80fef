// Elementwise functions, in place, and their gradients from their outputs. Twin: core/src/nn/activation.rs.
//
//             forward                        backward, dx = dy * ..
//   relu      x > 0 ? x : 0                  y > 0 ? 1 : 0
//   elu       x > 0 ? x : e^x - 1            y > 0 ? 1 : y + 1
//   tanh      tanh x                         1 - y y
//   sigmoid   1 / (1 + e^-x)                 y (1 - y)
//
// Launch: a thread an element, any block; the grid covers `count`. A NaN stays a NaN.
#include "math.cuh"

extern "C" __global__ void relu_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    if (values[i] <= 0.0f) values[i] = 0.0f;
}

extern "C" __global__ void relu_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= outputs[i] <= 0.0f ? 0.0f : 1.0f;
}

extern "C" __global__ void elu_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    if (values[i] <= 0.0f) values[i] = exp_m1_f32(values[i]);
}

extern "C" __global__ void elu_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= outputs[i] <= 0.0f ? outputs[i] + 1.0f : 1.0f;
}

extern "C" __global__ void tanh_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = tanh_f32(values[i]);
}

extern "C" __global__ void tanh_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= 1.0f - outputs[i] * outputs[i];
}

extern "C" __global__ void sigmoid_forward(float* __restrict__ values, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    values[i] = 1.0f / (1.0f + exp_f32(-values[i]));
}

extern "C" __global__ void sigmoid_backward(const float* __restrict__ outputs, float* __restrict__ d, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    d[i] *= outputs[i] * (1.0f - outputs[i]);
}
