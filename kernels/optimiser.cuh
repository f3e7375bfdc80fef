// What all optimisers share: the numbers of a step, and the walk from a gradient to both networks' parameters. Twins:
// core/src/nn/optimiser/mod.rs, and clip_norm and soft_update of its callers.
#pragma once
#include "clip.cuh"

// The numbers of one step, which stay on the device: steps that are replayed as a graph have no arguments that change.
//
//               first       kept       share       rate                 epsilon
//   Adam        1 - beta1   beta2      1 - beta2   rate sqrt(c2) / c1   epsilon sqrt(c2)
//   RMSProp                 decay      1 - decay   rate                 epsilon
//   SGD                     momentum               rate
struct Step {
    float first, kept, share, rate, epsilon;
};

// What an optimiser is configured with; `first` is beta1, `second` what a second mean keeps: beta2, decay or momentum.
struct Rates {
    double rate, first, second, epsilon;
};

// Writes the numbers of the next step, whose rate is `rates.rate` times `factor`. `powers` is (beta1^t, beta2^t), taken one
// step on, and null for optimisers other than Adam.
__device__ __forceinline__ void prepare(double* powers, Step* step, float factor, const Rates& rates) {
    double rate = rates.rate * (double)factor, epsilon = rates.epsilon;
    if (powers) {
        powers[0] *= rates.first;
        powers[1] *= rates.second;
        const double c1 = 1.0 - powers[0], c2 = 1.0 - powers[1];
        const double root = sqrt(c2);
        rate = rate * root / c1;
        epsilon *= root;
    }
    *step = {(float)(1.0 - rates.first), (float)rates.second, (float)(1.0 - rates.second), (float)rate, (float)epsilon};
}

constexpr float SMALLEST_MOMENT = 1e-30f;

// Zero where a moment has become too small to matter.
__device__ __forceinline__ float flush(float moment) {
    return moment < SMALLEST_MOMENT && -SMALLEST_MOMENT < moment ? 0.0f : moment;
}

// Takes change(i, gradient) from this thread's parameter i. The gradient is clipped to the norm `maximum` unless `norm` is
// null, and unless `target` is null that network follows by the share `tau`.
template <class Change>
__device__ __forceinline__ void move_parameter(const float* gradients, const float* norm, float* parameters, float* target,
                                               float maximum, float tau, u32 count, Change change) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float gradient = norm ? clipped(gradients[i], *norm, maximum) : gradients[i];
    const float parameter = parameters[i] - change(i, gradient);
    parameters[i] = parameter;
    if (target) target[i] = tau * parameter + (1.0f - tau) * target[i];
}
