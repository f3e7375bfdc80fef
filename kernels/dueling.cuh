// What the advantages of a dueling network are measured from. Twin: core/src/nn/dueling.rs.
#pragma once
#include "common.cuh"

// Where the first of the largest stands in a column of values [actions][width].
__device__ __forceinline__ u32 first_of_largest(const float* values, u32 actions, u32 width) {
    u32 largest = 0;
    for (u32 a = 1; a < actions; ++a) {
        if (values[a * width] > values[largest * width]) largest = a;
    }
    return largest;
}

// The largest of a column of advantages [actions][width], or their mean, added in the order of the actions.
__device__ __forceinline__ float dueling_baseline(const float* advantages, bool is_max, u32 actions, u32 width) {
    if (is_max) return advantages[first_of_largest(advantages, actions, width) * width];
    float sum = 0.0f;
    for (u32 a = 0; a < actions; ++a) sum += advantages[a * width];
    return sum / (float)actions;
}
