// What all optimisers share. Twin: core/src/nn/optimiser/mod.rs.
#pragma once
#include "common.cuh"

constexpr float SMALLEST_MOMENT = 1e-30f;

// Zero where a moment has become too small to matter.
__device__ __forceinline__ float flush(float moment) {
    return moment < SMALLEST_MOMENT && -SMALLEST_MOMENT < moment ? 0.0f : moment;
}
