// The sum of squares, version 4, several elements a thread: a thread adds sixteen numbers before it talks to others.
//
// The exchange cost as much as the loads. Now there is one for sixteen elements, and sixteen loads of a thread are on their
// way at once, which is what keeps memory busy.
//
// sums[block] becomes the sum over the block's values, of their squares where `is_first` is not zero; to be launched again
// over the sums. Launch: blocks of THREADS threads, EACH elements a thread; the grid covers `count`. Shared memory: a float
// a warp, static.
#include "warp_sum.cuh"

constexpr u32 EACH = 16;

extern "C" __global__ void square_sum_several_elements(const float* __restrict__ values, float* __restrict__ sums,
                                                       u32 is_first, u32 count) {
    __shared__ float of_warps[WARPS];
    float sum = 0.0f;
    for (u32 j = 0; j < EACH; ++j) {
        const u32 i = (blockIdx.x * EACH + j) * THREADS + threadIdx.x;
        const float value = i < count ? values[i] : 0.0f;
        sum += is_first ? value * value : value;
    }
    sum = sum_of_block(of_warps, sum);
    if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}
