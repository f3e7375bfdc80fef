// Exponentials of a row and their sum. Twin: core/src/nn/softmax.rs, exponentials.
#pragma once
#include "math.cuh"

// The largest number of a row; a NaN is none.
__device__ __forceinline__ float largest_of(const float* row, u32 width) {
    float largest = f32_of(0xFF800000);
    for (u32 i = 0; i < width; ++i) largest = fmaxf(largest, row[i]);
    return largest;
}

// Writes e^(x - m), m the largest, to `exponentials`, which may be `row` itself, and what m is to `largest`; returns their sum.
__device__ __forceinline__ float add_exponentials(const float* row, float* exponentials, u32 width, float& largest) {
    largest = largest_of(row, width);
    float sum = 0.0f;
    for (u32 i = 0; i < width; ++i) {
        const float e = exp_f32(row[i] - largest);
        exponentials[i] = e;
        sum += e;
    }
    return sum;
}
