// The product, version 5, vector loads: sixteen bytes an instruction instead of four.
//
// Four neighbours come from memory at once where they lie together, and four at once from shared memory: for the sixteen
// multiplications of a k a thread issues two loads instead of eight, and memory's units have a quarter of the requests to
// look after. Shared memory now keeps up with the multiplications.
//
// Launch: blocks of 256 threads along x; the grid covers the results in squares of SIDE, columns along x, rows along y.
// Shared memory: Slab, static.
#include "slab.cuh"

// Loads A and W from their number `first` of the sum on, where there are any: a thread four of each.
template <class A>
__device__ __forceinline__ void load(Slab& slab, const Product& product, const A& a, const typename A::Row& row, u32 first) {
    const u32 m = threadIdx.x / (STEP / 4), k = threadIdx.x % (STEP / 4) * 4;
    const bool is_row = blockIdx.y * SIDE + m < product.rows;
    if (a.comes_in_fours()) {
        if (is_row && first + k < product.inner) {
            const float* const place = a.at(row, first + k);
            store_four(&slab.a[m][k], place ? load_four(place) : Four{});
        }
    } else {
        for (u32 i = 0; i < 4; ++i) {
            if (is_row && first + k + i < product.inner) slab.a[m][k + i] = value_of(a, row, first + k + i);
        }
    }
    const u32 line = threadIdx.x / (SIDE / 4), n = threadIdx.x % (SIDE / 4) * 4;
    if (first + line >= product.inner) return;
    const u32 column = blockIdx.x * SIDE + n;
    const float* const weights = product.weights + (u64)(first + line) * product.columns + column;
    if (weights_come_in_fours(product)) {
        if (column < product.columns) store_four(&slab.w[line][n], load_four(weights));
    } else {
        for (u32 i = 0; i < 4; ++i) {
            if (column + i < product.columns) slab.w[line][n + i] = weights[i];
        }
    }
}

template <class A>
__device__ __forceinline__ void multiply(Slab& slab, const Product& product, const A& a) {
    const typename A::Row row = a.row(blockIdx.y * SIDE + threadIdx.x / (STEP / 4));
    Four sums[OWN];
    begin_with_bias(sums, product);
    for (u32 first = 0; first < product.inner; first += STEP) {
        load(slab, product, a, row, first);
        __syncthreads();
        add(sums, slab, product.inner - first);
        __syncthreads();
    }
    store(product, sums);
}

extern "C" __global__ void dense_vector_loads(const float* __restrict__ parameters, const float* __restrict__ input,
                                              float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    __shared__ Slab slab;
    multiply(slab, product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_vector_loads(const float* __restrict__ parameters, const float* __restrict__ input,
                                               float* __restrict__ output, Conv2d conv, u32 batch) {
    __shared__ Slab slab;
    multiply(slab, product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
