// The product, version 6, asynchronous copies: the next numbers are on their way while these are multiplied.
//
// In version 5 a block loads, waits, and computes; memory and multipliers take turns unless another block fills in. Here
// there are two slabs: a thread starts the copies of the next one, which need no register, and computes with this one.
// asynchronous.cuh has the copies, slab.cuh the sums of version 5.
//
// Launch: blocks of 256 threads along x; the grid covers the results in squares of SIDE, columns along x, rows along y.
// Shared memory: two of Slab, static.
#include "asynchronous.cuh"

template <class A>
__device__ __forceinline__ void multiply(Slab (&slabs)[2], const Product& product, const A& a) {
    Four sums[OWN];
    begin_with_bias(sums, product);
    for_each_slab(slabs, product, a, [&](const Slab& slab, u32 count) { add(sums, slab, count); });
    store(product, sums);
}

extern "C" __global__ void dense_asynchronous_copies(const float* __restrict__ parameters, const float* __restrict__ input,
                                                     float* __restrict__ output, u32 inputs, u32 outputs, u32 batch) {
    __shared__ Slab slabs[2];
    multiply(slabs, product_of_dense(parameters, output, inputs, outputs, batch), Rows{input, inputs});
}

extern "C" __global__ void conv2d_asynchronous_copies(const float* __restrict__ parameters, const float* __restrict__ input,
                                                      float* __restrict__ output, Conv2d conv, u32 batch) {
    __shared__ Slab slabs[2];
    multiply(slabs, product_of_conv2d(parameters, output, conv, batch), Windows{input, conv});
}
