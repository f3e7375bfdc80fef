// The sum of squares, version 5, one pass: the block that ends last adds what the blocks have left.
//
// A launch costs a few microseconds, as long as reading ten megabytes. Every block leaves its sum, makes sure that others
// see it, and takes a number from a counter, the only atomic; who draws the last number adds all sums, in their order, so
// that the result does not depend on who that was. As many blocks as the card runs at once are enough.
//
// total[0] becomes the sum; sums [blocks] is room; counter[0], before a zero, is a zero again.
// Launch: at most THREADS blocks of THREADS threads along x. Shared memory: a float a warp and a flag, static.
#include "warp_sum.cuh"

extern "C" __global__ void square_sum_one_pass(const float* __restrict__ values, float* sums, u32* counter,
                                               float* __restrict__ total, u32 count) {
    __shared__ float of_warps[WARPS];
    __shared__ u32 is_last;
    float sum = 0.0f;
    for (u32 i = thread_in_grid(); i < count; i += gridDim.x * THREADS) sum += values[i] * values[i];
    sum = sum_of_block(of_warps, sum);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = sum;
        // The sum is where others read it before the counter says so.
        __threadfence();
        is_last = atomicAdd(counter, 1u) == gridDim.x - 1 ? 1 : 0;
    }
    __syncthreads();
    if (!is_last) return;
    __threadfence();
    sum = sum_of_block(of_warps, threadIdx.x < gridDim.x ? sums[threadIdx.x] : 0.0f);
    if (threadIdx.x != 0) return;
    total[0] = sum;
    counter[0] = 0;
}
