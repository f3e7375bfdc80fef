// Adam, behind clipping and before a soft target update. Twin: core/src/nn/optimiser/adam.rs.
//
//   m = m + (1 - beta1) (g - m)                      c1 = 1 - beta1^t
//   v = beta2 v + (1 - beta2) g g                    c2 = 1 - beta2^t
//   p = p - rate' m / (sqrt(v) + epsilon')           rate' = rate sqrt(c2) / c1,  epsilon' = epsilon sqrt(c2)
//
// `moments` is all m, then all v; `norm` and `target` may be null (optimiser.cuh). Launch: a thread a parameter, any block;
// the grid covers `count`.
#include "optimiser.cuh"

extern "C" __global__ void adam(const Step* __restrict__ step, const float* __restrict__ gradients,
                                const float* __restrict__ norm, float* __restrict__ parameters, float* __restrict__ moments,
                                float* __restrict__ target, float maximum, float tau, u32 count) {
    move_parameter(gradients, norm, parameters, target, maximum, tau, count, [=](u32 i, float g) {
        const float m = flush(moments[i] + step->first * (g - moments[i]));
        const float v = flush(step->kept * moments[count + i] + step->share * (g * g));
        moments[i] = m;
        moments[count + i] = v;
        return step->rate * m / (sqrtf(v) + step->epsilon);
    });
}
