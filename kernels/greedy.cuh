// The action of the largest value. Twin: core/src/policy/greedy.rs.
#pragma once
#include "common.cuh"

// Index of the largest of `count` values, the first of equals; a NaN never wins.
__device__ __forceinline__ u32 greedy(const float* values, u32 count) {
    u32 best = 0;
    float largest = values[0];
    for (u32 i = 1; i < count; ++i) {
        if (values[i] > largest || is_nan(largest)) {
            best = i;
            largest = values[i];
        }
    }
    return best;
}
