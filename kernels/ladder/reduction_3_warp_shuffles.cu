// The sum of squares, version 3, warp shuffles: lanes hand each other their numbers.
//
// The 32 threads of a warp run together: they can read each other's registers, and need neither shared memory nor a
// barrier for five of the eight rounds. One barrier is left of nine. warp_sum.cuh has the sum.
//
// sums[block] becomes the sum over the block's values, of their squares where `is_first` is not zero; to be launched again
// over the sums. Launch: blocks of THREADS threads, a thread an element; the grid covers `count`. Shared memory: a float a
// warp, static.
#include "warp_sum.cuh"

extern "C" __global__ void square_sum_warp_shuffles(const float* __restrict__ values, float* __restrict__ sums, u32 is_first,
                                                    u32 count) {
    __shared__ float of_warps[WARPS];
    const u32 i = thread_in_grid();
    const float value = i < count ? values[i] : 0.0f;
    const float sum = sum_of_block(of_warps, is_first ? value * value : value);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}
