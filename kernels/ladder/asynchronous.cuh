// Copies from memory to shared memory that a thread starts and does not wait for (cp.async, since compute capability
// 8.0), and slabs of a product that come that way.
//
// Copies go past the registers, and the thread computes meanwhile. They are waited for in groups; other threads see them
// after a barrier that follows the wait. The emulation fills what a copy will write with NaNs and copies when it is waited
// for, so that a missing wait gives NaNs.
#pragma once
#include "slab.cuh"

// `BYTES` 4 or 16. Zeros are written where the source is null.
template <u32 BYTES>
__device__ __forceinline__ void start_copy(float* to, const float* from, const float* anywhere) {
    // An address has to be given also where nothing is read.
    const float* const source = from ? from : anywhere;
    const u32 there = from ? BYTES : 0;
#if defined(__CUDA_ARCH__)
    const u32 address = (u32)__cvta_generic_to_shared(to);
    if (BYTES == 16) {
        asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address), "l"(source), "r"(there) : "memory");
    } else {
        asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(address), "l"(source), "r"(there) : "memory");
    }
#else
    emulated_copy(to, source, BYTES, there);
#endif
}

// Ends a group of copies.
__device__ __forceinline__ void close_group() {
#if defined(__CUDA_ARCH__)
    asm volatile("cp.async.commit_group;" ::: "memory");
#else
    emulation::close_group();
#endif
}

// Waits for all groups that this thread has closed but the last `LEFT`.
template <u32 LEFT>
__device__ __forceinline__ void wait_for_groups() {
#if defined(__CUDA_ARCH__)
    asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#else
    emulated_wait(LEFT);
#endif
}

// Starts to copy A and W from their number `first` of the sum on: a thread four of each. Zeros where there are none.
template <class A>
__device__ __forceinline__ void start_slab(Slab& slab, const Product& product, const A& a, const typename A::Row& row,
                                           u32 first) {
    const u32 m = threadIdx.x / (STEP / 4), k = threadIdx.x % (STEP / 4) * 4;
    const bool is_row = blockIdx.y * SIDE + m < product.rows;
    const auto of_a = [&](u32 k) { return is_row && k < product.inner ? a.at(row, k) : nullptr; };
    if (a.comes_in_fours()) {
        start_copy<16>(&slab.a[m][k], of_a(first + k), product.weights);
    } else {
        for (u32 i = 0; i < 4; ++i) start_copy<4>(&slab.a[m][k + i], of_a(first + k + i), product.weights);
    }
    const u32 line = threadIdx.x / (SIDE / 4), n = threadIdx.x % (SIDE / 4) * 4;
    const u32 column = blockIdx.x * SIDE + n;
    const bool is_line = first + line < product.inner;
    const float* const weights = product.weights + (u64)(first + line) * product.columns;
    const auto of_w = [&](u32 n) { return is_line && n < product.columns ? weights + n : nullptr; };
    if (weights_come_in_fours(product)) {
        start_copy<16>(&slab.w[line][n], of_w(column), product.weights);
    } else {
        for (u32 i = 0; i < 4; ++i) start_copy<4>(&slab.w[line][n + i], of_w(column + i), product.weights);
    }
}

// Calls `use(slab, count)` for every slab of the sum, in order, while the next one is on its way.
template <class A, class Use>
__device__ __forceinline__ void for_each_slab(Slab (&slabs)[2], const Product& product, const A& a, Use use) {
    const typename A::Row row = a.row(blockIdx.y * SIDE + threadIdx.x / (STEP / 4));
    start_slab(slabs[0], product, a, row, 0);
    close_group();
    for (u32 first = 0; first < product.inner; first += STEP) {
        const u32 now = first / STEP % 2;
        if (first + STEP < product.inner) start_slab(slabs[1 - now], product, a, row, first + STEP);
        // Empty behind the last slab: there is always one group that is not waited for.
        close_group();
        wait_for_groups<1>();
        __syncthreads();
        use(slabs[now], product.inner - first);
        __syncthreads();
    }
}
