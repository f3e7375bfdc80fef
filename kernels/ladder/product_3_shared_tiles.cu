// The product, version 3, tiles in shared memory: a block loads each number once for all of its threads.
//
// A block of 16 x 16 threads takes 16 columns of A and 16 rows of W at a time into shared memory. Each number that is loaded
// is used sixteen times, so memory sends a sixteenth. The tiles come in the order of k: every sum stays what it was.
// matrix.cuh has the text, because this is the version that trains: the smallest that memory does not hold up, and the
// shapes of reinforcement learning are small.
//
// Launch: blocks of TILE x TILE threads, one a result; the grid covers the columns along x and the rows along y.
// Shared memory: Tiles, static.
#include "../matrix.cuh"
#include "product.cuh"

template <class A>
__device__ __forceinline__ void multiply(Tiles& tiles, const Product& product, const A& a) {
    const u32 m = row_of_thread(), n = column_of_thread();
    const bool is_inside = m < product.rows && n < product.columns;
    const float bias = is_inside ? product.bias[n] : 0.0f;
    const float sum = add_products<Along::Second, Along::Second>(
        tiles, bias, {product.rows, product.inner, product.columns},
        [&](u32 m, u32 k) { return value_of(a, a.row(m), k); },
        [&](u32 k, u32 n) { return product.weights[k * product.columns + n]; });
    if (is_inside) product.results[m * product.columns + n] = sum;
}

extern "C" __global__ void dense_shared_tiles(const float* __restrict__ parameters, const float* __restrict__ input,
                                              float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    __shared__ Tiles tiles;
    multiply(tiles, product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_shared_tiles(const float* __restrict__ parameters, const float* __restrict__ input,
                                               float* __restrict__ output, Conv2d conv, u32 batch) {
    __shared__ Tiles tiles;
    multiply(tiles, product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
