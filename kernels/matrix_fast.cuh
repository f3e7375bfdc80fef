// The product of the fast mode: matrix.cuh's, by tensor cores. Within their bound of the exact one (tensor_cores.cuh).
//
// A block of TILE x TILE threads is eight warps and computes the same tile of C. SLAB products of each sum come to shared
// memory at a time; each warp adds eight of them to a sum of its own of all the tile, and in the end the warps' sums are added.
// So a sum of n products is a line of n / 64 instructions, which is what pays where n is a batch of many positions.
#pragma once
#include "tensor_cores.cuh"

constexpr u32 WARPS = TILE * TILE / 32, SLAB = 8 * WARPS;

// The lengths of the lines let a warp find its numbers in 32 different banks.
struct Tiles {
    float a[TILE][SLAB + 4];
    float b[SLAB][TILE + 8];
    float sums[WARPS][TILE][TILE];
};

__device__ __forceinline__ u32 thread_of_tile() { return threadIdx.y * TILE + threadIdx.x; }

// Loads values(first_row + i, first_column + j) into slab[i][j], and zeros where there are none.
template <Along along, u32 COLUMNS, u32 ROWS, u32 WIDTH, class Values>
__device__ __forceinline__ void load_slab(float (&slab)[ROWS][WIDTH], Values values, u32 first_row, u32 rows,
                                          u32 first_column, u32 columns) {
    for (u32 element = thread_of_tile(); element < ROWS * COLUMNS; element += TILE * TILE) {
        const u32 i = along == Along::Second ? element / COLUMNS : element % ROWS;
        const u32 j = along == Along::Second ? element % COLUMNS : element / ROWS;
        const bool is_inside = first_row + i < rows && first_column + j < columns;
        slab[i][j] = is_inside ? values(first_row + i, first_column + j) : 0.0f;
    }
}

// `start` and the products of this thread's element of C; outside C a number of no use. Every thread has to call it.
template <Along along_a, Along along_b, class A, class B>
__device__ __forceinline__ float add_products(Tiles& tiles, float start, Shape shape, A a, B b, Tile tile) {
    const u32 warp = thread_of_tile() / 32, lane = thread_of_tile() % 32, g = lane / 4, t = lane % 4, k = 8 * warp;
    float sums[2][4] = {};
    for (u32 first = 0; first < shape.inner; first += SLAB) {
        load_slab<along_a, SLAB>(tiles.a, a, tile.row * TILE, shape.rows, first, shape.inner);
        load_slab<along_b, TILE>(tiles.b, b, first, shape.inner, tile.column * TILE, shape.columns);
        __syncthreads();
        const u32 of_a[4] = {tf32_of(tiles.a[g][k + t]), tf32_of(tiles.a[g + 8][k + t]), tf32_of(tiles.a[g][k + t + 4]),
                             tf32_of(tiles.a[g + 8][k + t + 4])};
        for (u32 j = 0; j < 2; ++j) {
            const u32 of_b[2] = {tf32_of(tiles.b[k + t][8 * j + g]), tf32_of(tiles.b[k + t + 4][8 * j + g])};
            multiply_in_warp(sums[j], of_a, of_b);
        }
        __syncthreads();
    }
    for (u32 j = 0; j < 2; ++j) {
        for (u32 i = 0; i < 4; ++i) tiles.sums[warp][g + i / 2 * 8][8 * j + 2 * t + i % 2] = sums[j][i];
    }
    __syncthreads();
    float sum = start;
    for (u32 w = 0; w < WARPS; ++w) sum += tiles.sums[w][threadIdx.y][threadIdx.x];
    return sum;
}
