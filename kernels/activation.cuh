// Elementwise functions and their slopes. Twin: core/src/nn/activation.rs.
//
//             value                          slope, from the value y
//   relu      x > 0 ? x : 0                  y > 0 ? 1 : 0
//   elu       x > 0 ? x : e^x - 1            y > 0 ? 1 : y + 1
//   tanh      tanh x                         1 - y y
//   sigmoid   1 / (1 + e^-x)                 y (1 - y)
//
// A NaN stays a NaN.
#pragma once
#include "math.cuh"

__device__ __forceinline__ float relu(float x) { return x <= 0.0f ? 0.0f : x; }
__device__ __forceinline__ float relu_slope(float y) { return y <= 0.0f ? 0.0f : 1.0f; }
__device__ __forceinline__ float elu(float x) { return x <= 0.0f ? exp_m1_f32(x) : x; }
__device__ __forceinline__ float elu_slope(float y) { return y <= 0.0f ? y + 1.0f : 1.0f; }
__device__ __forceinline__ float tanh_slope(float y) { return 1.0f - y * y; }
__device__ __forceinline__ float sigmoid(float x) { return 1.0f / (1.0f + exp_f32(-x)); }
__device__ __forceinline__ float sigmoid_slope(float y) { return y * (1.0f - y); }

// One of them, chosen while a kernel runs. In the order of `Activation` of src/mlp.rs.
enum class Activation : u32 { None, Relu, Elu, Tanh, Sigmoid };

__device__ __forceinline__ float activated(Activation activation, float x) {
    switch (activation) {
        case Activation::Relu: return relu(x);
        case Activation::Elu: return elu(x);
        case Activation::Tanh: return tanh_f32(x);
        case Activation::Sigmoid: return sigmoid(x);
        default: return x;
    }
}

__device__ __forceinline__ float slope(Activation activation, float y) {
    switch (activation) {
        case Activation::Relu: return relu_slope(y);
        case Activation::Elu: return elu_slope(y);
        case Activation::Tanh: return tanh_slope(y);
        case Activation::Sigmoid: return sigmoid_slope(y);
        default: return 1.0f;
    }
}

// The gradient in front of a function whose value stands at a place of `outputs`, from that behind it.
__device__ __forceinline__ float through(Activation activation, const float* outputs, u32 place, float d) {
    return activation == Activation::None ? d : d * slope(activation, outputs[place]);
}
