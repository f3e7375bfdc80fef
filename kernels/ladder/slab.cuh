// What versions 5, 6 and 7 of the product keep in shared memory, and how a thread of 5 and 6 computes with it.
//
// A block of 256 threads makes SIDE x SIDE results, STEP products of each at a time. As in version 4 a thread has 4 x 4
// results; here they are neighbours, so that four numbers of W come in one load, and so do four of a row of A.
#pragma once
#include "product.cuh"

constexpr u32 SIDE = 64, STEP = 16, OWN = 4;

// The lengths of the lines keep addresses divisible by sixteen, and let the threads of version 7 find their numbers in
// 32 different banks.
struct Slab {
    alignas(16) float a[SIDE][STEP + 4];
    alignas(16) float w[STEP][SIDE + 8];
};

struct Four {
    float values[OWN];
};

__device__ __forceinline__ Four load_four(const float* from) {
    const float4 four = *reinterpret_cast<const float4*>(from);
    return {{four.x, four.y, four.z, four.w}};
}

__device__ __forceinline__ void store_four(float* to, const Four& four) {
    *reinterpret_cast<float4*>(to) = float4{four.values[0], four.values[1], four.values[2], four.values[3]};
}

// The first of a thread's four rows and columns in its block.
__device__ __forceinline__ u32 own_row() { return threadIdx.x / (SIDE / OWN) * OWN; }
__device__ __forceinline__ u32 own_column() { return threadIdx.x % (SIDE / OWN) * OWN; }

__device__ __forceinline__ bool weights_come_in_fours(const Product& product) {
    return product.columns % 4 == 0 && is_aligned(product.weights);
}

__device__ __forceinline__ void begin_with_bias(Four (&sums)[OWN], const Product& product) {
    for (u32 j = 0; j < OWN; ++j) {
        const u32 n = blockIdx.x * SIDE + own_column() + j;
        const float bias = n < product.columns ? product.bias[n] : 0.0f;
        for (u32 i = 0; i < OWN; ++i) sums[i].values[j] = bias;
    }
}

// Adds `count` products, at most STEP, to each of the thread's sums, in the order of k.
__device__ __forceinline__ void add(Four (&sums)[OWN], const Slab& slab, u32 count) {
    if (count >= STEP) {
        for (u32 first = 0; first < STEP; first += OWN) {
            Four a[OWN];
            for (u32 i = 0; i < OWN; ++i) a[i] = load_four(&slab.a[own_row() + i][first]);
            for (u32 k = 0; k < OWN; ++k) {
                const Four w = load_four(&slab.w[first + k][own_column()]);
                for (u32 i = 0; i < OWN; ++i) {
                    for (u32 j = 0; j < OWN; ++j) sums[i].values[j] += a[i].values[k] * w.values[j];
                }
            }
        }
        return;
    }
    for (u32 k = 0; k < count; ++k) {
        const Four w = load_four(&slab.w[k][own_column()]);
        for (u32 i = 0; i < OWN; ++i) {
            const float a = slab.a[own_row() + i][k];
            for (u32 j = 0; j < OWN; ++j) sums[i].values[j] += a * w.values[j];
        }
    }
}

__device__ __forceinline__ void store(const Product& product, const Four (&sums)[OWN]) {
    const u32 n = blockIdx.x * SIDE + own_column();
    const bool in_fours = product.columns % 4 == 0 && is_aligned(product.results);
    for (u32 i = 0; i < OWN; ++i) {
        const u32 m = blockIdx.y * SIDE + own_row() + i;
        if (m >= product.rows) return;
        float* const to = product.results + (u64)m * product.columns + n;
        if (in_fours && n < product.columns) store_four(to, sums[i]);
        if (in_fours) continue;
        for (u32 j = 0; j < OWN; ++j) {
            if (n + j < product.columns) to[j] = sums[i].values[j];
        }
    }
}
