// The product, version 2, coalesced: the same, and a warp's threads stand beside each other.
//
// Neighbours compute neighbouring columns. Of W they load neighbours, 128 bytes in a row; of A all load the same number,
// which one transaction brings; and they store neighbours. Nothing else has changed: x and y are swapped.
//
// Launch: blocks of 32 x 8 threads, one a result; the grid covers the columns along x and the rows along y.
#include "product.cuh"

template <class A>
__device__ __forceinline__ void multiply(const Product& product, const A& a) {
    const u32 m = blockIdx.y * blockDim.y + threadIdx.y;
    const u32 n = blockIdx.x * blockDim.x + threadIdx.x;
    if (m >= product.rows || n >= product.columns) return;
    const typename A::Row row = a.row(m);
    float sum = product.bias[n];
    for (u32 k = 0; k < product.inner; ++k) sum += value_of(a, row, k) * product.weights[k * product.columns + n];
    product.results[m * product.columns + n] = sum;
}

extern "C" __global__ void dense_coalesced(const float* __restrict__ parameters, const float* __restrict__ input,
                                           float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    multiply(product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_coalesced(const float* __restrict__ parameters, const float* __restrict__ input,
                                            float* __restrict__ output, Conv2d conv, u32 batch) {
    multiply(product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
