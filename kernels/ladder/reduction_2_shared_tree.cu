// The sum of squares, version 2, a tree in shared memory: a block adds its numbers pair by pair.
//
// Eight rounds instead of 256 additions in a line, and each block leaves one number: a second launch adds those, a third
// one theirs, until one is left. Half of the threads that work in a round rest in the next one. The order is always the
// same, and with it the sum.
//
// sums[block] becomes the sum over the block's values, of their squares where `is_first` is not zero.
// Launch: blocks of THREADS threads, a thread an element; the grid covers `count`. Shared memory: a float a thread, static.
#include "../common.cuh"

constexpr u32 THREADS = 256;

extern "C" __global__ void square_sum_shared_tree(const float* __restrict__ values, float* __restrict__ sums, u32 is_first,
                                                  u32 count) {
    __shared__ float terms[THREADS];
    const u32 i = thread_in_grid();
    const float value = i < count ? values[i] : 0.0f;
    terms[threadIdx.x] = is_first ? value * value : value;
    __syncthreads();
    for (u32 half = THREADS / 2; half > 0; half /= 2) {
        if (threadIdx.x < half) terms[threadIdx.x] += terms[threadIdx.x + half];
        __syncthreads();
    }
    if (threadIdx.x == 0) sums[blockIdx.x] = terms[0];
}
