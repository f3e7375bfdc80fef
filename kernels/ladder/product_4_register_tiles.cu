// The product, version 4, tiles in registers: a thread computes 4 x 4 results instead of one.
//
// In version 3 a multiplication needs two numbers from shared memory, which gives one to each thread of a warp a cycle while
// the warp could multiply four times: seven eighths of the time it waits. Here eight numbers are loaded for sixteen
// multiplications. A block of 256 threads now makes 64 x 64 results, so memory sends a quarter of what it did.
// A thread's results stand 16 apart, so that neighbours still read and store neighbours.
//
// Launch: blocks of 256 threads along x; the grid covers the results in squares of SIDE, columns along x, rows along y.
// Shared memory: Squares, static.
#include "product.cuh"

constexpr u32 SIDE = 64, STEP = 16, APART = 16, OWN = 4;

// One column of A more than is used: rows begin in different banks.
struct Squares {
    float a[SIDE][STEP + 1];
    float w[STEP][SIDE];
};

// Loads A and W from their number `first` of the sum on, where there are any.
template <class A>
__device__ __forceinline__ void load(Squares& squares, const Product& product, const A& a, const typename A::Row (&rows)[OWN],
                                     u32 first) {
    for (u32 i = 0; i < OWN; ++i) {
        const u32 m = threadIdx.x / STEP + APART * i, k = threadIdx.x % STEP;
        if (blockIdx.y * SIDE + m < product.rows && first + k < product.inner) {
            squares.a[m][k] = value_of(a, rows[i], first + k);
        }
    }
    for (u32 i = 0; i < OWN; ++i) {
        const u32 k = threadIdx.x / SIDE + STEP / OWN * i, n = threadIdx.x % SIDE, column = blockIdx.x * SIDE + n;
        if (first + k < product.inner && column < product.columns) {
            squares.w[k][n] = product.weights[(first + k) * product.columns + column];
        }
    }
}

// Adds the k-th product to each of the thread's sums.
__device__ __forceinline__ void add(float (&sums)[OWN][OWN], const Squares& squares, u32 k) {
    float w[OWN];
    for (u32 j = 0; j < OWN; ++j) w[j] = squares.w[k][threadIdx.x % APART + APART * j];
    for (u32 i = 0; i < OWN; ++i) {
        const float a = squares.a[threadIdx.x / APART + APART * i][k];
        for (u32 j = 0; j < OWN; ++j) sums[i][j] += a * w[j];
    }
}

template <class A>
__device__ __forceinline__ void multiply(Squares& squares, const Product& product, const A& a) {
    typename A::Row rows[OWN];
    for (u32 i = 0; i < OWN; ++i) rows[i] = a.row(blockIdx.y * SIDE + threadIdx.x / STEP + APART * i);
    float sums[OWN][OWN];
    for (u32 j = 0; j < OWN; ++j) {
        const u32 n = blockIdx.x * SIDE + threadIdx.x % APART + APART * j;
        const float bias = n < product.columns ? product.bias[n] : 0.0f;
        for (u32 i = 0; i < OWN; ++i) sums[i][j] = bias;
    }
    for (u32 first = 0; first < product.inner; first += STEP) {
        load(squares, product, a, rows, first);
        __syncthreads();
        const u32 left = product.inner - first;
        if (left >= STEP) {
            // A number of rounds that the compiler knows: it writes all of them out.
            for (u32 k = 0; k < STEP; ++k) add(sums, squares, k);
        } else {
            for (u32 k = 0; k < left; ++k) add(sums, squares, k);
        }
        __syncthreads();
    }
    for (u32 i = 0; i < OWN; ++i) {
        for (u32 j = 0; j < OWN; ++j) {
            const u32 m = blockIdx.y * SIDE + threadIdx.x / APART + APART * i;
            const u32 n = blockIdx.x * SIDE + threadIdx.x % APART + APART * j;
            if (m < product.rows && n < product.columns) product.results[m * product.columns + n] = sums[i][j];
        }
    }
}

extern "C" __global__ void dense_register_tiles(const float* __restrict__ parameters, const float* __restrict__ input,
                                                float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    __shared__ Squares squares;
    multiply(squares, product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_register_tiles(const float* __restrict__ parameters, const float* __restrict__ input,
                                                 float* __restrict__ output, Conv2d conv, u32 batch) {
    __shared__ Squares squares;
    multiply(squares, product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
