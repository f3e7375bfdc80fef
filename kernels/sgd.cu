// Gradient descent, behind clipping and before a soft target update. Twin: core/src/nn/optimiser/sgd.rs.
//
//   without momentum   p = p - rate g
//   with momentum      v = momentum v + g          p = p - rate v
//
// `velocities` is null without momentum; `norm` and `target` may be null (optimiser.cuh). Launch: a thread a parameter, any
// block; the grid covers `count`.
#include "optimiser.cuh"

extern "C" __global__ void sgd(const Step* __restrict__ step, const float* __restrict__ gradients,
                               const float* __restrict__ norm, float* __restrict__ parameters,
                               float* __restrict__ velocities, float* __restrict__ target, float maximum, float tau,
                               u32 count) {
    move_parameter(gradients, norm, parameters, target, maximum, tau, count, [=](u32 i, float g) {
        if (!velocities) return step->rate * g;
        const float v = flush(step->kept * velocities[i] + g);
        velocities[i] = v;
        return step->rate * v;
    });
}
