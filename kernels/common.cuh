// What every kernel file begins with: names for types, and where a thread stands. Compiled by NVRTC, nvcc, or a C++
// compiler with emulation/emulation.h in front.
//
// Kernels that give core's bits are compiled with --fmad=false: a product is rounded before it is added. Division and
// square root are correctly rounded by default. Sums have core's order, one thread a sum.
#pragma once

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#ifndef DYN_SHARED
// Dynamic shared memory; a macro because the emulation has to declare it otherwise.
#define DYN_SHARED(type, name) extern __shared__ type name[]
#endif

// The number of this thread in a grid of one dimension.
__device__ __forceinline__ u32 thread_in_grid() { return blockIdx.x * blockDim.x + threadIdx.x; }

__device__ __forceinline__ bool is_nan(float x) { return x != x; }
