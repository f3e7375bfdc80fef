// The one product that dense layers, convolutions and their gradients share. Twin: core/src/nn/matrix.rs.
//
//   C[m][n] = start + A(m, 0) B(0, n) + A(m, 1) B(1, n) + .. + A(m, K-1) B(K-1, n)
//
// added from left to right. A block of TILE x TILE threads computes a tile of C, one element a thread (n along x, m along
// y), and takes A and B through shared memory a tile at a time; tiles come in the order of k, so a sum sees nothing of them.
#pragma once
#include "common.cuh"

constexpr u32 TILE = 16;

// M, K, N.
struct Shape {
    u32 rows, inner, columns;
};

// Which of a matrix' two indices runs along memory: neighbouring threads load neighbours.
enum class Along { First, Second };

// The tile of C that a block computes: the grid's, where the grid is one of tiles.
struct Tile {
    u32 row, column;
};
__device__ __forceinline__ u32 tiles_over(u32 count) { return (count + TILE - 1) / TILE; }
__device__ __forceinline__ Tile tile_of_block() { return {blockIdx.y, blockIdx.x}; }

// This thread's row and column of C.
__device__ __forceinline__ u32 row_of_thread(Tile tile) { return tile.row * TILE + threadIdx.y; }
__device__ __forceinline__ u32 column_of_thread(Tile tile) { return tile.column * TILE + threadIdx.x; }
__device__ __forceinline__ u32 row_of_thread() { return row_of_thread(tile_of_block()); }
__device__ __forceinline__ u32 column_of_thread() { return column_of_thread(tile_of_block()); }

#if defined(EMBEDDED_RL_FAST)
#include "matrix_fast.cuh"
#else
// One column more than is used: a column's elements lie in different banks.
struct Tiles {
    float a[TILE][TILE + 1];
    float b[TILE][TILE + 1];
};

// Loads values(first_row + i, first_column + j) into tile[i][j] where both are within the matrix.
template <Along along, class Values>
__device__ __forceinline__ void load_tile(float (&tile)[TILE][TILE + 1], Values values, u32 first_row, u32 rows,
                                          u32 first_column, u32 columns) {
    const u32 i = along == Along::Second ? threadIdx.y : threadIdx.x;
    const u32 j = along == Along::Second ? threadIdx.x : threadIdx.y;
    if (first_row + i < rows && first_column + j < columns) tile[i][j] = values(first_row + i, first_column + j);
}

// `start` and the products of this thread's element of C. Every thread of the block has to call it, those outside C too,
// which get their `start` back.
template <Along along_a, Along along_b, class A, class B>
__device__ __forceinline__ float add_products(Tiles& tiles, float start, Shape shape, A a, B b, Tile tile) {
    const bool is_inside = row_of_thread(tile) < shape.rows && column_of_thread(tile) < shape.columns;
    float sum = start;
    for (u32 first = 0; first < shape.inner; first += TILE) {
        load_tile<along_a>(tiles.a, a, tile.row * TILE, shape.rows, first, shape.inner);
        load_tile<along_b>(tiles.b, b, first, shape.inner, tile.column * TILE, shape.columns);
        __syncthreads();
        // Not beyond the last product: adding a zero would turn a sum of -0 into 0.
        const u32 left = shape.inner - first;
        const u32 count = left < TILE ? left : TILE;
        if (is_inside) {
            for (u32 k = 0; k < count; ++k) sum += tiles.a[threadIdx.y][k] * tiles.b[k][threadIdx.x];
        }
        __syncthreads();
    }
    return sum;
}
#endif

template <Along along_a, Along along_b, class A, class B>
__device__ __forceinline__ float add_products(Tiles& tiles, float start, Shape shape, A a, B b) {
    return add_products<along_a, along_b>(tiles, start, shape, a, b, tile_of_block());
}
