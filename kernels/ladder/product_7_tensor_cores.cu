// The product, version 7, tensor cores: a warp multiplies 16 x 8 by 8 x 8 in one instruction.
//
// What comes from memory and how is version 6; eight warps then share the block's 64 x 64 results, each 16 rows and 32
// columns. Tensor cores have eight times the multiplications of the other units, of factors that are rounded to ten bits:
// the only version that gives other numbers than core. tensor_cores.cuh says how far off they are.
//
// Launch: blocks of 256 threads along x; the grid covers the results in squares of SIDE, columns along x, rows along y.
// Shared memory: two of Slab, static.
#include "../tensor_cores.cuh"
#include "asynchronous.cuh"

constexpr u32 ACROSS = 4;

// Where a warp's results begin in its block, and a lane's among them.
struct WarpPlace {
    u32 row, column, group, in_group;
};

__device__ __forceinline__ WarpPlace place_of_warp() {
    const u32 warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    return {warp / 2 * 16, warp % 2 * 32, lane / 4, lane % 4};
}

// Slabs are full of zeros where the sum has ended, and a zero more does not matter here.
__device__ __forceinline__ void add_in_warp(float (&sums)[ACROSS][4], const Slab& slab, const WarpPlace& place) {
    const u32 g = place.group, t = place.in_group;
    for (u32 k = 0; k < STEP; k += 8) {
        const u32 m = place.row + g;
        const u32 a[4] = {tf32_of(slab.a[m][k + t]), tf32_of(slab.a[m + 8][k + t]), tf32_of(slab.a[m][k + t + 4]),
                          tf32_of(slab.a[m + 8][k + t + 4])};
        for (u32 j = 0; j < ACROSS; ++j) {
            const u32 n = place.column + 8 * j + g;
            const u32 w[2] = {tf32_of(slab.w[k + t][n]), tf32_of(slab.w[k + t + 4][n])};
            multiply_in_warp(sums[j], a, w);
        }
    }
}

template <class A>
__device__ __forceinline__ void multiply(Slab (&slabs)[2], const Product& product, const A& a) {
    const WarpPlace place = place_of_warp();
    float sums[ACROSS][4] = {};
    for_each_slab(slabs, product, a, [&](const Slab& slab, u32) { add_in_warp(sums, slab, place); });
    for (u32 j = 0; j < ACROSS; ++j) {
        for (u32 i = 0; i < 4; ++i) {
            const u32 m = blockIdx.y * SIDE + place.row + place.group + i / 2 * 8;
            const u32 n = blockIdx.x * SIDE + place.column + 8 * j + 2 * place.in_group + i % 2;
            if (m < product.rows && n < product.columns) product.results[m * product.columns + n] = product.bias[n] + sums[j][i];
        }
    }
}

extern "C" __global__ void dense_tensor_cores(const float* __restrict__ parameters, const float* __restrict__ input,
                                              float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    __shared__ Slab slabs[2];
    multiply(slabs, product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_tensor_cores(const float* __restrict__ parameters, const float* __restrict__ input,
                                               float* __restrict__ output, Conv2d conv, u32 batch) {
    __shared__ Slab slabs[2];
    multiply(slabs, product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
