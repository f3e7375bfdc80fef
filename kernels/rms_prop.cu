// RMSProp in three forms, behind clipping and before a soft target update. Twin: core/src/nn/optimiser/rms_prop.rs.
//
//   s = decay s + (1 - decay) g g          m = decay m + (1 - decay) g          p = p - rate g / root
//
//   rms_prop_plain                    root = sqrt(s) + epsilon
//   rms_prop_centred                  root = sqrt(s - m m) + epsilon
//   rms_prop_centred_epsilon_inside   root = sqrt(s - m m + epsilon), s starts at one
//
// `moments` is all s, then all m where the form is centred; `norm` and `target` may be null (optimiser.cuh). Launch: a
// thread a parameter, any block; the grid covers `count`.
#include "optimiser.cuh"

extern "C" __global__ void rms_prop_plain(const Step* __restrict__ step, const float* __restrict__ gradients,
                                          const float* __restrict__ norm, float* __restrict__ parameters,
                                          float* __restrict__ moments, float* __restrict__ target, float maximum, float tau,
                                          u32 count) {
    move_parameter(gradients, norm, parameters, target, maximum, tau, count, [=](u32 i, float g) {
        const float s = flush(step->kept * moments[i] + step->share * (g * g));
        moments[i] = s;
        return step->rate * g / (sqrtf(s) + step->epsilon);
    });
}

// Moves both means on; gives s - m m, and zero where rounding made that negative.
__device__ __forceinline__ float centred_square(const Step* step, float* moments, float g, u32 i, u32 count) {
    const float s = flush(step->kept * moments[i] + step->share * (g * g));
    const float m = flush(step->kept * moments[count + i] + step->share * g);
    moments[i] = s;
    moments[count + i] = m;
    const float variance = s - m * m;
    return variance < 0.0f ? 0.0f : variance;
}

extern "C" __global__ void rms_prop_centred(const Step* __restrict__ step, const float* __restrict__ gradients,
                                            const float* __restrict__ norm, float* __restrict__ parameters,
                                            float* __restrict__ moments, float* __restrict__ target, float maximum, float tau,
                                            u32 count) {
    move_parameter(gradients, norm, parameters, target, maximum, tau, count, [=](u32 i, float g) {
        return step->rate * g / (sqrtf(centred_square(step, moments, g, i, count)) + step->epsilon);
    });
}

extern "C" __global__ void rms_prop_centred_epsilon_inside(const Step* __restrict__ step, const float* __restrict__ gradients,
                                                           const float* __restrict__ norm, float* __restrict__ parameters,
                                                           float* __restrict__ moments, float* __restrict__ target,
                                                           float maximum, float tau, u32 count) {
    move_parameter(gradients, norm, parameters, target, maximum, tau, count, [=](u32 i, float g) {
        return step->rate * g / sqrtf(centred_square(step, moments, g, i, count) + step->epsilon);
    });
}
