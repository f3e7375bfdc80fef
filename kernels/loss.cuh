// The value of an error, and its slope. Twin: core/src/nn/loss.rs.
#pragma once
#include "common.cuh"

struct Term {
    float value, slope;
};

__device__ __forceinline__ Term squared_term(float error) { return {error * error, -2.0f * error}; }

__device__ __forceinline__ Term huber_term(float error) {
    const float magnitude = fabsf(error);
    if (magnitude <= 1.0f) return {0.5f * error * error, -error};
    // The sign of a NaN is a NaN, as it is in core.
    return {magnitude - 0.5f, is_nan(error) ? error : -copysignf(1.0f, error)};
}
