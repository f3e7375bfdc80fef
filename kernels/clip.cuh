// The norm of all gradients, and what it makes of one. Twin: core/src/nn/optimiser/clip.rs, clip_norm.
//
// The order of the norm's sum is core's: sixteen partial sums, element i going to sum i mod 16, added from first to last.
#pragma once
#include "common.cuh"

constexpr u32 PARTIAL_SUMS = 16;

// Writes the norm of the gradients to norm[0]. Every thread of the block has to call it; `squares` is a float a thread in
// shared memory, and the threads are a multiple of PARTIAL_SUMS. All threads square, the first sixteen add.
__device__ __forceinline__ void measure_norm(const float* gradients, float* norm, float* squares, u32 count) {
    float sum = 0.0f;
    for (u32 first = 0; first < count; first += blockDim.x) {
        const u32 i = first + threadIdx.x;
        if (i < count) squares[threadIdx.x] = gradients[i] * gradients[i];
        __syncthreads();
        if (threadIdx.x < PARTIAL_SUMS) {
            for (u32 j = threadIdx.x; j < blockDim.x && first + j < count; j += PARTIAL_SUMS) sum += squares[j];
        }
        __syncthreads();
    }
    if (threadIdx.x < PARTIAL_SUMS) squares[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x != 0) return;
    float total = 0.0f;
    for (u32 i = 0; i < PARTIAL_SUMS; ++i) total += squares[i];
    norm[0] = sqrtf(total);
}

// A gradient as it is when all together are no longer than `maximum`.
__device__ __forceinline__ float clipped(float gradient, float norm, float maximum) {
    const float factor = maximum / (norm + 1e-6f);
    return factor < 1.0f ? gradient * factor : gradient;
}
