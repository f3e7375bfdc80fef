// The product, version 1, naive: a thread a result, as the formula says it.
//
// The 32 threads of a warp stand below each other: neighbours compute neighbouring rows. What they load of A lies a row
// apart, and so does what they store: each of the 32 addresses is a transaction of its own, of whose 32 bytes four are used.
//
// Launch: blocks of 32 x 8 threads, one a result; the grid covers the rows along x and the columns along y.
#include "product.cuh"

template <class A>
__device__ __forceinline__ void multiply(const Product& product, const A& a) {
    const u32 m = blockIdx.x * blockDim.x + threadIdx.x;
    const u32 n = blockIdx.y * blockDim.y + threadIdx.y;
    if (m >= product.rows || n >= product.columns) return;
    const typename A::Row row = a.row(m);
    float sum = product.bias[n];
    for (u32 k = 0; k < product.inner; ++k) sum += value_of(a, row, k) * product.weights[k * product.columns + n];
    product.results[m * product.columns + n] = sum;
}

extern "C" __global__ void dense_naive(const float* __restrict__ parameters, const float* __restrict__ input,
                                       float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    multiply(product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_naive(const float* __restrict__ parameters, const float* __restrict__ input,
                                        float* __restrict__ output, Conv2d conv, u32 batch) {
    multiply(product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
