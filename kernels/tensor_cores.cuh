// Products of small matrices by a whole warp at once (mma.sync, since compute capability 8.0), in TF32: floats of which the
// sign, the exponent and ten bits of the fraction are read. Sums are floats.
//
// Error of a sum of n products: a factor rounded to TF32 is off by at most 2^-11 of itself, so a product by 2^-10 + 2^-22;
// an addition by at most 2^-22 of what has been added so far, as tensor cores cut off rather than round (Fasi, Higham,
// Mikaitis and Pranesh, Numerical behavior of NVIDIA tensor cores, 2021). Together at most
//   (2^-10 + 2^-22 + n 2^-22 / (1 - n 2^-22)) times the sum of the products' absolute values.
#pragma once
#include "common.cuh"

// The nearest TF32, as bits; of two equally near the larger one.
__device__ __forceinline__ u32 tf32_of(float x) {
#if defined(__CUDA_ARCH__)
    u32 bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(x));
    return bits;
#else
    const u32 bits = (u32)__float_as_int(x);
    return (bits & 0x7F800000) == 0x7F800000 ? bits : (bits + 0x1000) & 0xFFFFE000;
#endif
}

// c [16][8] += a [16][8] b [8][8], by all 32 lanes of a warp. With g = lane / 4 and t = lane % 4 a lane holds
//   a   [g][t], [g + 8][t], [g][t + 4], [g + 8][t + 4]
//   b   [t][g], [t + 4][g]
//   c   [g][2 t], [g][2 t + 1], [g + 8][2 t], [g + 8][2 t + 1]
__device__ __forceinline__ void multiply_in_warp(float (&c)[4], const u32 (&a)[4], const u32 (&b)[2]) {
#if defined(__CUDA_ARCH__)
    asm volatile(
        "mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#else
    emulated_mma(c, a, b);
#endif
}
