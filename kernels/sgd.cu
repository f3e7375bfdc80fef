// Gradient descent, without momentum and with it. Twin: core/src/nn/optimiser/sgd.rs.
//
//   sgd             p = p - rate g
//   sgd_momentum    v = momentum v + g          p = p - rate v
//
// Launch: a thread a parameter, any block; the grid covers `count`.
#include "optimiser.cuh"

extern "C" __global__ void sgd(float* __restrict__ parameters, const float* __restrict__ gradients, float rate, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    parameters[i] -= rate * gradients[i];
}

extern "C" __global__ void sgd_momentum(float* __restrict__ parameters, const float* __restrict__ gradients,
                                        float* __restrict__ velocities, float rate, float momentum, u32 count) {
    const u32 i = thread_in_grid();
    if (i >= count) return;
    const float v = flush(momentum * velocities[i] + gradients[i]);
    velocities[i] = v;
    parameters[i] -= rate * v;
}
