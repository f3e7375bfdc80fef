// The sum over a block of THREADS threads, of a number each: first in every warp, then over the warps.
#pragma once
#include "../common.cuh"

constexpr u32 THREADS = 256, WARPS = THREADS / 32;

__device__ __forceinline__ float sum_of_warp(float term) {
    for (u32 lanes = 16; lanes > 0; lanes /= 2) term += __shfl_down_sync(0xFFFFFFFF, term, lanes);
    return term;
}

// The first thread's answer is the sum; the others' is not.
__device__ __forceinline__ float sum_of_block(float (&sums)[WARPS], float term) {
    const float of_warp = sum_of_warp(term);
    if (threadIdx.x % 32 == 0) sums[threadIdx.x / 32] = of_warp;
    __syncthreads();
    if (threadIdx.x >= 32) return 0.0f;
    return sum_of_warp(threadIdx.x < WARPS ? sums[threadIdx.x] : 0.0f);
}
