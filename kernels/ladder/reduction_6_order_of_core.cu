// The sum of squares, version 6, in the order of core: the bits of core/src/nn/optimiser/clip.rs.
//
// Core has sixteen partial sums, element i going to sum i mod 16. Sixteen threads add, each from first to last; an addition
// waits for the one before it, four cycles, and that is all this version waits for: the other warps load and square
// the next chunk meanwhile. What one order costs is in the table: one block works while the card has room for hundreds.
// clip.cu has the simpler form that trains.
//
// total[0] becomes the sum. Launch: one block, at least two warps along x. Shared memory: two chunks, static.
#include "../common.cuh"

constexpr u32 PARTIAL_SUMS = 16, CHUNK = 1024, WARP = 32;

// By all warps but the first.
__device__ __forceinline__ void load(float (&squares)[CHUNK], const float* values, u32 first, u32 count) {
    for (u32 i = threadIdx.x - WARP; i < CHUNK && first + i < count; i += blockDim.x - WARP) {
        squares[i] = values[first + i] * values[first + i];
    }
}

extern "C" __global__ void square_sum_order_of_core(const float* __restrict__ values, float* __restrict__ total, u32 count) {
    __shared__ float squares[2][CHUNK];
    const bool loads = threadIdx.x >= WARP;
    if (loads) load(squares[0], values, 0, count);
    __syncthreads();
    float sum = 0.0f;
    for (u32 first = 0; first < count; first += CHUNK) {
        const u32 now = first / CHUNK % 2;
        if (loads) {
            load(squares[1 - now], values, first + CHUNK, count);
        } else if (threadIdx.x < PARTIAL_SUMS) {
            for (u32 i = threadIdx.x; i < CHUNK && first + i < count; i += PARTIAL_SUMS) sum += squares[now][i];
        }
        __syncthreads();
    }
    if (threadIdx.x < PARTIAL_SUMS) squares[0][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x != 0) return;
    float of_all = 0.0f;
    for (u32 i = 0; i < PARTIAL_SUMS; ++i) of_all += squares[0][i];
    total[0] = of_all;
}
